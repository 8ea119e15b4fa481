package netboxtest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// The rules and messages here are from NetBox's source; none is recorded.

func (c *call) createCustomField() answer {
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	f := &customField{more: map[string]any{}}
	errs := c.writeCustomField(f, data, true)
	message := c.changelogMessage(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	c.define(f)
	c.logCustomField(nil, f, message)
	a := c.oneCustomField(f, http.StatusCreated)
	a.location = c.base + "/api/extras/custom-fields/" + formatID(f.id) + "/"
	return a
}

// changeCustomField serves a write to a definition. A new name takes the values
// along, and those of a definition that goes go with it.
func (c *call) changeCustomField(at int) answer {
	stored := c.store.customFields[at]
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	if !c.matches(stored.updated) {
		return preconditionFailed(etag(stored.updated))
	}
	changed := *stored
	changed.more = map[string]any{}
	for name, value := range stored.more {
		changed.more[name] = value
	}
	errs := refusal{}
	if c.method != http.MethodDelete {
		errs = c.writeCustomField(&changed, data, c.method == http.MethodPut)
	}
	message := c.changelogMessage(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	if c.method == http.MethodDelete {
		c.undefine(stored)
		c.logCustomField(stored, nil, message)
		return answer{status: http.StatusNoContent}
	}
	changed.updated = c.clock.stamp(stored.updated)
	c.store.customFields[at] = &changed
	c.store.sortFields()
	if changed.Name != stored.Name {
		c.rewriteData(stored, func(values map[string]any) {
			values[changed.Name] = values[stored.Name]
			delete(values, stored.Name)
		})
	}
	c.logCustomField(stored, &changed, message)
	return c.oneCustomField(&changed, http.StatusOK)
}

func (c *call) logCustomField(before, after *customField, message string) {
	data := func(f *customField) map[string]any {
		if f == nil {
			return map[string]any{}
		}
		return map[string]any{"name": f.Name, "type": f.Type, "label": f.Label, "required": f.Required,
			"default": f.Default}
	}
	named := after
	if after == nil {
		named = before
	}
	c.logEntry(loggedChange{verbose: "custom field", before: data(before), after: data(after),
		ChangelogEntry: ChangelogEntry{
			ObjectType: customFieldType, ObjectID: named.id, ObjectRepr: named.display(), Message: message}})
}

var (
	fieldNameForm  = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	objectTypeForm = regexp.MustCompile(`^[a-z0-9_]+\.[a-z0-9_]+$`)
)

// writeCustomField puts a body's values into a definition, and says what is
// wrong with them.
func (c *call) writeCustomField(f *customField, data map[string]any, full bool) refusal {
	errs := refusal{}
	for _, column := range []struct {
		rule field
		put  func(any)
	}{
		{field{name: "name", required: true, max: 50}, func(v any) { f.Name = stringOf(v) }},
		{field{name: "label", blank: true, max: 50}, func(v any) { f.Label = stringOf(v) }},
		{field{name: "required", kind: booleanKind}, func(v any) { f.Required = v == true }},
		{field{name: "validation_regex", blank: true, max: 500}, func(v any) { f.Regex = stringOf(v) }},
		{field{name: "related_object_type", null: true}, func(v any) { f.RelatedObjectType = stringOf(v) }},
	} {
		writeColumn(column.rule, data, full, errs, column.put)
	}
	for _, rule := range customFieldDetails() {
		writeColumn(rule, data, full, errs, func(v any) { f.more[rule.name] = v })
	}
	if given, present := data["default"]; present {
		f.Default = databaseNumbers(given)
	}
	c.writeFieldType(f, data, full, errs)
	writeObjectTypes(f, data, full, errs)
	f.Minimum = writeBound("validation_minimum", f.Minimum, data, errs)
	f.Maximum = writeBound("validation_maximum", f.Maximum, data, errs)
	c.writeChoiceSet(f, data, errs)
	if len(errs) == 0 {
		c.checkCustomField(f, errs)
	}
	return errs
}

func writeColumn(rule field, data map[string]any, full bool, errs refusal, put func(any)) {
	given, present := data[rule.name]
	if !present {
		if rule.required && full {
			errs.add(rule.name, msgRequired)
		}
		return
	}
	value, messages := rule.check(given)
	errs.add(rule.name, messages...)
	if len(messages) == 0 {
		put(value)
	}
}

func (c *call) writeFieldType(f *customField, data map[string]any, full bool, errs refusal) {
	given, present := data["type"]
	_, known := customTypes[stringOf(given)]
	switch {
	case !present && full:
		errs.add("type", msgRequired)
	case !present:
	case !known:
		errs.add("type", pyString(given)+" is not a valid choice.")
	case f.Type != "" && f.Type != stringOf(given):
		errs.add("type", "Changing the type of custom fields is not supported.")
	default:
		f.Type = stringOf(given)
	}
}

func writeObjectTypes(f *customField, data map[string]any, full bool, errs refusal) {
	given, present := data["object_types"]
	list, isList := given.([]any)
	switch {
	case !present && full:
		errs.add("object_types", msgRequired)
	case !present:
	case !isList:
		errs.add("object_types", `Expected a list of items but got type "`+pyType(given)+`".`)
	default:
		f.ObjectTypes = []string{}
		for _, e := range list {
			if !objectTypeForm.MatchString(stringOf(e)) {
				errs.add("object_types", "Invalid value. Specify a content type as '<app_label>.<model_name>'.")
			}
			f.ObjectTypes = append(f.ObjectTypes, stringOf(e))
		}
	}
}

func writeBound(name string, old *float64, data map[string]any, errs refusal) *float64 {
	given, present := data[name]
	if !present {
		return old
	}
	if given == nil {
		return nil
	}
	limit, err := json.Number(strings.TrimSpace(stringOf(given))).Float64()
	if err != nil {
		errs.add(name, "A valid number is required.")
		return old
	}
	return &limit
}

func (c *call) writeChoiceSet(f *customField, data map[string]any, errs refusal) {
	given, present := data["choice_set"]
	if attributes, isObject := given.(map[string]any); isObject {
		given = attributes["id"]
	}
	id, _ := idOf(given)
	set := c.store.choiceSets[id]
	switch {
	case !present:
	case given == nil:
		f.set, f.Choices = 0, nil
	case set == nil:
		errs.add("choice_set", "Related object not found using the provided numeric ID: "+pyString(given))
	default:
		f.set, f.ChoiceSet, f.Choices = id, set.name, set.choices
	}
}

// checkCustomField is what NetBox checks on a whole definition.
func (c *call) checkCustomField(f *customField, errs refusal) {
	other := c.store.customField(f.Name)
	choosing, relating := strings.HasSuffix(f.Type, "select"), strings.HasSuffix(f.Type, "object")
	numeric := f.Type == "integer" || f.Type == "decimal"
	textual := f.Type == "text" || f.Type == "longtext" || f.Type == "url"
	switch {
	case other != nil && other.id != f.id:
		errs.add("name", "custom field with this name already exists.")
	case !fieldNameForm.MatchString(f.Name):
		errs.add("name", "Only alphanumeric characters and underscores are allowed.")
	case strings.Contains(f.Name, "__"):
		errs.add("name", "Double underscores are not permitted in custom field names.")
	case f.Default != nil && f.fault(f.Default) != "":
		errs.add("default", `Invalid default value "`+pyString(f.Default)+`": `+f.fault(f.Default))
	case f.Minimum != nil && !numeric:
		errs.add("validation_minimum", "A minimum value may be set only for numeric fields")
	case f.Maximum != nil && !numeric:
		errs.add("validation_maximum", "A maximum value may be set only for numeric fields")
	case f.Regex != "" && !textual:
		errs.add("validation_regex", "Regular expression validation is supported only for text and URL fields")
	case choosing && f.set == 0:
		errs.add("choice_set", "Selection fields must specify a set of choices.")
	case !choosing && f.set != 0:
		errs.add("choice_set", "Choices may be set only on selection fields.")
	case relating && f.RelatedObjectType == "":
		errs.add("related_object_type", "Object fields must define an object type.")
	case !relating && f.RelatedObjectType != "":
		errs.add("type", customTypes[f.Type][0]+" fields may not define an object type.")
	}
}
