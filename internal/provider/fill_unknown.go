package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// fillUnknown replaces each value of a model that is not wholly known with that of another
// model. After a write, Terraform only accepts what the plan said. So a planned value is
// never changed.
//
// It finds the values by their types, so that it also fills new attributes.
func fillUnknown[M any](ctx context.Context, model, from *M) {
	fillStruct(ctx, reflect.ValueOf(model).Elem(), reflect.ValueOf(from).Elem())
}

func fillStruct(ctx context.Context, model, from reflect.Value) {
	for i := range model.NumField() {
		field := model.Field(i)
		if !field.CanInterface() { // shared values are embedded
			fillStruct(ctx, field, from.Field(i))
			continue
		}
		if value, ok := field.Interface().(attr.Value); ok && !whollyKnown(ctx, value) {
			field.Set(from.Field(i))
		}
	}
}

// whollyKnown reports whether a value, and everything in it, is known.
func whollyKnown(ctx context.Context, v attr.Value) bool {
	value, err := v.ToTerraformValue(ctx)
	return err == nil && value.IsFullyKnown()
}
