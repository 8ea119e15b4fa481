package synccmd

import (
	"math"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// listEvery is the pause between two readings of the list of fabrics.
	listEvery = 30 * time.Second
	// maxJitter is the longest intended delay of a sync. A tenth of its interval is another
	// limit.
	maxJitter = 30 * time.Second
	// netboxRetry is the first pause after NetBox did not answer. The pauses double.
	netboxRetry = 5 * time.Second
	// failedRetry is the longest first pause after a failed sync. The pauses double, up to
	// longestRetry. So fabrics that keep failing leave room for the others, and a fabric
	// with an interval of a day does not stay in error for a day.
	failedRetry  = time.Minute
	longestRetry = 15 * time.Minute
	// maxInterval is the longest interval that NetBox stores, in seconds.
	maxInterval = math.MaxInt32
)

// listing is the list of fabrics at one time. Its fabrics have only what decides when they
// are synced, and their status.
type listing struct {
	fabrics   []*fabric.Fabric // selected fabrics of this shard
	elsewhere []*fabric.Fabric // named fabrics of other shards
	missing   []string         // names that NetBox does not have
	similar   []string         // for each of these, the end of its message: similar names
	observed  time.Time        // NetBox's time; zero when there is no fabric at all
	received  time.Time        // local time of observed
	begun     time.Time        // local time before the request
	noDate    bool             // NetBox's answer had no Date header
	err       error            // why there is no list
}

// schedule decides when each fabric is synced next, and puts it into the queue for that
// time. It derives NetBox's time from the local time and the newest list.
type schedule struct {
	clock    clock.PassiveClock
	queue    workqueue.TypedDelayingInterface[*watched]
	fabrics  map[int64]*watched
	failing  failedSlots
	records  recordCache
	observed time.Time
	received time.Time
	random   func() float64 // in [0, 1)
}

// watched is a fabric and its next sync.
type watched struct {
	id         int64
	fabric     fabric.Fabric
	timer      fabric.Timer
	record     *netbox.Read  // as the latest sync left it, if it is still the newest; otherwise nil
	jitter     time.Duration // how long the next sync is delayed
	retryAt    time.Time     // local time before which no sync is tried
	failures   int           // failed syncs in a row; 0 again when the record has changed
	unanswered int           // syncs in a row without an answer from NetBox
	running    bool
	holdsSlot  bool      // the running sync holds one of the failedSlots
	gone       bool      // NetBox no longer has it
	endedAt    time.Time // local time of the latest sync
	queued     time.Time // local time at which the queue hands it out; zero if it is not queued
	due        dueTime
}

// newSchedule returns a schedule for a number of parallel syncs.
func newSchedule(clock clock.WithTicker, metrics workqueue.MetricsProvider, slots int,
	random func() float64) *schedule {
	return &schedule{
		fabrics: map[int64]*watched{}, random: random, clock: clock, queue: newQueue(clock, metrics),
		failing: failedSlots{slots: max(1, slots/2)},
	}
}

// now returns NetBox's time, derived from the newest list. It is never ahead of NetBox: a
// Date header has whole seconds, and took time to arrive.
func (s *schedule) now() time.Time { return s.observed.Add(s.clock.Now().Sub(s.received)) }

// local converts a NetBox time to local time.
func (s *schedule) local(at time.Time) time.Time { return s.received.Add(at.Sub(s.observed)) }

// update applies a new list.
func (s *schedule) update(l *listing) {
	if !l.observed.IsZero() {
		s.observed, s.received = l.observed, l.received
	}
	there := map[int64]bool{}
	for _, f := range l.fabrics {
		there[f.ID] = true
		w, known := s.fabrics[f.ID]
		if !known {
			w = &watched{id: f.ID, fabric: fabric.Fabric{Name: f.Name}}
			s.fabrics[f.ID] = w
		}
		w.fabric.Name = f.Name
		if !w.running && w.endedAt.Before(l.begun) { // otherwise, the list is older than what is known
			edited, wasDue := edited(&w.fabric, f), w.timer.Due
			switch changed := s.setTimer(w, f, s.observed); {
			case !known && f.Facts().Failed():
				w.failures = 1 // its record has an error
			case !changed && !wasDue && w.timer.Due && w.timer.Next == nil:
				s.pauseFailed(w) // a sync of another engine has failed within the interval
			case !changed && edited:
				w.shortenPause()
			}
			s.enqueue(w)
		}
	}
	for id, w := range s.fabrics {
		if !there[id] {
			w.gone = true
			s.records.drop(w)
			s.failing.stopWaiting(w)
			delete(s.fabrics, id)
		}
	}
	s.admitWaiting()
}

// setTimer sets a fabric's timer from its record, read at NetBox's time observed. It
// reports whether the record has changed in such a way that a sync may succeed now. Then a
// postponed sync is tried immediately.
func (s *schedule) setTimer(w *watched, f *fabric.Fabric, observed time.Time) (changed bool) {
	changed = !w.fabric.Created.Equal(f.Created) || !sameSettings(&w.fabric, f) ||
		!sameTime(w.fabric.LastSync, f.LastSync)
	w.fabric, w.timer = *f, fabric.SyncTimer(f.Facts(), observed)
	if w.record != nil && !w.record.Fabric.LastUpdated.Equal(f.LastUpdated) {
		s.records.drop(w)
	}
	if changed {
		w.jitter, w.retryAt, w.failures, w.unanswered = s.drawJitter(w), time.Time{}, 0, 0
	}
	return changed
}

// sameSettings reports whether two versions of a fabric agree in what decides whether a
// sync may succeed, as far as lists show it.
func sameSettings(a, b *fabric.Fabric) bool {
	return a.SameCluster(b) && a.SyncEnabled == b.SyncEnabled && a.SyncInterval == b.SyncInterval
}

func sameTime(a, b *time.Time) bool {
	return a == b || (a != nil && b != nil && a.Equal(*b))
}

// edited reports whether a fabric has changed in something that lists don't show, such as
// its token. That is so if its revision is newer and what syncs write is unchanged, or if
// it no longer has an error, which no failed sync causes. A fabric with a sync error never
// counts as edited: the cluster answers, and each sync of which NetBox refuses an object
// locks the fabric and writes the same error again.
func edited(before, now *fabric.Fabric) bool {
	same := before.StoredSyncStatus == now.StoredSyncStatus && before.SyncError == now.SyncError &&
		before.ConnectionStatus == now.ConnectionStatus && before.ConnectionError == now.ConnectionError
	return now.LastUpdated.After(before.LastUpdated) && now.StoredSyncStatus != fabric.StoredSyncing &&
		now.SyncError == "" && (same || now.ConnectionError == "")
}

// shortenPause ends the pause of a failed fabric, except for the first one. A failed sync
// of another engine looks like an edit, and two engines must not trigger each other.
func (w *watched) shortenPause() {
	if first := w.endedAt.Add(w.pause(0)); w.failures > 0 && first.Before(w.retryAt) {
		w.retryAt = first
	}
	w.failures = 0
}

// pauseFailed postpones a fabric whose sync has just failed.
func (s *schedule) pauseFailed(w *watched) {
	w.retryAt = s.clock.Now().Add(w.pause(w.failures) + s.drawJitter(w))
	w.failures++
}

// pause returns how long a failed fabric waits after a number of earlier failures.
func (w *watched) pause(before int) time.Duration {
	return min(longestRetry, doubled(min(w.interval(), failedRetry), before))
}

// drawJitter chooses the delay of a sync, at most a tenth of the interval, so that fabrics
// with the same interval don't stay together.
func (s *schedule) drawJitter(w *watched) time.Duration {
	return time.Duration(s.random() * float64(min(w.interval()/10, maxJitter)))
}

func (w *watched) interval() time.Duration { return interval(&w.fabric) }

func interval(f *fabric.Fabric) time.Duration {
	return time.Duration(min(max(f.SyncInterval, 0), maxInterval)) * time.Second
}

// dueAt returns NetBox's time of the next sync, or false if there is none.
func (w *watched) dueAt() (time.Time, bool) {
	switch {
	case w.timer.Next != nil:
		// NetBox's time has whole seconds. Before the next one, it would still say that the
		// fabric is not due.
		at := w.timer.Next.Truncate(time.Second)
		if at.Before(*w.timer.Next) {
			at = at.Add(time.Second)
		}
		return at.Add(w.jitter), true
	case w.timer.Due: // before the interval is over
		return time.Time{}, true
	}
	return time.Time{}, false
}

// startsAt returns the local time at which a fabric's sync may begin: long ago if it is due
// without a time. It returns false if no sync is planned.
func (s *schedule) startsAt(w *watched) (time.Time, bool) {
	due, timed := w.dueAt()
	if !timed || w.running || w.gone {
		return time.Time{}, false
	}
	if !due.IsZero() {
		due = s.local(due)
	}
	if w.retryAt.After(due) {
		due = w.retryAt
	}
	return due, true
}

// next returns how long it takes until the next sync may begin; 0 means now.
func (s *schedule) next() (shortest time.Duration, found bool) {
	now := s.clock.Now()
	for _, w := range s.fabrics {
		if at, timed := s.startsAt(w); timed && (!found || at.Sub(now) < shortest) {
			shortest, found = at.Sub(now), true
		}
	}
	return max(0, shortest), found
}

// enqueue puts a fabric into the queue for the time at which its sync may begin.
func (s *schedule) enqueue(w *watched) {
	if w.failures == 0 && s.failing.stopWaiting(w) {
		w.queued = time.Time{}
	}
	at, timed := s.startsAt(w)
	wait := max(0, at.Sub(s.clock.Now()))
	handedOut := s.clock.Now().Add(wait)
	if !timed || !w.queued.IsZero() && !handedOut.Before(w.queued) {
		return // a fabric that the queue hands out too early is queued again
	}
	w.queued = handedOut
	w.due.set(at)
	s.queue.AddAfter(w, wait)
}

// admitWaiting queues the fabric that has waited longest for one of the failedSlots, if one
// is free.
func (s *schedule) admitWaiting() {
	if w := s.failing.next(); w != nil {
		s.queue.Add(w)
	}
}

// begin reports whether the sync of a fabric from the queue may begin now. If not, the
// fabric goes back to the queue, if it has a time, or waits for one of the failedSlots.
func (s *schedule) begin(w *watched) bool {
	if at, timed := s.startsAt(w); !timed || at.After(s.clock.Now()) {
		w.queued = time.Time{}
		s.enqueue(w)
		s.admitWaiting()
		return false
	}
	if w.holdsSlot = w.failures > 0; w.holdsSlot && !s.failing.acquire(w) {
		return false
	}
	w.queued, w.running = time.Time{}, true
	return true
}

// known returns the current record of a fabric, by the newest list, or nil if it is not kept.
func (s *schedule) known(w *watched) *netbox.Read {
	if w.record == nil {
		return nil
	}
	read := *w.record
	read.ObservedAt = s.now()
	return &read
}

// ended applies the result of a sync.
func (s *schedule) ended(w *watched, r *report) {
	local := s.clock.Now()
	w.running, w.endedAt = false, local
	if w.holdsSlot {
		s.failing.running--
		s.admitWaiting()
	}
	defer s.enqueue(w)
	if record := r.result.Record; record != nil && !w.gone {
		now := record.Fabric
		now.Name = w.fabric.Name // a new name comes with a list, which also ends the use of the old one
		changed := s.setTimer(w, &now, record.ObservedAt)
		if s.records.keep(w, record); changed {
			return // it is due by its timer, as after any sync
		}
	}
	switch {
	case r.unanswered():
		w.retryAt = local.Add(min(w.interval(), doubled(netboxRetry, w.unanswered)))
		w.unanswered++
	case r.failed(false):
		s.pauseFailed(w)
	default: // another engine syncs it; the next list has the result
		w.retryAt = local.Add(min(w.interval(), listEvery))
	}
}

// doubled returns a pause after a number of earlier failures.
func doubled(first time.Duration, failures int) time.Duration { return first << min(failures, 16) }
