package rest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// If a setting has a private key, in any form, instead of its path, the error says so and
// contains no piece of the key.
func TestNew_repeatsNoContentOfAFile(t *testing.T) {
	good := newAuthority(t).issueClient(t, "terraform")
	keys := map[string]string{}
	for name, form := range keyForms(t) {
		keys[name] = form.pem()
	}
	small, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(small)
	if err != nil {
		t.Fatal(err)
	}
	keys["ECDSA P-256"] = block("PRIVATE KEY", der)
	for setting, set := range map[string]func(*Config, string){
		settingCaCertFile:     func(c *Config, value string) { c.CACertFile = value },
		settingClientCertFile: func(c *Config, value string) { pairFiles{value, good.key}.use(c) },
		settingClientKeyFile:  func(c *Config, value string) { pairFiles{good.certificate, value}.use(c) },
	} {
		for kind, key := range keys {
			for form, value := range testserver.KeyContents(key) {
				config := Config{ServerURL: "https://netbox.example.com"}
				set(&config, value)
				_, err := New(config)
				e := wantError[*ConfigError](t, err)
				says := "The value does not look like a path, so it is not repeated here. If it is the content of a " +
					"file"
				if strings.HasPrefix(form, "PEM") && form != "PEM in Base64" && form != "PEM in JSON" ||
					strings.Contains(strings.TrimSpace(value), "\n") {
					says = setting + " (or " + Variable(setting) + ") must be the path of a file, but it has the " +
						"content of a file. Write the content to a file and give its path. In Terraform, remove file()."
				}
				if e.Field != setting || !strings.Contains(e.Detail, says) && form != "DER" {
					t.Errorf("%s, %s, %s: got %v, want %s", setting, kind, form, err, says)
				}
				if testserver.Reveals(err.Error(), key) {
					t.Errorf("%s, %s, %s: the key is in %v", setting, kind, form, err)
				}
			}
		}
	}
}

// An error repeats a path as the user wrote it, even an unusual one.
func TestNew_repeatsPaths(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{
		"client.pem", "key", "keys/prod/client", "./no such folder/ca certificates/all of them", "~/client.pem",
		"/etc/ssl/private/netbox.example.com-2026/fullchain.pem", dir + "/client.pem",
		`C:\certs\new.pem`, `\\host\share\key.pem`,
		"MIIkeys", "/run/secrets/kubernetes.io/serviceaccount/client-key", "schlüssel.pem",
		"secrets/production/netbox-client-certificates/key.pem",
	} {
		_, err := New(Config{ServerURL: "https://netbox.example.com", CACertFile: path})
		want := fmt.Sprintf("Cannot read the file %q (of ca_cert_file or", path)
		if e := wantError[*ConfigError](t, err); !strings.Contains(e.Detail, want) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	_, err := New(Config{ServerURL: "https://netbox.example.com", CACertFile: filepath.Join(dir, "ca.pem\n")})
	if e := wantError[*ConfigError](t, err); !strings.Contains(e.Detail, "It ends with a line break: in Terraform, "+
		"trimspace()") {
		t.Errorf("got %v", err)
	}
	odd := filepath.Join(dir, strings.Repeat("a1B2", 30))
	if err := os.WriteFile(odd, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = New(Config{ServerURL: "https://netbox.example.com", CACertFile: odd})
	if e := wantError[*ConfigError](t, err); !strings.Contains(e.Detail, "is empty") {
		t.Errorf("a file that is there: %v", err)
	}
}

// A user may put the token, a key or the content of a file into another setting.
func TestSettings_repeatNoSecretOfAnother(t *testing.T) {
	key := keyForms(t)["ECDSA in PKCS#8"].pem()
	secrets := testserver.KeyContents(key)
	maps.Copy(secrets, map[string]string{
		"token":              "0123456789abcdef0123456789abcdef01234567",
		"token of version 2": "nbt_AbCdEfGhIjKl.0123456789abcdef0123456789abcdef01234567",
		"URL of a key":       strings.TrimSpace(key) + "://x",
	})
	for form, secret := range secrets {
		_, err := New(Config{ServerURL: secret})
		texts := map[string]string{settingServerURL: wantError[*ConfigError](t, err).Error()}
		for _, setting := range []string{settingAllowInsecureHTTPS, settingSkipVersionCheck,
			settingStripTrailingSlashes, settingRequestTimeout, settingHeaders} {
			_, problems := ConfigFrom(Settings{}, func(name string) string {
				if name == Variable(setting) {
					return secret
				}
				return ""
			})
			for _, problem := range problems {
				texts[setting] += problem.Error()
			}
			valid := setting == settingHeaders && form == "PEM in JSON"
			if !strings.Contains(texts[setting], Variable(setting)+" must be ") && !valid {
				t.Errorf("%s, %s: got %s", setting, form, texts[setting])
			}
		}
		for setting, text := range texts {
			if testserver.Reveals(text, key) || strings.Contains(text, "0123456789") || strings.Contains(text, "nbt_") {
				t.Errorf("%s, %s: got %s", setting, form, text)
			}
		}
	}
}
