package netbox

import (
	"maps"
	"slices"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// AttributesOf returns a fabric's managed values by NetBox's field name, for comparison. It
// leaves out a token that NetBox does not show.
func AttributesOf(f *fabric.Fabric) fabric.Attributes {
	attributes := fabric.Attributes{
		"name":                 f.Name,
		"description":          f.Description,
		"status":               f.Lifecycle,
		"kubernetes_server":    f.KubernetesServer,
		"kubernetes_ca_cert":   f.KubernetesCACert,
		"kubernetes_namespace": f.KubernetesNamespace,
		"sync_enabled":         f.SyncEnabled,
		"sync_interval":        f.SyncInterval,
		"tags":                 tagNames(f.Tags),
	}
	if !f.TokenHidden {
		attributes["kubernetes_token"] = f.KubernetesToken
	}
	for key, value := range f.CustomFields {
		attributes[fabric.CustomField(key)] = value
	}
	return attributes
}

// tagNames returns the sorted names, never nil.
func tagNames(tags []fabric.Tag) []string {
	names := make([]string, len(tags))
	for i, t := range tags {
		names[i] = t.Name
	}
	slices.Sort(names)
	return names
}

func nameOf(a fabric.Attributes) string {
	name, _ := a["name"].(string)
	return name
}

// compareManaged judges a record by its managed attributes. If another user has changed
// one, the error is a [*ConflictError]. If the definition of a custom field was deleted,
// its value went with it, which is not a conflict for a write that does not set the field.
func compareManaged(operation string, before, planned fabric.Attributes, current *Read) (fabric.Verdict, error) {
	now := AttributesOf(&current.Fabric)
	planned = maps.Clone(planned)
	maps.DeleteFunc(planned, func(field string, value any) bool {
		_, custom := fabric.CustomFieldKey(field)
		_, defined := now[field]
		return custom && !defined && fabric.Unchanged(field, before[field], value)
	})
	verdict, differences := fabric.Compare(before, planned, now)
	if verdict == fabric.Conflict {
		return verdict, &ConflictError{ID: current.Fabric.ID, Operation: operation, Differences: differences}
	}
	return verdict, nil
}
