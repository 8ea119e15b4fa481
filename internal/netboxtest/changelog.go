package netboxtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const changeType = "core.objectchange"

// ChangelogEntry is an entry of NetBox's changelog. Requests write entries; the Server's methods
// don't.
type ChangelogEntry struct {
	Time       time.Time
	User       string
	RequestID  string
	Action     string // create, update or delete
	ObjectType string // such as netbox_hedgehog.hedgehogfabric
	ObjectID   int64
	ObjectRepr string // the object's display
	Message    string // the request's changelog_message
}

// loggedChange is an entry in the database.
type loggedChange struct {
	ChangelogEntry
	id            int64
	verbose       string // the object type in words
	before, after map[string]any
	// What a merge replays in main: the object or the tag, before and after the change.
	model          *model
	old, new       *object
	oldTag, newTag *tag
	mergedFrom     *branch // whose merge or revert made it; nil otherwise
}

// Changelog returns every entry since the start, oldest first.
func (s *Server) Changelog() []ChangelogEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := []ChangelogEntry{}
	for _, change := range s.store.changes {
		entries = append(entries, change.ChangelogEntry)
	}
	return entries
}

// logChange records the change of a row. before is nil for a new row, after for a deleted one.
func (c *call) logChange(m *model, before, after *object, message string) {
	c.logEntry(loggedChange{
		ChangelogEntry: ChangelogEntry{ObjectType: m.objectType, ObjectID: after.id,
			ObjectRepr: m.label(&c.store, after), Message: message},
		verbose: m.verbose, before: c.store.changeData(before), after: c.store.changeData(after),
		model: m, old: before, new: after,
	})
}

func (c *call) logRemoval(gone removedObject, message string) {
	c.logEntry(loggedChange{
		ChangelogEntry: ChangelogEntry{ObjectType: gone.model.objectType, ObjectID: gone.row.id,
			ObjectRepr: gone.repr, Message: message},
		verbose: gone.model.verbose, before: c.store.changeData(gone.row), after: map[string]any{},
		model: gone.model, old: gone.row,
	})
}

// logEntry adds an entry, with the values that all entries have. The action follows from which
// of before and after is empty.
func (c *call) logEntry(change loggedChange) {
	c.store.lastChange++
	change.id = c.store.lastChange
	change.Time, change.User, change.RequestID = c.clock.stamp(time.Time{}), c.who.user, c.requestID
	switch {
	case len(change.before) == 0:
		change.Action = "create"
	case len(change.after) == 0:
		change.Action = "delete"
	default:
		change.Action = "update"
	}
	change.mergedFrom = c.merging
	c.store.changes = append(c.store.changes, change)
	c.noteDiff(&change)
	c.raise(change.ObjectType, change.Action)
}

// changeData returns a row in the form of the changelog: with tokens in plain text, and without
// created and last_updated, as in NetBox unless CHANGELOG_SKIP_EMPTY_CHANGES is off.
func (st *store) changeData(o *object) map[string]any {
	data := map[string]any{}
	if o == nil {
		return data
	}
	maps.Copy(data, o.all())
	tags := []string{}
	for _, t := range st.sortedTags() {
		if slices.Contains(o.tags, t.id) {
			tags = append(tags, t.name)
		}
	}
	data["tags"], data["custom_fields"] = tags, maps.Clone(o.custom)
	return data
}

// resolveChanges finds a route below /api/core/object-changes/.
func resolveChanges(rest string) *route {
	if rest != "" {
		return nil
	}
	return &route{allow: allowRead, methods: []string{"GET"}, handle: (*call).serveChanges}
}

// serveChanges lists the changelog, the latest first.
func (c *call) serveChanges() answer {
	if !c.may(changeType) {
		return forbidden()
	}
	q := c.r.URL.Query()
	changes := []*loggedChange{}
	for i := range slices.Backward(c.store.changes) {
		wanted, refused := c.store.changes[i].passes(q)
		if refused != nil {
			return *refused
		}
		if wanted {
			changes = append(changes, &c.store.changes[i])
		}
	}
	sortChanges(changes, q.Get("ordering"))
	page, links := offsetPage(changes, q, c.limitOf(q))
	rows := []any{}
	for _, change := range page {
		row, broken := c.renderChange(*change)
		if broken != nil {
			return displayURLError(broken)
		}
		rows = append(rows, row)
	}
	return ok(http.StatusOK, map[string]any{
		"count": len(changes), "next": c.link(links.next), "previous": c.link(links.previous), "results": rows,
	})
}

// passes reports whether an entry passes the filters of a list.
func (change *loggedChange) passes(q url.Values) (bool, *answer) {
	for name, number := range map[string]int64{"id": change.id, "changed_object_id": change.ObjectID} {
		if passes, refused := numberLookups(q, name, number); refused != nil || !passes {
			return false, refused
		}
	}
	if passes, refused := timeRange(q, "time", change.Time); refused != nil || !passes {
		return false, refused
	}
	return filtered(q, map[string]string{
		"id": formatID(change.id), "changed_object_type": change.ObjectType,
		"changed_object_id": formatID(change.ObjectID), "action": change.Action,
	}), nil
}

// sortChanges sorts entries by ?ordering=. Their order is latest first.
func sortChanges(changes []*loggedChange, ordering string) {
	columns := map[string]func(a, b *loggedChange) int{
		"id":   func(a, b *loggedChange) int { return cmp.Compare(a.id, b.id) },
		"time": func(a, b *loggedChange) int { return a.Time.Compare(b.Time) },
	}
	for _, name := range slices.Backward(strings.Split(ordering, ",")) {
		bare, descending := strings.CutPrefix(strings.TrimSpace(name), "-")
		if compare := columns[bare]; compare != nil && descending {
			slices.SortStableFunc(changes, func(a, b *loggedChange) int { return compare(b, a) })
		} else if compare != nil {
			slices.SortStableFunc(changes, compare)
		}
	}
}

// renderChange renders a change with the full changed object, which fails with the published
// plugin like any other rendering of it.
func (c *call) renderChange(change loggedChange) (row map[string]any, broken *model) {
	label := map[string]string{"create": "Created", "update": "Updated", "delete": "Deleted"}[change.Action]
	app := "Hedgehog Fabric Manager"
	if strings.HasPrefix(change.ObjectType, "extras.") {
		app = "Extras"
	}
	user := map[string]int64{"admin": 1}[change.User]
	path := formatID(change.id) + "/"
	body := map[string]any{
		"id": change.id, "url": c.base + "/api/core/object-changes/" + path, "display_url": c.base +
			"/core/changelog/" + path,
		"display": fmt.Sprintf("%s | %s %s %s by %s", app, change.verbose, change.ObjectRepr,
			lower(label), change.User),
		"time": isoZ(change.Time),
		"user": map[string]any{"id": user, "url": c.base + "/api/users/users/" + formatID(user) + "/",
			"display": change.User, "username": change.User},
		"user_name": change.User, "request_id": change.RequestID,
		"action":              map[string]any{"value": change.Action, "label": label},
		"changed_object_type": change.ObjectType, "changed_object_id": change.ObjectID,
		"changed_object": nil, "object_repr": change.ObjectRepr, "message": change.Message,
		"prechange_data": change.before, "postchange_data": change.after,
	}
	shown := c.view
	if !c.profile.changesByField {
		shown = view{}
	}
	if shown.has("changed_object") {
		object, broken := c.changedObject(change)
		if broken != nil {
			return nil, broken
		}
		body["changed_object"] = object
	}
	return c.shown("object-changes", body, shown), nil
}

// changedObject returns the current object of an entry, or nil if it was deleted.
func (c *call) changedObject(change loggedChange) (body any, broken *model) {
	for _, m := range c.models {
		o := c.store.table(m).get(change.ObjectID)
		switch {
		case m.objectType != change.ObjectType || o == nil:
			continue
		case c.breaks(m, view{}):
			return nil, m
		}
		return c.render(m, o, c.base, view{}), nil
	}
	if t := c.store.tags[change.ObjectID]; t != nil && change.ObjectType == tagType {
		return t.brief(c.base), nil
	}
	return nil, nil
}
