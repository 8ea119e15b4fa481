package netboxtest

import (
	"cmp"
	"fmt"
	"net/http"
)

// serveList serves a list's path: the list itself, the creation of an object, and bulk writes,
// which are atomic.
func (c *call) serveList(m *model) answer {
	if !c.may(m.objectType) {
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
		return detail(http.StatusBadRequest, "Expected a list of objects, but got "+pyType(body)+".")
	case c.method == http.MethodPost:
		return c.atomically(func() (answer, bool) { return c.createAll(m, list) })
	}
	targets, refused := c.bulkTargets(m, list)
	if refused != nil {
		return *refused
	}
	if c.r.Header.Get("If-Match") != "" && len(targets) > 0 && c.profile.entityTags {
		return preconditionFailed(etag(targets[0].row.version()))
	}
	if c.method == http.MethodDelete {
		return c.atomically(func() (answer, bool) { return c.removeAll(m, targets) })
	}
	return c.atomically(func() (answer, bool) { return c.updateAll(m, targets, len(list)) })
}

// atomically rolls back what f wrote unless f says to commit.
func (c *call) atomically(f func() (a answer, commit bool)) answer {
	tx, changes := c.store.begin(), len(c.store.changes)
	a, commit := f()
	tx.end(commit)
	if !commit {
		c.store.changes = c.store.changes[:changes]
	}
	return a
}

func (c *call) create(m *model, body any) answer {
	ch, errs := c.newRow(m, body)
	switch {
	case errs != nil:
		return ok(http.StatusBadRequest, errs)
	case c.undone(m):
		c.store.nextID(m)
		return displayURLError(m)
	}
	created, conflict := c.insert(m, ch)
	if conflict != nil {
		return *conflict
	}
	return c.one(m, created, http.StatusCreated)
}

// target is a row of a bulk change, with the new values.
type target struct {
	row  *object
	data map[string]any
}

// bulkTargets finds the rows of a bulk change, in the order of the list.
func (c *call) bulkTargets(m *model, list []any) ([]target, *answer) {
	if refused := c.malformed(list); refused != nil {
		return nil, refused
	}
	wanted, missing := map[int64]target{}, []any{}
	for _, item := range list {
		data := item.(map[string]any)
		id, _ := idOf(data["id"])
		row := c.store.table(m).get(id)
		if row == nil {
			missing = append(missing, itemErrors("id", id, refusal{"id": []string{
				fmt.Sprintf("Object with ID %d does not exist", id)}}))
			continue
		}
		wanted[id] = target{row, data}
	}
	if len(missing) > 0 && c.profile.bulkReports {
		return nil, bulkRefusal(missing, fmt.Sprintf("%d of %d objects could not be found.", len(missing), len(list)))
	}
	rows := []*object{}
	for _, t := range wanted {
		rows = append(rows, t.row)
	}
	targets := []target{}
	for _, row := range inListOrder(m, rows) {
		targets = append(targets, wanted[row.id])
	}
	return targets, nil
}

// malformed refuses a list with an element that does not name an object.
func (c *call) malformed(list []any) *answer {
	byPosition, found := make([]any, len(list)), []any{}
	for i, item := range list {
		byPosition[i] = refusal{}
		data, errs := dictionary(item)
		if errs == nil {
			if given, present := data["id"]; !present {
				errs = refusal{"id": []string{msgRequired}}
			} else if _, numeric := idOf(given); !numeric {
				errs = refusal{"id": []string{"A valid integer is required."}}
			}
		}
		if errs != nil {
			byPosition[i] = errs
			found = append(found, itemErrors("index", i, errs))
		}
	}
	switch {
	case len(found) == 0:
		return nil
	case c.profile.bulkReports: // from source
		return bulkRefusal(found, fmt.Sprintf("%d of %d objects failed validation.", len(found), len(list)))
	}
	a := ok(http.StatusBadRequest, byPosition)
	return &a
}

func itemErrors(key string, value any, errs refusal) any {
	return map[string]any{key: value, "errors": errs}
}

func bulkRefusal(errs []any, text string) *answer {
	a := ok(http.StatusBadRequest, map[string]any{"detail": text, "errors": errs})
	return &a
}

// createAll creates objects. If this version reports on every object, it creates them one by
// one, so later ones can conflict with earlier ones. Otherwise it checks all of them first.
func (c *call) createAll(m *model, list []any) (answer, bool) {
	if !c.profile.bulkReports {
		return c.createChecked(m, list)
	}
	rows, failed := []*object{}, []any{}
	for i, item := range list {
		ch, errs := c.newRow(m, item)
		if errs != nil {
			failed = append(failed, itemErrors("index", i, errs))
			continue
		}
		row, conflict := c.insert(m, ch)
		if conflict != nil {
			return *conflict, false
		}
		rows = append(rows, row)
	}
	if len(failed) > 0 {
		return *bulkRefusal(failed, fmt.Sprintf("%d of %d objects could not be created.", len(failed), len(list))),
			false
	}
	return c.many(m, rows, http.StatusCreated), true
}

func (c *call) createChecked(m *model, list []any) (answer, bool) {
	changes, faults, bad := make([]change, len(list)), make([]any, len(list)), false
	for i, item := range list {
		ch, errs := c.newRow(m, item)
		bad = bad || errs != nil
		if errs == nil {
			errs = refusal{}
		}
		changes[i], faults[i] = ch, errs
	}
	if bad {
		return ok(http.StatusBadRequest, faults), false
	}
	rows := []*object{}
	for _, ch := range changes {
		row, conflict := c.insert(m, ch)
		if conflict != nil {
			return *conflict, false
		}
		if c.undone(m) {
			return displayURLError(m), false
		}
		rows = append(rows, row)
	}
	return c.many(m, rows, http.StatusCreated), true
}

func (c *call) updateAll(m *model, targets []target, of int) (answer, bool) {
	failed, changed := []any{}, []*object{}
	for _, t := range targets {
		ch, errs := c.changedRow(m, t.row, t.data)
		switch {
		case errs != nil && !c.profile.bulkReports:
			return ok(http.StatusBadRequest, errs), false
		case errs != nil:
			failed = append(failed, itemErrors("id", t.row.id, errs))
			continue
		case c.undone(m):
			return displayURLError(m), false
		}
		row, conflict := c.replace(m, ch)
		if conflict != nil {
			return *conflict, false
		}
		changed = append(changed, row)
	}
	if len(failed) > 0 {
		return *bulkRefusal(failed, fmt.Sprintf("%d of %d objects could not be updated.", len(failed), of)), false
	}
	return c.many(m, inListOrder(m, changed), http.StatusOK), true
}

// inListOrder sorts rows like a list without ordering.
func inListOrder(m *model, rows []*object) []*object {
	sortRows(rows, []string{cmp.Or(m.ordering, "id")})
	return rows
}

func (c *call) removeAll(m *model, targets []target) (answer, bool) {
	for _, t := range targets {
		if broken := c.unrenderable(m, t.row); c.published && broken != nil {
			return displayURLError(broken), false
		}
	}
	for _, t := range targets {
		c.delete(m, t.row, stringOf(t.data["changelog_message"]))
	}
	return answer{status: http.StatusNoContent}, true
}

// many renders a bulk answer. With the published plugin it may fail after the write.
func (c *call) many(m *model, rows []*object, status int) answer {
	if len(rows) > 0 && c.breaks(m, c.view) {
		return displayURLError(m)
	}
	return ok(status, c.renderAll(m, rows))
}
