package netboxtest

import (
	"fmt"
	"net/http"
)

// serveList answers on a list's path: the list itself, the creation of one
// object, and the writes in bulk, which are all or nothing.
func (c *call) serveList(m *model) answer {
	if !c.who.mayView(m) || c.method != http.MethodGet && !c.who.admin {
		return forbidden()
	}
	if c.method == http.MethodGet {
		return c.list(m)
	}
	body, refused := c.bodyJSON()
	if refused != nil {
		return *refused
	}
	list, isList := body.([]any)
	switch {
	case c.method == http.MethodPost && !isList:
		return c.create(m, body)
	case !isList:
		return ok(http.StatusBadRequest, map[string]any{"non_field_errors": []string{
			fmt.Sprintf(`Expected a list of items but got type "%s".`, pyType(body))}})
	case c.method == http.MethodPost:
		return c.atomically(func() (answer, bool) { return c.createAll(m, list) })
	}
	rows, refused := c.bulkRows(m, list)
	if refused != nil {
		return *refused
	}
	if c.r.Header.Get("If-Match") != "" && len(rows) > 0 {
		return preconditionFailed(etag(rows[0].updated))
	}
	if c.method == http.MethodDelete {
		return c.atomically(func() (answer, bool) { return c.removeAll(m, rows, list) })
	}
	return c.atomically(func() (answer, bool) { return c.updateAll(m, rows, list) })
}

// atomically rolls back what f wrote unless f says to commit.
func (c *call) atomically(f func() (a answer, commit bool)) answer {
	before, changes := c.store.snapshot(), len(c.changes)
	a, commit := f()
	if !commit {
		c.store.objects, c.changes = before, c.changes[:changes]
	}
	return a
}

func (c *call) create(m *model, body any) answer {
	ch, errs := c.newRow(m, body)
	if errs != nil {
		return ok(http.StatusBadRequest, errs)
	}
	return c.one(m, c.insert(m, ch), http.StatusCreated)
}

// bulkRows finds the rows that a bulk change names.
func (c *call) bulkRows(m *model, list []any) ([]*object, *answer) {
	var rows []*object
	var malformed, missing []any
	for _, item := range list {
		data, errs := dictionary(item)
		if errs == nil {
			if _, given := data["id"]; !given {
				errs = refusal{"id": []string{msgRequired}}
			}
		}
		if errs != nil {
			malformed = append(malformed, errs)
			continue
		}
		malformed = append(malformed, refusal{})
		id, numeric := idOf(data["id"])
		if row := c.store.table(m)[id]; numeric && row != nil {
			rows = append(rows, row)
		} else {
			missing = append(missing, itemErrors("id", data["id"], refusal{"id": []string{
				fmt.Sprintf("Object with ID %s does not exist", pyString(data["id"]))}}))
		}
	}
	for _, errs := range malformed {
		if len(errs.(refusal)) > 0 {
			a := ok(http.StatusBadRequest, malformed)
			return nil, &a
		}
	}
	if len(missing) > 0 {
		a := bulkRefusal(missing, len(list), "found")
		return nil, &a
	}
	return rows, nil
}

func itemErrors(key string, value any, errs refusal) any {
	return map[string]any{key: value, "errors": errs}
}

func bulkRefusal(errs []any, of int, done string) answer {
	return ok(http.StatusBadRequest, map[string]any{
		"detail": fmt.Sprintf("%d of %d objects could not be %s.", len(errs), of, done),
		"errors": errs,
	})
}

func (c *call) createAll(m *model, list []any) (answer, bool) {
	rows, failed := []*object{}, []any{}
	for i, item := range list {
		ch, errs := c.newRow(m, item)
		if errs != nil {
			failed = append(failed, itemErrors("index", i, errs))
			continue
		}
		rows = append(rows, c.insert(m, ch))
	}
	if len(failed) > 0 {
		return bulkRefusal(failed, len(list), "created"), false
	}
	return c.many(m, rows, http.StatusCreated), true
}

func (c *call) updateAll(m *model, rows []*object, list []any) (answer, bool) {
	failed, changed := []any{}, []*object{}
	for i, row := range rows {
		ch, errs := c.changedRow(m, c.store.table(m)[row.id], list[i], c.method == http.MethodPut)
		if errs != nil {
			failed = append(failed, itemErrors("id", row.id, errs))
			continue
		}
		changed = append(changed, c.replace(m, ch))
	}
	if len(failed) > 0 {
		return bulkRefusal(failed, len(list), "updated"), false
	}
	return c.many(m, changed, http.StatusOK), true
}

func (c *call) removeAll(m *model, rows []*object, list []any) (answer, bool) {
	if c.published && m.brokenURL && len(rows) > 0 {
		return displayURLError(), false
	}
	for i, row := range rows {
		if c.store.table(m)[row.id] == nil { // named twice
			continue
		}
		message := stringOf(list[i].(map[string]any)["changelog_message"])
		c.delete(m, row, message)
	}
	return answer{status: http.StatusNoContent}, true
}

// many renders a bulk answer; the published plugin may break it after the write.
func (c *call) many(m *model, rows []*object, status int) answer {
	if len(rows) > 0 && c.breaks(m, c.view) {
		return displayURLError()
	}
	bodies := []any{}
	for _, o := range rows {
		bodies = append(bodies, c.render(m, o, c.base, c.view))
	}
	return ok(status, bodies)
}
