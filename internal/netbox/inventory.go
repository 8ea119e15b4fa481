package netbox

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	// inventoryLife is how old the inventory may be where a caller asks for nothing newer.
	inventoryLife = 30 * time.Second
	// inventoryOverlap is how far a refresh goes back behind the one before: NetBox
	// commits an object up to a minute after the time that it stamps on it, and the
	// clocks of its servers may differ.
	inventoryOverlap = 5 * time.Minute
	// wholeReading is how often a kind is read whole, so that what moves neither a
	// last_updated nor the count is found as well.
	wholeReading = 6 * time.Hour
	// quietPage is how many objects a refresh asks for at first.
	quietPage = 100
)

// inventory is what NetBox holds of the objects of all fabrics. Each kind is read whole
// once, and then kept by reading what has changed.
type inventory struct {
	now   func() time.Time
	kinds map[string]*kindInventory // by path
}

// KeepInventory makes the client keep one inventory of the objects of all fabrics, which
// [Objects.Known] answers from. What this client writes through [Objects] is always in
// it. It is called before the client is used.
func (c *Client) KeepInventory(now func() time.Time) {
	c.inventory = &inventory{now: now, kinds: map[string]*kindInventory{}}
	kinds := fabric.Kinds()
	for i, kind := range kinds {
		o := c.Objects(kind)
		c.inventory.kinds[o.path] = &kindInventory{
			inventory: c.inventory, list: objectList{o, 0, objectContents},
			// Kinds that are filled together are not read whole together.
			lead: wholeReading * time.Duration(i) / time.Duration(len(kinds)),
		}
	}
}

// held returns what the inventory has of the kind; nil without an inventory.
func (o *Objects) held() *kindInventory {
	if o.client.inventory == nil {
		return nil
	}
	return o.client.inventory.kinds[o.path]
}

// Known returns the objects of one fabric that the token may see, in the order of their
// ids, from the inventory that the client keeps: as they were at a local time, or later.
// A zero time stands for half a minute ago. It ends with the first error. Without an
// inventory, it is All.
func (o *Objects) Known(ctx context.Context, fabricID int64, asOf time.Time) iter.Seq2[StoredObject, error] {
	held := o.held()
	if held == nil {
		return o.All(ctx, fabricID)
	}
	return func(yield func(StoredObject, error) bool) {
		objects, err := held.objects(ctx, fabricID, asOf)
		if err != nil {
			yield(StoredObject{}, err)
			return
		}
		for _, object := range objects {
			if !yield(object, nil) {
				return
			}
		}
	}
}

// kindInventory is what the inventory has of one kind.
type kindInventory struct {
	*inventory
	list objectList
	lead time.Duration // by which the second whole reading comes sooner

	mu    sync.Mutex
	table *objectTable // nil until it is filled
	asOf  time.Time    // local time at which the refresh began that the table is from
	// since is where the next refresh may stop: what was changed before, by NetBox's
	// clock, is in the table.
	since   time.Time
	newest  time.Time // last_updated of an object that was read
	wholeAt time.Time // local time of the next whole reading

	begun int           // refreshes that have begun
	done  int           // the one that the table is from, by its number
	wrote map[int64]int // by fabric: how many refreshes had begun when an own write ended

	// What this client removes while a refresh is under way. The refresh may have seen it
	// before, and NetBox's count of objects may be from before or after.
	deleting int            // requests under way
	deleted  bool           // there was one during the refresh
	gone     map[int64]bool // objects that were removed during the refresh
}

// objects returns the objects of a fabric as they were at a local time or later.
func (k *kindInventory) objects(ctx context.Context, fabricID int64, asOf time.Time) ([]StoredObject, error) {
	if now := k.now(); asOf.IsZero() {
		asOf = now.Add(-inventoryLife)
	} else if asOf.After(now) {
		asOf = now
	}
	for {
		if objects, current := k.current(fabricID, asOf); current {
			return objects, nil
		}
		// A refresh that another asked for may have begun too early: then it is not enough.
		objects := k.list.objects
		err := objects.client.rest.Singleflight(ctx, "inventory of "+objects.path, k.refresh)
		if err != nil {
			return nil, err
		}
	}
}

func (k *kindInventory) current(fabricID int64, asOf time.Time) ([]StoredObject, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.table == nil || k.asOf.Before(asOf) {
		return nil, false
	}
	if before, wrote := k.wrote[fabricID]; wrote && k.done <= before {
		return nil, false
	}
	return k.table.of(fabricID), true
}

// endWrite notes that an own write to a fabric has ended: only a refresh that begins
// after it is sure to have what it did. k may be nil.
func (k *kindInventory) endWrite(fabricID int64) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.wrote == nil {
		k.wrote = map[int64]int{}
	}
	k.wrote[fabricID] = k.begun
}

// beginDelete notes that this client begins to remove objects. k may be nil.
func (k *kindInventory) beginDelete() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.deleting++
	k.deleted = true
}

// endDelete notes which objects a request has surely removed. k may be nil.
func (k *kindInventory) endDelete(removed []bulkItem) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.deleting--
	for _, item := range removed {
		if k.gone != nil {
			k.gone[item.ID] = true
		}
		if k.table == nil {
			continue
		}
		newest := k.table.hasVersion(item.ID, k.newest)
		if k.table.drop(item.ID); newest {
			k.newest = k.table.newest()
		}
	}
}
