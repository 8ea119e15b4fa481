package provider

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// checkCustomFields checks the fields that differ from the prior state against NetBox's
// definitions, as far as values are known. It returns the definitions: only keys if no more
// can be read, and nil if not even those. NetBox checks the rest during the write.
func (m *fabricModel) checkCustomFields(
	ctx context.Context, client *netbox.Client, prior *fabricModel, diags *diag.Diagnostics,
) map[string]fabric.CustomFieldDefinition {
	definitions, wrong := m.judgeCustomFields(ctx, client, prior, diags)
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		diags.AddAttributeError(customFieldPath(m.CustomFields, key), wrong[key].Summary, wrong[key].Detail)
	}
	return definitions
}

// judgeCustomFields returns the definitions, and the problems of changed fields by key. It
// checks a problem again with current definitions: the same apply may have created a field,
// or added a choice, since the last ones were read.
func (m *fabricModel) judgeCustomFields(
	ctx context.Context, client *netbox.Client, prior *fabricModel, diags *diag.Diagnostics,
) (definitions map[string]fabric.CustomFieldDefinition, wrong map[string]*fabric.Problem) {
	changes := m.customFieldChanges(prior)
	if len(changes) == 0 {
		return nil, nil
	}
	began := time.Now()
	definitions = customFieldsSince(ctx, client, time.Time{}, diags)
	if wrong = wrongCustomFields(changes, definitions); len(wrong) > 0 {
		definitions = customFieldsSince(ctx, client, began, diags)
		wrong = wrongCustomFields(changes, definitions)
	}
	return definitions, wrong
}

// customFieldsSince returns NetBox's definitions, no older than since, or only the keys if
// NetBox does not show them.
func customFieldsSince(
	ctx context.Context, client *netbox.Client, since time.Time, diags *diag.Diagnostics,
) map[string]fabric.CustomFieldDefinition {
	definitions, err := client.CustomFields(ctx, since)
	if err == nil {
		return definitions
	}
	reportUncheckedFields(ctx, err, diags)
	keys, err := client.CustomFieldKeys(ctx, since)
	if err != nil {
		return nil
	}
	return keys
}

// fieldChange is a custom field that differs from the prior state.
type fieldChange struct {
	was, value     any
	managed, known bool // whether the prior state has it; whether the value is known
	removed        bool // no longer declared
}

// customFieldChanges returns the fields that differ from the prior state. The others need
// no check and no request.
func (m *fabricModel) customFieldChanges(prior *fabricModel) map[string]fieldChange {
	declared, unknown := declaredFields(m.CustomFields)
	if unknown {
		return nil
	}
	changes := map[string]fieldChange{}
	before := fabric.Attributes{}
	customFieldsAttribute().values(prior, before)
	for key, v := range declared {
		c := fieldChange{}
		c.was, c.managed = before[fabric.CustomField(key)]
		if c.value, c.known = toJSON(v); !c.known || !c.managed || !fabric.Unchanged(fabric.CustomField(key),
			c.was, c.value) {
			changes[key] = c
		}
	}
	for name, was := range before {
		if key, _ := fabric.CustomFieldKey(name); declared[key] == nil {
			changes[key] = fieldChange{was: was, managed: true, known: true, removed: true}
		}
	}
	return changes
}

func wrongCustomFields(
	changes map[string]fieldChange, definitions map[string]fabric.CustomFieldDefinition,
) map[string]*fabric.Problem {
	wrong := map[string]*fabric.Problem{}
	for key, c := range changes {
		definition, defined := definitions[key]
		typed := fabric.CustomValue{Type: definition.Type, Value: c.value}
		switch {
		case definitions == nil, !c.known: // what makes the value may also create the field
		case !defined && !c.removed:
			wrong[key] = fabric.UnknownCustomField(key, slices.Sorted(maps.Keys(definitions)))
		case !defined, c.managed && !c.removed && fabric.Unchanged(fabric.CustomField(key), c.was, typed):
		default:
			if p := definition.Validate(c.value); p != nil {
				wrong[key] = p
			}
		}
	}
	return wrong
}

// reportUncheckedFields warns that custom fields are not checked yet. It does not warn if
// the token cannot see definitions, which is common.
func reportUncheckedFields(ctx context.Context, err error, diags *diag.Diagnostics) {
	if forbidden, ok := errors.AsType[*rest.ForbiddenError](err); ok && !forbidden.BadToken() {
		tflog.Info(ctx, "This API token may not view NetBox's custom field definitions; NetBox checks custom_fields "+
			"when they are written")
		return
	}
	_, detail := explain(err)
	diags.AddAttributeWarning(path.Root(customFieldsName), "Custom fields not checked",
		"The definitions of custom fields in NetBox could not be read, so NetBox checks the values only when they "+
			"are written. "+detail)
}

// wireCustomFields converts the values to send to the types of their fields. It leaves out
// fields that would be cleared but are no longer defined.
func wireCustomFields(set map[string]any, definitions map[string]fabric.CustomFieldDefinition) {
	for name, v := range set {
		key, custom := fabric.CustomFieldKey(name)
		if !custom {
			continue
		}
		if typed, ok := v.(fabric.CustomValue); ok {
			v = typed.Value
		}
		d, defined := definitions[key]
		if v == nil && !defined && definitions != nil {
			delete(set, name)
			continue
		}
		set[name] = d.Wire(v)
	}
}

// writeFields sends values, and sends them again if NetBox refuses values that can be
// corrected. If there is nothing to send, it returns nil.
func writeFields(
	ctx context.Context, client *netbox.Client, set map[string]any, diags *diag.Diagnostics,
	send func() (*netbox.Read, error),
) (*netbox.Read, error) {
	for len(set) > 0 {
		read, err := send()
		invalid, refused := errors.AsType[*rest.InvalidError](err)
		if _, unverified := errors.AsType[*netbox.UnverifiedError](err); !refused || unverified {
			return read, err
		}
		if !retype(set, invalid) && !dropUndefined(ctx, client, set, invalid, diags) {
			return read, err
		}
	}
	return nil, nil //nolint:nilnil // nothing was sent
}

// dropUndefined leaves out fields that NetBox refused to clear because they are no longer
// defined, and reports whether there were any. A definition may be deleted after it was
// read.
func dropUndefined(
	ctx context.Context, client *netbox.Client, set map[string]any, invalid *rest.InvalidError,
	diags *diag.Diagnostics,
) (dropped bool) {
	var definitions map[string]fabric.CustomFieldDefinition
	for field := range invalid.Fields {
		key, custom := fabric.CustomFieldKey(field)
		if value, sent := set[field]; !custom || !sent || value != nil {
			continue
		}
		if definitions == nil {
			definitions = customFieldsSince(ctx, client, time.Now(), diags)
		}
		if _, defined := definitions[key]; !defined && definitions != nil {
			delete(set, field)
			dropped = true
		}
	}
	return dropped
}

// retype converts the values that NetBox refused to the types of their fields, and reports
// whether that changed any. Without definitions, the types of the strings in a map are not
// known.
func retype(set map[string]any, invalid *rest.InvalidError) (changed bool) {
	for field, kind := range netbox.RefusedTypes(invalid) {
		sent, ours := set[field]
		d := fabric.CustomFieldDefinition{Type: kind}
		if value := d.Wire(sent); ours && !reflect.DeepEqual(value, sent) {
			set[field], changed = value, true
		}
	}
	return changed
}

// withoutFieldValues returns NetBox's words about a field without the strings that a custom
// field has in the configuration: they may come from a sensitive variable.
func (m *fabricModel) withoutFieldValues(field, words string) string {
	declared, _ := declaredFields(m.CustomFields)
	key, custom := fabric.CustomFieldKey(field)
	for name, v := range declared {
		if field == customFieldsName || custom && name == key {
			value, _ := toJSON(v)
			for _, text := range textsIn(value) {
				words = withoutText(words, text)
			}
		}
	}
	return words
}

// textsIn returns all strings of a JSON value, the longest first.
func textsIn(v any) (texts []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			texts = append(texts, textsIn(e)...)
		}
	case fabric.Selection:
		return textsIn([]any(v))
	case map[string]any:
		for _, e := range v {
			texts = append(texts, textsIn(e)...)
		}
	}
	slices.SortFunc(texts, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return texts
}

// withoutText replaces a string by dots if it is a whole word or more.
func withoutText(words, text string) string {
	isLetter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	var kept strings.Builder
	for rest := words; ; {
		at := strings.Index(rest, text)
		if text == "" || at < 0 {
			return kept.String() + rest
		}
		end := at + len(text)
		before, _ := utf8.DecodeLastRuneInString(kept.String() + rest[:at])
		after, _ := utf8.DecodeRuneInString(rest[end:])
		if isLetter(before) || isLetter(after) {
			kept.WriteString(rest[:end])
		} else {
			kept.WriteString(rest[:at] + "…")
		}
		rest = rest[end:]
	}
}
