package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const customFieldsName = "custom_fields"

// customFieldsAttribute manages the custom fields that the configuration declares, each as
// a separate attribute. It leaves all others alone.
func customFieldsAttribute() managedAttribute {
	return managedAttribute{
		name: customFieldsName, optional: true, cleared: nil,
		values: func(m *fabricModel, into fabric.Attributes) bool {
			declared, unknown := declaredFields(m.CustomFields)
			values := fabric.Attributes{}
			for key, v := range declared {
				value, known := toJSON(v)
				values[fabric.CustomField(key)] = value
				unknown = unknown || !known
			}
			if !unknown {
				maps.Copy(into, values)
			}
			return !unknown
		},
		null: func(m *fabricModel) bool { return m.CustomFields.IsNull() || m.CustomFields.IsUnderlyingValueNull() },
		take: func(m, from *fabricModel) { m.CustomFields = from.CustomFields },
		read: readCustomFields,
	}
}

// declaredFields returns the values of an object or map by key, and whether its keys are
// unknown.
func declaredFields(v types.Dynamic) (fields map[string]attr.Value, unknown bool) {
	if v.IsUnknown() || v.IsUnderlyingValueUnknown() {
		return nil, true
	}
	switch v := v.UnderlyingValue().(type) {
	case types.Object:
		return v.Attributes(), false
	case types.Map:
		return v.Elements(), false
	}
	return nil, false
}

// readCustomFields copies NetBox's values of the declared fields to the model. A field that
// NetBox no longer defines becomes null.
func readCustomFields(m *fabricModel, stored fabric.Attributes) {
	declared, unknown := declaredFields(m.CustomFields)
	if unknown || declared == nil {
		return
	}
	fields, changed := make(map[string]attr.Value, len(declared)), false
	for key, present := range declared {
		now, _ := stored[fabric.CustomField(key)].(fabric.CustomValue)
		fields[key] = present
		if value, _ := toJSON(present); !fabric.Equal(fabric.CustomField(key), value, now) {
			fields[key], changed = fromStored(now, present), true
		}
	}
	if changed {
		m.CustomFields = types.DynamicValue(likeFields(m.CustomFields.UnderlyingValue(), fields))
	}
}

// likeFields returns a map if the declared fields are a map whose type still fits the
// values, and an object otherwise.
func likeFields(declared attr.Value, fields map[string]attr.Value) attr.Value {
	if m, isMap := declared.(types.Map); isMap {
		if fitting, diags := types.MapValue(m.ElementType(context.Background()), fields); !diags.HasError() {
			return fitting
		}
	}
	return objectOf(fields)
}

// pathOf returns the configuration path of a NetBox field.
func (m *fabricModel) pathOf(field string) path.Path {
	if key, custom := fabric.CustomFieldKey(field); custom {
		return customFieldPath(m.CustomFields, key)
	}
	return path.Root(field)
}

// customFieldPath returns the configuration path of a declared field.
func customFieldPath(v types.Dynamic, key string) path.Path {
	declared, _ := declaredFields(v)
	if _, there := declared[key]; !there {
		return path.Root(customFieldsName)
	}
	// The CLI finds the line of a map key, even in an object. It finds the line of an
	// object's attribute only if the schema has it.
	return path.Root(customFieldsName).AtMapKey(key)
}

// customFieldsShape accepts an object or a map.
type customFieldsShape struct{}

func (customFieldsShape) Description(context.Context) string { return "an object or a map" }

func (r customFieldsShape) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (customFieldsShape) ValidateDynamic(_ context.Context, req validator.DynamicRequest,
	resp *validator.DynamicResponse) {
	v := req.ConfigValue
	if v.IsNull() || v.IsUnknown() || v.IsUnderlyingValueNull() || v.IsUnderlyingValueUnknown() {
		return
	}
	switch v.UnderlyingValue().(type) {
	case types.Object, types.Map:
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid custom fields",
		"custom_fields must be an object or a map: the names of custom fields and their values, such as "+
			"{ owner = \"netops\", rack_units = 4 }.")
}
