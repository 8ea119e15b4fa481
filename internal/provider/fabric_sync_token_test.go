package provider

import (
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// An empty token is a secret that is not set. The sync does not use the stored token
// instead. A plan only warns, because Terraform also plans before a destroy.
func TestFabricSync_emptyTokenIsRefused(t *testing.T) {
	const at = `AttributeName("kubernetes_token_wo"): No write-only token: kubernetes_token_wo is empty, so the `
	c := acctest.Kubernetes(t)
	for name, test := range map[string]struct {
		token   any
		refused bool
	}{
		"none":             {nil, false},
		"a token":          {c.Token, false},
		"empty":            {"", true},
		"only white space": {" \n", true},
	} {
		t.Run(name, func(t *testing.T) {
			n := acctest.Standin(t, netboxtest.Options{})
			id := clusterFabric(t, n, c, acctest.Name("empty-token"), c.Filled(t))
			d := newDriverOf(t, n, "hedgehog_fabric_sync")
			config := map[string]any{"fabric_id": id, tokenWOAttribute: test.token}
			var warning, refusal string
			if test.refused {
				const advice = " Perhaps it comes from a variable that is not set. Set a token, or null to use the " +
					"token that NetBox stores."
				warning, refusal = "WARNING at "+at+"sync will fail."+advice, "ERROR at "+at+"fabric was not "+
					"synced."+advice
			}
			wantRendered(t, "validate", d.validate(config), "")
			plan := d.plan(nil, config)
			wantRendered(t, "plan", plan.Diagnostics, warning)
			made, diagnostics := d.apply(nil, config, plan)
			wantRendered(t, "apply", diagnostics, refusal)
			if f, _ := n.Fabric(t, id); made.value.IsNull() != test.refused || (f["last_sync"] == nil) != test.refused {
				t.Errorf("the state is %v, NetBox has %v", made.value, f)
			}
		})
	}
}

// An empty CA certificate means the stored one, for the action too.
func TestFabricSync_emptyCACertIsTheStoredOne(t *testing.T) {
	c := acctest.Kubernetes(t)
	n := acctest.Standin(t, netboxtest.Options{})
	id := clusterFabric(t, n, c, acctest.Name("empty-ca"), c.Filled(t))
	d := newDriverOf(t, n, "hedgehog_fabric_sync")
	for _, empty := range []string{"", " \n"} {
		config := map[string]any{"fabric_id": id, "kubernetes_ca_cert": empty}
		if made := d.do(nil, config); d.attribute(made, "outcome") != "synced" {
			t.Errorf("%q: got %v", empty, made.value)
		}
		_, diagnostics := d.invoke(config)
		wantRendered(t, "action", diagnostics, "")
	}
}
