package netboxtest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
)

const customFieldType = "extras.customfield"

func (c *call) serveCustomFields() answer {
	if !c.may(customFieldType) {
		return forbidden()
	}
	if c.method == http.MethodPost {
		return c.createCustomField()
	}
	q := c.r.URL.Query()
	rows := []any{}
	for _, f := range c.store.customFields {
		wanted := q["object_type"]
		typed := len(wanted) == 0 || slices.ContainsFunc(wanted,
			func(t string) bool { return slices.Contains(f.ObjectTypes, t) })
		if typed && filtered(q, map[string]string{"id": formatID(f.id), "name": f.Name, "type": f.Type}) {
			rows = append(rows, c.shown("custom-fields", c.renderCustomField(f), c.view))
		}
	}
	return c.page(rows)
}

func (c *call) serveCustomField(id int64) answer {
	if !c.may(customFieldType) {
		return forbidden()
	}
	at := slices.IndexFunc(c.store.customFields, func(f *customField) bool { return f.id == id })
	switch {
	case at < 0:
		return detail(http.StatusNotFound, "No CustomField matches the given query.")
	case c.method == http.MethodGet:
		return c.oneCustomField(c.store.customFields[at], http.StatusOK)
	}
	return c.changeCustomField(at)
}

func (c *call) oneCustomField(f *customField, status int) answer {
	a := ok(status, c.shown("custom-fields", c.renderCustomField(f), c.view))
	a.etag = c.tagOf(f.updated)
	return a
}

// customFieldDetails returns the attributes of a definition that CustomField lacks, with their
// rules and defaults.
func customFieldDetails() []field {
	return []field{
		{name: "group_name", blank: true, max: 50, initial: ""},
		{name: "description", blank: true, max: 200, initial: ""},
		{name: "unique", kind: booleanKind, initial: false},
		{name: "search_weight", kind: integerKind, initial: json.Number("1000")},
		{name: "filter_logic", kind: choiceKind, choices: []string{"disabled", "loose", "exact"}, initial: "loose"},
		{name: "ui_visible", kind: choiceKind, choices: []string{"always", "if-set", "hidden"}, initial: "always"},
		{name: "ui_editable", kind: choiceKind, choices: []string{"yes", "no", "hidden"}, initial: "yes"},
		{name: "is_cloneable", kind: booleanKind, initial: false},
		{name: "nulls_first", kind: booleanKind, initial: true},
		{name: "weight", kind: integerKind, initial: json.Number("100")},
		{name: "comments", blank: true, initial: ""},
	}
}

// detail returns the value of such an attribute.
func (f *customField) detail(name string) any {
	if v, said := f.more[name]; said {
		return v
	}
	for _, rule := range customFieldDetails() {
		if rule.name == name {
			return rule.initial
		}
	}
	return nil
}

var customFieldLabels = map[string]string{
	"disabled": "Disabled", "loose": "Loose", "exact": "Exact", "always": "Always", "if-set": "If set",
	"hidden": "Hidden", "yes": "Yes", "no": "No",
}

func (c *call) renderCustomField(f *customField) map[string]any {
	pair := func(value, label string) any { return map[string]any{"value": value, "label": label} }
	path := "extras/custom-fields/" + formatID(f.id) + "/"
	body := map[string]any{
		"id": f.id, "url": c.base + "/api/" + path, "display_url": c.base + "/" + path, "display": f.display(),
		"object_types": f.ObjectTypes, "type": pair(f.Type, cmp.Or(customTypes[f.Type][0], c.profile.booleanLabel)),
		"related_object_type": nil, "data_type": customTypes[f.Type][1], "name": f.Name, "label": f.Label,
		"required": f.Required, "default": f.Default, "related_object_filter": nil,
		"validation_minimum": bound(f.Minimum), "validation_maximum": bound(f.Maximum),
		"validation_regex": f.Regex, "validation_schema": nil, "choice_set": nil, "status": pair("active", "Active"),
		"owner": nil, "created": isoZ(f.created), "last_updated": isoZ(f.updated),
	}
	for _, rule := range customFieldDetails() {
		body[rule.name] = f.detail(rule.name)
		if rule.kind == choiceKind {
			value := stringOf(body[rule.name])
			body[rule.name] = pair(value, customFieldLabels[value])
		}
	}
	if f.RelatedObjectType != "" {
		body["related_object_type"] = f.RelatedObjectType
	}
	if set := c.store.choiceSets[f.set]; set != nil {
		body["choice_set"] = c.briefChoiceSet(set)
	}
	return body
}

// bound returns a limit of a number as NetBox sends it: a decimal column rendered as a float;
// from its source.
func bound(limit *float64) any {
	if limit == nil {
		return nil
	}
	return pythonFloat(*limit)
}
