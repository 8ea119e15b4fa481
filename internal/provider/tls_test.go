package provider

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// trusting returns the setting that names an authority.
func trusting(file string) string { return fmt.Sprintf("ca_cert_file = %q", file) }

func secureLab(n *acctest.NetBox, lines ...string) string {
	return n.ProviderConfig(append(lines, "request_timeout = 5")...) + "resource \"hedgehog_fabric\" \"test\" {\n  " +
		"name = \"lab\"\n}\n"
}

// The provider accepts a certificate of a private authority if the provider block or a variable
// names the authority, or if certificates are not verified.
func TestAccTLS_netBoxOfOnesOwnAuthority(t *testing.T) {
	t.Parallel()
	authority, n := secureNetBox(t, secure{host: "127.0.0.1"})
	for name, c := range map[string]struct{ line, variable string }{
		"ca_cert_file":                {trusting(authority), ""},
		"NETBOX_CA_CERT_FILE":         {"", "NETBOX_CA_CERT_FILE=" + authority},
		"SSL_CERT_FILE":               {"", "SSL_CERT_FILE=" + authority}, // as for every program
		"allow_insecure_https":        {"allow_insecure_https = true", ""},
		"NETBOX_ALLOW_INSECURE_HTTPS": {"", "NETBOX_ALLOW_INSECURE_HTTPS=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newWorkspace(t, n, strings.Replace(secureLab(n, c.line), "lab", "lab "+name, 1), c.variable)
			x.ok("apply", "-auto-approve")
			x.wantNoChange()
			x.ok("destroy", "-auto-approve")
		})
	}
}

// The error says what is wrong with a certificate or with TLS, and names the host and the settings
// that matter. The token is not sent.
func TestAccTLS_netBoxThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secure
		line, want, advice string
	}{
		"another authority": {secure{host: "127.0.0.1"}, "", "is not trusted: it is signed by",
			"Add the CA's certificate to the file in ca_cert_file (or NETBOX_CA_CERT_FILE)"},
		"TLS 1.1, insecure": {secure{host: "127.0.0.1", highest: tls.VersionTLS11},
			"allow_insecure_https = true", "protocol version", "that it speaks TLS 1.2 or newer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other, _ := secureNetBox(t, secure{host: "127.0.0.1"})
			_, n := secureNetBox(t, c.secure)
			x := newWorkspace(t, n, secureLab(n, trusting(other), c.line))
			said := x.fails(c.want, "apply", "-auto-approve")
			if !says("NetBox cannot be reached").MatchString(said) || !says(hostOf(t, n.URL)).MatchString(said) ||
				says("There was no").MatchString(said) || !says(c.advice).MatchString(said) {
				t.Errorf("got %s", said)
			}
			if asked := n.Standin.Requests(); len(asked) != 0 {
				t.Errorf("NetBox got %v", asked)
			}
		})
	}
}

// The provider sends the configured client certificate to a NetBox that requires one. If NetBox
// refuses the certificate or gets none, the error says so.
func TestAccTLS_clientCertificate(t *testing.T) {
	t.Parallel()
	clients, err := testserver.NewAuthority("lab clients")
	must(t, err)
	strangers, err := testserver.NewAuthority("elsewhere")
	must(t, err)
	server, n := secureNetBox(t, secure{host: "127.0.0.1", clients: clients})
	certificate, key := clientFiles(t, clients)
	settings := fmt.Sprintf("client_cert_file = %q\n  client_key_file = %q", certificate, key)
	x := newWorkspace(t, n, secureLab(n, trusting(server), settings))
	x.ok("apply", "-auto-approve")
	x.write("main.tf", requiredProviders+secureLab(n, trusting(server)))
	x.fails("asks for a client certificate, and none is configured (", "plan")
	x.env = append(x.env, "NETBOX_CLIENT_CERT_FILE="+certificate, "NETBOX_CLIENT_KEY_FILE="+key)
	x.wantNoChange()
	certificate, key = clientFiles(t, strangers)
	x.env = append(x.env, "NETBOX_CLIENT_CERT_FILE="+certificate, "NETBOX_CLIENT_KEY_FILE="+key)
	said := x.fails(`refused the client certificate of "CN=terraform" (issued by "CN=elsewhere", valid until`, "plan")
	if !says("Set client_cert_file (or NETBOX_CLIENT_CERT_FILE) to a certificate issued by CN=lab clients that the " +
		"server accepts.").
		MatchString(said) {
		t.Errorf("got %s", said)
	}
}

// clientFiles returns the files with a client's certificate and its key.
func clientFiles(t *testing.T, by *testserver.Authority) (certificate, key string) {
	t.Helper()
	certificatePEM, keyPEM, err := by.IssueClient("terraform", nil)
	must(t, err)
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "client.pem"), filepath.Join(dir, "client-key.pem")
	must(t, os.WriteFile(certificate, []byte(certificatePEM), 0o600))
	must(t, os.WriteFile(key, []byte(keyPEM), 0o600))
	return certificate, key
}

// A setting may contain a private key instead of its path, for example because of file(). No
// error shows a piece of the key, whether it is set in the provider block, with the real CLI,
// or in the environment.
func TestAccTLS_contentInPlaceOfAPath(t *testing.T) {
	clients, err := testserver.NewAuthority("lab clients")
	must(t, err)
	certificate, key := clientFiles(t, clients)
	content, err := os.ReadFile(key)
	must(t, err)
	n := acctest.Standin(t, netboxtest.Options{})
	blocks := map[string]string{"ca_cert_file": fmt.Sprintf("ca_cert_file = file(%q)", key),
		"client_cert_file": fmt.Sprintf("client_cert_file = file(%[1]q)\n  client_key_file = %[1]q", key),
		"client_key_file":  fmt.Sprintf("client_cert_file = %q\n  client_key_file = file(%q)", certificate, key)}
	x := newWorkspace(t, n, requiredProviders)
	for setting, block := range blocks {
		x.write("main.tf", requiredProviders+secureLab(n, block))
		said := x.fails(setting+" (or "+rest.Variable(setting)+") must be the path of a file, but it has the "+
			"content of a file. Write the content to a file and give its path. In Terraform, remove file().", "plan")
		if testserver.Reveals(said, string(content)) {
			t.Errorf("%s: got the key in %s", setting, said)
		}
	}
	t.Setenv("NETBOX_CLIENT_CERT_FILE", certificate)
	for form, value := range testserver.KeyContents(string(content)) {
		if strings.ContainsRune(value, 0) {
			continue // no environment can hold it
		}
		t.Setenv("NETBOX_CLIENT_KEY_FILE", value)
		_, diagnostics := configured(t, n, fabricType, nil)
		wantRefused(t, diagnostics, "Invalid provider configuration", "content of a file")
		if text := fmt.Sprint(diagnostics); testserver.Reveals(text, string(content)) {
			t.Errorf("%s: got the key in %s", form, text)
		}
	}
}
