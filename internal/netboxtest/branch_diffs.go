package netboxtest

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

const diffType = branchingName + ".changediff"

// diff is the change of an object in a branch.
type diff struct {
	id         int64
	branch     *branch
	model      *model // nil for a tag
	objectType string
	verbose    string
	object     int64
	repr       string
	action     string
	original   map[string]any // nil for an object that the branch has created
	updated    time.Time
}

func (b *branch) diffOf(objectType string, id int64) *diff {
	for _, d := range b.diffs {
		if d.objectType == objectType && d.object == id {
			return d
		}
	}
	return nil
}

// noteDiff records a change of an object in the request's branch. For a change in main, it
// updates the diffs of branches that have the object.
func (c *call) noteDiff(change *loggedChange) {
	switch {
	case c.branching == nil:
		return
	case c.branch == nil:
		for _, b := range c.branching.branches {
			if d := b.diffOf(change.ObjectType, change.ObjectID); d != nil && b.status == BranchReady {
				d.updated = c.clock.stamp(time.Time{})
			}
		}
		return
	}
	d := c.branch.diffOf(change.ObjectType, change.ObjectID)
	if d == nil {
		c.branching.lastDiff++
		d = &diff{id: c.branching.lastDiff, branch: c.branch, model: change.model, objectType: change.ObjectType,
			object: change.ObjectID, action: change.Action, verbose: change.verbose}
		if change.Action != "create" {
			d.original = change.before
		}
		c.branch.diffs = append(c.branch.diffs, d)
	}
	if d.action != "create" {
		d.action = change.Action
	}
	d.repr, d.updated = change.ObjectRepr, c.clock.stamp(d.updated)
}

// changed returns a diff's object in a schema, in the form of the changelog, or nil if it is not
// there.
func (s *Server) changed(in *schema, d *diff) map[string]any {
	if d.model == nil {
		if t := in.tags[d.object]; t != nil {
			return t.logged()
		}
		return nil
	}
	o := in.tables[d.model.endpoint].get(d.object)
	if o == nil {
		return nil
	}
	return (&store{schema: in}).changeData(o)
}

// versions returns a diff's object in the branch and in main.
func (s *Server) versions(d *diff) (modified, current map[string]any) {
	if d.branch.schema != nil {
		modified = s.changed(d.branch.schema, d)
	}
	return modified, s.changed(s.branching.main, d)
}

// conflictsOf returns the keys that the branch and main have changed to different values.
func (s *Server) conflictsOf(d *diff) []string {
	modified, current := s.versions(d)
	keys := []string{}
	for key, value := range d.original {
		inBranch, inMain := !reflect.DeepEqual(value, modified[key]), !reflect.DeepEqual(value, current[key])
		switch {
		case d.action == "delete" && current != nil && inMain,
			d.action == "update" && current == nil && inBranch,
			d.action == "update" && inBranch && inMain && !reflect.DeepEqual(modified[key], current[key]):
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// conflicts returns a branch's diffs with conflicts, in the form of a refusal.
func (c *call) conflicts(b *branch) []any {
	list := []any{}
	for _, d := range b.latestDiffs() {
		keys := c.conflictsOf(d)
		if len(keys) == 0 {
			continue
		}
		modified, current := c.versions(d)
		list = append(list, map[string]any{
			"id": d.id, "object_type": d.objectType, "object_id": d.object, "object_repr": d.repr,
			"action": d.labeledAction(), "conflicts": keys, "last_updated": isoZ(d.updated),
			"conflicting_data": map[string]any{"original": only(d.original, keys), "branch": only(modified, keys),
				"main": only(current, keys)},
		})
	}
	return list
}

func only(values map[string]any, keys []string) map[string]any {
	some := map[string]any{}
	for _, key := range keys {
		if value, has := values[key]; has {
			some[key] = value
		}
	}
	return some
}

func (b *branch) latestDiffs() []*diff {
	diffs := slices.Clone(b.diffs)
	slices.SortStableFunc(diffs, func(x, y *diff) int { return y.updated.Compare(x.updated) })
	return diffs
}

func (d *diff) labeledAction() map[string]any {
	return map[string]any{"value": d.action, "label": capital(d.action) + "d"}
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// serveDiffs lists the changes of branches, latest first, with tokens in plain text.
func (c *call) serveDiffs() answer {
	if !c.may(diffType) {
		return forbidden()
	}
	q := c.r.URL.Query()
	rows := []any{}
	for _, b := range c.branching.branches {
		for _, d := range b.latestDiffs() {
			conflicting := cmp.Or(map[bool]string{true: "true"}[len(c.conflictsOf(d)) > 0], "false")
			if filtered(q, map[string]string{"branch": b.schemaID, "branch_id": formatID(b.id), "action": d.action,
				"object_type": d.objectType, "object_id": formatID(d.object), "has_conflicts": conflicting}) {
				rows = append(rows, c.renderDiff(d, q.Get("brief") == "true"))
			}
		}
	}
	return c.page(rows)
}

func (c *call) renderDiff(d *diff, brief bool) map[string]any {
	body := map[string]any{
		"id": d.id, "url": c.base + branchingPath + "changes/" + formatID(d.id) + "/",
		"display":     capital(d.action) + "d " + d.verbose + " " + d.repr + " (" + formatID(d.object) + ")",
		"object_type": d.objectType, "object_id": d.object, "object_repr": d.repr, "action": d.labeledAction(),
	}
	if brief {
		return body
	}
	modified, current := c.versions(d)
	altered := []string{}
	for key, value := range d.original {
		if modified != nil && !reflect.DeepEqual(value, modified[key]) ||
			current != nil && !reflect.DeepEqual(value, current[key]) {
			altered = append(altered, key)
		}
	}
	body["branch"], body["object"], body["conflicts"] = c.briefBranch(d.branch), c.inMain(d), nil
	if keys := c.conflictsOf(d); len(keys) > 0 {
		body["conflicts"] = keys
	}
	body["diff"] = map[string]any{"original": only(d.original, altered), "modified": only(modified, altered),
		"current": only(current, altered)}
	body["original_data"], body["modified_data"] = orNothing(d.original), orNothing(modified)
	body["current_data"], body["last_updated"] = orNothing(current), isoZ(d.updated)
	return body
}

// inMain returns main's view of a diff's object, or nil if it is not there.
func (c *call) inMain(d *diff) any {
	if d.model == nil {
		if t := c.branching.main.tags[d.object]; t != nil {
			return t.brief(c.base)
		}
		return nil
	}
	if o := c.branching.main.tables[d.model.endpoint].get(d.object); o != nil {
		return c.render(d.model, o, c.base, view{})
	}
	return nil
}

// orNothing returns JSON's null for a nil map.
func orNothing(values map[string]any) any {
	if values == nil {
		return nil
	}
	return maps.Clone(values)
}
