package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// appliedFields are fingerprints of applied values, by key. It leaves out fields whose
// applied value is in the state.
type appliedFields map[string]fingerprint

// has reports whether a value is the one that was applied.
func (a appliedFields) has(key string, v attr.Value) bool {
	value, known := toJSON(v)
	f, there := a[key]
	return known && there && f.Matches(string(jsonText(value)))
}

// refreshFrom fills the model from an answer of NetBox. For custom fields with other
// values, it keeps which values were applied.
func (m *fabricModel) refreshFrom(
	ctx context.Context, read *netbox.Read, before privateReader, after privateWriter, c *connection,
) diag.Diagnostics {
	was, _ := declaredFields(m.CustomFields)
	m.read(read, c)
	is, _ := declaredFields(m.CustomFields)
	applied, _, diags := appliedFieldsKey.get(ctx, before)
	known := len(applied)
	if applied == nil {
		applied = appliedFields{}
	}
	for key, v := range was {
		if _, earlier := applied[key]; !earlier && !v.Equal(is[key]) {
			value, _ := toJSON(v)
			applied[key] = newFingerprint(string(jsonText(value)))
		}
	}
	if len(applied) == known {
		return diags
	}
	return append(diags, appliedFieldsKey.set(ctx, after, applied)...)
}

// planCustomFields is like checkCustomFields, but for a plan. A destroy also makes a plan, so only a
// problem with a new value is an error. One with an applied or removed value is a warning:
// the definition has changed since, or is gone.
func (m *fabricModel) planCustomFields(
	ctx context.Context, client *netbox.Client, prior *fabricModel, private privateReader, diags *diag.Diagnostics,
) map[string]fabric.CustomFieldDefinition {
	definitions, wrong := m.judgeCustomFields(ctx, client, prior, diags)
	if len(wrong) == 0 {
		return definitions
	}
	applied, _, got := appliedFieldsKey.get(ctx, private)
	diags.Append(got...)
	declared, _ := declaredFields(m.CustomFields)
	managed, _ := declaredFields(prior.CustomFields)
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		at, p := customFieldPath(m.CustomFields, key), wrong[key]
		_, defined := definitions[key]
		switch {
		case !defined && managed[key] != nil:
			p = fabric.UndefinedCustomField(key)
			diags.AddAttributeWarning(at, p.Summary, p.Detail)
		case declared[key] == nil, applied.has(key, declared[key]):
			diags.AddAttributeWarning(at, p.Summary, p.Detail+" An apply of this configuration will fail. A "+
				"destroy works.")
		default:
			diags.AddAttributeError(at, p.Summary, p.Detail)
		}
	}
	return definitions
}
