package netboxtest

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// CustomField is the definition of a custom field.
type CustomField struct {
	Name  string
	Label string // "" shows the name
	// Type is NetBox's: text, longtext, integer, decimal, boolean, date,
	// datetime, url, json, select, multiselect, object or multiobject.
	Type     string
	Choices  []Choice // of select and multiselect
	Required bool
	Unique   bool     // no two objects may have the same value
	Default  any      // the value of an object created without one
	Minimum  *float64 // of integer and decimal
	Maximum  *float64 // of integer and decimal
	Regex    string   // of text, longtext and url
	// ChoiceSet is the name of the set of choices; the field's name if "".
	ChoiceSet string
	// RelatedObjectType is the objects' type for object and multiobject, such as "dcim.site".
	// The server has tags ("extras.tag") and fabrics. Of other types only RelatedObjects exist.
	RelatedObjectType string
	RelatedObjects    map[int64]string // display by id
	// ObjectTypes are the types that have the field; fabrics if empty.
	ObjectTypes []string
}

// Choice is one choice of a select field.
type Choice struct{ Value, Label string }

type customField struct {
	CustomField
	id, set          int64          // set: the choice set's id; 0 for none
	more             map[string]any // other attributes of the definition, by the API's key
	created, updated time.Time
}

// customTypes has the label and the data type of each type. The label of boolean depends on
// NetBox's version.
var customTypes = map[string][2]string{
	"text": {"Text", "string"}, "longtext": {"Text (long)", "string"}, "integer": {"Integer", "integer"},
	"decimal": {"Decimal", "decimal"}, "boolean": {"", "boolean"}, "date": {"Date", "string"},
	"datetime": {"Date & time", "string"}, "url": {"URL", "string"}, "json": {"JSON", "object"},
	"select": {"Selection", "string"}, "multiselect": {"Multiple selection", "array"},
	"object": {"Object", "object"}, "multiobject": {"Multiple objects", "array"},
}

// AddCustomField defines a custom field and returns its id. Existing objects get its default,
// as in NetBox. Fields with the same ChoiceSet share it. It panics if the type is unknown or
// the name is taken.
func (s *Server) AddCustomField(def CustomField) int64 {
	if _, known := customTypes[def.Type]; !known {
		panic("stand-in NetBox: no custom field type " + def.Type)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(def.ObjectTypes) == 0 {
		def.ObjectTypes = []string{s.models[fabricEndpoint].objectType}
	}
	if s.store.customField(def.Name) != nil {
		panic("stand-in NetBox: a second custom field " + def.Name)
	}
	def.Default = plainJSON(def.Default)
	f := &customField{CustomField: def, more: map[string]any{}}
	if def.Unique {
		f.more["unique"] = true
	}
	if len(def.Choices) > 0 {
		f.set = s.choiceSetNamed(f.choiceSet(), def.Choices)
	}
	return s.define(f).id
}

// RemoveCustomField deletes a definition with its values. The objects' last_updated stays. It
// panics if there is no such field.
func (s *Server) RemoveCustomField(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.store.customField(name)
	if f == nil {
		panic("stand-in NetBox: no custom field " + name)
	}
	s.undefine(f)
}

func (s *Server) undefine(f *customField) {
	s.store.customFields = slices.DeleteFunc(s.store.customFields, func(o *customField) bool { return o.id == f.id })
	s.rewriteData(f, func(values map[string]any) { delete(values, f.Name) })
}

// define stores a new definition and gives existing objects its default. Their last_updated
// stays, since NetBox changes the database directly.
func (s *Server) define(f *customField) *customField {
	s.store.lastField++
	f.id = s.store.lastField
	f.created = s.clock.stamp(time.Time{})
	f.updated = s.clock.stamp(f.created)
	s.store.customFields = append(s.store.customFields, f)
	s.store.sortFields()
	if f.Default != nil || !s.profile.sparseCustomData {
		s.rewriteData(f, func(data map[string]any) { data[f.Name] = f.Default })
	}
	return f
}

// rewriteData changes the custom field data of every object that has the field.
func (s *Server) rewriteData(f *customField, change func(data map[string]any)) {
	for _, m := range s.models {
		if !slices.Contains(f.ObjectTypes, m.objectType) {
			continue
		}
		for _, o := range s.store.rows(m) {
			rewritten := o.clone()
			change(rewritten.custom)
			s.store.table(m).put(rewritten)
		}
	}
}

// sortFields puts the definitions into NetBox's order.
func (st *store) sortFields() {
	slices.SortFunc(st.customFields, func(a, b *customField) int {
		x, _ := idOf(a.detail("weight"))
		y, _ := idOf(b.detail("weight"))
		return cmp.Or(cmp.Compare(stringOf(a.detail("group_name")), stringOf(b.detail("group_name"))),
			cmp.Compare(x, y), cmp.Compare(a.Name, b.Name))
	})
}

// customField returns a definition by name, or nil if there is none.
func (st *store) customField(name string) *customField {
	for _, f := range st.customFields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// fieldsOf returns the custom fields of an object type, by name.
func (st *store) fieldsOf(objectType string) []*customField {
	var list []*customField
	for _, f := range st.customFields {
		if slices.Contains(f.ObjectTypes, objectType) {
			list = append(list, f)
		}
	}
	return list
}

// customDefaults returns the data of an object created without custom fields.
func (st *store) customDefaults(objectType string) map[string]any {
	data := map[string]any{}
	for _, f := range st.fieldsOf(objectType) {
		data[f.Name] = f.Default
	}
	return data
}

func (f *customField) choiceSet() string { return cmp.Or(f.ChoiceSet, f.Name) }

// choiceLabel returns the label of a choice; the value itself if it is no longer a choice.
func (f *customField) choiceLabel(value string) string {
	for _, c := range f.Choices {
		if c.Value == value {
			return cmp.Or(c.Label, c.Value)
		}
	}
	return value
}

// dropStrayData deletes an object's values of fields that no longer exist.
func (st *store) dropStrayData(objectType string, o *object) {
	fields := st.fieldsOf(objectType)
	for name := range o.custom {
		if !slices.ContainsFunc(fields, func(f *customField) bool { return f.Name == name }) {
			delete(o.custom, name)
		}
	}
}

func (f *customField) display() string {
	if f.Label != "" {
		return f.Label
	}
	text := strings.ToLower(strings.ReplaceAll(f.Name, "_", " "))
	return strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):]
}
