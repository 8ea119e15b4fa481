package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// In these tests the token cannot read the definitions of custom fields.

func TestAccFabricResource_customFieldsWithoutDefinitions(t *testing.T) {
	n := acctest.Start(t).WithoutDefinitions(t)
	name := acctest.Name("custom-blind")
	config := func(value string) string { return fabricConfig(n, name, "custom_fields = "+value) }
	var id int64
	acceptance(t,
		resource.TestStep{Config: config(`{ nope = 1 }`), ExpectError: says(`custom field "nope"`)},
		resource.TestStep{Config: config(`{ tier = "bronze" }`), ExpectError: says(`NetBox refused the custom field ` +
			`"tier"`)},
		resource.TestStep{Config: config(`{ tier = "gold", rack_units = 4 }`), Check: resource.ComposeTestCheckFunc(
			idOf(t, &id), stored(t, n, &id, "tier", `"gold"`), stored(t, n, &id, "rack_units", "4"))},
		resource.TestStep{Config: config(`{ tier = "gold", rack_units = 4 }`), ConfigPlanChecks: noChange()},
		resource.TestStep{Config: config(`{ tier = "gold", nope = 1 }`), PlanOnly: true,
			ExpectError: says(`NetBox has no custom field "nope" for fabrics`)},
		resource.TestStep{Config: config(`{}`), Check: resource.ComposeTestCheckFunc(stored(t, n, &id, "tier", "null"),
			stored(t, n, &id, "rack_units", "null"))},
	)
}

// NetBox before 4.5.8 silently stores unknown keys, and does not show them.
func TestFabricResource_unknownFieldIsNotWrittenWhereAFabricShowsTheFields(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V44, netboxtest.V47} {
		for form, declared := range declarations() {
			t.Run(string(version)+", "+form, func(t *testing.T) {
				n := acctest.Standin(t, netboxtest.Options{Version: version})
				n.Standin.AddFabric(map[string]any{"name": "theirs"})
				d := newDriver(t, n.WithoutDefinitions(t))
				config := withFields(declared(tftypes.String, map[string]any{"nope": "x", "owner": "netops"}))
				const says = `NetBox has no custom field "nope" for fabrics, or this API token cannot see it. The ` +
					`token sees these fields: "colours", "facts", `
				wantOnKey(t, "create", d.tryPlan(nil, config).Diagnostics, placeOfField("nope"), says)
				// The resource that provides the value may also create the field, so only the
				// apply fails.
				plan := d.plan(nil, withFields(declared(tftypes.String, map[string]any{"nope": tftypes.UnknownValue,
					"owner": "netops"})))
				resolved := d.dynamic(d.object, resolve(t, d.value(plan.PlannedState),
					config["custom_fields"].(tftypes.Value)))
				_, diagnostics := d.apply(nil, config, &tfprotov6.PlanResourceChangeResponse{PlannedState: resolved,
					PlannedPrivate: plan.PlannedPrivate})
				wantOnKey(t, "apply", diagnostics, placeOfField("nope"), says)
				wantWrites(t, n)
				made := d.do(nil, withFields(declared(tftypes.String, map[string]any{"owner": "netops"})))
				wantOnKey(t, "change", d.tryPlan(made, config).Diagnostics, placeOfField("nope"), says)
				wantWrites(t, n, "POST")
			})
		}
	}
}

// If the token sees no fabric, the provider cannot keep an old NetBox from storing the key. It
// reports that, and the next plan refuses the key.
func TestFabricResource_unknownFieldOfTheFirstFabricIsReported(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{Version: netboxtest.V44})
	d := newDriver(t, n.WithoutDefinitions(t))
	object := declarations()["object"]
	config := withFields(object(tftypes.String, map[string]any{"nope": "x"}))
	made, diagnostics := d.apply(nil, config, d.plan(nil, config))
	if got := render(diagnostics); !strings.HasPrefix(got, "WARNING at "+placeOfField("nope")+
		": NetBox stored another value") || hasError(diagnostics) {
		t.Errorf("got %s", got)
	}
	made, _ = d.read(made)
	next := d.tryPlan(made, config)
	if got := render(next.Diagnostics); !strings.HasPrefix(got, "WARNING at "+placeOfField("nope")+
		": Custom field is not defined") || hasError(next.Diagnostics) {
		t.Errorf("next plan: got %s", got)
	}
	_, diagnostics = d.apply(made, config, next)
	wantOnKey(t, "next apply", diagnostics, placeOfField("nope"), `NetBox has no custom field "nope"`)
}

// A map of strings has numbers, booleans and ids as strings. If NetBox refuses one because of its
// type, the provider sends it again with the type of its text.
func TestAccFabricResource_mapOfTextsWithoutDefinitions(t *testing.T) {
	n := acctest.Start(t).WithoutDefinitions(t)
	name := acctest.Name("custom-texts")
	config := func(value string) string { return fabricConfig(n, name, "custom_fields = "+value) }
	var id int64
	first := config(`tomap({ owner = "42", rack_units = 4, in_service = true, home_site = 1, notes = "true" })`)
	second := config(`tomap({ owner = "42", rack_units = "1e3", in_service = "false", home_site = 2, notes = "true" })`)
	acceptance(t,
		resource.TestStep{
			Config: first,
			Check: resource.ComposeTestCheckFunc(idOf(t, &id), stored(t, n, &id, "owner", `"42"`), stored(t, n, &id,
				"rack_units", "4"),
				stored(t, n, &id, "in_service", "true"), stored(t, n, &id, "home_site", "1"), stored(t, n, &id,
					"notes", `"true"`)),
			ConfigStateChecks: has(address, want{"custom_fields.rack_units": "4"}),
		},
		resource.TestStep{Config: first, ConfigPlanChecks: noChange()},
		resource.TestStep{
			Config: second,
			Check: resource.ComposeTestCheckFunc(stored(t, n, &id, "owner", `"42"`), stored(t, n, &id,
				"rack_units", "1000"),
				stored(t, n, &id, "in_service", "false"), stored(t, n, &id, "home_site", "2")),
		},
		resource.TestStep{Config: second, ConfigPlanChecks: noChange()},
		resource.TestStep{Config: config(`{ other_sites = tolist(["1", "2"]) }`), Check: stored(t, n, &id,
			"other_sites", "[1,2]")},
		resource.TestStep{Config: config(`tomap({ rack_units = "four" })`),
			ExpectError: says("Value must be an integer")},
		resource.TestStep{Config: config(`tomap({ in_service = "4" })`), ExpectError: says("Value must be true or " +
			"false")},
		resource.TestStep{Config: config(`tomap({ rack_units = 7 })`), Check: stored(t, n, &id, "rack_units", "7")},
	)
}

// A refused field that was not sent is not changed.
func TestRetype_changesNothingThatIsNotSent(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	n.Standin.AddFabric(map[string]any{"name": "lab", "custom_fields": map[string]any{"rack_units": "not a number"}})
	d := newDriver(t, n.WithoutDefinitions(t))
	config := map[string]any{"name": "lab", "description": "ours"}
	prior := &instance{value: d.config(map[string]any{"id": 1, "name": "lab", "status": "planned",
		"kubernetes_namespace": "default",
		"sync_enabled":         true, "sync_interval": 300, "deletion_policy": "delete"})}
	read, _ := d.read(prior)
	_, diagnostics := d.apply(read, config, d.plan(read, config))
	if got := render(diagnostics); !strings.Contains(got, "Value must be an integer") {
		t.Errorf("got %s", got)
	}
	wantWrites(t, n, "PATCH")
}
