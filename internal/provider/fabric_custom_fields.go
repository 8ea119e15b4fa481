package provider

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const customFieldsName = "custom_fields"

// customFieldsAttribute manages the custom fields that the configuration
// declares, each as an attribute of its own; all others are left alone.
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

// declaredFields returns the values of an object or map by key, and whether
// which keys there are is unknown.
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

// readCustomFields takes NetBox's values of the declared fields into the model. A
// field that NetBox no longer defines leaves it.
func readCustomFields(m *fabricModel, stored fabric.Attributes) {
	declared, unknown := declaredFields(m.CustomFields)
	if unknown || declared == nil {
		return
	}
	fields, changed := make(map[string]attr.Value, len(declared)), false
	for key, present := range declared {
		now, defined := stored[fabric.CustomField(key)]
		if !defined {
			changed = true
			continue
		}
		fields[key] = present
		if value, _ := toJSON(present); !fabric.Equal(fabric.CustomField(key), value, now) {
			fields[key], changed = fromJSON(now, present), true
		}
	}
	if changed {
		m.CustomFields = types.DynamicValue(likeFields(m.CustomFields.UnderlyingValue(), fields))
	}
}

// likeFields makes a map where the declared fields are one and the values still
// fit, and an object otherwise.
func likeFields(declared attr.Value, fields map[string]attr.Value) attr.Value {
	if m, isMap := declared.(types.Map); isMap {
		if fitting, diags := types.MapValue(m.ElementType(context.Background()), fields); !diags.HasError() {
			return fitting
		}
	}
	return objectOf(fields)
}

// pathOf returns where a field of NetBox stands in the configuration.
func (m *fabricModel) pathOf(field string) path.Path {
	if key, custom := fabric.CustomFieldKey(field); custom {
		return customFieldPath(m.CustomFields, key)
	}
	return path.Root(field)
}

// customFieldPath is where a declared field stands in the configuration.
func customFieldPath(v types.Dynamic, key string) path.Path {
	declared, _ := declaredFields(v)
	if _, there := declared[key]; !there {
		return path.Root(customFieldsName)
	}
	// The CLI finds the line of a key, in an object too, and that of an object's
	// attribute only where the schema has it.
	return path.Root(customFieldsName).AtMapKey(key)
}

// customFieldsShape refuses what is no object and no map.
type customFieldsShape struct{}

func (customFieldsShape) Description(context.Context) string { return "an object or a map" }

func (r customFieldsShape) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (customFieldsShape) ValidateDynamic(_ context.Context, req validator.DynamicRequest, resp *validator.DynamicResponse) {
	v := req.ConfigValue
	if v.IsNull() || v.IsUnknown() || v.IsUnderlyingValueNull() || v.IsUnderlyingValueUnknown() {
		return
	}
	switch v.UnderlyingValue().(type) {
	case types.Object, types.Map:
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid custom fields",
		"custom_fields is an object or a map of values by the custom fields' names, such as { owner = \"netops\", rack_units = 4 }.")
}

// checkCustomFields checks the fields that differ from the prior state against
// NetBox's definitions, as far as values are known. It returns the definitions:
// the keys alone where no more can be read, and nil where not even those; what is
// not known here, NetBox judges when it is written to.
func (m *fabricModel) checkCustomFields(
	ctx context.Context, client *netbox.Client, prior *fabricModel, diags *diag.Diagnostics,
) map[string]fabric.CustomFieldDefinition {
	changed := m.changedCustomFields(prior)
	if len(changed) == 0 {
		return nil
	}
	definitions, err := client.CustomFields(ctx)
	if err != nil {
		reportUncheckedFields(ctx, err, diags)
		if definitions, err = client.Fabrics().CustomFieldKeys(ctx); err != nil || definitions == nil {
			return nil
		}
	}
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		definition, defined := definitions[key]
		at := customFieldPath(m.CustomFields, key)
		value, known := toJSON(changed[key])
		switch removed := changed[key] == nil; {
		case !defined && (removed || !known): // what makes the value may make the field as well
			continue
		case !defined:
			p := fabric.UnknownCustomField(key, slices.Sorted(maps.Keys(definitions)))
			diags.AddAttributeError(at, p.Summary, p.Detail)
			continue
		}
		if !known {
			continue
		}
		if p := definition.Validate(value); p != nil {
			diags.AddAttributeError(at, p.Summary, p.Detail)
		}
	}
	return definitions
}

// changedCustomFields returns the declared fields that are not as in the prior
// state, and nil for those that are no longer declared. The others need no
// check, and no request for one.
func (m *fabricModel) changedCustomFields(prior *fabricModel) map[string]attr.Value {
	declared, unknown := declaredFields(m.CustomFields)
	if unknown {
		return nil
	}
	changed := map[string]attr.Value{}
	before := fabric.Attributes{}
	customFieldsAttribute().values(prior, before)
	for key, v := range declared {
		was, managed := before[fabric.CustomField(key)]
		if value, known := toJSON(v); !known || !managed || !fabric.Unchanged(fabric.CustomField(key), was, value) {
			changed[key] = v
		}
	}
	for name := range before {
		if key, _ := fabric.CustomFieldKey(name); declared[key] == nil {
			changed[key] = nil
		}
	}
	return changed
}

// reportUncheckedFields tells that custom fields are not checked yet. That a
// token may not see definitions is common, and nothing to warn of.
func reportUncheckedFields(ctx context.Context, err error, diags *diag.Diagnostics) {
	if forbidden, ok := asError[*netbox.ForbiddenError](err); ok && !forbidden.BadToken() {
		tflog.Info(ctx, "This API token may not read NetBox's custom field definitions: custom_fields are checked by NetBox when they are written")
		return
	}
	_, detail := explain(err)
	diags.AddAttributeWarning(path.Root(customFieldsName), "Custom fields not checked",
		"NetBox's definitions of custom fields could not be read, so the values are checked only when they are written. "+detail)
}

// wireCustomFields gives the values to send the types that the fields have, and
// leaves out what is to be cleared and is no longer defined.
func wireCustomFields(set map[string]any, definitions map[string]fabric.CustomFieldDefinition) {
	for name, v := range set {
		key, custom := fabric.CustomFieldKey(name)
		d, defined := definitions[key]
		switch {
		case !custom || definitions == nil:
		case defined:
			set[name] = d.Wire(v)
		case v == nil:
			delete(set, name)
		}
	}
}

// writeFields sends values, and again with other types where NetBox refuses them
// for theirs: without definitions nobody knows what the texts of a map stand for.
func writeFields(set map[string]any, send func() (*netbox.Read, error)) (*netbox.Read, error) {
	for {
		read, err := send()
		if err == nil || !retype(set, err) {
			return read, err
		}
	}
}

// retype gives the values that NetBox refused the types that their fields have, and
// tells whether that made another value of any.
func retype(set map[string]any, err error) (changed bool) {
	invalid, refused := asError[*netbox.InvalidError](err)
	if _, unsettled := asError[*netbox.UnsettledError](err); !refused || unsettled {
		return false
	}
	for field, kind := range invalid.RefusedTypes() {
		sent, ours := set[field]
		d := fabric.CustomFieldDefinition{Type: kind}
		if value := d.Wire(sent); ours && !reflect.DeepEqual(value, sent) {
			set[field], changed = value, true
		}
	}
	return changed
}
