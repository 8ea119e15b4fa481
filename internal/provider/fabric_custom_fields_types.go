package provider

import (
	"cmp"
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// fieldTypes are types of custom fields, by key.
type fieldTypes map[string]string

// keepFieldTypes stores the types that the next refresh needs to compare the model with
// NetBox. Without definitions, it keeps the stored types.
func (m *fabricModel) keepFieldTypes(
	ctx context.Context, private privateWriter, read *netbox.Read, definitions map[string]fabric.CustomFieldDefinition,
) diag.Diagnostics {
	if len(definitions) == 0 {
		return nil
	}
	needed := fieldTypes{}
	declared, _ := declaredFields(m.CustomFields)
	for key, present := range declared {
		value, _ := toJSON(present)
		kind := definitions[key].Type
		if kind != "" && fabric.TypeMatters(value, read.Fabric.CustomFields[key].Value) {
			needed[key] = kind
		}
	}
	return fieldTypesKey.set(ctx, private, needed)
}

// withFieldTypes returns an answer of NetBox in which custom fields have the types needed
// to compare them with the model, and the types that are known then. If types are missing,
// it asks for definitions. A field may be defined again with another type. It has no value
// then, so the types belong to the revision with which they were read.
func (m *fabricModel) withFieldTypes(
	ctx context.Context, client *netbox.Client, read *netbox.Read, stored fieldTypes, revision netbox.Revision,
) (typed *netbox.Read, known fieldTypes) {
	known = fieldTypes{}
	maps.Copy(known, stored)
	sameRevision := revision.LastUpdated.Equal(netbox.RevisionOf(&read.Fabric).LastUpdated)
	declared, _ := declaredFields(m.CustomFields)
	copied := *read
	typed = &copied
	typed.Fabric.CustomFields = maps.Clone(read.Fabric.CustomFields)
	for key, present := range declared {
		now, defined := read.Fabric.CustomFields[key]
		if !defined {
			delete(known, key)
		}
		if value, _ := toJSON(present); !defined || !fabric.TypeMatters(value, now) {
			continue
		}
		if now.Type = known[key]; now.Type == "" || !sameRevision {
			definitions, err := client.CustomFields(ctx, time.Time{})
			if now.Type = cmp.Or(definitions[key].Type, known[key]); now.Type == "" {
				tflog.Debug(ctx, "The type of a custom field is not known; its value is compared without it",
					map[string]any{"key": key, "reason": err})
				now.Type = fabric.GuessedType(now.Value)
			} else {
				known[key] = now.Type
			}
		}
		typed.Fabric.CustomFields[key] = now
	}
	return typed, known
}
