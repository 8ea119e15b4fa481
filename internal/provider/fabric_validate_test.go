package provider

import (
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestFabricResource_validate(t *testing.T) {
	d := newDriver(t, nil) // never configured: there is no server to ask
	long := "https://k8s.example.com/" + strings.Repeat("a", 177)
	for name, c := range map[string]struct {
		config map[string]any
		want   []string // parts of the diagnostics; nil for no diagnostic
	}{
		"valid": {map[string]any{"name": "x", "kubernetes_server": lab, "sync_interval": 60}, nil},
		"dotless host": {map[string]any{"name": "x", "kubernetes_server": "https://kubernetes:6443"},
			[]string{`ERROR at AttributeName("kubernetes_server")`, `"https://kubernetes:6443"`, "a name with a dot"}},
		"not a URL": {map[string]any{"name": "x", "kubernetes_server": "not a url"},
			[]string{`ERROR at AttributeName("kubernetes_server")`, `"not a url"`, "absolute URL"}},
		"ftp": {map[string]any{"name": "x", "kubernetes_server": "ftp://x.example.com"},
			[]string{`ERROR at AttributeName("kubernetes_server")`, `"ftp://x.example.com"`, `must be "https"`}},
		"201 characters": {map[string]any{"name": "x", "kubernetes_server": long},
			[]string{`ERROR at AttributeName("kubernetes_server")`, "201 characters", "at most 200"}},
		"negative interval": {map[string]any{"name": "x", "sync_interval": -1},
			[]string{`ERROR at AttributeName("sync_interval")`, "-1", "0 to 2147483647"}},
		"interval too large": {map[string]any{"name": "x", "sync_interval": big.NewFloat(2147483648)},
			[]string{`ERROR at AttributeName("sync_interval")`, "2147483648", "0 to 2147483647"}},
		"unknown status": {map[string]any{"name": "x", "status": "bogus"},
			[]string{`ERROR at AttributeName("status")`, `"bogus"`, `"planned", "active", "maintenance" or ` +
				`"decommissioned"`}},
		"no name": {map[string]any{"name": ""}, []string{`ERROR at AttributeName("name")`, `""`,
			"1 to 100 characters"}},
		"namespace": {map[string]any{"name": "x", "kubernetes_namespace": "a.b"},
			[]string{`ERROR at AttributeName("kubernetes_namespace")`, `"a.b"`, "DNS-1123"}},
		"description": {map[string]any{"name": "x", "description": "\x00"},
			[]string{`ERROR at AttributeName("description")`, "null character"}},
		"deletion_policy": {map[string]any{"name": "x", "deletion_policy": "keep"},
			[]string{`ERROR at AttributeName("deletion_policy")`, "keep", "abandon"}},
		"http": {map[string]any{"name": "x", "kubernetes_server": "http://k8s.example.com"},
			[]string{`WARNING at AttributeName("kubernetes_server")`, "unencrypted"}},
		"short interval": {map[string]any{"name": "x", "sync_interval": 59},
			[]string{`WARNING at AttributeName("sync_interval")`, "interval of 59 s"}},
		"interval 0": {map[string]any{"name": "x", "sync_interval": 0}, nil},
		"sync, no server": {map[string]any{"name": "x", "sync_enabled": true},
			[]string{`WARNING at AttributeName("sync_enabled")`, `"not_configured"`}},
		"sync, blank server": {map[string]any{"name": "x", "sync_enabled": true, "kubernetes_server": ""},
			[]string{`WARNING at AttributeName("sync_enabled")`}},
		"no sync, no server": {map[string]any{"name": "x", "sync_enabled": false}, nil},
		"nothing known": {map[string]any{
			"name": tftypes.UnknownValue, "description": tftypes.UnknownValue, "status": tftypes.UnknownValue,
			"kubernetes_server": tftypes.UnknownValue, "kubernetes_namespace": tftypes.UnknownValue,
			"sync_enabled":  true,
			"sync_interval": tftypes.UnknownValue, "deletion_policy": tftypes.UnknownValue,
		}, nil},
		"sync not known": {map[string]any{"name": "x", "sync_enabled": tftypes.UnknownValue}, nil},
	} {
		got := render(d.validate(c.config))
		if len(c.want) == 0 && got != "" {
			t.Errorf("%s: unexpected diagnostic: %s", name, got)
		}
		for _, part := range c.want {
			if !strings.Contains(got, part) || strings.Count(got, "\n") > 0 {
				t.Errorf("%s: got %q, want one diagnostic with %q", name, got, part)
			}
		}
	}
}

// Terraform before 1.11 has no write-only attributes.
func TestFabricResource_validateWithoutWriteOnlyAttributes(t *testing.T) {
	d := newDriver(t, nil)
	resp, err := d.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: fabricType, Config: d.dynamic(d.object, d.config(map[string]any{"name": "lab",
			"kubernetes_server": lab, tokenWOAttribute: "secret", tokenWOVersionAttribute: 1})),
	})
	must(t, err)
	if !checkDiagnostics(t, "an older CLI", resp.Diagnostics, nil, true) {
		t.Error("it is not refused")
	}
}
