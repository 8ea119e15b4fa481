package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// stricter has changes by hand, of k's definition or of the fabric, that make an applied
// configuration invalid.
var stricter = map[string]struct {
	before, after       netboxtest.CustomField
	value, byHand, next string // in HCL; next is the configuration after the change
	says                string
}{
	"a choice that was renamed": {
		before: netboxtest.CustomField{Type: "select", Choices: []netboxtest.Choice{{Value: "a"}}},
		after:  netboxtest.CustomField{Type: "select", ChoiceSet: "other", Choices: []netboxtest.Choice{{Value: "b"}}},
		value:  `{ k = "a" }`, byHand: "b", next: `{ k = "a" }`, says: `must be one of "b"`,
	},
	"another type": {
		before: netboxtest.CustomField{Type: "text"}, after: netboxtest.CustomField{Type: "integer"},
		value: `{ k = "a" }`, next: `{ k = "a" }`, says: `must be a number`,
	},
	"another type, of a map": {
		before: netboxtest.CustomField{Type: "text"}, after: netboxtest.CustomField{Type: "integer"},
		value: `tomap({ k = "a", owner = "b" })`, next: `tomap({ k = "a", owner = "b" })`, says: `must be a number`,
	},
	"a field that is required now": {
		before: netboxtest.CustomField{Type: "text"}, after: netboxtest.CustomField{Type: "text", Required: true},
		value: `{ k = "a" }`, byHand: "b", next: `{}`, says: `is required, so it must not be empty`,
	},
}

// A destroy first plans the configuration, which may have become invalid. So the plan only warns
// about an applied value, the apply fails, and the destroy works. For a new value the plan fails.
func TestAccRemoval_ofADefinitionThatChanged(t *testing.T) {
	t.Parallel()
	for name, c := range stricter {
		for _, refreshed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, refreshed %t", name, refreshed), func(t *testing.T) {
				t.Parallel()
				n := acctest.Standin(t, netboxtest.Options{})
				before, after := c.before, c.after
				before.Name, after.Name = "k", "k"
				n.Standin.AddCustomField(before)
				config := func(fields string) string {
					return n.ProviderConfig() + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n  name = "+
						"\"lab\"\n  custom_fields = %s\n}\n", fields)
				}
				x := newWorkspace(t, n, config(c.value))
				x.ok("apply", "-auto-approve")
				n.Standin.RemoveCustomField("k")
				n.Standin.AddCustomField(after)
				if c.byHand != "" {
					setField(n, 1, "custom_fields", map[string]any{"k": c.byHand})
				}
				if refreshed {
					x.ok("apply", "-refresh-only", "-auto-approve")
				}
				x.configure(config(c.next))
				if said := x.ok("plan"); !says(`Warning: Invalid value of a custom field`).MatchString(said) ||
					!says(c.says).MatchString(said) {
					t.Errorf("the plan says %s", said)
				}
				x.fails("Error: Invalid value of a custom field", "apply", "-auto-approve")
				x.configure(config(`{ k = ["never applied"] }`))
				x.fails("Error: Invalid value of a custom field", "plan")
				x.configure(config(c.next))
				x.ok("destroy", "-auto-approve")
				if left := n.Standin.Fabrics(); len(left) != 0 {
					t.Errorf("NetBox has %v", left)
				}
			})
		}
	}
}

// A value counts as new again after another value was applied.
func TestFabricResource_appliedValueIsForgotten(t *testing.T) {
	n, d := standin(t)
	config := func(value string) map[string]any {
		return withFields(fieldsOf(map[string]tftypes.Value{"tier": textOf(value)}))
	}
	made := d.do(nil, config("gold"))
	if got := privateOf(t, made)[string(appliedFieldsKey)]; len(got) != 0 {
		t.Errorf("private state has %s", got)
	}
	setField(n, 1, "custom_fields", map[string]any{"tier": "silver"})
	now := d.refresh(made)
	if got := string(privateOf(t, now)[string(appliedFieldsKey)]); !strings.Contains(got, `"tier"`) ||
		strings.Contains(got, "gold") {
		t.Errorf("private state has %s", got)
	}
	made = d.do(now, config("gold"))
	if got := privateOf(t, made)[string(appliedFieldsKey)]; len(got) != 0 {
		t.Errorf("private state has %s", got)
	}
}

// privateOf returns what the provider keeps in a resource's private state, by key.
func privateOf(t *testing.T, i *instance) map[string][]byte {
	t.Helper()
	var private map[string][]byte
	must(t, json.Unmarshal(i.private, &private))
	return private
}

// A key can be removed from the configuration even if its definition was deleted after it was
// read. A key that NetBox keeps is an error.
func TestFabricResource_keyRemovedAfterItsDefinitionWasRead(t *testing.T) {
	for _, restricted := range []bool{false, true} {
		t.Run(fmt.Sprintf("restricted %t", restricted), func(t *testing.T) {
			n, d := standinFor(t, restricted)
			n.Standin.AddCustomField(netboxtest.CustomField{Name: "fleeting", Type: "text"})
			config := func(fields map[string]tftypes.Value) map[string]any { return withFields(fieldsOf(fields)) }
			both := map[string]tftypes.Value{"fleeting": textOf("x"), "owner": textOf("netops")}
			first := d.do(nil, config(both))
			n.Standin.RemoveCustomField("fleeting")
			n.Standin.ResetRequests()
			made := d.do(first, config(map[string]tftypes.Value{"owner": textOf("storage")}))
			record, _ := n.Standin.Fabric(1)
			if got := record["custom_fields"].(map[string]any)["owner"]; got != "storage" {
				t.Errorf("NetBox has %v", record)
			}
			// In this case nothing is left to send.
			n.Standin.AddCustomField(netboxtest.CustomField{Name: "fleeting", Type: "text"})
			d = newDriver(t, n)
			made = d.do(made, config(both))
			n.Standin.RemoveCustomField("fleeting")
			made = d.do(made, config(map[string]tftypes.Value{"owner": textOf("netops")}))
			n.Standin.AddCustomField(netboxtest.CustomField{Name: "fleeting", Type: "text"})
			made = d.do(made, config(both))
			n.Standin.RemoveCustomField("fleeting")
			n.Standin.AddCustomField(netboxtest.CustomField{Name: "fleeting", Type: "text", Required: true})
			if !restricted {
				return
			}
			without := config(map[string]tftypes.Value{"owner": textOf("netops")})
			_, diagnostics := d.apply(made, without, d.plan(made, without))
			if got := render(diagnostics); !hasError(diagnostics) || !strings.Contains(got, "Required field cannot be "+
				"empty") {
				t.Errorf("got %s", got)
			}
		})
	}
}

// If only keys change that are no longer defined, the provider sends nothing.
func TestFabricResource_noRequestWithoutAValue(t *testing.T) {
	n, d := standin(t)
	n.Standin.AddCustomField(netboxtest.CustomField{Name: "fleeting", Type: "text"})
	made := d.do(nil, withFields(fieldsOf(map[string]tftypes.Value{"fleeting": textOf("x"),
		"owner": textOf("netops")})))
	n.Standin.RemoveCustomField("fleeting")
	n.Standin.ResetRequests()
	d = newDriver(t, n)
	made = d.do(made, withFields(fieldsOf(map[string]tftypes.Value{"owner": textOf("netops")})))
	if got := n.Standin.Count(http.MethodPatch, fabricsAPI); got != 0 {
		t.Errorf("%d requests to change the fabric", got)
	}
	if got := fmt.Sprint(d.attribute(made, "custom_fields")); got != fmt.Sprint(map[string]any{"owner": "netops"}) {
		t.Errorf("the state has %s", got)
	}
}
