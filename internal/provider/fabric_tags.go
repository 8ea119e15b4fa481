package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

func tagNameRule() validator.String {
	return textRule{description: "1 to 100 characters without surrounding white space",
		validate: fabric.ValidateTagName}
}

// tagsAttribute manages all tags together: those of the configuration and the provider's
// default tags. The attribute tags always has those of the configuration.
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

// planTags adds the provider's default tags to those of the configuration.
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

// readTags separates the configuration's tags: those that are not default tags, and default
// tags that it also names. They are unknown as long as the default tags are unknown.
func (m *fabricModel) readTags(c *connection) {
	if c.defaultTagsUnknown {
		return
	}
	all, _ := tagNames(m.TagsAll)
	present, _ := tagNames(m.Tags)
	own := slices.DeleteFunc(all, func(name string) bool {
		return named(c.defaultTags, name) && !named(present, name)
	})
	switch {
	case !m.Tags.IsUnknown() && fabric.Equal("tags", own, present):
	case len(own) == 0:
		m.Tags = types.SetNull(types.StringType)
	default:
		m.Tags = tagSet(own)
	}
}

// named reports whether a name is among others. Unicode forms don't matter.
func named(names []string, name string) bool {
	_, found := fabric.FindText(names, name)
	return found
}

// tagNames returns the sorted names, never nil, and whether one is unknown.
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

// tagSet returns a set of names. If names are equal, it keeps the first.
func tagSet(names []string) types.Set {
	values := []attr.Value{}
	for i, name := range names {
		if !named(names[:i], name) {
			values = append(values, types.StringValue(name))
		}
	}
	return types.SetValueMust(types.StringType, values)
}

func tagsOf(f *fabric.Fabric) []string {
	names, _ := netbox.AttributesOf(f)["tags"].([]string)
	return names
}
