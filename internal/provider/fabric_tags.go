package provider

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

func tagNameRule() validator.String {
	return textRule{description: "1 to 100 characters without surrounding white space", validate: fabric.ValidateTagName}
}

// tagsAttribute manages all tags together: those of the configuration and the
// provider's. tags itself always is what the configuration says.
func tagsAttribute() managedAttribute {
	return managedAttribute{
		name: "tags",
		values: func(m *fabricModel, into fabric.Attributes) bool {
			names, unknown := tagNames(m.TagsAll)
			if !unknown {
				into["tags"] = names
			}
			return !unknown
		},
		null: func(*fabricModel) bool { return false },
		take: func(m, from *fabricModel) { m.TagsAll = from.TagsAll },
		read: func(m *fabricModel, stored fabric.Attributes) {
			names, _ := stored["tags"].([]string)
			m.TagsAll = tagSet(names)
		},
	}
}

// planTags adds the provider's tags to those of the configuration.
func (m *fabricModel) planTags(c *connection) {
	names, unknown := tagNames(m.Tags)
	if unknown || (c != nil && c.defaultTagsUnknown) {
		m.TagsAll = types.SetUnknown(types.StringType)
		return
	}
	if c != nil {
		names = append(names, c.defaultTags...)
	}
	m.TagsAll = tagSet(names)
}

// readTags tells which of all tags are the configuration's own: those that are
// not the provider's, and those that it names although they are. It cannot be
// told while the provider's are not known.
func (m *fabricModel) readTags(c *connection) {
	if c.defaultTagsUnknown {
		return
	}
	all, _ := tagNames(m.TagsAll)
	present, _ := tagNames(m.Tags)
	own := slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		return slices.Contains(c.defaultTags, name) && !slices.Contains(present, name)
	})
	switch {
	case !m.Tags.IsUnknown() && slices.Equal(own, present):
	case len(own) == 0:
		m.Tags = types.SetNull(types.StringType)
	default:
		m.Tags = tagSet(own)
	}
}

// tagNames returns the names in order, never nil, and whether any is unknown.
func tagNames(set types.Set) (names []string, unknown bool) {
	names, unknown = []string{}, set.IsUnknown()
	for _, v := range set.Elements() {
		s, ok := v.(types.String)
		if !ok || s.IsUnknown() {
			unknown = true
			continue
		}
		names = append(names, s.ValueString())
	}
	slices.Sort(names)
	return names, unknown
}

func tagSet(names []string) types.Set {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.Compact(names)
	values := make([]attr.Value, len(names))
	for i, name := range names {
		values[i] = types.StringValue(name)
	}
	return types.SetValueMust(types.StringType, values)
}

func tagsOf(f *fabric.Fabric) []string {
	names, _ := netbox.AttributesOf(f)["tags"].([]string)
	return names
}

// addWriteError is addError for a write: what NetBox refuses is an error where the
// plan has it, and a tag that does not exist on the element that names it.
func addWriteError(diags *diag.Diagnostics, action string, err error, plan *fabricModel) {
	invalid, ok := asError[*netbox.InvalidError](err)
	_, unsettled := asError[*netbox.UnsettledError](err)
	switch {
	case !ok || unsettled:
		addError(diags, action, err)
		return
	case len(invalid.MissingTags()) == 0:
		addInvalid(diags, action, invalid, plan)
		return
	}
	own, _ := tagNames(plan.Tags)
	all, _ := tagNames(plan.TagsAll)
	for _, name := range invalid.MissingTags() {
		detail := fmt.Sprintf("Could not %s: NetBox has no tag named %q (names are case-sensitive), or this API token may not see it. "+
			"Create the tag in NetBox, or correct the name.", action, name)
		if slices.Contains(own, name) {
			diags.AddAttributeError(path.Root("tags").AtSetValue(types.StringValue(name)), "Tag does not exist in NetBox", detail)
			continue
		}
		if slices.Contains(all, name) {
			detail += " It is one of the provider's default_tags."
		}
		diags.AddError("Tag does not exist in NetBox", detail)
	}
}
