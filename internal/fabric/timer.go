package fabric

import "time"

// Timer is the time of a fabric's next sync.
type Timer struct {
	Due  bool
	Next *time.Time // nil without an interval, and if the sync is due before it is over
}

// SyncTimer returns the timer of a fabric at now. A fabric that is not configured,
// disabled, or has the interval 0 is never due. A fabric that was never synced, or whose
// latest sync failed, is due immediately. Any other is due when its last sync is as old as
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
	due := Age(*f.LastSync, now) >= interval
	if !due && f.Failed() {
		return Timer{Due: true}
	}
	return Timer{Due: due, Next: &next}
}
