package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// fieldNamed returns a custom field of a type, with the attributes that some types need.
func fieldNamed(name, kind string) netboxtest.CustomField {
	f := netboxtest.CustomField{Name: name, Type: kind}
	switch kind {
	case "select", "multiselect":
		f.Choices = []netboxtest.Choice{{Value: "a", Label: "A"}}
	case "object", "multiobject":
		f.RelatedObjectType, f.RelatedObjects = "dcim.site", map[int64]string{1: "Lab"}
	}
	return f
}

// emptyValues returns the ways to configure an empty value.
var emptyValues = map[string]tftypes.Value{
	`""`:        textOf(""),
	"[]":        tuple().(tftypes.Value),
	"toset([])": setOf(),
	"null":      nothing(),
}

// somethingOf has values that are not empty, by type.
var somethingOf = map[string]tftypes.Value{
	"text": textOf("a"), "longtext": textOf("a"), "url": textOf("https://a.example.com/"), "integer": amount(4),
	"decimal": amount(4),
	"boolean": truth(false), "date": textOf("2026-01-31"), "datetime": textOf("2026-01-31T08:15:00Z"),
	"select":      textOf("a"),
	"multiselect": textsOf("a"), "object": amount(1), "multiobject": tuple(amount(1)).(tftypes.Value),
	"json": jsonObjectOf("", nothing()).(tftypes.Value),
}

// However a field is emptied, in a new fabric or after a value, the next plan is empty, with or
// without permission to read definitions. Only some types accept a list. NetBox may refuse it for
// the others, and the plan refuses it if it knows the type.
func TestFabricResource_emptyValuesOfAllTypes(t *testing.T) {
	for _, restricted := range []bool{false, true} {
		for kind, something := range somethingOf {
			for what, empty := range emptyValues {
				for _, before := range []tftypes.Value{nothing(), something} {
					name := fmt.Sprintf("restricted %t, %s, %s after %s", restricted, kind, what, before)
					t.Run(name, func(t *testing.T) {
						n, d := standinFor(t, restricted)
						n.Standin.AddCustomField(fieldNamed("k", kind))
						made := d.do(nil, withFields(fieldsOf(map[string]tftypes.Value{"k": before})))
						wantEmptied(t, n, made, kind, empty, restricted)
					})
				}
			}
		}
	}
}

// wantEmptied empties the field k of a fabric.
func wantEmptied(t *testing.T, n *acctest.NetBox, made *instance, kind string, empty tftypes.Value, restricted bool) {
	t.Helper()
	d := newDriver(t, n)
	config := withFields(fieldsOf(map[string]tftypes.Value{"k": empty}))
	plan := d.tryPlan(made, config)
	refused := plan.Diagnostics
	if restricted && !hasError(refused) {
		made, refused = d.apply(made, config, plan)
	}
	isList := !empty.IsNull() && !empty.Type().Is(tftypes.String)
	if isList && !slices.Contains([]string{"multiselect", "multiobject", "json"}, kind) {
		at := placeOfField("k")
		if restricted && kind == "object" { // NetBox does not name the field
			at = `AttributeName("custom_fields")`
		}
		if got := render(refused); !hasError(refused) || !strings.HasPrefix(got, "ERROR at "+at) {
			t.Errorf("got %s", got)
		}
		return
	}
	if d.must(nil, refused); !restricted {
		made, refused = d.apply(made, config, plan)
		d.must(nil, refused)
	}
	newDriver(t, n).wantNoChange("emptied", made, config)
}

// NetBox's web form stores "" for no value, and trims text. Neither is a change.
func TestFabricResource_whatAWebFormMakesOfTexts(t *testing.T) {
	for _, restricted := range []bool{false, true} {
		for _, kind := range []string{"text", "longtext"} {
			for _, pair := range [][2]string{{"a ", "a"}, {"a\n", "a"}, {"\na\nb\n", "a\r\nb"}, {"", ""}} {
				declared, stored := pair[0], pair[1]
				n, d := standinFor(t, restricted)
				n.Standin.AddCustomField(fieldNamed("k", kind))
				v := textOf(declared)
				if declared == "" {
					v = nothing()
				}
				config := withFields(fieldsOf(map[string]tftypes.Value{"k": v}))
				made := d.do(nil, config)
				n.Standin.UpdateFabric(1, map[string]any{"custom_fields": map[string]any{"k": stored}})
				newDriver(t, n).wantNoChange(fmt.Sprintf("restricted %t, %s: %q from %q", restricted, kind, stored,
					declared), made, config)
			}
		}
	}
}

// A choice in another Unicode form than NetBox's is valid, and is sent in NetBox's form.
func TestFabricResource_choiceInAnotherForm(t *testing.T) {
	const ours, theirs = "caf\u00e9", "cafe\u0301"
	for kind, declared := range map[string]tftypes.Value{"select": textOf(ours), "multiselect": setOf(ours, "a")} {
		n, d := standin(t)
		f := fieldNamed("k", kind)
		f.Choices = append(f.Choices, netboxtest.Choice{Value: theirs, Label: "Café"})
		n.Standin.AddCustomField(f)
		config := withFields(fieldsOf(map[string]tftypes.Value{"k": declared}))
		made := d.do(nil, config)
		record, _ := n.Standin.Fabric(1)
		if got := fmt.Sprintf("%+q", record["custom_field_data"]); !strings.Contains(got, `cafe\u0301`) {
			t.Errorf("%s: NetBox has %s", kind, got)
		}
		newDriver(t, n).wantNoChange(kind, made, config)
		// Without definitions NetBox refuses it. The message does not show two strings that look the
		// same.
		d = newDriver(t, n.WithoutDefinitions(t))
		config["name"] = "second"
		_, diagnostics := d.apply(nil, config, d.plan(nil, config))
		if got := render(diagnostics); !strings.HasPrefix(got, "ERROR at "+placeOfField("k")) ||
			strings.Contains(got, "caf") {
			t.Errorf("%s: got %s", kind, got)
		}
	}
}
