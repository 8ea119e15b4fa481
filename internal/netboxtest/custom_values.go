package netboxtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// applyCustomFields merges a body's custom_fields into a row, key by key.
func (c *call) applyCustomFields(m *model, o *object, given any, creating bool, errs refusal) {
	if given == nil {
		errs.add("custom_fields", msgNull)
		return
	}
	data, isObject := given.(map[string]any)
	if !isObject {
		errs.add("custom_fields", "Invalid data format. Custom field data must be passed as a dictionary "+
			"mapping field names to their values.")
		return
	}
	fields := map[string]*customField{}
	for _, f := range c.store.fieldsOf(m.objectType) {
		fields[f.Name] = f
		if _, given := data[f.Name]; creating && !given && f.Default != nil {
			o.custom[f.Name] = f.Default
		}
	}
	unknown := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		f := fields[key]
		if f == nil && !c.profile.knownKeysOnly {
			o.custom[key] = data[key]
			continue
		}
		if f == nil {
			unknown[key] = fmt.Sprintf("Custom field '%s' does not exist for this object type.", key)
			continue
		}
		value, message := c.relatedIDs(f, data[key])
		if message != "" {
			errs.add("custom_fields", message)
			return
		}
		o.custom[key] = databaseNumbers(value)
	}
	if len(unknown) > 0 {
		errs["custom_fields"] = unknown
	}
}

// relatedIDs replaces references to related objects with ids. It returns a message about the
// first reference that names no object. Other values stay.
func (c *call) relatedIDs(f *customField, v any) (any, string) {
	switch list, isList := v.([]any); {
	case v == nil || v == "":
		return v, ""
	case f.Type == "object":
		return c.relatedID(f, v)
	case f.Type == "multiobject" && !isList:
		return nil, "Unknown related object(s): " + pyString(v)
	case f.Type == "multiobject":
		ids := []any{}
		for _, e := range list {
			id, message := c.relatedID(f, e)
			if message != "" {
				return nil, message
			}
			ids = append(ids, id)
		}
		return ids, ""
	}
	return v, ""
}

// relatedID returns the id that a reference names. The id may be a string.
func (c *call) relatedID(f *customField, reference any) (any, string) {
	attributes, isObject := reference.(map[string]any)
	if isObject {
		if id, numeric := idOf(attributes["id"]); numeric && c.related(f, id, "") != nil {
			return attributes["id"], ""
		}
		return nil, noSuchAttributes(attributes)
	}
	id, numeric := parseID(stringOf(reference))
	if !numeric || stringOf(reference) == "" {
		return nil, noReference(reference)
	}
	if c.related(f, id, "") == nil {
		return nil, noSuchID(id)
	}
	return json.Number(formatID(id)), ""
}

// related returns the brief form of a related object, or nil if it does not exist.
func (s *Server) related(f *customField, id int64, base string) any {
	fabrics := s.models[fabricEndpoint]
	switch f.RelatedObjectType {
	case "extras.tag":
		if t := s.store.tags[id]; t != nil {
			return t.brief(base)
		}
		return nil
	case fabrics.objectType:
		if o := s.store.table(fabrics).get(id); o != nil {
			label := fabrics.label(&s.store, o)
			return map[string]any{"id": id, "url": base + pluginPath + "fabrics/" + formatID(id) + "/",
				"display": label, "name": label}
		}
		return nil
	}
	label, known := f.RelatedObjects[id]
	if !known {
		return nil
	}
	app, kind, _ := strings.Cut(f.RelatedObjectType, ".")
	path := app + "/" + kind + "s/" + formatID(id) + "/"
	return map[string]any{"id": id, "url": base + "/api/" + path, "display_url": base + "/" + path,
		"display": label, "name": label}
}

// renderCustom returns the custom_fields of a body: every field of the type, selects with their
// labels, related objects, and dates in Python's form.
func (s *Server) renderCustom(objectType string, data map[string]any, base string) map[string]any {
	body := map[string]any{}
	for _, f := range s.store.fieldsOf(objectType) {
		body[f.Name] = s.renderCustomValue(f, data[f.Name], base)
	}
	return body
}

func (s *Server) renderCustomValue(f *customField, v any, base string) any {
	list, _ := v.([]any)
	each := func(render func(any) any) any {
		out := []any{}
		for _, e := range list {
			if r := render(e); r != nil {
				out = append(out, r)
			}
		}
		return out
	}
	option := func(e any) any {
		return map[string]any{"value": e, "label": f.choiceLabel(pyString(e))}
	}
	object := func(e any) any {
		id, _ := idOf(e)
		return s.related(f, id, base)
	}
	switch {
	case v == nil:
		return nil
	case f.Type == "select" && s.profile.labeledSelects:
		return option(v)
	case f.Type == "multiselect" && list != nil && s.profile.labeledSelects:
		return each(option)
	case f.Type == "object":
		return object(v)
	case f.Type == "multiobject" && list != nil:
		return each(object)
	case f.Type == "datetime":
		if t, valid := parseDatetime(stringOf(v)); valid && zoned(stringOf(v)) {
			return pythonISO(t)
		}
	}
	return v
}

func zoned(s string) bool { return len(s) > 11 && strings.ContainsAny(s[11:], "Z+-") }

// pythonISO returns a time with its own offset, Z for UTC.
func pythonISO(t time.Time) string {
	if _, offset := t.Zone(); offset == 0 {
		return isoZ(t)
	}
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05-07:00")
	}
	return t.Format("2006-01-02T15:04:05.000000-07:00")
}

// checkCustom checks an object's custom field data. It returns a message about the first fault
// in the order of the fields, or "" if there is none.
func (c *call) checkCustom(m *model, o *object) string {
	fields := c.store.fieldsOf(m.objectType)
	for _, f := range fields {
		v, present := o.custom[f.Name]
		if !present {
			continue
		}
		if fault := f.fault(v); fault != "" {
			return fmt.Sprintf("Invalid value for custom field '%s': %s", f.Name, fault)
		}
		if f.more["unique"] == true && v != nil && v != "" && c.store.hasCustomValue(m, f, o.id, v) {
			return fmt.Sprintf("Custom field '%s' must have a unique value.", f.Name)
		}
	}
	for _, f := range fields {
		if _, present := o.custom[f.Name]; f.Required && !present {
			return fmt.Sprintf("Missing required custom field '%s'.", f.Name)
		}
	}
	return ""
}

// hasCustomValue reports whether another object has the same value in a field.
func (st *store) hasCustomValue(m *model, f *customField, not int64, v any) bool {
	wanted := string(encodeJSON(v))
	for id, o := range st.table(m).rows {
		if id != not && string(encodeJSON(o.custom[f.Name])) == wanted {
			return true
		}
	}
	return false
}

// fault returns a message about what is wrong with a raw value, or "" if nothing. The messages of
// integer, boolean, select and multiselect are recorded; the others are from NetBox's
// documentation. References to objects are checked before.
func (f *customField) fault(v any) string {
	if v == nil || v == "" {
		if f.Required {
			return "Required field cannot be empty."
		}
		return ""
	}
	switch f.Type {
	case "text", "longtext", "url":
		return f.textFault(v)
	case "integer", "decimal":
		return f.numberFault(v)
	case "boolean":
		if _, isBool := v.(bool); !isBool && v != json.Number("0") && v != json.Number("1") {
			return "Value must be true or false."
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, stringOf(v)); err != nil {
			return "Date values must be in ISO 8601 format (YYYY-MM-DD)."
		}
	case "datetime":
		_, valid := parseDatetime(stringOf(v))
		if _, err := time.Parse(time.DateOnly, stringOf(v)); !valid && err != nil {
			return "Date and time values must be in ISO 8601 format (YYYY-MM-DD HH:MM:SS)."
		}
	case "select":
		if s, isString := v.(string); !isString || !f.hasChoice(s) {
			return fmt.Sprintf("Invalid choice (%s) for choice set %s.", pyString(v), f.choiceSet())
		}
	case "multiselect":
		return f.selectionFault(v)
	}
	return ""
}

func (f *customField) hasChoice(value string) bool {
	return slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == value })
}

func (f *customField) textFault(v any) string {
	s, isString := v.(string)
	if !isString {
		return "Value must be a string."
	}
	if f.Regex != "" {
		if matched, err := regexp.MatchString("^(?:"+f.Regex+")", s); err != nil || !matched {
			return fmt.Sprintf("Value must match regex '%s'", f.Regex)
		}
	}
	if f.Type == "url" && !validURL(s) {
		return "Enter a valid URL."
	}
	return ""
}

// boundPlaces is the number of decimal places in the columns of a field's limits.
const boundPlaces = 4

func (f *customField) numberFault(v any) string {
	n, isNumber := v.(json.Number)
	if s, isString := v.(string); isString && f.Type == "decimal" {
		n, isNumber = json.Number(s), true
	}
	value, valid := new(big.Float).SetString(n.String())
	if f.Type == "integer" && (!isNumber || !isInteger(n)) {
		return "Value must be an integer."
	}
	if !isNumber || !valid {
		return "Value must be a decimal."
	}
	if f.Minimum != nil && value.Cmp(big.NewFloat(*f.Minimum)) < 0 {
		return "Value must be at least " + strconv.FormatFloat(*f.Minimum, 'f', boundPlaces, 64)
	}
	if f.Maximum != nil && value.Cmp(big.NewFloat(*f.Maximum)) > 0 {
		return "Value must not exceed " + strconv.FormatFloat(*f.Maximum, 'f', boundPlaces, 64)
	}
	return ""
}

func (f *customField) selectionFault(v any) string {
	list, isList := v.([]any)
	for _, e := range list {
		s, isString := e.(string)
		isList = isList && isString && f.hasChoice(s)
	}
	if !isList {
		return fmt.Sprintf("Invalid choice(s) (%s) for choice set %s.", pyString(v), f.choiceSet())
	}
	return ""
}
