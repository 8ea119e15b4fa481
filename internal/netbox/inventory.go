package netbox

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	// inventoryLife is how old the inventory may be if a caller asks for nothing newer.
	inventoryLife = 30 * time.Second
	// inventoryOverlap is how far a refresh goes back before the previous one. NetBox may
	// commit an object up to a minute after the time that it stamps on it, and the clocks
	// of its servers may differ.
	inventoryOverlap = 5 * time.Minute
	// wholeReading is how often a kind is read completely, to find changes that move
	// neither a last_updated nor the count.
	wholeReading = 6 * time.Hour
	// quietPage is how many objects a refresh asks for at first.
	quietPage = 100
)

// inventory is what NetBox stores of the objects of all fabrics. Each kind is read
// completely once. After that, refreshes read only what has changed.
type inventory struct {
	now   func() time.Time
	kinds map[string]*kindInventory // by path
}

// KeepInventory makes the client keep an inventory of the objects of all fabrics, which
// [Objects.Known] reads. It always includes what this client writes through [Objects].
// KeepInventory must be called before the client is used.
func (c *Client) KeepInventory(now func() time.Time) {
	c.inventory = &inventory{now: now, kinds: map[string]*kindInventory{}}
	kinds := fabric.Kinds()
	for i, kind := range kinds {
		o := c.Objects(kind)
		c.inventory.kinds[o.path] = &kindInventory{
			inventory: c.inventory, list: objectList{o, 0, objectContents},
			// Kinds that are filled together must not be read completely at the same time
			// again.
			lead: wholeReading * time.Duration(i) / time.Duration(len(kinds)),
		}
	}
}

// held returns the inventory of the kind; nil without an inventory.
func (o *Objects) held() *kindInventory {
	if o.client.inventory == nil {
		return nil
	}
	return o.client.inventory.kinds[o.path]
}

// Known returns the objects of a fabric that the token can see, ordered by id, from the
// client's inventory, no older than asOf, a local time. The zero time means half a minute
// ago. The sequence stops at the first error. Without an inventory, it is [Objects.All].
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

// kindInventory is the inventory of one kind.
type kindInventory struct {
	*inventory
	list objectList
	lead time.Duration // how much earlier the second complete reading is

	mu    sync.Mutex
	table *objectTable // nil until it is filled
	asOf  time.Time    // local time at which the refresh for the table began
	// since is where the next refresh may stop: earlier changes, by NetBox's clock, are in
	// the table.
	since   time.Time
	newest  time.Time // newest last_updated that was read
	wholeAt time.Time // local time of the next complete reading

	begun int           // number of refreshes that have begun
	done  int           // number of the refresh that the table is from
	wrote map[int64]int // by fabric: number of refreshes begun when a write of ours ended

	// Objects that this client removes during a refresh. The refresh may have read them
	// before, and NetBox's count may be from before or after.
	deleting int            // running requests
	deleted  bool           // there was such a request during the refresh
	gone     map[int64]bool // objects that were removed during the refresh
}

// objects returns the objects of a fabric, no older than asOf, a local time.
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
		// A refresh for another caller may have begun too early. Then refresh again.
		objects := k.list.objects
		err := objects.client.rest.Singleflight(ctx, "inventory of "+objects.path, func(ctx context.Context) error {
			return k.refreshFor(ctx, fabricID, asOf)
		})
		if err != nil {
			return nil, err
		}
	}
}

// refreshFor brings the kind up to date, unless a call that has just ended did so.
func (k *kindInventory) refreshFor(ctx context.Context, fabricID int64, asOf time.Time) error {
	if _, current := k.current(fabricID, asOf); current {
		return nil
	}
	return k.refresh(ctx)
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

// endWrite records that a write of ours to a fabric has ended. Only a refresh that begins
// later surely includes it. k may be nil.
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

// beginDelete records that this client begins to remove objects. k may be nil.
func (k *kindInventory) beginDelete() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.deleting++
	k.deleted = true
}

// endDelete records which objects a request has certainly removed. k may be nil.
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
