package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

const serverLine = "kubernetes_server = \"https://k8s.example.com:6443\"\n  "

// holds checks a field's value in NetBox.
func holds(t *testing.T, n *acctest.NetBox, id *int64, field string, want any) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		if f, _ := n.Fabric(t, *id); f[field] != want {
			return fmt.Errorf("NetBox has %s = %q, want %q", field, f[field], want)
		}
		return nil
	}
}

func noChange() resource.ConfigPlanChecks { return preApply(plancheck.ExpectEmptyPlan()) }

func TestAccFabricResource_token(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("token")
	file := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(file, []byte("first-secret\n"), 0o600))
	config := func(line string) string { return fabricConfig(n, name, serverLine+line) }
	var id int64
	acceptance(t,
		resource.TestStep{ // a file with its newline
			Config: config(fmt.Sprintf("kubernetes_token = file(%q)", file)),
			Check:  resource.ComposeTestCheckFunc(idOf(t, &id), holds(t, n, &id, "kubernetes_token", "first-secret")),
		},
		resource.TestStep{Config: config(`kubernetes_token = "first-secret"`), ConfigPlanChecks: noChange()},
		resource.TestStep{Config: config(`kubernetes_token = "second-secret"`), Check: holds(t, n, &id,
			"kubernetes_token", "second-secret")},
		resource.TestStep{ // changed behind Terraform's back
			PreConfig:        func() { n.Patch(t, id, map[string]any{"kubernetes_token": "theirs"}) },
			Config:           config(`kubernetes_token = "second-secret"`),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check:            holds(t, n, &id, "kubernetes_token", "second-secret"),
		},
		resource.TestStep{Config: config(""), Check: holds(t, n, &id, "kubernetes_token", "")},
		resource.TestStep{ // from here on it is NetBox's own
			PreConfig:        func() { n.Patch(t, id, map[string]any{"kubernetes_token": "theirs"}) },
			Config:           config(""),
			ConfigPlanChecks: noChange(),
		},
		imported(n, ""),
		resource.TestStep{Config: config("status = \"active\""), Check: holds(t, n, &id, "kubernetes_token", "theirs")},
	)
}

func TestAccFabricResource_tokenWriteOnly(t *testing.T) {
	acctest.Need(t, acctest.WriteOnly)
	n := acctest.Start(t)
	name := acctest.Name("wo")
	config := func(line string) string { return fabricConfig(n, name, serverLine+line) }
	first := config("kubernetes_token_wo = \"first-secret\\n\"\n  kubernetes_token_wo_version = 1")
	var id int64
	acceptance(t,
		resource.TestStep{
			Config: first,
			Check:  resource.ComposeTestCheckFunc(idOf(t, &id), holds(t, n, &id, "kubernetes_token", "first-secret")),
			ConfigStateChecks: has(address, want{
				"kubernetes_token_wo": nil, "kubernetes_token": nil, "kubernetes_token_wo_version": 1,
			}),
		},
		resource.TestStep{ // the value alone is no change
			Config:           config("kubernetes_token_wo = \"second-secret\"\n  kubernetes_token_wo_version = 1"),
			ConfigPlanChecks: noChange(),
		},
		resource.TestStep{
			Config: config("kubernetes_token_wo = \"second-secret\"\n  kubernetes_token_wo_version = 2"),
			Check:  holds(t, n, &id, "kubernetes_token", "second-secret"),
		},
		resource.TestStep{ // changed outside of Terraform: the fingerprint shows it
			PreConfig:        func() { n.Patch(t, id, map[string]any{"kubernetes_token": "theirs"}) },
			Config:           config("kubernetes_token_wo = \"second-secret\"\n  kubernetes_token_wo_version = 2"),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check:            holds(t, n, &id, "kubernetes_token", "second-secret"),
		},
		resource.TestStep{ // changed and removed at once: it is cleared, not left
			PreConfig: func() { n.Patch(t, id, map[string]any{"kubernetes_token": "theirs"}) },
			Config:    config(""), Check: holds(t, n, &id, "kubernetes_token", ""),
		},
		resource.TestStep{ // to the other attribute
			Config: config(`kubernetes_token = "third-secret"`), Check: holds(t, n, &id, "kubernetes_token",
				"third-secret"),
			ConfigStateChecks: has(address, want{"kubernetes_token_wo_version": nil}),
		},
		resource.TestStep{ // and back
			Config: first, Check: holds(t, n, &id, "kubernetes_token", "first-secret"),
			ConfigStateChecks: has(address, want{"kubernetes_token": nil}),
		},
		resource.TestStep{Config: config(""), Check: holds(t, n, &id, "kubernetes_token", "")},
	)
}

func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestAccFabricResource_caCertificate(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("ca")
	first, second := certificate(t), certificate(t)
	config := func(pem string) string {
		return fabricConfig(n, name, serverLine+"kubernetes_ca_cert = <<-EOT\n"+pem+"EOT\n")
	}
	crlf := fabricConfig(n, name, serverLine+fmt.Sprintf("kubernetes_ca_cert = %q", strings.ReplaceAll(first,
		"\n", "\r\n")))
	w := &written{n: n, name: name}
	var id int64
	acceptance(t,
		resource.TestStep{Config: config(first), Check: resource.ComposeTestCheckFunc(idOf(t, &id), holds(t, n, &id,
			"kubernetes_ca_cert", strings.TrimSpace(first)))},
		resource.TestStep{Config: crlf, ConfigPlanChecks: noChange()},
		imported(n, "", "kubernetes_ca_cert"), // NetBox has it without the last line end
		resource.TestStep{Config: config(first + second),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate))},
		resource.TestStep{
			PreConfig: func() { n.Patch(t, id, map[string]any{"kubernetes_ca_cert": second}) },
			Config:    config(first), Check: holds(t, n, &id, "kubernetes_ca_cert", strings.TrimSpace(first)),
		},
		resource.TestStep{Config: fabricConfig(n, name, serverLine), Check: holds(t, n, &id, "kubernetes_ca_cert", "")},
		resource.TestStep{
			PreConfig: func() { synced(t, n, &id); must(t, w.remember(t)(nil)) },
			Config:    fabricConfig(n, name, serverLine+`kubernetes_ca_cert = ""`), ConfigPlanChecks: stateOnly(),
			Check:             w.untouched(t),
			ConfigStateChecks: has(address, want{"kubernetes_ca_cert": ""}),
		},
		resource.TestStep{Config: fabricConfig(n, name, serverLine), ConfigPlanChecks: stateOnly(),
			Check: w.untouched(t)},
		imported(n, ""),
	)
}

func TestFabricResource_validateSecrets(t *testing.T) {
	d := newDriver(t, nil)
	for name, c := range map[string]struct {
		config map[string]any
		want   string
	}{
		"wo not known yet": {map[string]any{"name": "x", "kubernetes_token_wo": tftypes.UnknownValue,
			"kubernetes_token_wo_version": 1}, ""},
		"version below 0": {map[string]any{"name": "x", "kubernetes_server": lab,
			"kubernetes_token_wo": "secret-1", "kubernetes_token_wo_version": -1}, "must be at least 0"},
		"a null tag": {map[string]any{"name": "x", "tags": []tftypes.Value{tftypes.NewValue(tftypes.String,
			nil)}}, `ERROR at AttributeName("tags")`},
		"token without server": {map[string]any{"name": "x", "kubernetes_token": "secret-1"},
			`ERROR at AttributeName("kubernetes_token"): Kubernetes token without a server`},
		"wo without server": {map[string]any{"name": "x", "kubernetes_token_wo": "secret-1",
			"kubernetes_token_wo_version": 1}, `ERROR at AttributeName("kubernetes_token_wo"): Kubernetes token ` +
			`without a server`},
		"both": {map[string]any{"name": "x", "kubernetes_server": lab,
			"kubernetes_token": "secret-1", "kubernetes_token_wo": "secret-1", "kubernetes_token_wo_version": 1},
			`ERROR at AttributeName("kubernetes_token")`},
		"wo without version": {map[string]any{"name": "x", "kubernetes_server": lab,
			"kubernetes_token_wo": "secret-1"}, `ERROR at AttributeName("kubernetes_token_wo")`},
		"no PEM": {map[string]any{"name": "x", "kubernetes_ca_cert": "secret-1"},
			`ERROR at AttributeName("kubernetes_ca_cert"): Invalid Kubernetes CA certificate: The text has no PEM ` +
				`block`},
		"a key": {map[string]any{"name": "x", "kubernetes_ca_cert": "-----BEGIN PRIVATE " +
			"KEY-----\nc2VjcmV0LTE=\n-----END PRIVATE KEY-----\n"}, "is a PRIVATE KEY. Only certificates belong " +
			"here: remove the block."},
		"a broken certificate": {map[string]any{"name": "x", "kubernetes_ca_cert": "-----BEGIN " +
			"CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}, "PEM block 1 cannot be read as a certificate: " +
			"x509: malformed certificate. Copy it"},
		"something after it": {map[string]any{"name": "x", "kubernetes_ca_cert": certificate(t) + "secret-1"},
			"The text after certificate 1 is not PEM"},
		"token, server not known": {map[string]any{"name": "x", "kubernetes_server": tftypes.UnknownValue,
			"kubernetes_token": "secret-1"}, ""},
		"all well": {map[string]any{"name": "x", "kubernetes_server": lab,
			"kubernetes_token": "secret-1", "kubernetes_ca_cert": certificate(t)}, ""},
	} {
		got := render(d.validate(c.config))
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if strings.Contains(got, "secret-1") || strings.Contains(got, "c2VjcmV0LTE") {
			t.Errorf("%s: a secret is in the message: %s", name, got)
		}
	}
}
