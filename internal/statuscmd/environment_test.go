package statuscmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// A variable that holds a private key in place of its path shows no piece of it.
func TestStatus_repeatsNoKey(t *testing.T) {
	clients, err := testserver.NewAuthority("lab clients")
	if err != nil {
		t.Fatal(err)
	}
	certificate, key, err := clients.IssueClient("terraform", nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "client.pem")
	if err := os.WriteFile(file, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, variable := range []string{"NETBOX_CA_CERT_FILE", "NETBOX_CLIENT_CERT_FILE", "NETBOX_CLIENT_KEY_FILE"} {
		for form, value := range testserver.KeyContents(key) {
			s := newStandin(t, netboxtest.Options{})
			s.environment["NETBOX_CLIENT_CERT_FILE"], s.environment["NETBOX_CLIENT_KEY_FILE"] = file, file
			s.environment[variable] = value
			if variable == "NETBOX_CA_CERT_FILE" {
				delete(s.environment, "NETBOX_CLIENT_CERT_FILE")
				delete(s.environment, "NETBOX_CLIENT_KEY_FILE")
			}
			s.want(cli.ExitUsage)
			if said := s.stdout.String() + s.stderr.String(); testserver.Reveals(said, key) ||
				!strings.Contains(said, variable) || !strings.Contains(said, "content of a file") {
				t.Errorf("%s, %s: %s", variable, form, said)
			}
		}
	}
}
