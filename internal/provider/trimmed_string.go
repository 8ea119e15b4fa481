package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// trimmedStringType is the type of texts that NetBox trims: two are equal when
// NetBox would store the same for both in this field.
type trimmedStringType struct {
	basetypes.StringType
	field string // NetBox's field name
}

var _ basetypes.StringTypable = trimmedStringType{}

// String implements attr.Type.
func (t trimmedStringType) String() string { return "trimmedStringType[" + t.field + "]" }

// Equal implements attr.Type.
func (t trimmedStringType) Equal(other attr.Type) bool {
	o, ok := other.(trimmedStringType)
	return ok && t.field == o.field
}

// ValueType implements attr.Type.
func (t trimmedStringType) ValueType(context.Context) attr.Value {
	return trimmedString{field: t.field}
}

// ValueFromString implements basetypes.StringTypable.
func (t trimmedStringType) ValueFromString(_ context.Context, v basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return trimmedString{v, t.field}, nil
}

// ValueFromTerraform implements attr.Type.
func (t trimmedStringType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	v, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	s, ok := v.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value of type %T", v)
	}
	return trimmedString{s, t.field}, nil
}

// trimmedString is a value of trimmedStringType.
type trimmedString struct {
	basetypes.StringValue
	field string
}

var _ basetypes.StringValuableWithSemanticEquals = trimmedString{}

// Type implements attr.Value.
func (v trimmedString) Type(context.Context) attr.Type { return trimmedStringType{field: v.field} }

// Equal implements attr.Value. It is exact.
func (v trimmedString) Equal(other attr.Value) bool {
	o, ok := other.(trimmedString)
	return ok && v.StringValue.Equal(o.StringValue)
}

// StringSemanticEquals tells whether NetBox stores both as the same text.
func (v trimmedString) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(trimmedString)
	return ok && fabric.Equal(v.field, v.ValueString(), o.ValueString()), nil
}
