package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func tagNameRule() validator.String {
	return textRule{description: "1 to 100 characters without surrounding white space",
		validate: fabric.ValidateTagName}
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

// readTags finds the tags that are the configuration's own: those that are not the
// provider's, and those that it names although they are. They are not known while
// the provider's are not known.
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

// named reports whether a name is among others, whatever its normal form.
func named(names []string, name string) bool {
	_, found := fabric.FindText(names, name)
	return found
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

// tagSet makes a set of names. Of names that are equal, it has the first.
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

// addWriteError is addError for a write: what NetBox refuses is an error where the
// plan has it, and a tag that does not exist on the element that names it.
func addWriteError(diags *diag.Diagnostics, action string, err error, plan *fabricModel) {
	if _, unsettled := errors.AsType[*netbox.UnsettledError](err); unsettled {
		addError(diags, action, err)
		return
	}
	if missing, ok := errors.AsType[*netbox.MissingTagsError](err); ok {
		addMissingTags(diags, action, missing, plan)
		return
	}
	if invalid, ok := errors.AsType[*rest.InvalidError](err); ok {
		addInvalid(diags, action, invalid, plan)
		return
	}
	addError(diags, action, err)
}

// addMissingTags adds an error for each tag that NetBox does not have, and for what
// else it refused.
func addMissingTags(diags *diag.Diagnostics, action string, e *netbox.MissingTagsError, plan *fabricModel) {
	own, _ := tagNames(plan.Tags)
	all, _ := tagNames(plan.TagsAll)
	for _, tag := range e.Tags {
		detail := fmt.Sprintf("Could not %s: NetBox has no tag named %q (names are case-sensitive), or this API token "+
			"may not see it. %s", action, tag.Name, adviceOnTag(tag, e.Unread))
		if name, ok := fabric.FindText(own, tag.Name); ok {
			at := path.Root("tags").AtSetValue(types.StringValue(name))
			diags.AddAttributeError(at, "Tag does not exist in NetBox", detail)
			continue
		}
		if named(all, tag.Name) {
			detail += " It is one of the provider's default_tags."
		}
		diags.AddError("Tag does not exist in NetBox", detail)
	}
	rest := *e.Refusal
	rest.Fields = maps.Clone(rest.Fields)
	delete(rest.Fields, "tags")
	if len(rest.Fields) > 0 || len(rest.Detail) > 0 {
		addInvalid(diags, action, &rest, plan)
	}
}

func adviceOnTag(tag netbox.MissingTag, unread error) string {
	var advice string
	if len(tag.Similar) > 0 {
		quoted := make([]string, len(tag.Similar))
		for i, name := range tag.Similar {
			quoted[i] = strconv.Quote(name)
		}
		advice = "Did you mean " + strings.Join(quoted, " or ") + "? "
	}
	advice += "Create the tag in NetBox, or correct the name."
	if _, forbidden := errors.AsType[*rest.ForbiddenError](unread); forbidden {
		return advice + " NetBox names only the first tag that it does not find, and this API token may not list " +
			"tags: others may be missing too."
	}
	if unread != nil {
		return advice + fmt.Sprintf(" NetBox names only the first tag that it does not find: others may be missing "+
			"too, but its tags could not be listed (%s).", unread)
	}
	return advice
}
