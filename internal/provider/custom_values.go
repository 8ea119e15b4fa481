package provider

import (
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// numberPrecision is the precision of Terraform's numbers, in bits.
const numberPrecision = 512

// toJSON returns a value of the configuration as JSON, with all the digits of its numbers.
// known is false if a part of it is unknown.
func toJSON(v attr.Value) (value any, known bool) {
	switch {
	case v == nil || v.IsNull():
		return nil, true
	case v.IsUnknown():
		return nil, false
	}
	switch v := v.(type) {
	case types.Dynamic:
		return toJSON(v.UnderlyingValue())
	case types.String:
		return v.ValueString(), true
	case types.Bool:
		return v.ValueBool(), true
	case types.Number:
		return numberText(v.ValueBigFloat()), true
	case types.Object:
		return jsonObject(v.Attributes())
	case types.Map:
		return jsonObject(v.Elements())
	case types.List:
		return jsonList(v.Elements())
	case types.Tuple:
		return jsonList(v.Elements())
	case types.Set:
		return jsonSet(v.Elements())
	}
	return nil, true // Terraform has no other types
}

func jsonObject(fields map[string]attr.Value) (any, bool) {
	object, known := make(map[string]any, len(fields)), true
	for key, v := range fields {
		value, ok := toJSON(v)
		object[key], known = value, known && ok
	}
	return object, known
}

func jsonList(elements []attr.Value) (any, bool) {
	list, known := make([]any, len(elements)), true
	for i, v := range elements {
		value, ok := toJSON(v)
		list[i], known = value, known && ok
	}
	return list, known
}

// jsonSet returns the elements of a set in a fixed order.
func jsonSet(elements []attr.Value) (any, bool) {
	list, known := jsonList(elements)
	values, _ := list.([]any)
	slices.SortFunc(values, func(a, b any) int { return slices.Compare(jsonText(a), jsonText(b)) })
	return fabric.Selection(values), known
}

func jsonText(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // only JSON values come here
	}
	return raw
}

// numberText writes a number with as many digits as it takes to read it back.
func numberText(f *big.Float) json.Number {
	if f.IsInt() {
		return json.Number(f.Text('f', 0))
	}
	return json.Number(f.Text('g', -1))
}

// fromStored returns NetBox's value of a custom field in the type of the present value, as
// far as it fits. In a map or list of strings, numbers, booleans and ids are strings. JSON
// stays as it is.
func fromStored(stored fabric.CustomValue, like attr.Value) attr.Value {
	if stored.Type == fabric.CustomJSON || stored.Type == fabric.CustomUntyped {
		return fromJSON(stored.Value, like)
	}
	switch v := stored.Value.(type) {
	case []any:
		return listFrom(v, like, func(v any, like attr.Value) attr.Value {
			if id, isNumber := v.(json.Number); isNumber && isText(like) {
				return types.StringValue(id.String())
			}
			return fromJSON(v, like)
		})
	case bool, json.Number:
		if isText(like) {
			return types.StringValue(string(jsonText(v)))
		}
	}
	return fromJSON(stored.Value, like)
}

func isText(v attr.Value) bool {
	_, ok := underlying(v).(types.String)
	return ok
}

// fromJSON returns a value from NetBox in the type of a present value, as far as it fits,
// and in its natural type otherwise.
func fromJSON(v any, like attr.Value) attr.Value {
	like = underlying(like)
	switch v := v.(type) {
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case json.Number:
		return numberFrom(v)
	case []any:
		return listFrom(v, like, fromJSON)
	case map[string]any:
		return objectFrom(v, like)
	}
	return nullLike(like)
}

func underlying(v attr.Value) attr.Value {
	if dynamic, ok := v.(types.Dynamic); ok {
		return dynamic.UnderlyingValue()
	}
	return v
}

// nullLike returns the null value of a value's type, so that it fits into the same list or
// map.
func nullLike(like attr.Value) attr.Value {
	if like == nil {
		return types.DynamicNull()
	}
	ctx := context.Background()
	kind := like.Type(ctx)
	null, err := kind.ValueFromTerraform(ctx, tftypes.NewValue(kind.TerraformType(ctx), nil))
	if err != nil {
		return types.DynamicNull()
	}
	return null
}

func numberFrom(n json.Number) attr.Value {
	f, _, err := big.ParseFloat(n.String(), 10, numberPrecision, big.ToNearestEven)
	if err != nil { // too large for Terraform's numbers
		return types.StringValue(n.String())
	}
	return types.NumberValue(f)
}

func listFrom(values []any, like attr.Value, element func(v any, like attr.Value) attr.Value) attr.Value {
	like = underlying(like)
	present, elementType := elementsOf(like)
	elements := make([]attr.Value, len(values))
	for i, v := range values {
		var as attr.Value
		if len(present) > 0 {
			as = present[min(i, len(present)-1)]
		}
		elements[i] = element(v, as)
	}
	switch like.(type) {
	case types.List:
		if list, diags := types.ListValue(elementType, elements); !diags.HasError() {
			return list
		}
	case types.Set:
		if set, diags := types.SetValue(elementType, elements); !diags.HasError() {
			return set
		}
	}
	return types.TupleValueMust(typesOf(elements), elements)
}

func elementsOf(v attr.Value) ([]attr.Value, attr.Type) {
	switch v := v.(type) {
	case types.List:
		return v.Elements(), v.ElementType(context.Background())
	case types.Set:
		return v.Elements(), v.ElementType(context.Background())
	case types.Tuple:
		return v.Elements(), nil
	}
	return nil, nil
}

func objectFrom(values map[string]any, like attr.Value) attr.Value {
	var present map[string]attr.Value
	switch v := like.(type) {
	case types.Object:
		present = v.Attributes()
	case types.Map:
		present = v.Elements()
	}
	fields := make(map[string]attr.Value, len(values))
	for key, v := range values {
		fields[key] = fromJSON(v, present[key])
	}
	if like == nil {
		return objectOf(fields)
	}
	return likeFields(like, fields)
}

func objectOf(fields map[string]attr.Value) attr.Value {
	fieldTypes := make(map[string]attr.Type, len(fields))
	for key, v := range fields {
		fieldTypes[key] = v.Type(context.Background())
	}
	return types.ObjectValueMust(fieldTypes, maps.Clone(fields))
}

// customFieldsOf returns the values of all of a fabric's custom fields.
func customFieldsOf(f *fabric.Fabric) attr.Value {
	values := make(map[string]any, len(f.CustomFields))
	for key, v := range f.CustomFields {
		values[key] = v.Value
	}
	return fromJSON(values, nil)
}

func typesOf(values []attr.Value) []attr.Type {
	all := make([]attr.Type, len(values))
	for i, v := range values {
		all[i] = v.Type(context.Background())
	}
	return all
}
