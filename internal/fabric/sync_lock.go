package fabric

import (
	"maps"
	"reflect"
	"time"
)

// LockStaleAfter is the age at which a sync lock, the stored status "syncing", no longer
// means that a sync is running. The engine that holds the lock renews it every minute.
const LockStaleAfter = 180 * time.Second

// Change is an entry about a fabric in NetBox's change log.
type Change struct {
	Time          time.Time      // shortly after the last_updated that it stored
	Before, After map[string]any // the record's fields as JSON; Before is empty for a new fabric
}

// changeDelay is how much later than last_updated NetBox may stamp the entry of the same
// write.
const changeDelay = time.Second

// LockRenewed returns when the lock on a record was last taken or renewed. That is
// last_updated, unless a user has edited the record since. In that case, the changes,
// latest first, show it. An edit has an entry and proves nothing. Taking the lock has an
// entry, and so does a renewal that stores the sync's progress. A renewal that changes
// nothing has no entry, but moves last_updated.
//
// If the changes don't go back far enough, the lock is at least as old as the oldest of
// them.
func (f *Fabric) LockRenewed(changes []Change) time.Time {
	if len(changes) == 0 || f.LastUpdated.Sub(changes[0].Time) > changeDelay {
		return f.LastUpdated
	}
	renewed := f.LastUpdated
	for _, c := range changes {
		if c.After["sync_status"] != StoredSyncing {
			return f.LastUpdated // it is not in the record
		}
		if c.Time.Before(renewed) {
			renewed = c.Time
		}
		if c.bySync(f.syncFields()) {
			break
		}
	}
	return renewed
}

// bySync reports whether a change took the lock, or stored only facts of a sync.
func (c *Change) bySync(facts map[string]any) bool {
	if c.Before["sync_status"] != StoredSyncing {
		return true
	}
	for field, after := range c.After {
		_, isFact := facts[field]
		if !isFact && field != "last_updated" && !reflect.DeepEqual(c.Before[field], after) {
			return false
		}
	}
	return true
}

// Locked reports whether a lock that was last renewed at one time is still held at now.
func (f *Fabric) Locked(renewed, now time.Time) bool {
	return f.StoredSyncStatus == StoredSyncing && !Blank(f.KubernetesServer) && Age(renewed, now) < LockStaleAfter
}

// SyncingNow is what tables show instead of the next sync while a sync is running.
const SyncingNow = "syncing now"

// SyncInProgress reports whether a sync of the fabric is running at now: the stored status
// says so, the lock is fresh, and there is a server to sync with. The lock's age is that of
// the record's last change.
func (f *Fabric) SyncInProgress(now time.Time) bool {
	return f.Locked(f.LastUpdated, now)
}

// LockFacts returns the facts that take the lock of a sync. By then, the cluster has
// answered.
func LockFacts() map[string]any {
	facts := ConnectedFacts()
	facts["sync_status"] = StoredSyncing
	return facts
}

// ProgressFacts returns the facts that renew the lock of a sync that has read this many
// objects. They always change the record, since NetBox's change log has entries only for
// changes. If a sync has read no more objects, the count is one too high.
func (f *Fabric) ProgressFacts(objects int64) map[string]any {
	if f.Counts.CachedCRDs == objects {
		objects++
	}
	return map[string]any{"sync_status": StoredSyncing, progressField: objects}
}

// progressField is the count that shows the progress of a running sync.
const progressField = "cached_crd_count"

// WithoutProgress returns facts that leave no trace of a sync's progress. If they don't
// count the objects, they restore the count from before the sync.
func (f *Fabric) WithoutProgress(facts map[string]any, before *Fabric) map[string]any {
	if _, counted := facts[progressField]; counted || f.Counts.CachedCRDs == before.Counts.CachedCRDs {
		return facts
	}
	whole := maps.Clone(facts)
	whole[progressField] = before.Counts.CachedCRDs
	return whole
}

// UnlockedFacts returns the facts that release the lock of a running sync without an
// outcome. The stored status is the one before the sync if it still fits the record, and
// otherwise one that does.
func (f *Fabric) UnlockedFacts(before string) map[string]any {
	if Blank(f.KubernetesServer) {
		return ResetFacts()
	}
	facts := map[string]any{}
	noText := Blank(f.SyncError) && Blank(f.ConnectionError)
	switch {
	case !noText:
		facts["sync_status"] = StoredError
	case f.LastSync == nil:
		facts["sync_status"] = StoredNeverSynced
	case before == StoredInSync:
		facts["sync_status"] = StoredInSync
	default:
		facts["sync_status"] = StoredOutOfSync
	}
	if noText && (f.ConnectionStatus == ConnectionDisconnected || f.ConnectionStatus == ConnectionError) {
		facts["connection_status"] = ConnectionUnknown
	}
	return facts
}
