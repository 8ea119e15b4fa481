package netboxtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// refusal is the body of a 400: messages by field.
type refusal map[string]any

func (r refusal) add(field string, messages ...string) {
	if len(messages) > 0 {
		r[field] = messages
	}
}

// change is a row with the values of a body, and the message for the changelog.
type change struct {
	row     *object
	message string
}

// newRow returns the row for a POST's body, without an id.
func (c *call) newRow(m *model, body any) (change, refusal) {
	data, errs := dictionary(body)
	if errs != nil {
		return change{}, errs
	}
	o := &object{values: m.initialValues(), custom: map[string]any{}}
	if _, given := data["custom_fields"]; c.view.has("custom_fields") && !given {
		o.custom = c.store.customDefaults(m.objectType)
	}
	return c.apply(m, o, data, true)
}

// changedRow returns the row after a PATCH. The stored row does not change.
func (c *call) changedRow(m *model, stored *object, body any) (change, refusal) {
	data, errs := dictionary(body)
	if errs != nil {
		return change{}, errs
	}
	return c.apply(m, stored.clone(), data, false)
}

func dictionary(body any) (map[string]any, refusal) {
	data, isObject := body.(map[string]any)
	if !isObject {
		return nil, refusal{"non_field_errors": []string{
			"Invalid data. Expected a dictionary, but got " + pyType(body) + "."}}
	}
	return data, nil
}

// apply checks a body and writes it to o. It ignores unknown keys, and keys that the request's
// fields or omit exclude. It checks the fields first, and then, if they are valid, the model.
func (c *call) apply(m *model, o *object, data map[string]any, creating bool) (change, refusal) {
	errs := refusal{}
	for i := range m.fields {
		f := &m.fields[i]
		if !c.view.has(f.name) {
			continue
		}
		given, present := data[f.name]
		if !present {
			if creating && f.required {
				errs.add(f.name, msgRequired)
			}
			continue
		}
		value, messages := f.check(given)
		if len(messages) == 0 {
			messages = c.checkRelations(m, f, o.id, value)
		}
		errs.add(f.name, messages...)
		o.values[f.name] = value
	}
	c.applyTags(o, data, errs)
	if given, present := data["custom_fields"]; present && c.view.has("custom_fields") {
		c.applyCustomFields(m, o, given, creating, errs)
	} else {
		c.store.dropStrayData(m.objectType, o)
	}
	message := c.changelogMessage(data, errs)
	if len(errs) == 0 {
		c.checkModel(m, o, errs)
	}
	if len(errs) > 0 {
		return change{}, errs
	}
	return change{row: o, message: message}, nil
}

// changelogMessage returns the message for the changelog. fields and omit don't affect it.
func (c *call) changelogMessage(data map[string]any, errs refusal) string {
	given, present := data["changelog_message"]
	if !present {
		return ""
	}
	rule := field{name: "changelog_message", max: 200}
	value, messages := rule.check(given)
	errs.add(rule.name, messages...)
	return stringOf(value)
}

// checkRelations checks a value against other rows.
func (c *call) checkRelations(m *model, f *field, id int64, value any) []string {
	if f.unique {
		like := &object{id: id, values: map[string]any{f.name: value}}
		if c.store.table(m).twin(like, []string{f.name}) != nil {
			return []string{m.verbose + " with this " + f.name + " already exists."}
		}
	}
	if f.kind == fabricKind {
		key, _ := strconv.ParseInt(stringOf(value), 10, 64)
		if c.store.table(c.models[fabricEndpoint]).get(key) == nil {
			return []string{fmt.Sprintf("Invalid pk \"%d\" - object does not exist.", key)}
		}
	}
	return nil
}

// checkModel checks the whole row: its columns, and then the model, which reports only the
// first fault.
func (c *call) checkModel(m *model, o *object, errs refusal) {
	for _, f := range m.fields {
		if f.kind == jsonKind && !f.blank && emptyJSON(o.values[f.name]) {
			errs.add(f.name, "This field cannot be blank.")
		}
	}
	if c.orphan(m, o.id) {
		errs.add("__all__", fmt.Sprintf("Cannot modify %s '%s' because it has been deleted in the main branch. "+
			"Sync with the main branch to update.", m.verbose, m.label(&c.store, o)))
		return
	}
	if message := c.checkCustom(m, o); message != "" {
		errs.add("__all__", message)
		return
	}
	for _, f := range m.fields {
		if f.badName != "" && !resourceName.MatchString(stringOf(o.values[f.name])) {
			errs.add(f.name, f.badName)
			return
		}
	}
	if c.profile.checksTogether && len(errs) == 0 && len(m.together) > 0 &&
		c.store.table(m).twin(o, m.together) != nil {
		errs.add("__all__", capital(m.verbose)+" with this Fabric, Namespace and Name already exists.")
	}
}

// duplicate returns the answer to a row that violates a unique constraint of the database; nil
// if there is no such row.
func (c *call) duplicate(m *model, o *object) *answer {
	for _, columns := range m.unique() {
		if c.store.table(m).twin(o, columns) != nil {
			a := integrityError(m, columns, o)
			return &a
		}
	}
	return nil
}

// integrityError returns PostgreSQL's message. The name of the constraint is recorded only for
// a fabric's name.
func integrityError(m *model, columns []string, o *object) answer {
	database, values := []string{}, []string{}
	for _, name := range columns {
		if m.field(name).kind == fabricKind {
			database = append(database, name+"_id")
		} else {
			database = append(database, name)
		}
		values = append(values, pyString(o.values[name]))
	}
	suffix := "_key"
	if len(columns) > 1 {
		suffix = "_uniq"
	}
	table := strings.ReplaceAll(m.objectType, ".", "_")
	return serverError("IntegrityError", fmt.Sprintf("duplicate key value violates unique constraint "+
		"\"%s_%s%s\"\nDETAIL:  Key (%s)=(%s) already exists.",
		table, strings.Join(database, "_"), suffix, strings.Join(database, ", "), strings.Join(values, ", ")))
}

// emptyJSON reports whether Django counts a JSON value as blank.
func emptyJSON(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// insert stores a new row. The id is used up even if the request is rolled back.
func (c *call) insert(m *model, ch change) (*object, *answer) {
	o := ch.row
	o.id = c.store.nextID(m)
	if conflict := c.duplicate(m, o); conflict != nil {
		return nil, conflict
	}
	o.created = c.clock.stamp(time.Time{})
	o.updated = c.clock.stamp(o.created)
	c.store.table(m).put(o)
	c.logChange(m, nil, o, ch.message)
	return o, nil
}

// replace stores a changed row. last_updated changes even if nothing else did, but then the
// changelog gets no entry.
func (c *call) replace(m *model, ch change) (*object, *answer) {
	o, old := ch.row, c.store.table(m).get(ch.row.id)
	if conflict := c.duplicate(m, o); conflict != nil {
		return nil, conflict
	}
	o.updated = c.clock.stamp(old.updated)
	c.store.table(m).put(o)
	if sameContent(old, o) { // nothing to log, but still an event
		c.raise(m.objectType, "update")
	} else {
		c.logChange(m, old, o, ch.message)
	}
	return o, nil
}

func sameContent(a, b *object) bool {
	content := func(o *object) string {
		return string(encodeJSON([]any{o.all(), o.tags, o.custom}))
	}
	return content(a) == content(b)
}

// bodyJSON decodes a request's body. An empty one is an empty object.
func (c *call) bodyJSON() (any, *answer) {
	if len(c.body) == 0 {
		return map[string]any{}, nil
	}
	mediaType, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(strings.ToLower(mediaType)) != "application/json" {
		a := detail(http.StatusUnsupportedMediaType, fmt.Sprintf("Unsupported media type %q in request.",
			c.r.Header.Get("Content-Type")))
		return nil, &a
	}
	v, err := decodeJSON(c.body)
	if err != nil {
		a := detail(http.StatusBadRequest, "JSON parse error - Expecting property name enclosed in "+
			"double quotes: line 1 column 2 (char 1)") // as recorded of a body that begins so
		return nil, &a
	}
	return pythonNumbers(v), nil
}

// bodyObject returns the body of a request about one object.
func (c *call) bodyObject() (map[string]any, *answer) {
	body, refused := c.bodyJSON()
	if refused != nil {
		return nil, refused
	}
	data, errs := dictionary(body)
	if errs != nil {
		a := ok(http.StatusBadRequest, errs)
		return nil, &a
	}
	return data, nil
}

// idOf reads the id of an element of a bulk request.
func idOf(v any) (int64, bool) {
	n, isNumber := v.(json.Number)
	if !isNumber {
		return 0, false
	}
	id, err := strconv.ParseInt(n.String(), 10, 64)
	return id, err == nil
}
