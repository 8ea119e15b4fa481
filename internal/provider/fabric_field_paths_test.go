package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// declaration is how a configuration declares custom fields.
type declaration func(kind tftypes.Type, values map[string]any) tftypes.Value

func declarations() map[string]declaration {
	return map[string]declaration{
		"object": func(kind tftypes.Type, values map[string]any) tftypes.Value {
			types, fields := map[string]tftypes.Type{}, map[string]tftypes.Value{}
			for key, v := range values {
				types[key], fields[key] = kind, tftypes.NewValue(kind, v)
			}
			return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, fields)
		},
		"map": func(kind tftypes.Type, values map[string]any) tftypes.Value {
			fields := map[string]tftypes.Value{}
			for key, v := range values {
				fields[key] = tftypes.NewValue(kind, v)
			}
			return tftypes.NewValue(tftypes.Map{ElementType: kind}, fields)
		},
	}
}

// placeOfField returns the path of a field, which the CLI needs to find its line.
func placeOfField(key string) string {
	return `AttributeName("custom_fields").ElementKeyString("` + key + `")`
}

// wrongFields returns invalid values of a custom field, with the key and the text of the error.
func wrongFields() map[string]struct {
	kind      tftypes.Type
	key       string
	value     any
	says, own string // with the definitions, and by NetBox
} {
	return map[string]struct {
		kind      tftypes.Type
		key       string
		value     any
		says, own string
	}{
		"unknown key": {tftypes.String, "nope", "x", `NetBox has no custom field "nope" for fabrics, or this API ` +
			`token cannot see it`, `does not exist for this object type`},
		"wrong type":     {tftypes.Bool, "rack_units", true, "must be a number", "Value must be an integer"},
		"unknown choice": {tftypes.String, "tier", "bronze", `must be one of "gold" or "silver"`, "Invalid choice (…)"},
		"no text":        {tftypes.Number, "owner", 4, "must be a string", "Value must be a string"},
	}
}

func withFields(fields tftypes.Value) map[string]any {
	return map[string]any{"name": "lab", "custom_fields": fields}
}

// wantOnKey checks that there is one error, at the path of a key.
func wantOnKey(t *testing.T, what string, diagnostics []*tfprotov6.Diagnostic, place, says string) {
	t.Helper()
	if got := render(diagnostics); !strings.HasPrefix(got, "ERROR at "+place+": ") || !strings.Contains(got, says) ||
		strings.Contains(got, "\n") {
		t.Errorf("%s: got %s\nwant an error at %s with %s", what, got, place, says)
	}
}

// wantWrites checks the methods of the writes that a stand-in received.
func wantWrites(t *testing.T, n *acctest.NetBox, want ...string) {
	t.Helper()
	got := []string{}
	for _, r := range n.Requests() {
		if r.Method != http.MethodGet {
			got = append(got, r.Method)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got the writes %q, want %q", got, want)
	}
}

// If the provider can read the definitions, the plan of a create or a change reports a wrong field
// at its key.
func TestFabricResource_wrongFieldIsAnErrorOnItsKeyAtPlan(t *testing.T) {
	for form, declared := range declarations() {
		for name, c := range wrongFields() {
			t.Run(form+", "+name, func(t *testing.T) {
				n, d := standin(t)
				config := withFields(declared(c.kind, map[string]any{c.key: c.value}))
				wantOnKey(t, "create", d.tryPlan(nil, config).Diagnostics, placeOfField(c.key), c.says)
				made := d.do(nil, map[string]any{"name": "lab"})
				wantOnKey(t, "change", d.tryPlan(made, config).Diagnostics, placeOfField(c.key), c.says)
				wantWrites(t, n, "POST")
			})
		}
	}
}

// A value that is unknown in the plan is checked during the apply, before it is written.
func TestFabricResource_wrongFieldIsAnErrorOnItsKeyAtApply(t *testing.T) {
	for form, declared := range declarations() {
		for name, c := range wrongFields() {
			t.Run(form+", "+name, func(t *testing.T) {
				n, d := standin(t)
				config := withFields(declared(c.kind, map[string]any{c.key: c.value}))
				planned := withFields(declared(c.kind, map[string]any{c.key: tftypes.UnknownValue}))
				for what, prior := range map[string]*instance{"create": nil, "change": d.do(nil,
					map[string]any{"name": "other"})} {
					plan := d.plan(prior, planned)
					resolved := d.dynamic(d.object, resolve(t, d.value(plan.PlannedState),
						config["custom_fields"].(tftypes.Value)))
					_, diagnostics := d.apply(prior, config, &tfprotov6.PlanResourceChangeResponse{
						PlannedState: resolved, PlannedPrivate: plan.PlannedPrivate})
					wantOnKey(t, what, diagnostics, placeOfField(c.key), c.says)
				}
				wantWrites(t, n, "POST") // of the other one
			})
		}
	}
}

// resolve puts the value of custom_fields into a plan.
func resolve(t *testing.T, plan, fields tftypes.Value) tftypes.Value {
	t.Helper()
	var all map[string]tftypes.Value
	must(t, plan.As(&all))
	all["custom_fields"] = fields
	return tftypes.NewValue(plan.Type(), all)
}

// Without the definitions, NetBox refuses the value, and the error is at the key too.
func TestFabricResource_wrongFieldWithoutDefinitionsIsAnErrorOnItsKey(t *testing.T) {
	for form, declared := range declarations() {
		for name, c := range wrongFields() {
			t.Run(form+", "+name, func(t *testing.T) {
				n := acctest.Standin(t, netboxtest.Options{})
				d := newDriver(t, n.WithoutDefinitions(t))
				config := withFields(declared(c.kind, map[string]any{c.key: c.value}))
				_, diagnostics := d.apply(nil, config, d.plan(nil, config))
				wantOnKey(t, "create", diagnostics, placeOfField(c.key), c.own)
				made := d.do(nil, map[string]any{"name": "lab"})
				plan := d.tryPlan(made, config)
				if c.key == "nope" { // a fabric shows which fields there are
					wantOnKey(t, "change", plan.Diagnostics, placeOfField(c.key), c.says)
					return
				}
				_, diagnostics = d.apply(made, config, plan)
				wantOnKey(t, "change", diagnostics, placeOfField(c.key), c.own)
			})
		}
	}
}
