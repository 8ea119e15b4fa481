package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// fillUnknown gives each value of a model that is not wholly known the one of another
// model. Terraform takes from a write only what its plan had said, so a model that was
// planned is never changed where it had a value.
//
// It finds the values by their types, so that a new attribute is filled as well.
func fillUnknown[M any](ctx context.Context, model, from *M) {
	fillStruct(ctx, reflect.ValueOf(model).Elem(), reflect.ValueOf(from).Elem())
}

func fillStruct(ctx context.Context, model, from reflect.Value) {
	for i := range model.NumField() {
		field := model.Field(i)
		if !field.CanInterface() { // values that models share are embedded
			fillStruct(ctx, field, from.Field(i))
			continue
		}
		if value, ok := field.Interface().(attr.Value); ok && !whollyKnown(ctx, value) {
			field.Set(from.Field(i))
		}
	}
}

// whollyKnown reports whether a value is known, and everything in it.
func whollyKnown(ctx context.Context, v attr.Value) bool {
	value, err := v.ToTerraformValue(ctx)
	return err == nil && value.IsFullyKnown()
}
