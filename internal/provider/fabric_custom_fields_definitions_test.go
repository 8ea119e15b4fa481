package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

func fieldsOf(fields map[string]tftypes.Value) tftypes.Value {
	types := map[string]tftypes.Type{}
	for key, v := range fields {
		types[key] = v.Type()
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, fields)
}

// Each new fabric costs only its own write. The definitions are read once, even if NetBox refuses
// that.
func TestFabricResource_requestsForNewFabricsWithCustomFields(t *testing.T) {
	const many = 30
	for name, c := range map[string]struct {
		restricted, others  bool
		toPlan, toApplyMore int
	}{
		"with a permission on definitions":        {toPlan: 3, toApplyMore: 3},
		"without":                                 {restricted: true, others: true, toPlan: 3, toApplyMore: 3},
		"without, and no fabric that shows a key": {restricted: true, toPlan: 3, toApplyMore: 4},
		"with a permission on them and on others": {others: true, toPlan: 3, toApplyMore: 3},
	} {
		t.Run(name, func(t *testing.T) {
			n, _ := standinFor(t, c.restricted)
			if c.others {
				n.Standin.AddFabric(map[string]any{"name": "theirs"})
			}
			config := func(i int) map[string]any {
				return map[string]any{"name": fmt.Sprintf("lab-%d", i),
					"custom_fields": fieldsOf(map[string]tftypes.Value{
						"owner": textOf("netops"), "tier": textOf("gold"), "rack_units": amount(4),
						"facts": textOf(fmt.Sprint(i)),
					})}
			}
			n.Standin.ResetRequests()
			d := newDriver(t, n)
			for i := range many {
				d.plan(nil, config(i))
			}
			if got := len(n.Standin.Requests()); got != c.toPlan {
				t.Errorf("%d requests to plan, want %d", got, c.toPlan)
			}
			n.Standin.ResetRequests()
			d = newDriver(t, n) // an apply is another process
			made := make([]*instance, many)
			for i := range many {
				made[i] = d.do(nil, config(i))
			}
			if got := len(n.Standin.Requests()); got != many+c.toApplyMore {
				t.Errorf("%d requests to apply, want %d", got, many+c.toApplyMore)
			}
			n.Standin.ResetRequests()
			d = newDriver(t, n)
			for i := range many {
				now, _ := d.read(made[i])
				d.plan(now, config(i))
			}
			if got := n.Standin.Count(http.MethodGet, "/api/extras/"); got != 0 {
				t.Errorf("got %d requests for definitions in a plan that changes nothing", got)
			}
		})
	}
}

// To compare a map of strings, the provider needs the types of the fields. It knows them after a
// write, and after the first refresh of a state that does not have them.
func TestFabricResource_refreshRemembersTheTypesItNeeds(t *testing.T) {
	n, d := standin(t)
	fields := declarations()["map"](tftypes.String, map[string]any{"rack_units": "4", "in_service": "true",
		"facts": "5", "owner": ""})
	config := withFields(fields)
	made := d.do(nil, config)
	id, _ := d.attribute(made, "id").(int64)
	refresh := func(state *instance, asked int) *instance {
		t.Helper()
		n.Standin.ResetRequests()
		now := newDriver(t, n).wantNoChange("refreshed", state, config)
		if got := n.Standin.Count(http.MethodGet, "/api/extras/custom-fields/"); got != asked {
			t.Errorf("asked %d times for definitions, want %d", got, asked)
		}
		return now
	}
	refresh(made, 0)
	refresh(refresh(&instance{value: made.value}, 1), 0)
	// For a JSON field, the number is another value than the string; for an integer field it is not.
	n.Patch(t, id, map[string]any{"custom_fields": map[string]any{"facts": 5}})
	d.wantChange(newDriver(t, n).refresh(made), config)
}

// A field that is defined again has no value at first. A new value changes the fabric, and then the
// type that the provider knew is outdated.
func TestFabricResource_refreshNoticesAnotherType(t *testing.T) {
	n := acctest.Start(t)
	key, undefine := n.CustomField(t, acctest.CustomField{Type: "integer"})
	config := map[string]any{"name": acctest.Name("type"), "custom_fields": declarations()["map"](tftypes.String,
		map[string]any{key: "4"})}
	d := newDriver(t, n)
	made := d.do(nil, config)
	t.Cleanup(func() { _, _ = d.apply(made, nil, d.plan(made, nil)) })
	undefine()
	n.CustomField(t, acctest.CustomField{Name: key, Type: "json"})
	id, _ := d.attribute(made, "id").(int64)
	n.Patch(t, id, map[string]any{"custom_fields": map[string]any{key: 4}})
	d = newDriver(t, n)
	d.wantChange(d.refresh(made), config)
}

// For later fabrics of an apply, the provider knows definitions that the same apply has created.
func TestFabricResource_definitionsThatChangeDuringARun(t *testing.T) {
	for name, restricted := range map[string]bool{"with a permission on definitions": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			n := acctest.Start(t)
			if restricted {
				n = n.WithoutDefinitions(t)
			}
			d := newDriver(t, n)
			first := d.do(nil, map[string]any{"name": acctest.Name("first"), "custom_fields": fieldsOf(
				map[string]tftypes.Value{"owner": textOf("netops")})})
			t.Cleanup(func() { _, _ = d.apply(first, nil, d.plan(first, nil)) })
			late := acctest.FieldName()
			config := map[string]any{"name": acctest.Name("second"), "custom_fields": fieldsOf(
				map[string]tftypes.Value{late: textOf("x")})}
			wantOnKey(t, "before", d.tryPlan(nil, config).Diagnostics, placeOfField(late),
				fmt.Sprintf("NetBox has no custom field %q", late))
			n.CustomField(t, acctest.CustomField{Name: late, Type: "text"})
			second := d.do(nil, config)
			t.Cleanup(func() { _, _ = d.apply(second, nil, d.plan(second, nil)) })
			id, _ := d.attribute(second, "id").(int64)
			if got := n.CustomFieldData(t, id); string(got[late]) != `"x"` {
				t.Errorf("NetBox has %s", got)
			}
			later, _ := n.CustomField(t, acctest.CustomField{Type: "text"})
			config["custom_fields"] = fieldsOf(map[string]tftypes.Value{late: textOf("x"), later: textOf("y")})
			second = d.do(second, config)
			if got := n.CustomFieldData(t, id); string(got[later]) != `"y"` {
				t.Errorf("NetBox has %s", got)
			}
		})
	}
}

func TestFabricResource_choiceThatTheSameApplyMakes(t *testing.T) {
	n := acctest.Start(t)
	set, setChoices := n.ChoiceSet(t, "a")
	grade, _ := n.CustomField(t, acctest.CustomField{Type: "select", ChoiceSet: set})
	config := map[string]any{"name": acctest.Name("choice"), "custom_fields": fieldsOf(map[string]tftypes.Value{
		grade: textOf("b")})}
	d := newDriver(t, n)
	wantOnKey(t, "before", d.tryPlan(nil, config).Diagnostics, placeOfField(grade), `must be one of "a".`)
	setChoices("a", "b")
	made := d.do(nil, config)
	t.Cleanup(func() { _, _ = d.apply(made, nil, d.plan(made, nil)) })
}

// "", [] and null are the same value for text fields and selections, but three values for JSON
// fields.
func TestFabricResource_emptyValues(t *testing.T) {
	n, d := standin(t)
	fields := func(owner, colours, facts any, units float64) map[string]any {
		return withFields(fieldsOf(map[string]tftypes.Value{
			"owner": owner.(tftypes.Value), "colours": colours.(tftypes.Value), "facts": facts.(tftypes.Value),
			"rack_units": amount(units),
		}))
	}
	made := d.do(nil, fields(textOf(""), tuple(), tuple(), 1))
	if plan := d.plan(made, fields(nothing(), nothing(), tuple(), 1)); !d.value(plan.PlannedState).Equal(made.value) {
		t.Errorf("planned %s", d.value(plan.PlannedState))
	}
	for _, c := range []struct {
		facts any
		sent  string
	}{{tuple(), `{"rack_units":2}`}, {nothing(), `{"facts":null}`}, {textOf(""), `{"facts":""}`},
		{tuple(), `{"facts":[]}`}} {
		n.Standin.ResetRequests()
		made = d.do(made, fields(nothing(), nothing(), c.facts, 2))
		var sent struct {
			Fields json.RawMessage `json:"custom_fields"`
		}
		for _, r := range n.Standin.Requests() {
			if r.Method == http.MethodPatch {
				must(t, json.Unmarshal(r.Body, &sent))
			}
		}
		if string(sent.Fields) != c.sent {
			t.Errorf("sent %s, want %s", sent.Fields, c.sent)
		}
	}
}

// A field without a definition is drift. An apply fails on its key. Removing the field from
// the configuration and a destroy still work.
func TestFabricResource_definitionThatWasDeleted(t *testing.T) {
	t.Parallel()
	n := acctest.Start(t)
	for name, declared := range declarations() {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, n)
			key, undefine := n.CustomField(t, acctest.CustomField{Type: "text"})
			with := map[string]any{"name": acctest.Name("undefined"), "custom_fields": declared(tftypes.String,
				map[string]any{key: "x", "owner": "netops"})}
			without := map[string]any{"name": with["name"], "custom_fields": declared(tftypes.String,
				map[string]any{"owner": "netops"})}
			made := d.do(nil, with)
			t.Cleanup(func() { _, _ = d.apply(made, nil, d.plan(made, nil)) })
			undefine()
			d = newDriver(t, n) // another run
			now := d.refresh(made)
			if fields := d.attribute(now, "custom_fields"); fmt.Sprint(fields) != fmt.Sprint(map[string]any{key: nil,
				"owner": "netops"}) {
				t.Errorf("custom_fields %v", fields)
			}
			plan := d.plan(now, with)
			if got := render(plan.Diagnostics); !strings.HasPrefix(got, "WARNING at "+placeOfField(key)+
				": Custom field is not defined: ") {
				t.Errorf("planned: got %s", got)
			}
			_, diagnostics := d.apply(now, with, plan)
			wantOnKey(t, "applied", diagnostics, placeOfField(key), fmt.Sprintf("NetBox has no custom field %q", key))
			d.must(nil, d.plan(now, nil).Diagnostics)
			if made = d.do(now, without); fmt.Sprint(d.attribute(made, "custom_fields")) != fmt.Sprint(map[string]any{
				"owner": "netops"}) {
				t.Errorf("custom_fields %v", d.attribute(made, "custom_fields"))
			}
		})
	}
}

// terraform destroy plans with the configuration first.
func TestAccFabricResource_destroyAfterADefinitionWasDeleted(t *testing.T) {
	n := acctest.Start(t)
	key, undefine := n.CustomField(t, acctest.CustomField{Type: "text"})
	config := fabricConfig(n, acctest.Name("undefined"), fmt.Sprintf("custom_fields = { %s = \"x\" }", key))
	acceptance(t,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: undefine, Config: config, Destroy: true},
	)
}

// NetBox keeps the id of a deleted object, but does not show it.
func TestFabricResource_referenceToAnObjectThatIsGone(t *testing.T) {
	t.Parallel()
	n := acctest.Start(t)
	one, _ := n.CustomField(t, acctest.CustomField{Type: "object", Related: "extras.tag"})
	many, _ := n.CustomField(t, acctest.CustomField{Type: "multiobject", Related: "extras.tag"})
	kept, _ := n.Tag(t, acctest.Name("kept"))
	lost, remove := n.Tag(t, acctest.Name("lost"))
	d := newDriver(t, n)
	number := func(id int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, id) }
	config := map[string]any{"name": acctest.Name("gone"), "custom_fields": fieldsOf(map[string]tftypes.Value{
		one: number(lost), many: tuple(number(lost), number(kept)).(tftypes.Value),
	})}
	made := d.do(nil, config)
	t.Cleanup(func() { _, _ = d.apply(made, nil, d.plan(made, nil)) })
	d.wantNoChange("made", made, config)
	remove()
	now := d.refresh(made)
	want := fmt.Sprint(map[string]any{one: nil, many: []any{kept}})
	if got := fmt.Sprint(d.attribute(now, "custom_fields")); got != want {
		t.Errorf("custom_fields %s, want %s", got, want)
	}
	f := newFieldUnderTest(t, n, many)
	f.driver, f.id = d, d.attribute(made, "id").(int64)
	f.wantShown(edge{stored: fmt.Sprintf("[%d]", kept)})
	f.key = one
	f.wantShown(edge{stored: "null"})
	d.wantChange(now, config)
	config["custom_fields"] = fieldsOf(map[string]tftypes.Value{many: tuple(number(kept)).(tftypes.Value)})
	made = d.do(now, config)
}

// Terraform's ignore_changes works as the documents say.
func TestAccFabricResource_ignoredCustomField(t *testing.T) {
	for form, c := range map[string]struct {
		fields, ignored string
		others          bool // whether other fields are still managed
	}{
		"an attribute of an object": {`{ owner = "a", rack_units = 1 }`, `custom_fields.owner`, true},
		"an index into an object":   {`{ owner = "a", rack_units = 1 }`, `custom_fields["owner"]`, false},
		"an index into a map":       {`tomap({ owner = "a", rack_units = "1" })`, `custom_fields["owner"]`, true},
	} {
		t.Run(form, func(t *testing.T) {
			n := acctest.Start(t)
			var id int64
			config := fabricConfig(n, acctest.Name("ignored"), fmt.Sprintf("custom_fields = %s\n  lifecycle {\n    "+
				"ignore_changes = [%s]\n  }", c.fields, c.ignored))
			action, units := plancheck.ResourceActionUpdate, "1"
			if !c.others {
				action, units = plancheck.ResourceActionNoop, "7"
			}
			acceptance(t,
				resource.TestStep{Config: config, Check: idOf(t, &id)},
				resource.TestStep{
					PreConfig: func() {
						n.Patch(t, id, map[string]any{"custom_fields": map[string]any{"owner": "x", "rack_units": 7}})
					},
					Config: config, ConfigPlanChecks: preApply(does(action)),
					Check: resource.ComposeTestCheckFunc(stored(t, n, &id, "owner", `"x"`), stored(t, n, &id,
						"rack_units", units)),
				},
			)
		})
	}
}

// No message shows the configured value of a custom field.
func TestFabricResource_messagesShowNoValueOfACustomField(t *testing.T) {
	const secret = "s3cr3t-value"
	for name, restricted := range map[string]bool{"with a permission on definitions": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			n, d := standinFor(t, restricted)
			wrong := map[string]tftypes.Value{
				"rack_units": textOf(secret), "power_draw": textOf(secret), "in_service": textOf(secret),
				"installed_on": textOf(secret),
				"reviewed_at":  textOf(secret), "runbook": textOf(secret), "tier": textOf(secret),
				"colours": textsOf("red", secret), "home_site": textOf(secret),
				"other_sites": textsOf(secret), "owner": tuple(textOf(secret)).(tftypes.Value), "nope": textOf(secret),
			}
			for key, v := range wrong {
				config := withFields(fieldsOf(map[string]tftypes.Value{key: v}))
				plan := d.tryPlan(nil, config)
				said := plan.Diagnostics
				if !hasError(said) {
					_, said = d.apply(nil, config, plan)
				}
				if got := render(said); !hasError(said) || strings.Contains(got, secret) {
					t.Errorf("%s: got %s", key, got)
				}
			}
			config := withFields(fieldsOf(map[string]tftypes.Value{"owner": textOf(secret)}))
			made := d.do(nil, config)
			changed := withFields(fieldsOf(map[string]tftypes.Value{"owner": textOf(secret + "-2")}))
			plan := d.plan(made, changed)
			id, _ := d.attribute(made, "id").(int64)
			n.Patch(t, id, map[string]any{"custom_fields": map[string]any{"owner": secret + "-3"}})
			_, said := d.apply(made, changed, plan)
			got := render(said)
			if !strings.Contains(got, "custom_fields.owner: changed to another value (not shown)") ||
				strings.Contains(got, secret) {
				t.Errorf("conflict: got %s", got)
			}
		})
	}
}
