package fabric

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Status is a sync status: it follows from the facts, whatever status NetBox has stored.
type Status string

// The sync statuses. There are no others.
const (
	StatusNotConfigured Status = "not_configured"
	StatusDisabled      Status = "disabled"
	StatusError         Status = "error"
	StatusNeverSynced   Status = "never_synced"
	StatusOutOfSync     Status = "out_of_sync"
	StatusInSync        Status = "in_sync"
)

// Statuses returns all sync statuses, in rule order.
func Statuses() []Status {
	return []Status{StatusNotConfigured, StatusDisabled, StatusError, StatusNeverSynced, StatusOutOfSync, StatusInSync}
}

// StatusesByUrgency returns all sync statuses, with those that need attention first.
func StatusesByUrgency() []Status {
	return []Status{StatusError, StatusOutOfSync, StatusNeverSynced, StatusInSync, StatusDisabled, StatusNotConfigured}
}

// Urgency returns the status's place in [StatusesByUrgency]. 0 is the most urgent.
func (s Status) Urgency() int { return slices.Index(StatusesByUrgency(), s) }

// Display returns the label of the status, such as "Out of Sync".
func (s Status) Display() string {
	switch s {
	case StatusNotConfigured:
		return "Not Configured"
	case StatusDisabled:
		return "Sync Disabled"
	case StatusError:
		return "Sync Error"
	case StatusNeverSynced:
		return "Never Synced"
	case StatusOutOfSync:
		return "Out of Sync"
	case StatusInSync:
		return "In Sync"
	}
	return string(s)
}

// Badge returns the Bootstrap classes with which the NetBox plugin shows the status.
func (s Status) Badge() string {
	switch s {
	case StatusError, StatusOutOfSync:
		return "bg-danger text-white"
	case StatusNeverSynced:
		return "bg-warning text-dark"
	case StatusInSync:
		return "bg-success text-white"
	}
	return "bg-secondary text-white"
}

const (
	// ClockTolerance is how far last_sync may be ahead of now without being wrong: a Date
	// header has whole seconds, NetBox's times have microseconds.
	ClockTolerance = 5 * time.Second
	// graceAge is the age up to which a fabric counts as in sync if no interval decides
	// (rule 8).
	graceAge = time.Hour
)

// Facts are the part of a record from which the sync status follows. Their times are
// compared, never stored.
type Facts struct {
	KubernetesServer string
	SyncEnabled      bool
	SyncInterval     int64      // seconds; 0 or less means no interval
	LastSync         *time.Time // nil if it was never synced
	SyncError        string
	ConnectionError  string
}

// DerivedStatus is the status that [SyncStatus] derives, with the reason.
type DerivedStatus struct {
	Status Status
	Rule   int    // 1 to 9, the row of the rule that matched
	Reason string // one or two sentences
}

// SyncStatus derives the sync status from the facts. now is NetBox's time of the answer
// with the facts. The first matching row of nine decides; DESIGN.md shows them as a table.
func SyncStatus(f Facts, now time.Time) DerivedStatus {
	if s, decided := f.ConfiguredStatus(); decided {
		if s == StatusNotConfigured {
			return DerivedStatus{s, 1, "No Kubernetes server is configured, so there is nothing to sync with."}
		}
		return DerivedStatus{s, 2, "Sync is switched off for this fabric (sync_enabled is false)."}
	}
	switch {
	case !Blank(f.ConnectionError):
		return DerivedStatus{StatusError, 3,
			"The last sync could not use the Kubernetes cluster: " + sentence(f.ConnectionError)}
	case !Blank(f.SyncError):
		return DerivedStatus{StatusError, 4, "The last sync failed: " + sentence(f.SyncError)}
	case f.LastSync == nil:
		return DerivedStatus{StatusNeverSynced, 5, "The fabric is configured and has never been synced."}
	}
	age, interval := Age(*f.LastSync, now), seconds(f.SyncInterval)
	switch {
	case interval > 0 && age > double(interval):
		return DerivedStatus{StatusOutOfSync, 6, fmt.Sprintf(
			"The last sync was %s ago, more than twice the interval of %s.", Humanize(age), Humanize(interval))}
	case interval > 0 && age <= interval:
		return DerivedStatus{StatusInSync, 7, fmt.Sprintf(
			"The last sync was %s ago, within the interval of %s.", Humanize(age), Humanize(interval))}
	case age <= graceAge && interval > 0:
		return DerivedStatus{StatusInSync, 8, fmt.Sprintf(
			"The last sync was %s ago. A new one is due, but the last one is at most an hour old.", Humanize(age))}
	case age <= graceAge:
		return DerivedStatus{StatusInSync, 8, fmt.Sprintf(
			"The last sync was %s ago. Without an interval, a fabric counts as in sync for an hour.", Humanize(age))}
	case interval > 0:
		return DerivedStatus{StatusOutOfSync, 9, fmt.Sprintf(
			"The last sync was %s ago, more than the interval of %s and more than an hour.", Humanize(age),
			Humanize(interval))}
	}
	return DerivedStatus{StatusOutOfSync, 9, fmt.Sprintf(
		"The last sync was %s ago. Without an interval, a fabric counts as in sync for only an hour.", Humanize(age))}
}

// ConfiguredStatus returns the status that the configuration alone decides (rules 1 and 2),
// and whether it does. No event and no time changes such a status, so a plan may promise
// it.
func (f Facts) ConfiguredStatus() (Status, bool) {
	switch {
	case Blank(f.KubernetesServer):
		return StatusNotConfigured, true
	case !f.SyncEnabled:
		return StatusDisabled, true
	}
	return "", false
}

// Failed reports whether the latest sync failed (rules 3 and 4).
func (f Facts) Failed() bool { return !Blank(f.ConnectionError) || !Blank(f.SyncError) }

// Age returns the age of a sync at now, or 0 if the sync is ahead of now.
func Age(lastSync, now time.Time) time.Duration {
	return max(0, now.Sub(lastSync))
}

// seconds converts seconds to a Duration. A value that is too large becomes the largest
// Duration.
func seconds(n int64) time.Duration {
	if n > math.MaxInt64/int64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(max(0, n)) * time.Second
}

func double(d time.Duration) time.Duration {
	if d > math.MaxInt64/2 {
		return math.MaxInt64
	}
	return 2 * d
}
