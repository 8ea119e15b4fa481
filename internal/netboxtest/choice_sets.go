package netboxtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const choiceSetType = "extras.customfieldchoiceset"

// choiceSet is a set of choices that custom fields share.
type choiceSet struct {
	id               int64
	name             string
	choices          []Choice
	created, updated time.Time
}

// choiceSetNamed returns the set with a name, or creates it with these choices.
func (s *Server) choiceSetNamed(name string, choices []Choice) int64 {
	if set := s.store.choiceSetNamed(name); set != nil {
		return set.id
	}
	return s.addChoiceSet(name, choices).id
}

func (s *Server) addChoiceSet(name string, choices []Choice) *choiceSet {
	s.store.lastSet++
	set := &choiceSet{id: s.store.lastSet, name: name, choices: choices, created: s.clock.stamp(time.Time{})}
	set.updated = s.clock.stamp(set.created)
	s.store.choiceSets[set.id] = set
	return set
}

func (st *store) choiceSetNamed(name string) *choiceSet {
	for _, set := range st.choiceSets {
		if set.name == name {
			return set
		}
	}
	return nil
}

func (c *call) serveChoiceSets() answer {
	if !c.may(choiceSetType) {
		return forbidden()
	}
	if c.method == http.MethodPost {
		return c.createChoiceSet()
	}
	rows := []any{}
	sets := slices.SortedFunc(maps.Values(c.store.choiceSets), func(a, b *choiceSet) int {
		return cmp.Compare(a.name,
			b.name)
	})
	for _, set := range sets {
		if filtered(c.r.URL.Query(), map[string]string{"id": formatID(set.id), "name": set.name}) {
			rows = append(rows, c.shown("custom-field-choice-sets", c.renderChoiceSet(set), c.view))
		}
	}
	return c.page(rows)
}

func (c *call) serveChoiceSet(id int64) answer {
	if !c.may(choiceSetType) {
		return forbidden()
	}
	set := c.store.choiceSets[id]
	if set == nil {
		return noChoiceSet()
	}
	switch c.method {
	case http.MethodPatch:
		return c.changeChoiceSet(set)
	case http.MethodDelete:
		return c.deleteChoiceSet(set)
	}
	return c.oneChoiceSet(set, http.StatusOK)
}

// deleteChoiceSet follows NetBox's source.
func (c *call) deleteChoiceSet(set *choiceSet) answer {
	var used []string
	for _, f := range c.store.customFields {
		if f.set == set.id {
			used = append(used, fmt.Sprintf("%s (%d)", f.Name, f.id))
		}
	}
	if len(used) > 0 {
		return detail(http.StatusConflict, fmt.Sprintf("Unable to delete object. %d dependent objects were found: %s",
			len(used), strings.Join(used, ", ")))
	}
	delete(c.store.choiceSets, set.id)
	return answer{status: http.StatusNoContent}
}

func (c *call) oneChoiceSet(set *choiceSet, status int) answer {
	a := ok(status, c.shown("custom-field-choice-sets", c.renderChoiceSet(set), c.view))
	a.etag = c.tagOf(set.updated)
	return a
}

// createChoiceSet and changeChoiceSet follow NetBox 4.7.3. They add no entry to the changelog.
func (c *call) createChoiceSet() answer {
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	errs, name := refusal{}, stringOf(data["name"])
	if name == "" {
		errs.add("name", msgRequired)
	}
	if c.store.choiceSetNamed(name) != nil {
		errs.add("name", "custom field choice set with this name already exists.")
	}
	choices := choicesIn(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	return c.oneChoiceSet(c.addChoiceSet(name, choices), http.StatusCreated)
}

// changeChoiceSet changes the choices of the set and of the fields that use it.
func (c *call) changeChoiceSet(set *choiceSet) answer {
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	errs := refusal{}
	choices := choicesIn(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	set.choices, set.updated = choices, c.clock.stamp(set.updated)
	for _, f := range c.store.customFields {
		if f.set == set.id {
			f.Choices = choices
		}
	}
	return c.oneChoiceSet(set, http.StatusOK)
}

// choicesIn reads the extra_choices of a body: pairs of a value and its label.
func choicesIn(data map[string]any, errs refusal) []Choice {
	list, isList := data["extra_choices"].([]any)
	if !isList {
		errs.add("extra_choices", msgRequired)
	}
	var choices []Choice
	for _, v := range list {
		pair := texts(v)
		if len(pair) != 2 {
			errs.add("extra_choices", "Ensure this field has at least 2 elements.")
			continue
		}
		choices = append(choices, Choice{Value: pair[0], Label: pair[1]})
	}
	return choices
}

func noChoiceSet() answer {
	return detail(http.StatusNotFound, "No CustomFieldChoiceSet matches the given query.")
}

// renderChoiceSet follows NetBox 4.7.3; only its brief form is recorded. The sets here have no
// base_choices.
func (c *call) renderChoiceSet(set *choiceSet) map[string]any {
	path, page := "extras/custom-field-choice-sets/"+formatID(set.id)+"/", "extras/custom-field-choices/"
	choices := []any{}
	for _, choice := range set.choices {
		choices = append(choices, []string{choice.Value, cmp.Or(choice.Label, choice.Value)})
	}
	return map[string]any{
		"id": set.id, "url": c.base + "/api/" + path, "display_url": c.base + "/" + page + formatID(set.id) + "/",
		"display": set.name, "name": set.name, "description": "", "base_choices": nil,
		"extra_choices": choices, "choice_colors": map[string]any{}, "order_alphabetically": false,
		"choices_count": len(choices), "owner": nil,
		"created": isoZ(set.created), "last_updated": isoZ(set.updated),
	}
}

// briefChoiceSet returns a set's brief form, as in a custom field's definition.
func (c *call) briefChoiceSet(set *choiceSet) any {
	return map[string]any{
		"id": set.id, "url": c.base + "/api/extras/custom-field-choice-sets/" + formatID(set.id) + "/",
		"display": set.name, "name": set.name, "description": "", "choices_count": len(set.choices),
	}
}
