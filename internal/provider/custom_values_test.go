package provider

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// otherForms returns a value in each type that a configuration may use for it.
func otherForms(v attr.Value) map[string]attr.Value {
	list, _ := types.ListValue(types.StringType, []attr.Value{types.StringValue("x")})
	set, _ := types.SetValue(types.NumberType, []attr.Value{types.NumberValue(big.NewFloat(1))})
	texts, _ := types.MapValue(types.StringType, map[string]attr.Value{"a": types.StringValue("x")})
	return map[string]attr.Value{
		"nothing": nil, "itself": v, "dynamic": types.DynamicValue(v), "text": types.StringValue("x"),
		"truth value": types.BoolNull(),
		"number":      types.NumberNull(), "list of texts": list, "set of numbers": set, "map of texts": texts,
		"null":       types.DynamicNull(),
		"no element": types.ListValueMust(types.BoolType, nil),
		"tuple":      types.TupleValueMust([]attr.Type{types.StringType}, []attr.Value{types.StringValue("x")}),
	}
}

// decodeText decodes JSON like an answer of NetBox.
func decodeText(text string) (any, bool) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err == nil && !beyond(v)
}

// beyond reports whether a value has a number with more digits than Terraform's numbers.
func beyond(v any) bool {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return err != nil || math.Abs(f) > 1e150
	case []any:
		for _, e := range v {
			if beyond(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if beyond(e) {
				return true
			}
		}
	}
	return false
}

// For any value of a custom field in NetBox, and any type in the configuration, Terraform has a
// value that means the same.
func FuzzFromJSON(f *testing.F) {
	for _, seed := range [][2]string{
		{`null`, `"x"`}, {`"x"`, `4`}, {`4`, `"4"`}, {`true`, `"true"`}, {`[1,"a",null]`, `["x"]`},
		{`{"a":{"b":[1.50]}}`, `{"a":{"b":["x"]}}`}, {`{"a":1,"b":"x"}`, `{"a":"1"}`}, {`[]`, `{}`}, {`[[],{}]`, `[1]`},
		{`9007199254740993`, `0.1`}, {`1e100`, `1`}, {`"\ud800"`, `""`}, {`{"":null}`, `{"":[]}`}, {`[{"a":1},{"b":2}]`,
			`[{"a":"x"}]`}, {`-0`, `0`}, {`[null,null]`, `[true]`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, stored, present string) {
		value, ok := decodeText(stored)
		other, both := decodeText(present)
		if !ok || !both {
			return
		}
		for name, like := range otherForms(fromJSON(other, nil)) {
			for kind, got := range map[string]attr.Value{
				fabric.CustomJSON: fromJSON(value, like), "": fromStored(fabric.CustomValue{Value: value}, like),
			} {
				if _, err := got.ToTerraformValue(t.Context()); err != nil {
					t.Errorf("%s %s like %s (%s): %v", kind, stored, present, name, err)
				}
				back, known := toJSON(got)
				if !known || !fabric.Equal(fabric.CustomField("x"), fabric.CustomValue{Type: kind, Value: value},
					back) {
					t.Errorf("%s %s like %s (%s) became %v", kind, stored, present, name, got)
				}
			}
		}
	})
}

func TestFromStored_keepsTheTypeOfTheConfigurationWhereItFits(t *testing.T) {
	list := types.ListValueMust(types.StringType, []attr.Value{types.StringValue("x")})
	set := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("x")})
	texts := types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringValue("x")})
	four := types.NumberValue(big.NewFloat(4))
	for name, c := range map[string]struct {
		kind   string
		stored string
		like   attr.Value
		want   attr.Value
	}{
		"a number for a text":          {"", `4`, types.StringValue("x"), types.StringValue("4")},
		"a number for a text, in JSON": {fabric.CustomJSON, `4`, types.StringValue("4"), four},
		"a truth value for a text":     {"", `true`, types.StringValue("x"), types.StringValue("true")},
		"a truth value in JSON":        {fabric.CustomJSON, `true`, types.StringValue("true"), types.BoolValue(true)},
		"a number for a truth value":   {"", `4`, types.BoolValue(true), four},
		"numbers for a list of texts": {"", `[4]`, list, types.ListValueMust(types.StringType,
			[]attr.Value{types.StringValue("4")})},
		"numbers for a list in JSON": {fabric.CustomJSON, `[4]`, list,
			types.TupleValueMust([]attr.Type{types.NumberType}, []attr.Value{four})},
		"a choice for a set": {"", `["a"]`, set, types.SetValueMust(types.StringType,
			[]attr.Value{types.StringValue("a")})},
		"null in a list of texts": {"", `[null]`, list, types.ListValueMust(types.StringType,
			[]attr.Value{types.StringNull()})},
		"an object in a list of texts": {"", `[{}]`, list,
			types.TupleValueMust([]attr.Type{types.ObjectType{AttrTypes: map[string]attr.Type{}}},
				[]attr.Value{types.ObjectValueMust(map[string]attr.Type{}, map[string]attr.Value{})})},
		"an object for a map of texts": {"", `{"a":"4"}`, texts, types.MapValueMust(types.StringType,
			map[string]attr.Value{"a": types.StringValue("4")})},
		"a number in a map of texts": {"", `{"a":4}`, texts,
			types.ObjectValueMust(map[string]attr.Type{"a": types.NumberType}, map[string]attr.Value{"a": four})},
		"a new key of another type in such a map": {"", `{"a":"x","b":4}`, texts, types.ObjectValueMust(
			map[string]attr.Type{"a": types.StringType, "b": types.NumberType},
			map[string]attr.Value{"a": types.StringValue("x"), "b": four})},
		"nothing for a text":              {"", `null`, types.StringValue("x"), types.StringNull()},
		"nothing that was never anything": {"", `null`, nil, types.DynamicNull()},
	} {
		value, _ := decodeText(c.stored)
		if got := fromStored(fabric.CustomValue{Type: c.kind, Value: value}, c.like); !got.Equal(c.want) {
			t.Errorf("%s: got %#v, want %#v", name, got, c.want)
		}
	}
}

func TestToJSON_numbersKeepTheirDigits(t *testing.T) {
	for _, text := range []string{"9007199254740993", "-9223372036854775808", "12.5", "1e-07", "0.12345678901234568"} {
		value := json.Number(text)
		back, known := toJSON(fromJSON(value, nil))
		if number, is := back.(json.Number); !known || !is || !fabric.Equal(fabric.CustomField("x"), number, value) {
			t.Errorf("%s became %v", text, back)
		}
	}
	if _, known := toJSON(types.ListValueMust(types.StringType, []attr.Value{types.StringUnknown()})); known {
		t.Error("got a known value for an unknown element")
	}
	if got, _ := toJSON(types.SetValueMust(types.StringType, []attr.Value{types.StringValue("b"),
		types.StringValue("a")})); !reflect.DeepEqual(got, fabric.Selection{"a", "b"}) {
		t.Errorf("a set became %v", got)
	}
}
