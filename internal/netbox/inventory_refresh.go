package netbox

import (
	"context"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// refresh is one reading of a kind. It updates the inventory completely or not at all.
type refresh struct {
	number  int
	began   time.Time // local
	whole   bool
	since   time.Time
	table   *objectTable            // of a complete reading
	changed map[int64]*StoredObject // of another reading
	stamps  map[int64]time.Time     // last_updated of all objects, if it was needed
	count   *int64                  // NetBox's number of objects when the refresh began
	newest  time.Time               // newest last_updated that it read
	asked   time.Time               // when it began, by the Date of NetBox's answer; zero if it has none
}

// refresh brings the kind up to date. It does not end with its caller, since others may
// wait for it: each request has its own time limit.
func (k *kindInventory) refresh(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	r := k.begin()
	defer k.end()
	// Objects may come and go between NetBox's count and its list, so a difference must
	// show twice.
	ways := []func(context.Context, *refresh) error{k.readChanges, k.readChanges, k.readIDs, k.readWhole}
	if r.whole {
		ways = ways[3:]
	}
	for _, read := range ways {
		if err := read(ctx, &r); err != nil {
			return err
		}
		if k.adopt(&r) {
			break
		}
	}
	return nil
}

func (k *kindInventory) begin() refresh {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.begun++
	k.deleted, k.gone = k.deleting > 0, map[int64]bool{}
	now := k.now()
	return refresh{
		number: k.begun, began: now, since: k.since, whole: k.table == nil || !now.Before(k.wholeAt),
	}
}

func (k *kindInventory) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone = nil
}

// readChanges reads what has changed since the previous refresh, newest first. It
// leaves changes during the reading, and objects missed because of them, to the next
// refresh.
//
// If the first page is not enough, it reads the times of change to see which objects it
// already knows. A burst of changes would otherwise be read again for as long as the
// overlap lasts, and objects with specs take NetBox ten times as long.
func (k *kindInventory) readChanges(ctx context.Context, r *refresh) error {
	r.changed, r.count = map[int64]*StoredObject{}, nil
	for page, err := range k.list.pages(ctx, newestFirst, quietPage) {
		if err != nil {
			return err
		}
		if k.note(r, page); r.reached(page) || page.IsLast() {
			return nil
		}
		break
	}
	missing, err := k.missing(ctx, r)
	if err != nil || len(missing) == 0 {
		return err
	}
	for page, err := range k.list.pages(ctx, newestFirst, rest.MaxPageSize) {
		if err != nil {
			return err
		}
		k.note(r, page)
		done := r.reached(page)
		for i := range page.Records {
			delete(missing, page.Records[i].ID)
		}
		if done || len(missing) == 0 {
			return nil
		}
	}
	return nil
}

// reached takes the changes from a page, and reports whether there are no more.
func (r *refresh) reached(page *objectPage) bool {
	for i := range page.Records {
		stored := &page.Records[i]
		if r.past(stored) {
			return true
		}
		r.changed[stored.ID] = stored
	}
	return false
}

// past reports whether an object was changed before the time that the refresh must read.
func (r *refresh) past(stored *StoredObject) bool {
	return !stored.LastUpdated.IsZero() && stored.LastUpdated.Before(r.since)
}

// missing returns the ids of changed objects that are neither known nor read yet.
func (k *kindInventory) missing(ctx context.Context, r *refresh) (map[int64]bool, error) {
	missing := map[int64]bool{}
	list := k.list
	list.fields = objectIDs
	for page, err := range list.pages(ctx, newestFirst, rest.MaxPageSize) {
		if err != nil {
			return nil, err
		}
		for i := range page.Records {
			stored := &page.Records[i]
			r.newest = later(r.newest, stored.LastUpdated)
			if r.past(stored) {
				return missing, nil
			}
			if !k.knows(r, stored) {
				missing[stored.ID] = true
			}
		}
	}
	return missing, nil
}

// knows reports whether a version of an object is known or was read. For an object without
// a time of change, only the latter can be checked.
func (k *kindInventory) knows(r *refresh, stored *StoredObject) bool {
	if r.changed[stored.ID] != nil {
		return true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return !stored.LastUpdated.IsZero() && k.table.hasVersion(stored.ID, stored.LastUpdated)
}

// readIDs finds out which objects still exist. That takes NetBox a tenth of the time of a
// complete reading.
func (k *kindInventory) readIDs(ctx context.Context, r *refresh) error {
	r.stamps = map[int64]time.Time{}
	list := k.list
	list.fields = objectIDs
	for page, err := range list.pages(ctx, inOrderOfIDs, rest.MaxPageSize) {
		if err != nil {
			return err
		}
		for i := range page.Records {
			r.stamps[page.Records[i].ID] = page.Records[i].LastUpdated
		}
	}
	return nil
}

func (k *kindInventory) readWhole(ctx context.Context, r *refresh) error {
	r.whole, r.table, r.changed, r.count = true, newObjectTable(), nil, nil
	for page, err := range k.list.pages(ctx, inOrderOfIDs, rest.MaxPageSize) {
		if err != nil {
			return err
		}
		k.note(r, page)
		for i := range page.Records {
			r.table.put(&page.Records[i])
		}
	}
	r.table.compact()
	return nil
}

// note takes the count of the list and the time by NetBox's clock from a page.
func (k *kindInventory) note(r *refresh, page *objectPage) {
	if r.count == nil {
		if r.count = page.Count; !page.Date.IsZero() {
			r.asked = page.Date.Add(-k.now().Sub(r.began))
		}
	}
	for i := range page.Records {
		r.newest = later(r.newest, page.Records[i].LastUpdated)
	}
}

// adopt makes a reading the inventory. It returns false if that is not everything that
// NetBox has: objects were removed, or a permission now shows others.
func (k *kindInventory) adopt(r *refresh) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id := range k.gone {
		delete(r.changed, id)
		delete(r.stamps, id)
		if r.whole {
			r.table.drop(id)
		}
	}
	if r.whole {
		k.table = r.table
		k.wholeAt = r.began.Add(wholeReading - k.lead)
		k.lead = 0
	} else if !k.apply(r) {
		return false
	}
	k.asOf, k.done = r.began, r.number
	if k.newest = later(k.newest, r.newest); r.complete() {
		k.newest = r.newest
	}
	k.since = r.nextSince(k.newest)
	for fabricID, before := range k.wrote {
		if before < k.done {
			delete(k.wrote, fabricID)
		}
	}
	return true
}

// nextSince returns where the next refresh may stop. A Date comes from NetBox's host or
// from a proxy, whose clock may be ahead, and so may be the clock that stamped the newest
// object. Neither hides a change: what is newer than the newest object is always read.
func (r *refresh) nextSince(newest time.Time) time.Time {
	since := r.asked.Add(-inventoryOverlap)
	if r.asked.IsZero() {
		since = newest.Add(-inventoryOverlap)
	}
	if newest.Before(since) {
		return newest
	}
	return since
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// apply adds the changes to the table, unless they are incomplete.
func (k *kindInventory) apply(r *refresh) bool {
	if r.complete() && k.lacks(r) || !r.complete() && !k.deleted && !k.plausible(r) {
		return false
	}
	for _, stored := range r.changed {
		k.table.put(stored)
	}
	if r.complete() {
		k.table.keepOnly(r.stamps)
	}
	return true
}

// complete reports whether the refresh looked at all objects.
func (r *refresh) complete() bool { return r.whole || r.stamps != nil }

// plausible reports whether NetBox's number of objects matches the table with the changes.
// After a restore from a backup the objects may be older versions with the same number.
// Then the newest time shows it.
func (k *kindInventory) plausible(r *refresh) bool {
	if r.newest.Before(k.newest) {
		return false
	}
	size := k.table.len()
	for id := range r.changed {
		if !k.table.has(id) {
			size++
		}
	}
	return r.count != nil && *r.count == int64(size)
}

// lacks reports whether NetBox has a version of an object that is neither known nor among
// the changes, and that the next refresh would not read either.
func (k *kindInventory) lacks(r *refresh) bool {
	since := r.nextSince(later(k.newest, r.newest))
	for id, stamp := range r.stamps {
		if r.changed[id] == nil && stamp.Before(since) && !k.table.hasVersion(id, stamp) {
			return true
		}
	}
	return false
}
