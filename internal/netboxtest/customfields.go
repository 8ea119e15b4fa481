package netboxtest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// CustomField defines a custom field as NetBox's administrator would.
type CustomField struct {
	Name  string
	Label string // "" shows the name
	// Type is NetBox's: text, longtext, integer, decimal, boolean, date,
	// datetime, url, json, select, multiselect, object or multiobject.
	Type     string
	Choices  []Choice // of select and multiselect
	Required bool
	Default  any      // the value of an object created without one
	Minimum  *float64 // of integer and decimal
	Maximum  *float64 // of integer and decimal
	Regex    string   // of text, longtext and url
	// ChoiceSet is the name of the set of choices; the field's name if "".
	ChoiceSet string
	// RelatedObjectType is the type of object and multiobject, such as
	// "dcim.site". Tags ("extras.tag") and fabrics are looked up in the server's
	// data; of any other type only RelatedObjects exist.
	RelatedObjectType string
	RelatedObjects    map[int64]string // display by id
	// ObjectTypes are the types that have the field; fabrics if empty.
	ObjectTypes []string
}

// Choice is one choice of a select field.
type Choice struct{ Value, Label string }

type customField struct {
	CustomField
	id, set          int64
	created, updated time.Time
}

var customTypeLabels = map[string][2]string{ // type: label, data type
	"text": {"Text", "string"}, "longtext": {"Text (long)", "string"}, "integer": {"Integer", "integer"},
	"decimal": {"Decimal", "decimal"}, "boolean": {"Boolean (true/false)", "boolean"}, "date": {"Date", "string"},
	"datetime": {"Date & time", "string"}, "url": {"URL", "string"}, "json": {"JSON", "object"},
	"select": {"Selection", "string"}, "multiselect": {"Multiple selection", "array"},
	"object": {"Object", "object"}, "multiobject": {"Multiple objects", "array"},
}

// AddCustomField defines a custom field and returns its id. Objects that exist
// get its default, as in NetBox. An unknown type or a name taken panics.
func (s *Server) AddCustomField(def CustomField) int64 {
	if _, known := customTypeLabels[def.Type]; !known {
		panic("stand-in NetBox: no custom field type " + def.Type)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(def.ObjectTypes) == 0 {
		def.ObjectTypes = []string{s.models[fabricEndpoint].objectType}
	}
	if slices.ContainsFunc(s.store.customFields, func(f *customField) bool { return f.Name == def.Name }) {
		panic("stand-in NetBox: a second custom field " + def.Name)
	}
	def.Default = plainJSON(def.Default)
	s.store.lastField++
	f := &customField{CustomField: def, id: s.store.lastField, created: s.clock.stamp(time.Time{})}
	f.updated = s.clock.stamp(f.created)
	if len(def.Choices) > 0 {
		s.store.lastSet++
		f.set = s.store.lastSet
	}
	s.store.customFields = append(s.store.customFields, f)
	slices.SortFunc(s.store.customFields, func(a, b *customField) int { return cmp.Compare(a.Name, b.Name) })
	for _, m := range s.models {
		if !slices.Contains(def.ObjectTypes, m.objectType) {
			continue
		}
		for _, o := range s.store.rows(m) {
			filled := o.clone() // last_updated stays: the database is changed directly
			filled.custom[f.Name] = f.Default
			s.store.table(m)[o.id] = filled
		}
	}
	return f.id
}

// fieldsOf are the custom fields of an object type, by name.
func (st *store) fieldsOf(objectType string) []*customField {
	var list []*customField
	for _, f := range st.customFields {
		if slices.Contains(f.ObjectTypes, objectType) {
			list = append(list, f)
		}
	}
	return list
}

// customDefaults is the data of an object created without custom fields.
func (st *store) customDefaults(objectType string) map[string]any {
	data := map[string]any{}
	for _, f := range st.fieldsOf(objectType) {
		data[f.Name] = f.Default
	}
	return data
}

func (f *customField) choiceSet() string { return cmp.Or(f.ChoiceSet, f.Name) }

// label of a choice; the value itself if it is no longer a choice.
func (f *customField) choiceLabel(value string) string {
	for _, c := range f.Choices {
		if c.Value == value {
			return cmp.Or(c.Label, c.Value)
		}
	}
	return value
}

func (f *customField) display() string {
	if f.Label != "" {
		return f.Label
	}
	text := strings.ToLower(strings.ReplaceAll(f.Name, "_", " "))
	return strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):]
}

func (c *call) serveCustomFields() answer {
	if !c.who.admin {
		return forbidden()
	}
	q := c.r.URL.Query()
	rows := []any{}
	for _, f := range c.store.customFields {
		wanted := q["object_type"]
		typed := len(wanted) == 0 || slices.ContainsFunc(wanted, func(t string) bool { return slices.Contains(f.ObjectTypes, t) })
		if typed && filtered(q, map[string]string{"id": formatID(f.id), "name": f.Name, "type": f.Type}) {
			rows = append(rows, c.shown(c.renderCustomField(f)))
		}
	}
	return c.page(rows)
}

func (c *call) serveCustomField(id int64) answer {
	if !c.who.admin {
		return forbidden()
	}
	for _, f := range c.store.customFields {
		if f.id == id {
			a := ok(http.StatusOK, c.shown(c.renderCustomField(f)))
			a.etag = etag(f.updated)
			return a
		}
	}
	return detail(http.StatusNotFound, "No CustomField matches the given query.")
}

func (c *call) renderCustomField(f *customField) map[string]any {
	pair := func(value, label string) any { return map[string]any{"value": value, "label": label} }
	path := "extras/custom-fields/" + formatID(f.id) + "/"
	body := map[string]any{
		"id": f.id, "url": c.base + "/api/" + path, "display_url": c.base + "/" + path, "display": f.display(),
		"object_types": f.ObjectTypes, "type": pair(f.Type, customTypeLabels[f.Type][0]),
		"related_object_type": nil, "data_type": customTypeLabels[f.Type][1], "name": f.Name, "label": f.Label,
		"group_name": "", "description": "", "required": f.Required, "unique": false, "search_weight": 1000,
		"filter_logic": pair("loose", "Loose"), "ui_visible": pair("always", "Always"), "ui_editable": pair("yes", "Yes"),
		"is_cloneable": false, "nulls_first": true, "default": f.Default, "related_object_filter": nil, "weight": 100,
		"validation_minimum": f.Minimum, "validation_maximum": f.Maximum, "validation_regex": f.Regex,
		"validation_schema": nil, "choice_set": nil, "status": pair("active", "Active"), "owner": nil, "comments": "",
		"created": isoZ(f.created), "last_updated": isoZ(f.updated),
	}
	if f.RelatedObjectType != "" {
		body["related_object_type"] = f.RelatedObjectType
	}
	if f.set != 0 {
		body["choice_set"] = map[string]any{
			"id": f.set, "url": c.base + "/api/extras/custom-field-choice-sets/" + formatID(f.set) + "/",
			"display": f.choiceSet(), "name": f.choiceSet(), "description": "", "choices_count": len(f.Choices),
		}
	}
	return body
}

func (c *call) serveChoiceSets() answer {
	if !c.who.admin {
		return forbidden()
	}
	rows := []any{}
	for _, f := range c.store.customFields {
		if f.set != 0 && filtered(c.r.URL.Query(), map[string]string{"id": formatID(f.set), "name": f.choiceSet()}) {
			rows = append(rows, c.shown(c.renderChoiceSet(f)))
		}
	}
	return c.page(rows)
}

func (c *call) serveChoiceSet(id int64) answer {
	if !c.who.admin {
		return forbidden()
	}
	for _, f := range c.store.customFields {
		if f.set == id && id != 0 {
			a := ok(http.StatusOK, c.shown(c.renderChoiceSet(f)))
			a.etag = etag(f.updated)
			return a
		}
	}
	return detail(http.StatusNotFound, "No CustomFieldChoiceSet matches the given query.")
}

// renderChoiceSet follows NetBox's documentation; no answer of it is recorded.
func (c *call) renderChoiceSet(f *customField) map[string]any {
	path := "extras/custom-field-choice-sets/" + formatID(f.set) + "/"
	choices := []any{}
	for _, choice := range f.Choices {
		choices = append(choices, []string{choice.Value, f.choiceLabel(choice.Value)})
	}
	return map[string]any{
		"id": f.set, "url": c.base + "/api/" + path, "display_url": c.base + "/" + path,
		"display": f.choiceSet(), "name": f.choiceSet(), "description": "", "base_choices": nil,
		"extra_choices": choices, "order_alphabetically": false, "choices_count": len(choices),
		"created": isoZ(f.created), "last_updated": isoZ(f.updated),
	}
}
