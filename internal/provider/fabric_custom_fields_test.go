package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// stored checks a custom field's value in NetBox, in JSON.
func stored(t *testing.T, n *acctest.NetBox, id *int64, key, want string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		raw := n.CustomFieldData(t, *id)[key]
		if got, expected := withDigits(t, raw), withDigits(t, []byte(want)); !reflect.DeepEqual(got, expected) {
			return fmt.Errorf("NetBox has %s = %s, want %s", key, raw, want)
		}
		return nil
	}
}

// withDigits decodes JSON with all digits of its numbers. An empty text is null.
func withDigits(t *testing.T, raw []byte) any {
	t.Helper()
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	must(t, d.Decode(&v))
	return v
}

// customFieldCase is a type of custom field with configured values and what NetBox should
// store for them.
type customFieldCase struct {
	key              string
	first, firstJSON string
	second, then     string
	byHand           any              // set behind Terraform's back
	shown            knownvalue.Check // how the data source shows the second
	wrong, says      string           // a value refused at plan, and the words
}

func customFieldCases() map[string]customFieldCase {
	text := knownvalue.StringExact
	return map[string]customFieldCase{
		"text": {"owner", `"netops"`, `"netops"`, `" Ünïcode \"quoted\" "`, `" Ünïcode \"quoted\" "`, "somebody",
			text(" Ünïcode \"quoted\" "),
			`4`, "must be a string (put the value into quotes)"},
		"longtext": {"notes", "<<-EOT\n  two\n  lines\n  EOT\n", `"two\nlines\n"`, `"one line"`, `"one line"`,
			"by hand", text("one line"),
			`["x"]`, "must be a string"},
		"integer": {"rack_units", `4`, `4`, `9007199254740993`, `9007199254740993`, 7, nil, `"four"`,
			"must be a number"},
		"decimal": {"power_draw", `12.50`, `12.5`, `0.1234567890123`, `0.1234567890123`, 7.25, nil, `true`,
			"must be a number"},
		"boolean": {"in_service", `true`, `true`, `false`, `false`, true, knownvalue.Bool(false), `"yes"`,
			"must be true or false"},
		"date": {"installed_on", `"2026-01-31"`, `"2026-01-31"`, `"2027-02-28"`, `"2027-02-28"`, "2025-05-05",
			text("2027-02-28"),
			`"31.1.2026"`, "must be a date such as"},
		"datetime": {"reviewed_at", `"2026-01-31T08:15:00Z"`, `"2026-01-31T08:15:00Z"`, `"2026-01-31T09:15:00+02:00"`,
			`"2026-01-31T09:15:00+02:00"`, "2025-05-05T05:05:05Z", text("2026-01-31T09:15:00+02:00"), `"yesterday"`,
			"must be a date with time such as"},
		"url": {"runbook", `"https://wiki.example.com/a?b=c#d"`, `"https://wiki.example.com/a?b=c#d"`,
			`"https://wiki.example.com/"`,
			`"https://wiki.example.com/"`, "https://other.example.com/", text("https://wiki.example.com/"), `"wiki"`,
			"must be an absolute URL"},
		"json": {"facts", `{ a = 1, list = [true, null, "x"], deep = { b = 0.5 } }`, `{"a":1,"list":[true,null,"x"],` +
			`"deep":{"b":0.5}}`,
			`[1, { two = "2" }]`, `[1,{"two":"2"}]`, map[string]any{"other": []int{1}}, nil, "", ""},
		"select": {"tier", `"gold"`, `"gold"`, `"silver"`, `"silver"`, "gold", text("silver"), `"bronze"`,
			`must be one of "gold" or "silver"`},
		"multiselect": {"colours", `["blue", "red"]`, `["blue","red"]`, `["green"]`, `["green"]`, []string{"red"},
			knownvalue.TupleExact([]knownvalue.Check{text("green")}), `["red", "pink"]`, "each element one of"},
		"object": {"home_site", `1`, `1`, `2`, `2`, 1, nil, `"Test site"`, "must be the id of an object of type " +
			"dcim.site"},
		"multiobject": {"other_sites", `[2, 1]`, `[2,1]`, `[1]`, `[1]`, []int{2}, nil, `["Test site"]`,
			"must be a list of ids of objects of type dcim.site"},
	}
}

func TestAccFabricResource_customFieldOfEachType(t *testing.T) {
	t.Parallel()
	for kind, c := range customFieldCases() {
		t.Run(kind, func(t *testing.T) {
			n := acctest.Start(t)
			var id int64
			name := acctest.Name("custom-" + kind)
			config := func(body string) string { return fabricConfig(n, name, body) }
			declared := func(value string) string {
				return config(fmt.Sprintf("custom_fields = {\n    %s = %s\n  }", c.key, value))
			}
			steps := []resource.TestStep{
				{Config: declared(c.first), Check: resource.ComposeTestCheckFunc(idOf(t, &id), stored(t, n, &id, c.key,
					c.firstJSON))},
				{Config: declared(c.first), ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan())},
				{Config: declared(c.second), ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
					Check: stored(t, n, &id, c.key, c.then)},
				{
					PreConfig: func() {
						n.Patch(t, id,
							map[string]any{"custom_fields": map[string]any{c.key: c.byHand}})
					},
					Config:           declared(c.second),
					ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
					Check:            stored(t, n, &id, c.key, c.then),
				},
				{ // emptied by hand
					PreConfig: func() {
						n.Patch(t, id,
							map[string]any{"custom_fields": map[string]any{c.key: nil}})
					},
					Config:           declared(c.second),
					ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
					Check:            stored(t, n, &id, c.key, c.then),
				},
				{Config: declared("null"), Check: stored(t, n, &id, c.key, "null")},
				{ // declared to be empty, and filled by hand
					PreConfig: func() {
						n.Patch(t, id,
							map[string]any{"custom_fields": map[string]any{c.key: c.byHand}})
					},
					Config:           declared("null"),
					ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
					Check:            stored(t, n, &id, c.key, "null"),
				},
				{Config: declared(c.first), Check: stored(t, n, &id, c.key, c.firstJSON)},
				{Config: declared("terraform_data.later.output") + fmt.Sprintf("resource \"terraform_data\" "+
					"\"later\" {\n  input = %s\n}\n", c.second),
					ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)), Check: stored(t, n, &id,
						c.key, c.then)},
				{Config: config(""), ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)), Check: stored(t,
					n, &id, c.key, "null")},
			}
			if c.wrong != "" {
				steps = append(steps, resource.TestStep{
					Config: declared(c.wrong), PlanOnly: true, ExpectError: says(c.says),
				})
			}
			steps = append(steps, resource.TestStep{Config: declared(c.second)}, dataSourceStep(declared(c.second), c))
			acceptance(t, steps...)
		})
	}
}

func dataSourceStep(config string, c customFieldCase) resource.TestStep {
	step := resource.TestStep{Config: config + "data \"hedgehog_fabric\" \"test\" {\n  id = " +
		"hedgehog_fabric.test.id\n}\n"}
	if c.shown != nil {
		step.ConfigStateChecks = has(dataAddress, want{"custom_fields." + c.key: c.shown})
	}
	return step
}

func TestAccFabricResource_customFieldsFromModules(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("custom-map")
	var id int64
	config := func(value string) string { return fabricConfig(n, name, "custom_fields = "+value) }
	empty := preApply(plancheck.ExpectEmptyPlan())
	acceptance(t,
		// All values of a map have the same type, so numbers and booleans become strings.
		resource.TestStep{
			Config: config(`tomap({ owner = "netops", rack_units = 4, in_service = true, power_draw = 1.5, home_site ` +
				`= 1 })`),
			Check: resource.ComposeTestCheckFunc(idOf(t, &id), stored(t, n, &id, "rack_units", "4"), stored(t, n, &id,
				"in_service", "true"),
				stored(t, n, &id, "power_draw", "1.5"), stored(t, n, &id, "home_site", "1")),
			ConfigStateChecks: has(address, want{"custom_fields.rack_units": "4"}),
		},
		resource.TestStep{Config: config(`tomap({ owner = "netops", rack_units = 4, in_service = true, power_draw = ` +
			`1.5, home_site = 1 })`), ConfigPlanChecks: empty},
		resource.TestStep{Config: config(`tomap({ colours = tolist(["red", "blue"]) })`), Check: stored(t, n, &id,
			"colours", `["red","blue"]`)},
		resource.TestStep{Config: config(`tomap({ colours = toset(["red", "blue"]) })`), ConfigPlanChecks: empty},
		resource.TestStep{Config: config(`{ other_sites = tolist(["1", "2"]) }`), Check: stored(t, n, &id,
			"other_sites", "[1,2]")},
		resource.TestStep{Config: config(`{ other_sites = tolist(["1", "2"]) }`), ConfigPlanChecks: empty},
		resource.TestStep{
			PreConfig: func() {
				n.Patch(t, id,
					map[string]any{"custom_fields": map[string]any{"other_sites": []int{2}}})
			},
			Config: config(`{ other_sites = tolist(["1", "2"]) }`), Check: stored(t, n, &id, "other_sites", "[1,2]"),
			ConfigStateChecks: has(address, want{
				"custom_fields.other_sites": knownvalue.ListExact([]knownvalue.Check{exactly("1"), exactly("2")}),
			}),
		},
		resource.TestStep{Config: config(`{}`), Check: stored(t, n, &id, "other_sites", "null")},
	)
}

func TestAccFabricResource_customFieldsNotDeclaredAreLeftAlone(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("custom-foreign")
	var id int64
	acceptance(t,
		resource.TestStep{Config: fabricConfig(n, name, `custom_fields = { owner = "netops" }`), Check: idOf(t, &id)},
		resource.TestStep{
			PreConfig: func() {
				n.Patch(t, id, map[string]any{"custom_fields": map[string]any{"notes": "by hand", "rack_units": 9}})
			},
			Config:           fabricConfig(n, name, `custom_fields = { owner = "netops" }`),
			ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan()),
		},
		resource.TestStep{
			Config: fabricConfig(n, name, `custom_fields = { rack_units = 9 }`),
			Check: resource.ComposeTestCheckFunc(stored(t, n, &id, "notes", `"by hand"`), stored(t, n, &id, "owner",
				"null"), stored(t, n, &id, "rack_units", "9")),
		},
		// For NetBox, "" and a missing value mean the same.
		resource.TestStep{Config: fabricConfig(n, name, `custom_fields = { rack_units = 9, owner = "" }`)},
		resource.TestStep{Config: fabricConfig(n, name, `custom_fields = { rack_units = 9, owner = "" }`),
			ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan())},
	)
}

func TestAccFabricResource_customFieldErrorsNameTheirKeys(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("custom-wrong")
	config := func(value string) string { return fabricConfig(n, name, "custom_fields = "+value) }
	later := "resource \"terraform_data\" \"later\" {\n  input = \"bronze\"\n}\n"
	acceptance(t,
		resource.TestStep{Config: config(`{ nope = 1 }`), PlanOnly: true, ExpectError: says(`NetBox has no custom ` +
			`field "nope" for fabrics`)},
		resource.TestStep{Config: config(`tomap({ nope = 1 })`), PlanOnly: true,
			ExpectError: says(`NetBox has no custom field "nope" for fabrics`)},
		resource.TestStep{Config: config(`["owner"]`), PlanOnly: true, ExpectError: says("custom_fields must be an " +
			"object or a map")},
		resource.TestStep{Config: config(`{ tier = terraform_data.later.output }`) + later,
			ExpectError: says(`must be one of "gold" or "silver"`)},
	)
	if named := n.Named(t, name); len(named) != 0 {
		t.Errorf("NetBox has the fabric %v", named)
	}
}
