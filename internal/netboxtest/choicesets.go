package netboxtest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// choiceSet is a set of choices that custom fields share.
type choiceSet struct {
	id               int64
	name             string
	choices          []Choice
	created, updated time.Time
}

// choiceSetNamed finds a set, or makes it of these choices.
func (s *Server) choiceSetNamed(name string, choices []Choice) int64 {
	for id, set := range s.store.choiceSets {
		if set.name == name {
			return id
		}
	}
	s.store.lastSet++
	set := &choiceSet{id: s.store.lastSet, name: name, choices: choices, created: s.clock.stamp(time.Time{})}
	set.updated = s.clock.stamp(set.created)
	s.store.choiceSets[set.id] = set
	return set.id
}

func (c *call) serveChoiceSets() answer {
	if !c.who.admin {
		return forbidden()
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
	if !c.who.admin {
		return forbidden()
	}
	set := c.store.choiceSets[id]
	if set == nil {
		return noChoiceSet()
	}
	a := ok(http.StatusOK, c.shown("custom-field-choice-sets", c.renderChoiceSet(set), c.view))
	a.etag = c.tagOf(set.updated)
	return a
}

func noChoiceSet() answer {
	return detail(http.StatusNotFound, "No CustomFieldChoiceSet matches the given query.")
}

// serveChoices pages through one set's choices; from NetBox's source.
func (c *call) serveChoices(id int64) answer {
	if !c.who.admin {
		return forbidden()
	}
	set := c.store.choiceSets[id]
	if set == nil {
		return noChoiceSet()
	}
	wanted, rows := lower(c.r.URL.Query().Get("q")), []any{}
	for _, choice := range set.choices {
		label := cmp.Or(choice.Label, choice.Value)
		if strings.Contains(lower(choice.Value), wanted) || strings.Contains(lower(label), wanted) {
			rows = append(rows, map[string]any{"id": choice.Value, "display": label})
		}
	}
	return c.page(rows)
}

// renderChoiceSet follows NetBox's source; only its brief form is recorded. The
// sets here have no base_choices, whose choices a real one lists nowhere but
// under choices/.
func (c *call) renderChoiceSet(set *choiceSet) map[string]any {
	path := "extras/custom-field-choice-sets/" + formatID(set.id) + "/"
	choices := []any{}
	for _, choice := range set.choices {
		choices = append(choices, []string{choice.Value, cmp.Or(choice.Label, choice.Value)})
	}
	return map[string]any{
		"id": set.id, "url": c.base + "/api/" + path, "display_url": c.base + "/" + path,
		"display": set.name, "name": set.name, "description": "", "base_choices": nil,
		"extra_choices": choices, "choice_colors": map[string]any{}, "order_alphabetically": false,
		"choices_count": len(choices), "owner": nil,
		"created": isoZ(set.created), "last_updated": isoZ(set.updated),
	}
}

// briefChoiceSet is a set as part of a custom field's definition.
func (c *call) briefChoiceSet(set *choiceSet) any {
	return map[string]any{
		"id": set.id, "url": c.base + "/api/extras/custom-field-choice-sets/" + formatID(set.id) + "/",
		"display": set.name, "name": set.name, "description": "", "choices_count": len(set.choices),
	}
}
