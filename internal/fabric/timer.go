package fabric

import "time"

// Timer is when a fabric's next sync should run.
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
