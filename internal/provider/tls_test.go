package provider

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// trusting is the setting that names an authority.
func trusting(file string) string { return fmt.Sprintf("ca_cert_file = %q", file) }

func secureLab(n *acctest.NetBox, lines ...string) string {
	return n.ProviderConfig(append(lines, "request_timeout = 5")...) + "resource \"hedgehog_fabric\" \"test\" {\n  " +
		"name = \"lab\"\n}\n"
}

// A certificate of an authority of one's own is accepted once the authority is named,
// in the provider block or by the variable, or where none is verified.
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
			x := newLife(t, n, strings.Replace(secureLab(n, c.line), "lab", "lab "+name, 1), c.variable)
			x.ok("apply", "-auto-approve")
			x.wantNoChange()
			x.ok("destroy", "-auto-approve")
		})
	}
}

// What is wrong with a certificate or with TLS is reported as it is, with the host and
// the settings that matter; the token is not sent.
func TestAccTLS_netBoxThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secure
		line, want, advice string
	}{
		"another authority": {secure{host: "127.0.0.1"}, "", "is not trusted: it is signed by",
			"in ca_cert_file (or NETBOX_CA_CERT_FILE)"},
		"TLS 1.1, insecure": {secure{host: "127.0.0.1", highest: tls.VersionTLS11},
			"allow_insecure_https = true", "protocol version", "that it speaks TLS 1.2 or newer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other, _ := secureNetBox(t, secure{host: "127.0.0.1"})
			_, n := secureNetBox(t, c.secure)
			x := newLife(t, n, secureLab(n, trusting(other), c.line))
			said := x.fails(c.want, "apply", "-auto-approve")
			if !says("NetBox cannot be reached").MatchString(said) || !says(hostOf(t, n.URL)).MatchString(said) ||
				says("There was no").MatchString(said) || !says(c.advice).MatchString(said) {
				t.Errorf("%s", said)
			}
			if asked := n.Standin.Requests(); len(asked) != 0 {
				t.Errorf("NetBox got %v", asked)
			}
		})
	}
}
