package testserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// WantNoKeyShown runs a command with the content of a private key, in each form of
// [KeyContents], in each variable that takes a path. It checks that the output names the
// variable and contains no piece of the key. run gets the variables and returns the output.
func WantNoKeyShown(t *testing.T, run func(variables map[string]string) string) {
	t.Helper()
	clients, err := NewAuthority("lab clients")
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
		for form, value := range KeyContents(key) {
			variables := map[string]string{}
			if variable != "NETBOX_CA_CERT_FILE" {
				variables["NETBOX_CLIENT_CERT_FILE"], variables["NETBOX_CLIENT_KEY_FILE"] = file, file
			}
			variables[variable] = value
			if output := run(variables); Reveals(output, key) || !strings.Contains(output, variable) ||
				!strings.Contains(output, "content of a file") {
				t.Errorf("%s, %s: %s", variable, form, output)
			}
		}
	}
}
