package provider

import (
	"crypto/tls"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// trusting is the setting that names an authority.
func trusting(file string) string { return fmt.Sprintf("ca_cert_file = %q", file) }

func secureLab(n *acctest.NetBox, lines ...string) string {
	return n.ProviderConfig(append(lines, "request_timeout = 5")...) + "resource \"hedgehog_fabric\" \"test\" {\n  " +
		"name = \"lab\"\n}\n"
}

// A certificate of an authority of one's own is accepted once the authority is named,
// in the provider block or by the variable, or where none is verified.
func TestTLS_netBoxOfOnesOwnAuthority(t *testing.T) {
	t.Parallel()
	authority, n := secureNetBox(t, secure{hosts: []string{"127.0.0.1"}})
	for name, c := range map[string]struct{ line, variable string }{
		"ca_cert_file":                {trusting(authority), ""},
		"NETBOX_CA_CERT_FILE":         {"", "NETBOX_CA_CERT_FILE=" + authority},
		"SSL_CERT_FILE":               {"", "SSL_CERT_FILE=" + authority}, // as for every program
		"allow_insecure_https":        {"allow_insecure_https = true", ""},
		"NETBOX_ALLOW_INSECURE_HTTPS": {"", "NETBOX_ALLOW_INSECURE_HTTPS=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newLife(t, n, strings.Replace(secureLab(n, c.line), "lab", "lab "+name, 1), c.variable)
			x.ok("apply", "-auto-approve")
			x.wantNoChange()
			x.ok("destroy", "-auto-approve")
		})
	}
}

// What is wrong with a certificate or with TLS is told as it is, with the host and
// the settings that matter; the token is not sent.
func TestTLS_netBoxThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	other, _ := secureNetBox(t, secure{hosts: []string{"127.0.0.1"}})
	for name, c := range map[string]struct {
		secure
		trusts string // the file of an authority; "own" for the server's
		line   string
		want   string
		advice string
	}{
		"nobody's authority": {secure{hosts: []string{"127.0.0.1"}}, "", "", "is not trusted: it is signed by",
			"in ca_cert_file (or NETBOX_CA_CERT_FILE)"},
		"another authority": {secure{hosts: []string{"127.0.0.1"}}, other, "", "is not trusted: it is signed by",
			"in ca_cert_file (or NETBOX_CA_CERT_FILE)"},
		"another host": {secure{hosts: []string{"netbox.example.com"}}, "own", "", "is for another host: it " +
			"names netbox.example.com", "Use a name that the certificate has in server_url"},
		"another address": {secure{hosts: []string{"192.0.2.1"}}, "own", "", "is for another host: it names " +
			"192.0.2.1", "Use a name that the certificate has in server_url"},
		"expired": {secure{hosts: []string{"127.0.0.1"}, until: time.Now().Add(-time.Hour)}, "own", "",
			"is not valid now: certificate has expired or is not yet valid", "check this machine's clock"},
		"TLS 1.0": {secure{hosts: []string{"127.0.0.1"}, highest: tls.VersionTLS10}, "own", "",
			"protocol version", "that it speaks TLS 1.2 or newer"},
		"TLS 1.1, insecure": {secure{hosts: []string{"127.0.0.1"}, highest: tls.VersionTLS11}, "",
			"allow_insecure_https = true", "protocol version", "that it speaks TLS 1.2 or newer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			authority, n := secureNetBox(t, c.secure)
			lines := []string{c.line}
			switch c.trusts {
			case "":
			case "own":
				lines = append(lines, trusting(authority))
			default:
				lines = append(lines, trusting(c.trusts))
			}
			x := newLife(t, n, secureLab(n, lines...))
			begun := time.Now()
			said := x.fails(c.want, "apply", "-auto-approve")
			if !says("NetBox cannot be reached").MatchString(said) || !says(hostOf(t, n.URL)).MatchString(said) ||
				says("There was no").MatchString(said) || !says(c.advice).MatchString(said) {
				t.Errorf("%s", said)
			}
			if took := time.Since(begun); took > 20*time.Second { // it is final: no attempt can mend it
				t.Errorf("it took %s", took)
			}
			if asked := n.Standin.Requests(); len(asked) != 0 {
				t.Errorf("NetBox got %v", asked)
			}
		})
	}
}

// http where the server speaks https, and the other way round.
func TestTLS_wrongScheme(t *testing.T) {
	t.Parallel()
	authority, secured := secureNetBox(t, secure{hosts: []string{"127.0.0.1"}})
	plain := acctest.Standin(t, netboxtest.Options{})
	for address, want := range map[string]string{
		strings.Replace(secured.URL, "https:", "http:", 1): "expects TLS. Write https:// instead of http:// in " +
			"server_url (or NETBOX_SERVER_URL).",
		strings.Replace(plain.URL, "http:", "https:", 1): "speaks plain HTTP and not TLS. Write http:// instead of " +
			"https:// in server_url (or NETBOX_SERVER_URL)",
	} {
		x := newLife(t, plain, secureLab(at(plain, address), trusting(authority)))
		x.fails(want, "apply", "-auto-approve")
	}
}

// A file that is no certificate is told before anything is sent.
func TestTLS_badAuthorityFile(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	for file, want := range map[string]string{
		filepath.Join(t.TempDir(), "missing.pem"): "cannot be read",
		"main.tf": "holds no PEM certificate",
	} {
		x := newLife(t, n, secureLab(n, trusting(file)))
		x.fails(want, "plan")
	}
	if len(n.Standin.Requests()) != 0 {
		t.Errorf("NetBox got %v", n.Standin.Requests())
	}
}
