package netboxtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// Only tests that prepare a NetBox write definitions. So this file refuses what NetBox refuses
// only where a mistake in a test would otherwise go unnoticed.

func (c *call) createCustomField() answer {
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	f := &customField{more: map[string]any{}}
	if errs := c.writeCustomField(f, data); len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	c.define(f)
	c.logCustomField(nil, f, stringOf(data["changelog_message"]))
	a := c.oneCustomField(f, http.StatusCreated)
	a.location = c.base + "/api/extras/custom-fields/" + formatID(f.id) + "/"
	return a
}

// changeCustomField serves PATCH and DELETE of a definition. Values stay with a definition that
// is renamed, and are deleted with a definition that is deleted.
func (c *call) changeCustomField(at int) answer {
	stored := c.store.customFields[at]
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	message := stringOf(data["changelog_message"])
	if c.method == http.MethodDelete {
		c.undefine(stored)
		c.logCustomField(stored, nil, message)
		return answer{status: http.StatusNoContent}
	}
	changed := *stored
	changed.more = maps.Clone(stored.more)
	if errs := c.writeCustomField(&changed, data); len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
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

// writeCustomField validates a body's values and writes them to a definition. The messages are
// from NetBox's source.
func (c *call) writeCustomField(f *customField, data map[string]any) refusal {
	errs := refusal{}
	for name, value := range data {
		switch name {
		case "name":
			f.Name = stringOf(value)
		case "label":
			f.Label = stringOf(value)
		case "type":
			f.Type = stringOf(value)
		case "required":
			f.Required = value == true
		case "validation_regex":
			f.Regex = stringOf(value)
		case "validation_minimum":
			f.Minimum = boundOf(value)
		case "validation_maximum":
			f.Maximum = boundOf(value)
		case "related_object_type":
			f.RelatedObjectType = stringOf(value)
		case "default":
			f.Default = databaseNumbers(value)
		case "object_types":
			f.ObjectTypes = []string{}
			list, _ := value.([]any)
			for _, e := range list {
				f.ObjectTypes = append(f.ObjectTypes, stringOf(e))
			}
		case "choice_set":
			c.takeChoiceSet(f, value, errs)
		default:
			f.more[name] = value
		}
	}
	other := c.store.customField(f.Name)
	_, known := customTypes[f.Type]
	switch {
	case len(errs) > 0:
	case f.Name == "":
		errs.add("name", msgRequired)
	case len(f.ObjectTypes) == 0:
		errs.add("object_types", msgRequired)
	case !known:
		errs.add("type", f.Type+" is not a valid choice.")
	case other != nil && other.id != f.id:
		errs.add("name", "custom field with this name already exists.")
	case strings.HasSuffix(f.Type, "select") && f.set == 0:
		errs.add("choice_set", "Selection fields must specify a set of choices.")
	case strings.HasSuffix(f.Type, "object") && f.RelatedObjectType == "":
		errs.add("related_object_type", "Object fields must define an object type.")
	case f.Default != nil && f.fault(f.Default) != "":
		errs.add("default", `Invalid default value "`+pyString(f.Default)+`": `+f.fault(f.Default))
	}
	return errs
}

// boundOf reads a limit of a number, or nil if there is none.
func boundOf(value any) *float64 {
	limit, err := json.Number(stringOf(value)).Float64()
	if err != nil {
		return nil
	}
	return &limit
}

func (c *call) takeChoiceSet(f *customField, reference any, errs refusal) {
	id, _ := idOf(reference)
	set, missing := c.store.choiceSets[id], noSuchID(id)
	if attributes, isObject := reference.(map[string]any); isObject {
		set, missing = c.store.choiceSetNamed(stringOf(attributes["name"])), noSuchAttributes(attributes)
	}
	switch {
	case reference == nil:
		f.set, f.Choices = 0, nil
	case set == nil:
		errs.add("choice_set", missing)
	default:
		f.set, f.ChoiceSet, f.Choices = set.id, set.name, set.choices
	}
}
