package testserver

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Variables are environment variables of a command.
type Variables map[string]string

// notOfCommands matches what the user of a command does not have: attributes of the provider
// and functions of Terraform.
var notOfCommands = regexp.MustCompile(`\b(server_url|api_token|allow_insecure_https|ca_cert_file|client_cert_file|` +
	`client_key_file|request_timeout|skip_version_check|strip_trailing_slashes_from_url)\b|\bor NETBOX_|` +
	`\b(Terraform|[Pp]rovider)\b|\b(trimspace|pathexpand|file)\(`)

// WantCommandWords runs a command through failed connections and wrong settings. It checks
// that the output explains each in words for the user of a command. run gets variables to
// set and returns the output.
func WantCommandWords(t *testing.T, run func(Variables) string) {
	t.Helper()
	failures := maps.Clone(wrongSettings(t))
	maps.Copy(failures, lostConnections(t))
	maps.Copy(failures, oddAnswers(t))
	for says, variables := range failures {
		output := run(variables)
		if !strings.Contains(output, says) {
			t.Errorf("%v: the output does not contain %q:\n%s", variables, says, output)
		}
		if foreign := notOfCommands.FindString(output); foreign != "" {
			t.Errorf("%v: the output names %q:\n%s", variables, foreign, output)
		}
	}
}

// wrongSettings returns settings with which no request is made, by what a command says.
func wrongSettings(t *testing.T) map[string]Variables {
	t.Helper()
	clients, err := NewAuthority("lab clients")
	if err != nil {
		t.Fatal(err)
	}
	certificate, key, err := clients.IssueClient("sync", nil)
	if err != nil {
		t.Fatal(err)
	}
	expired, expiredKey, err := clients.IssueClient("sync", func(c *x509.Certificate) {
		c.NotAfter = time.Now().Add(-time.Minute)
	})
	if err != nil {
		t.Fatal(err)
	}
	file := inFolder(t.TempDir())
	certificateFile, keyFile := file(t, "client.pem", certificate), file(t, "key.pem", key)
	pair := func(certificate, key string) Variables {
		return Variables{"NETBOX_CLIENT_CERT_FILE": certificate, "NETBOX_CLIENT_KEY_FILE": key}
	}
	headers := func(value string) Variables { return Variables{"NETBOX_HEADERS": value} }
	return map[string]Variables{
		"Set the environment variable NETBOX_SERVER_URL": {"NETBOX_SERVER_URL": ""},
		"Set the environment variable NETBOX_API_TOKEN":  {"NETBOX_API_TOKEN": ""},
		`The URL "netbox" (of NETBOX_SERVER_URL) has no`: {"NETBOX_SERVER_URL": "netbox"},
		"set NETBOX_API_TOKEN to an API token":           {"NETBOX_SERVER_URL": "https://u:p@netbox.example.com"},
		"without /api":                                   {"NETBOX_SERVER_URL": "https://netbox.example.com/api/"},
		"NETBOX_SERVER_URL does not look like a URL": {"NETBOX_SERVER_URL": "0123456789abcdef0123456789abcdef" +
			"01234567"},
		"In a shell, tr -d '\\n' removes it":        {"NETBOX_API_TOKEN": "0123456789abcdef\n"},
		"(of NETBOX_API_TOKEN) is only white space": {"NETBOX_API_TOKEN": " "},
		"NETBOX_HEADERS has no value for X-Key":     headers(`{"X-Key": ""}`),
		"(of NETBOX_API_TOKEN) begins with":         {"NETBOX_API_TOKEN": "Token 0123456789abcdef"},
		"It must be true or false":                  {"NETBOX_ALLOW_INSECURE_HTTPS": "maybe"},
		"a number of seconds":                       {"NETBOX_REQUEST_TIMEOUT": "30s"},
		"a JSON object":                             headers("X-A: 1"),
		`NETBOX_HEADERS has the name "a b"`:         headers(`{"a b": "1"}`),
		"NETBOX_HEADERS sets If-Match":              headers(`{"If-Match": "1"}`),
		"NETBOX_HEADERS sets one header":            headers(`{"X-A": "1", "x-a": "2"}`),
		"NETBOX_HEADERS has a value for X-A":        headers(`{"X-A": "1\n2"}`),
		"and set NETBOX_BRANCH.":                    headers(`{"Cookie": "active_branch=abcd1234"}`),
		"X-NetBox-Branch in NETBOX_HEADERS":         headers(`{"X-NetBox-Branch": "a branch"}`),
		"NETBOX_BRANCH is set, and NETBOX_HEADERS has": {"NETBOX_BRANCH": "pr-1",
			"NETBOX_HEADERS": `{"X-NetBox-Branch": "abcd1234"}`},

		"NETBOX_CA_CERT_FILE must be the path":           {"NETBOX_CA_CERT_FILE": clients.PEM()},
		"The path is relative to":                        {"NETBOX_CA_CERT_FILE": "ca-that-is-missing.pem"},
		`"~" is not expanded. Use the full path.`:        {"NETBOX_CA_CERT_FILE": "~/ca.pem"},
		"It ends with a line break: remove it":           {"NETBOX_CA_CERT_FILE": "/no/such/ca.pem\n"},
		"(of NETBOX_CA_CERT_FILE) contains no":           {"NETBOX_CA_CERT_FILE": file(t, "no.pem", "none")},
		"but NETBOX_CLIENT_KEY_FILE is not":              pair(certificateFile, ""),
		"but NETBOX_CLIENT_CERT_FILE is not":             pair("", keyFile),
		"Check that NETBOX_CLIENT_CERT_FILE and NETBOX_": pair(keyFile, certificateFile),
		"(of NETBOX_CLIENT_CERT_FILE) expired": pair(file(t, "old.pem", expired),
			file(t, "old-key.pem", expiredKey)),
		"does not match the certificate":       pair(certificateFile, file(t, "other-key.pem", expiredKey)),
		"(of NETBOX_CLIENT_KEY_FILE) is empty": pair(certificateFile, file(t, "empty.pem", "")),
	}
}

// lostConnections returns settings with which there is no answer, by what a command says.
func lostConnections(t *testing.T) map[string]Variables {
	t.Helper()
	authority, err := NewAuthority("lab")
	if err != nil {
		t.Fatal(err)
	}
	file := inFolder(t.TempDir())
	trust := file(t, "ca.pem", authority.PEM())
	secure := func(change func(*x509.Certificate), config *tls.Config) Variables {
		certificate, err := authority.Issue(change)
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{certificate}
		s := unstarted(t, http.NotFoundHandler())
		s.TLS = config
		s.StartTLS()
		return Variables{"NETBOX_SERVER_URL": s.URL, "NETBOX_CA_CERT_FILE": trust}
	}
	untrusted := secure(nil, &tls.Config{})
	delete(untrusted, "NETBOX_CA_CERT_FILE")
	plain := secure(nil, &tls.Config{})
	plain["NETBOX_SERVER_URL"] = strings.Replace(plain["NETBOX_SERVER_URL"], "https:", "http:", 1)
	clients, err := NewAuthority("lab clients")
	if err != nil {
		t.Fatal(err)
	}
	certificate, key, err := authority.IssueClient("sync", nil)
	if err != nil {
		t.Fatal(err)
	}
	refused := secure(nil, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients.Pool()})
	refused["NETBOX_CLIENT_CERT_FILE"] = file(t, "client.pem", certificate)
	refused["NETBOX_CLIENT_KEY_FILE"] = file(t, "key.pem", key)
	hangUp := answering(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	slow := answering(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	slow["NETBOX_REQUEST_TIMEOUT"] = "1"
	return map[string]Variables{
		"the host in NETBOX_SERVER_URL":                       {"NETBOX_SERVER_URL": "https://netbox.invalid"},
		"refused; check the host and port in NETBOX_SERVER":   {"NETBOX_SERVER_URL": "http://" + freeAddress(t)},
		"broke before the answer was complete; check the":     hangUp,
		"run the command again, raise NETBOX_REQUEST_TIMEOUT": slow,
		"write http:// instead of https:// in NETBOX_SERVER_URL": {"NETBOX_SERVER_URL": strings.Replace(
			hangUp["NETBOX_SERVER_URL"], "http:", "https:", 1)},
		"write https:// instead of http:// in NETBOX_SERVER_URL": plain,
		"set NETBOX_CA_CERT_FILE to a file":                      untrusted,
		"use a name from the certificate in NETBOX_SERVER_URL": secure(func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = []net.IP{net.IPv4(192, 0, 2, 1)}, nil
		}, &tls.Config{}),
		"renew the certificate": secure(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) },
			&tls.Config{}),
		"it speaks TLS 1.2 or newer": secure(nil, &tls.Config{MinVersion: tls.VersionTLS10,
			MaxVersion: tls.VersionTLS11}),
		"set NETBOX_CLIENT_CERT_FILE and NETBOX_CLIENT_KEY_FILE to a certificate": secure(nil,
			&tls.Config{ClientAuth: tls.RequireAnyClientCert}),
		"set NETBOX_CLIENT_CERT_FILE to a certificate issued by": refused,
	}
}

// oddAnswers returns settings with which another answer comes than a list of fabrics, by
// what a command says.
func oddAnswers(t *testing.T) map[string]Variables {
	t.Helper()
	answer := func(status int, body string, headers ...string) Variables {
		return answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	const html, version = "text/html", "4.7"
	secure := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://"+r.Host+r.URL.Path)
		w.WriteHeader(http.StatusMovedPermanently)
	})
	checked := func(v Variables) Variables {
		v["NETBOX_SKIP_VERSION_CHECK"] = "false"
		return v
	}
	return map[string]Variables{
		"set NETBOX_SERVER_URL to https://127.0.0.1": secure,
		"NETBOX_HEADERS has the credentials of a gateway": checked(answer(http.StatusUnauthorized, "<p>Sign in</p>",
			"Content-Type", html)),
		"unset NETBOX_SKIP_VERSION_CHECK": answer(http.StatusForbidden, `{"message": "no"}`),
		"check that NETBOX_SERVER_URL names": checked(answer(http.StatusOK, `{"netbox-version": "4.7.3", "plugins": `+
			`{}}`,
			"API-Version", version)),
		"or newer is needed": checked(answer(http.StatusOK, `{"netbox-version": "4.0.0", "plugins": `+
			`{"netbox_hedgehog": "0.2.0"}}`, "API-Version", version)),
		"; check NETBOX_API_TOKEN: it may be mistyped": answer(http.StatusForbidden,
			`{"detail": "Invalid v1 token"}`, "API-Version", version),
		"NetBox asks you to wait 1 d": answer(http.StatusServiceUnavailable, `{"detail": "later"}`,
			"Retry-After", "86400"),
	}
}

// answering starts a server and returns the variable with its URL.
func answering(t *testing.T, answer http.HandlerFunc) Variables {
	t.Helper()
	s := unstarted(t, answer)
	s.Start()
	return Variables{"NETBOX_SERVER_URL": s.URL, "NETBOX_SKIP_VERSION_CHECK": "true"}
}

// unstarted returns a server without a log. The test closes it.
func unstarted(t *testing.T, answer http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(answer)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	return s
}

// inFolder returns a function that writes a file into the folder and returns its path.
func inFolder(folder string) func(t *testing.T, name, content string) string {
	return func(t *testing.T, name, content string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
}

// freeAddress returns an address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
