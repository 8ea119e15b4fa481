package provider

import (
	"encoding/json"
	"math/big"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// edge is an edge case of a custom field's value.
type edge struct {
	// declared is the value in a configuration, or nil for a value that only others store.
	declared any
	stored   string // by NetBox, in JSON
	// means is shared by all values that mean the same in a field of the type.
	means string
}

func textOf(s string) tftypes.Value     { return tftypes.NewValue(tftypes.String, s) }
func truth(b bool) tftypes.Value        { return tftypes.NewValue(tftypes.Bool, b) }
func amount(n float64) tftypes.Value    { return tftypes.NewValue(tftypes.Number, n) }
func nothing() tftypes.Value            { return tftypes.NewValue(tftypes.String, nil) }
func tuple(v ...tftypes.Value) any      { return tftypes.NewValue(tupleType(v), v) }
func textsOf(s ...string) tftypes.Value { return listOf(tftypes.List{ElementType: tftypes.String}, s) }
func setOf(s ...string) tftypes.Value   { return listOf(tftypes.Set{ElementType: tftypes.String}, s) }

func tupleType(values []tftypes.Value) tftypes.Tuple {
	types := []tftypes.Type{}
	for _, v := range values {
		types = append(types, v.Type())
	}
	return tftypes.Tuple{ElementTypes: types}
}

func listOf(kind tftypes.Type, all []string) tftypes.Value {
	elements := []tftypes.Value{}
	for _, s := range all {
		elements = append(elements, textOf(s))
	}
	return tftypes.NewValue(kind, elements)
}

// jsonObjectOf returns an object with one field, or an empty object if the key is "".
func jsonObjectOf(key string, v tftypes.Value) any {
	if key == "" {
		return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}, map[string]tftypes.Value{})
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{key: v.Type()}},
		map[string]tftypes.Value{key: v})
}

// edges returns values of every type of custom field, by the key of a field of the type.
func edges() map[string][]edge {
	none := edge{nothing(), `null`, "none"}
	likeText := []edge{
		none, {textOf(""), `""`, "none"}, {textOf("a"), `"a"`, "a"}, {textOf(" a "), `" a "`, "a"}, {textOf("4"), `"4"`,
			"4"}, {nil, `"4.0"`, "4.0"},
		{textOf("true"), `"true"`, "true"}, {textOf("2026-01-31T08:15:00Z"), `"2026-01-31T08:15:00Z"`, "a time"},
		{nil, `"2026-01-31T09:15:00+01:00"`, "the time elsewhere"}, {textOf("caf\u00e9"), `"caf\u00e9"`, "cafe"},
		{nil, `"cafe\u0301"`, "cafe"},
		{nil, `"[]"`, "brackets"},
	}
	numbers := []edge{
		none, {textOf(""), `null`, "none"}, {nil, `""`, "none"}, {amount(0), `0`, "0"}, {textOf("0"), `0`, "0"},
		{amount(4), `4`, "4"}, {textOf("4"), `4`, "4"}, {textOf("1e3"), `1000`, "1000"}, {amount(-4), `-4`, "-4"},
		{amount(9007199254740992), `9007199254740992`, "2^53"}, {nil, `9007199254740993`, "2^53+1"},
	}
	return map[string][]edge{
		"owner": likeText,
		"notes": {none, {textOf(""), `""`, "none"}, {textOf("a\nb"), `"a\nb"`, "lines"}, {nil, `"a\r\nb"`, "lines"},
			{nil, `"a\n\nb"`, "more lines"},
			{textOf("2026-01-31 08:15"), `"2026-01-31 08:15"`, "a time"}, {nil, `"2026-01-31T08:15:00"`,
				"the time otherwise"}},
		"runbook": {none, {textOf(""), `""`, "none"}, {textOf("https://a.example.com/"), `"https://a.example.com/"`,
			"a"},
			{nil, `"https://a.example.com"`, "no slash"}},
		"rack_units": numbers,
		"power_draw": {none, {textOf(""), `null`, "none"}, {amount(0), `0`, "0"}, {amount(12.5), `12.5`, "12.5"},
			{textOf("12.50"), `12.5`, "12.5"},
			{nil, `"12.5"`, "12.5"}, {nil, `12.51`, "12.51"}, {textOf("1e3"), `1000`, "1000"}},
		"in_service": {none, {textOf(""), `null`, "none"}, {truth(false), `false`, "false"}, {textOf("false"),
			`false`, "false"}, {truth(true), `true`, "true"}},
		"installed_on": {none, {textOf(""), `null`, "none"}, {textOf("2026-01-31"), `"2026-01-31"`, "day"},
			{textOf("2026-02-01"), `"2026-02-01"`, "next day"}},
		"reviewed_at": {none, {textOf(""), `null`, "none"}, {textOf("2026-01-31T08:15:00Z"), `"2026-01-31T08:15:00Z"`,
			"instant"},
			{textOf("2026-01-31T09:15:00+01:00"), `"2026-01-31T09:15:00+01:00"`, "instant"},
			{nil, `"2026-01-31 08:15:00+00:00"`, "instant"}, {textOf("2026-01-31T08:15:00"), `"2026-01-31T08:15:00"`,
				"no zone"}, {nil, `"2026-01-31 08:15:00"`, "no zone"},
			{textOf("2026-01-31T08:15:01Z"), `"2026-01-31T08:15:01Z"`, "a second later"}},
		"tier": {none, {textOf(""), `null`, "none"}, {textOf("gold"), `"gold"`, "gold"}, {textOf("silver"),
			`"silver"`, "silver"}},
		"colours": {none, {tuple(), `[]`, "none"}, {textsOf(), `[]`, "none"}, {textsOf("red"), `["red"]`, "red"},
			{setOf("red"), `["red"]`, "red"},
			{tuple(textOf("red"), textOf("blue")), `["red","blue"]`, "both"}, {setOf("red", "blue"), `["blue","red"]`,
				"both"}, {nil, `["blue","red"]`, "both"}},
		"home_site": {none, {textOf(""), `null`, "none"}, {amount(1), `1`, "1"}, {textOf("1"), `1`, "1"},
			{amount(2), `2`, "2"}},
		"other_sites": {none, {tuple(), `[]`, "none"}, {tuple(amount(1)), `[1]`, "1"}, {textsOf("1"), `[1]`, "1"},
			{textsOf("2", "1"), `[2,1]`, "both"},
			{nil, `[1,2]`, "both"}},
		"facts": {
			none, {textOf(""), `""`, "empty text"}, {tuple(), `[]`, "empty list"}, {textsOf(), `[]`, "empty list"},
			{jsonObjectOf("", nothing()), `{}`, "empty object"}, {textOf("5"), `"5"`, "text"}, {amount(5), `5`,
				"number"}, {textOf("true"), `"true"`, "word"}, {truth(true), `true`, "true"}, {amount(0), `0`, "zero"},
			{truth(false), `false`, "false"}, {textOf("2026-01-31T08:15:00Z"), `"2026-01-31T08:15:00Z"`, "a time"},
			{nil, `"2026-01-31T09:15:00+01:00"`, "the time elsewhere"}, {tuple(nothing()), `[null]`, "list of null"},
			{textsOf("1", "2"), `["1","2"]`, "texts"}, {nil, `["2","1"]`, "texts in another order"}, {nil, `[1,2]`,
				"numbers"}, {jsonObjectOf("a", nothing()), `{"a":null}`, "a null"},
			{jsonObjectOf("a", textOf("5")), `{"a":"5"}`, "a text"}, {nil, `{"a":5}`, "a number"},
			{jsonObjectOf("caf\u00e9", truth(true)), `{"caf\u00e9":true}`, "cafe"}, {nil, `{"cafe\u0301":true}`,
				"cafe"}, {jsonObjectOf("value", jsonObjectOf("label", textOf("x")).(tftypes.Value)),
				`{"value":{"label":"x"}}`, "a label"},
		},
	}
}

// Every value of every type of custom field can be stored, changed to every other value, and
// cleared, and the next plan is empty. A change by hand is drift, and the data source shows
// NetBox's value.
func TestFabricResource_customFieldMatrix(t *testing.T) {
	t.Parallel()
	n := acctest.Start(t)
	for key, all := range edges() {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			f := newFieldUnderTest(t, n, key)
			some := slices.IndexFunc(all, func(e edge) bool { return e.declared != nil && e.means != "none" })
			f.declare(all[some])
			for _, e := range all {
				f.store(e)
				f.wantShown(e)
				f.store(all[some])
			}
			for i, a := range all {
				if a.declared == nil {
					continue
				}
				f.declare(a)
				for _, b := range all {
					f.changedByHand(a, b)
				}
				for _, b := range all[i+1:] {
					if b.declared != nil {
						f.declare(b)
						f.declare(a)
					}
				}
				f.remove()
			}
		})
	}
}

// fieldUnderTest is a custom field of one fabric.
type fieldUnderTest struct {
	*driver
	n     *acctest.NetBox
	name  string
	key   string
	id    int64
	state *instance
	has   edge // what NetBox has
}

func newFieldUnderTest(t *testing.T, n *acctest.NetBox, key string) *fieldUnderTest {
	t.Helper()
	f := &fieldUnderTest{driver: newDriver(t, n), n: n, name: acctest.Name("matrix-" + key), key: key}
	f.id = n.Create(t, map[string]any{"name": f.name})
	f.state, _ = f.read(&instance{value: f.config(map[string]any{"id": f.id})})
	f.has = edge{nothing(), "null", "none"}
	return f
}

func (f *fieldUnderTest) configuration(v any) map[string]any {
	values := map[string]any{"name": f.name}
	if v, declared := v.(tftypes.Value); declared {
		values["custom_fields"] = jsonObjectOf(f.key, v)
	}
	return values
}

// store stores a value outside of Terraform.
func (f *fieldUnderTest) store(e edge) {
	f.t.Helper()
	f.n.Patch(f.t, f.id, map[string]any{"custom_fields": map[string]any{f.key: json.RawMessage(e.stored)}})
	f.has = e
}

// declare applies a value. Afterwards NetBox has it, or still has a value that means the same.
func (f *fieldUnderTest) declare(e edge) {
	f.t.Helper()
	config := f.configuration(e.declared)
	f.state = f.do(f.state, config)
	want := e
	if e.means == f.has.means {
		want = f.has
	}
	if f.wantStored("declared", e, want.stored, e.stored); f.has.means != e.means {
		f.has = e
	}
	f.wantNoChange("declared "+e.stored, f.state, config)
}

// changedByHand stores another value outside of Terraform. It is a change in the next plan unless
// it means the same.
func (f *fieldUnderTest) changedByHand(a, b edge) {
	f.t.Helper()
	f.store(b)
	config := f.configuration(a.declared)
	state := f.refresh(f.state)
	plan := f.plan(state, config)
	changed := !f.value(plan.PlannedState).Equal(state.value)
	if changed != (a.means != b.means) {
		f.t.Errorf("%s, by hand %s: planned a change %t", a.stored, b.stored, changed)
	}
	next, diagnostics := f.apply(state, config, plan)
	f.must(nil, diagnostics)
	f.state = next
	if changed {
		f.has = a
		f.wantStored("restored", a, a.stored)
	}
}

// remove removes the field from the configuration, which clears it.
func (f *fieldUnderTest) remove() {
	f.t.Helper()
	f.state = f.do(f.state, f.configuration(nil))
	if f.has.means != "none" {
		f.wantStored("removed", f.has, "null")
		f.has = edge{nothing(), "null", "none"}
	}
	f.wantNoChange("removed", f.state, f.configuration(nil))
}

// wantStored compares what NetBox stores with one of two values.
func (f *fieldUnderTest) wantStored(what string, e edge, want ...string) {
	f.t.Helper()
	got := withDigits(f.t, f.n.CustomFieldData(f.t, f.id)[f.key])
	if !slices.ContainsFunc(want, func(one string) bool { return sameJSON(f.t, got, one) }) {
		f.t.Errorf("%s %s (%s): NetBox stores %v, want %s", what, e.stored, e.means, got, want)
	}
}

// sameJSON compares a value with JSON, regardless of how numbers are written.
func sameJSON(t *testing.T, got any, want string) bool {
	t.Helper()
	return fabric.Equal(fabric.CustomField("x"), fabric.CustomValue{Type: fabric.CustomJSON, Value: got},
		withDigits(t, []byte(want)))
}

// wantShown compares the data source with what NetBox stores.
func (f *fieldUnderTest) wantShown(e edge) {
	f.t.Helper()
	var fields map[string]tftypes.Value
	must(f.t, part(f.t, f.data(fabricType, map[string]any{"id": f.id}), "custom_fields").As(&fields))
	if got := jsonIn(f.t, fields[f.key]); !sameJSON(f.t, got, e.stored) {
		f.t.Errorf("the data source shows %v, want %s", got, e.stored)
	}
}

// jsonIn returns the JSON for a Terraform value.
func jsonIn(t *testing.T, v tftypes.Value) any {
	t.Helper()
	switch {
	case v.IsNull():
		return nil
	case v.Type().Is(tftypes.Number):
		n := new(big.Float)
		must(t, v.As(&n))
		return json.Number(n.Text('g', -1))
	case v.Type().Is(tftypes.Object{}):
		var fields map[string]tftypes.Value
		must(t, v.As(&fields))
		values := map[string]any{}
		for key, field := range fields {
			values[key] = jsonIn(t, field)
		}
		return values
	case v.Type().Is(tftypes.Tuple{}):
		var elements []tftypes.Value
		must(t, v.As(&elements))
		values := []any{}
		for _, e := range elements {
			values = append(values, jsonIn(t, e))
		}
		return values
	}
	return raw(t, v)
}
