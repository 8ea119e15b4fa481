package netboxtest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// replayer replays the changes of one schema in another, in order.
type replayer struct {
	*call
	job       *job
	from      *branch
	work      *schema                  // what is being written to
	baselines map[*diff]map[string]any // main's values after a sync, for the branch's diffs
}

// into lets do write to a copy of a schema, which continues the schema's changelog.
func (r *replayer) into(work *schema, changes []loggedChange, do func() error) error {
	work.changes = slices.Clone(changes)
	r.work, r.store.schema = work, work
	return do()
}

// applyAll replays a branch's changes in main.
func (r *replayer) applyAll(changes []loggedChange) error {
	for i := range changes {
		if err := r.apply(&changes[i]); err != nil {
			return err
		}
	}
	return nil
}

// undoAll reverts a branch's changes in main, latest first.
func (r *replayer) undoAll(changes []loggedChange) error {
	for _, change := range slices.Backward(changes) {
		change.old, change.new = change.new, change.old
		change.oldTag, change.newTag = change.newTag, change.oldTag
		if err := r.apply(&change); err != nil {
			return err
		}
	}
	return nil
}

// sync replays main's changes since the last sync in the branch. If the branch has changed the
// object too, its changelog gets an entry, which the merge needs.
func (r *replayer) sync() error {
	r.baselines = map[*diff]map[string]any{}
	silent := r.work.changes
	for _, change := range r.branching.main.changes[r.from.seen:] {
		if change.mergedFrom == r.from {
			continue
		}
		r.work.changes = nil
		if err := r.apply(&change); err != nil && !errors.Is(err, errGone) {
			return err
		}
		d := r.from.diffOf(change.ObjectType, change.ObjectID)
		if d == nil {
			continue
		}
		silent = append(silent, r.work.changes...)
		if current := r.changed(r.branching.main, d); current != nil && d.action == "update" {
			r.baselines[d] = current
		}
	}
	r.work.changes = silent
	return nil
}

var errGone = errors.New("matching query does not exist")

// apply replays a change.
func (r *replayer) apply(change *loggedChange) error {
	r.requestID = change.RequestID
	switch {
	case change.model == nil:
		return r.applyTag(change)
	case change.new == nil:
		if o := r.store.table(change.model).get(change.ObjectID); o != nil {
			r.delete(change.model, o, change.Message)
		}
		return nil
	case change.old == nil:
		o := change.new.clone()
		o.created, o.updated = o.created.Truncate(time.Millisecond), time.Time{}
		return r.place(change, nil, o)
	}
	stored := r.store.table(change.model).get(change.ObjectID)
	if stored == nil {
		return fmt.Errorf("%s %w", change.model.name, errGone)
	}
	o := stored.clone()
	copyChanged(o.values, change.old.all(), change.new.all())
	copyChanged(o.custom, change.old.custom, change.new.custom)
	if !slices.Equal(change.old.tags, change.new.tags) {
		o.tags = change.new.tags
	}
	o.updated = r.clock.stamp(stored.updated)
	return r.place(change, stored, o)
}

// copyChanged copies the keys that a change has changed.
func copyChanged(into, before, after map[string]any) {
	for key, value := range after {
		if old, had := before[key]; !had || !reflect.DeepEqual(old, value) {
			into[key] = value
		}
	}
	maps.DeleteFunc(into, func(key string, _ any) bool {
		_, had := before[key]
		_, has := after[key]
		return had && !has
	})
}

// place stores a row unless another row has one of its unique values.
func (r *replayer) place(change *loggedChange, before, o *object) error {
	m := change.model
	for _, f := range m.fields {
		if f.unique && r.store.table(m).twin(o, []string{f.name}) != nil {
			return fmt.Errorf("{'%s': ['%s with this %s already exists.']}", f.name, m.verbose, capital(f.name))
		}
	}
	if conflict := r.duplicate(m, o); conflict != nil {
		return errors.New(conflict.failure.text)
	}
	o.tags = slices.DeleteFunc(slices.Clone(o.tags), func(id int64) bool { return r.store.tags[id] == nil })
	r.store.table(m).put(o)
	if before == nil || !sameContent(before, o) {
		r.logChange(m, before, o, change.Message)
	}
	return nil
}

func (r *replayer) applyTag(change *loggedChange) error {
	stored := r.store.tags[change.ObjectID]
	switch {
	case change.newTag == nil:
		delete(r.store.tags, change.ObjectID)
	case change.oldTag == nil:
		t := *change.newTag
		t.created, t.updated = t.created.Truncate(time.Millisecond), time.Time{}
		for _, other := range r.store.tags {
			if other.name == t.name || other.slug == t.slug {
				return errors.New("{'name': ['tag with this Name already exists.']}")
			}
		}
		r.store.tags[t.id] = &t
	case stored == nil:
		return fmt.Errorf("tag: %w", errGone)
	default: // if both changed it, the later change wins here; NetBox decides field by field
		t := *change.newTag
		t.created, t.updated = stored.created, r.clock.stamp(stored.updated)
		r.store.tags[t.id] = &t
	}
	r.logTag(stored, r.store.tags[change.ObjectID], change.Message)
	return nil
}
