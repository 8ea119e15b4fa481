package rest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// certificateServer starts a server that asks for certificates of an authority.
func certificateServer(t *testing.T, a authority, config *tls.Config, http2 bool, answer http.HandlerFunc) (url string,
	requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		answer(w, r)
	}))
	config.Certificates, config.ClientCAs = []tls.Certificate{a.issue(t, nil)}, a.Pool()
	s.TLS, s.EnableHTTP2, s.Config.ErrorLog = config, http2, log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL, requests
}

func oneRecord(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, `{"id": 1010, "name": "bravo"}`)
}

// certificateCases returns clients that a server with its own authority refuses, and the strings
// of their errors.
func certificateCases(t *testing.T, a authority) map[string]struct {
	use          func(*Config)
	what, advice string
} {
	t.Helper()
	other := newAuthority(t).issueClient(t, "stranger")
	expired := a.issueClient(t, "late")
	certificate, key, err := a.IssueClient("late", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
	})
	if err != nil {
		t.Fatal(err)
	}
	expired.write(t, certificate, key)
	anHourAgo := func(c *Config) { c.Now = func() time.Time { return time.Now().Add(-time.Hour / 2) } }
	return map[string]struct {
		use          func(*Config)
		what, advice string
	}{
		"none": {func(*Config) {}, "asks for a client certificate, and none is configured (",
			"set client_cert_file and client_key_file (or NETBOX_CLIENT_CERT_FILE and NETBOX_CLIENT_KEY_FILE) to a " +
				"certificate issued by CN=Test authority and its key"},
		"of another authority": {other.use, `refused the client certificate of "CN=stranger" (issued by ` +
			`"CN=Test authority", valid until 20`,
			"set client_cert_file (or NETBOX_CLIENT_CERT_FILE) to a certificate issued by CN=Test authority that the " +
				"server accepts"},
		"expired, by the server's clock": {func(c *Config) { expired.use(c); anHourAgo(c) },
			`refused the client certificate of "CN=late" (issued by "CN=Test authority", valid until 20`,
			"to a certificate issued by CN=Test authority that the server accepts"},
	}
}

// The client detects in every version of TLS and HTTP that a server refuses its certificate, or
// requires one. It does not retry, and a write did not reach the server.
func TestClientCertificateRefused(t *testing.T) {
	a := newAuthority(t)
	for name, test := range certificateCases(t, a) {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			for _, http2 := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, HTTP/2 %t", name, tls.VersionName(version), http2), func(t *testing.T) {
					url, requests := certificateServer(t, a, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert,
						MaxVersion: version}, http2, oneRecord)
					var tries atomic.Int64
					c := newClient(t, url, withoutCheck, caFile(a.file), test.use, counting(&tries))
					_, err := get(t.Context(), c, 1)
					wantExplained(t, err, test.what, test.advice)
					if n := tries.Load(); n != 1 {
						t.Errorf("got %d attempts", n)
					}
					_, err = create(t.Context(), c, "alpha")
					if lost := wantError[*TransportError](t, err); !lost.unsent {
						t.Errorf("%v: the write may have reached NetBox", err)
					}
					if requests.Load() != 0 {
						t.Error("the server got a request")
					}
				})
			}
		}
	}
}

func wantExplained(t *testing.T, err error, what, advice string) {
	t.Helper()
	gotWhat, gotAdvice := wantError[*TransportError](t, err).Explain()
	if !strings.Contains(gotWhat, what) || !strings.Contains(gotAdvice, advice) {
		t.Errorf("%v:\n%s\n%s\nwant\n%s\n%s", err, gotWhat, gotAdvice, what, advice)
	}
}

// nginx completes the handshake, and refuses with an HTML page.
func TestClientCertificateRefused_byAPage(t *testing.T) {
	a := newAuthority(t)
	page := func(title string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, "<html>\r\n<head><title>400 %s</title></head>\r\n<body>\r\n<center><h1>400 Bad "+
				"Request</h1></center>\r\n</body>\r\n</html>\r\n", title)
		}
	}
	asks := func() *tls.Config { return &tls.Config{ClientAuth: tls.RequestClientCert} }
	url, _ := certificateServer(t, a, asks(), true, page("No required SSL certificate was sent"))
	_, err := get(t.Context(), newClient(t, url, withoutCheck, caFile(a.file)), 1)
	wantExplained(t, err, `asks for a client certificate, and none is configured (it answered "400 No required SSL `+
		`certificate was sent")`, "to a certificate issued by CN=Test authority and its key")

	url, _ = certificateServer(t, a, asks(), true, page("The SSL certificate error"))
	_, err = get(t.Context(), newClient(t, url, withoutCheck, caFile(a.file), a.issueClient(t, "terraform").use), 1)
	wantExplained(t, err, `refused the client certificate of "CN=terraform"`, "that the server accepts")

	// If the server did not ask for a certificate, the page means nothing.
	url, _ = certificateServer(t, a, &tls.Config{}, true, page("No required SSL certificate was sent"))
	_, err = get(t.Context(), newClient(t, url, withoutCheck, caFile(a.file)), 1)
	if foreign := wantError[*UnexpectedAnswerError](t, err); foreign.Certificate != "" {
		t.Errorf("got %+v", foreign)
	}
}

// If a server asks for a certificate and refuses a request in another way, the certificate may
// be the reason. Once the server has accepted a connection, it is not.
func TestClientCertificateRefused_perhaps(t *testing.T) {
	a := newAuthority(t)
	var refuse atomic.Bool
	url, _ := certificateServer(t, a, &tls.Config{ClientAuth: tls.RequestClientCert}, true,
		func(w http.ResponseWriter, r *http.Request) {
			if !refuse.Load() {
				oneRecord(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "Forbidden")
		})
	accepted := newClient(t, url, withoutCheck, caFile(a.file))
	mustGet(t, accepted, 1)
	refuse.Store(true)
	for want, c := range map[string]*Client{
		"The server asked for a client certificate issued by CN=Test authority, and none is " +
			"configured": newClient(t, url, withoutCheck, caFile(a.file)),
		`The server may have refused the client certificate of ` +
			`"CN=terraform"`: newClient(t, url, withoutCheck, caFile(a.file),
			a.issueClient(t, "terraform").use),
		"": accepted,
	} {
		_, err := get(t.Context(), c, 1)
		if e := wantError[*UnexpectedAnswerError](t, err); (want == "") != (e.Certificate == "") ||
			!strings.HasPrefix(e.Certificate, want) {
			t.Errorf("got %q, want %q", e.Certificate, want)
		}
	}
}

// A server may require a certificate although it never asked for it, like Apache for a path
// with TLS 1.3.
func TestClientCertificateRefused_neverAsked(t *testing.T) {
	a := newAuthority(t)
	url, _ := certificateServer(t, a, &tls.Config{}, true, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
	})
	for want, use := range map[string]func(*Config){
		"A client certificate is configured, but the server did not ask for it.": a.issueClient(t, "terraform").use,
		"": func(*Config) {},
	} {
		_, err := get(t.Context(), newClient(t, url, withoutCheck, caFile(a.file), use), 1)
		if e := wantError[*UnexpectedAnswerError](t, err); (want == "") != (e.Certificate == "") ||
			!strings.HasPrefix(e.Certificate, want) {
			t.Errorf("got %q, want %q", e.Certificate, want)
		}
	}
}

// A server that closes the connection after it asked may have done so because of the
// certificate.
func TestClientCertificateRefused_byHangingUp(t *testing.T) {
	a := newAuthority(t)
	url, _ := certificateServer(t, a, &tls.Config{ClientAuth: tls.RequestClientCert}, false,
		func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := get(t.Context(), newClient(t, url, withoutCheck, caFile(a.file)), 1)
	wantExplained(t, err, "broke before the answer was complete", "The server asked for a client certificate issued "+
		"by CN=Test authority, and none is configured")
	if failure := connection.Diagnose(err); failure.Cause != connection.Broken || !failure.Transient {
		t.Errorf("got %+v", failure)
	}
}

// If the files have become unusable, the refusal of the last good certificate says so.
func TestClientCertificateRefused_filesUnusable(t *testing.T) {
	a := newAuthority(t)
	url, _ := certificateServer(t, a, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert}, true, oneRecord)
	files := newAuthority(t).issueClient(t, "stranger")
	c := newClient(t, url, withoutCheck, caFile(a.file), files.use)
	files.write(t, "", "")
	_, err := get(t.Context(), c, 1)
	wantExplained(t, err, `refused the client certificate of "CN=stranger"`, "the files have changed since then, and "+
		"cannot be used: client_cert_file: The file "+files.certificate)
}

// Through a proxy, net/http makes the TLS connection itself. It still sends the certificate, and
// the error says that the certificate may be the reason.
func TestClientCertificateRefused_throughAProxy(t *testing.T) {
	a := newAuthority(t)
	proxy := startServer(t, tunnel)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		url, _ := certificateServer(t, a, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert,
			MaxVersion: version}, true, oneRecord)
		accepted := newClient(t, url, withoutCheck, caFile(a.file), a.issueClient(t, "terraform").use)
		throughProxy(t, accepted, proxy.URL)
		mustGet(t, accepted, 1)

		refused := newClient(t, url, withoutCheck, caFile(a.file))
		throughProxy(t, refused, proxy.URL)
		_, err := get(t.Context(), refused, 1)
		if _, advice := wantError[*TransportError](t, err).Explain(); !strings.Contains(advice, "client_cert_file") {
			t.Errorf("%s: %v: %s", tls.VersionName(version), err, advice)
		}
	}
}

// tunnel is a proxy that connects to the requested server.
func tunnel(w http.ResponseWriter, r *http.Request) {
	server, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(server, client) }()
	_, _ = io.Copy(client, server)
}
