package acctest

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"testing"

	api "github.com/netbox-community/go-netbox/v4"
)

const fabricObject = "netbox_hedgehog.hedgehogfabric"

// Tag creates a tag with exactly this name. The end of the test, or the returned function,
// deletes it.
func (n *NetBox) Tag(t *testing.T, name string) (id int64, remove func()) {
	t.Helper()
	tags := n.client().ExtrasAPI
	_, response, err := tags.ExtrasTagsCreate(t.Context()).TagRequest(api.TagRequest{
		Name: name, Slug: Name("tag"),
	}).Execute()
	made := madeID(t, "the tag "+name, response, err)
	return int64(made), n.removal(t, "the tag "+name, func(ctx context.Context) (*http.Response, error) {
		return tags.ExtrasTagsDestroy(ctx, made).Execute()
	})
}

// CustomField is a custom field of fabrics.
type CustomField struct {
	Name      string // FieldName() if empty
	Type      string // NetBox's, such as text
	Related   string // of object and multiobject: the type of the objects, such as extras.tag
	ChoiceSet string // of select and multiselect: the name of the set
	Required  bool
	Unique    bool
}

// FieldName returns a name for a custom field that no other test uses.
func FieldName() string { return underscored(Name("field")) }

// underscored returns a name with underscores instead of hyphens, as custom fields need it.
func underscored(name string) string { return strings.ReplaceAll(name, "-", "_") }

// CustomField defines a custom field and returns its key. The end of the test, or the returned
// function, deletes it.
func (n *NetBox) CustomField(t *testing.T, f CustomField) (key string, remove func()) {
	t.Helper()
	f.Name = cmp.Or(f.Name, FieldName())
	definition := api.WritableCustomFieldRequest{
		Name: f.Name, Type: new(api.PatchedWritableCustomFieldRequestType(f.Type)), Required: &f.Required,
		Unique:      &f.Unique,
		ObjectTypes: []string{fabricObject},
	}
	if f.Related != "" {
		definition.RelatedObjectType = *api.NewNullableString(&f.Related)
	}
	if f.ChoiceSet != "" {
		definition.ChoiceSet = *api.NewNullableBriefCustomFieldChoiceSetRequest(
			&api.BriefCustomFieldChoiceSetRequest{Name: f.ChoiceSet})
	}
	fields := n.client().ExtrasAPI
	_, response, err := fields.ExtrasCustomFieldsCreate(t.Context()).WritableCustomFieldRequest(definition).Execute()
	id := madeID(t, "the custom field "+f.Name, response, err)
	return f.Name, n.removal(t, "the custom field "+f.Name, func(ctx context.Context) (*http.Response, error) {
		return fields.ExtrasCustomFieldsDestroy(ctx, id).Execute()
	})
}

// RemoveDefinition deletes the definition of a custom field with all its values.
func (n *NetBox) RemoveDefinition(t *testing.T, name string) {
	t.Helper()
	fields := n.client().ExtrasAPI
	found, _, err := fields.ExtrasCustomFieldsList(t.Context()).Name([]string{name}).Execute()
	if err != nil || len(found.Results) != 1 {
		t.Fatalf("finding the custom field %s: %v, %v", name, found, err)
	}
	if _, err := fields.ExtrasCustomFieldsDestroy(t.Context(), found.Results[0].Id).Execute(); err != nil {
		t.Fatalf("deleting the custom field %s: %v", name, err)
	}
}

// ChoiceSet creates a set of choices and returns its name. The end of the test deletes it.
func (n *NetBox) ChoiceSet(t *testing.T, values ...string) (name string, change func(values ...string)) {
	t.Helper()
	name = Name("choices")
	sets := n.client().ExtrasAPI
	_, response, err := sets.ExtrasCustomFieldChoiceSetsCreate(t.Context()).WritableCustomFieldChoiceSetRequest(
		api.WritableCustomFieldChoiceSetRequest{Name: name, ExtraChoices: choices(values)}).Execute()
	id := madeID(t, "the choice set "+name, response, err)
	n.removal(t, "the choice set "+name, func(ctx context.Context) (*http.Response, error) {
		return sets.ExtrasCustomFieldChoiceSetsDestroy(ctx, id).Execute()
	})
	return name, func(values ...string) {
		t.Helper()
		_, response, err := sets.ExtrasCustomFieldChoiceSetsPartialUpdate(t.Context(), id).
			PatchedWritableCustomFieldChoiceSetRequest(api.PatchedWritableCustomFieldChoiceSetRequest{
				ExtraChoices: choices(values),
			}).Execute()
		if response == nil || response.StatusCode != http.StatusOK {
			t.Fatalf("changing the choice set %s: %v", name, err)
		}
	}
}

// choices returns choices whose labels are the values.
func choices(values []string) [][]any {
	pairs := make([][]any, len(values))
	for i, value := range values {
		pairs[i] = []any{value, value}
	}
	return pairs
}
