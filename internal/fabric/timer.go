package fabric

import "time"

// LockStaleAfter is the age at which a sync lock, the stored status "syncing", no longer
// means that a sync is running. The engine that holds it renews it every minute.
const LockStaleAfter = 180 * time.Second

// Timer tells when a fabric's next sync is to run.
type Timer struct {
	Due  bool
	Next *time.Time // nil without a timer, and before the first sync
}

// SyncTimer applies the timer's rule at now. A fabric that is not configured or
// disabled has no timer, nor has one with an interval of 0; a fabric that was
// never synced is due at once, any other as soon as its last sync is as old as
// the interval.
func SyncTimer(f Facts, now time.Time) Timer {
	interval := seconds(f.SyncInterval)
	if _, decided := f.ConfiguredStatus(); decided || interval == 0 {
		return Timer{}
	}
	if f.LastSync == nil {
		return Timer{Due: true}
	}
	next := f.LastSync.Add(interval)
	return Timer{Due: Age(*f.LastSync, now) >= interval, Next: &next}
}

// SyncInProgress tells whether a sync of the fabric is running at now: the
// stored status says so, the lock is fresh, and there is a server to sync with.
// The age of the lock is that of the record's last change.
func (f *Fabric) SyncInProgress(now time.Time) bool {
	return f.Locked(f.LastUpdated, now)
}
