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
	// maxJitter bounds how late a sync is on purpose; so does a tenth of its interval.
	maxJitter = 30 * time.Second
	// netboxRetry is the first pause after NetBox has not answered; it doubles from there.
	netboxRetry = 5 * time.Second
	// failedRetry is the longest first pause after a sync that failed. The pauses double
	// up to longestRetry, so that fabrics which keep failing leave room for the others,
	// and one that is synced once a day does not stay in error for a day.
	failedRetry  = time.Minute
	longestRetry = 15 * time.Minute
	// maxInterval is the longest that NetBox stores, in seconds.
	maxInterval = math.MaxInt32
)

// listing is the list of fabrics as it was read at a time. Its fabrics have only what
// decides when they are synced, and their status.
type listing struct {
	fabrics   []*fabric.Fabric // those that are selected, of this shard
	elsewhere []*fabric.Fabric // named, and of another shard
	missing   []string         // named, and not there
	similar   []string         // the end of the message on each of these: names that are much like it
	observed  time.Time        // NetBox's time; zero when there is no fabric at all
	received  time.Time        // local time of observed
	begun     time.Time        // local time before NetBox was asked
	noDate    bool             // NetBox's answer had no Date header
	err       error            // why there is no list
}

// schedule decides when which fabric is synced next, and hands it to its queue for that
// time. NetBox's time follows from the local time and the newest list.
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
	record     *netbox.Read  // as the latest sync left it, while it is the newest; nil when it is not kept
	jitter     time.Duration // how long after its time the next sync begins
	retryAt    time.Time     // local time before which nothing is tried
	failures   int           // syncs in a row that failed; 0 again when its record has changed
	unanswered int           // syncs in a row that NetBox did not answer
	running    bool
	holdsSlot  bool      // the running sync holds one of the failedSlots
	gone       bool      // NetBox has it no more
	endedAt    time.Time // local time of the latest sync
	queued     time.Time // local time at which the queue hands it out; zero when it does not
	due        dueTime
}

// newSchedule returns a schedule for so many syncs at the same time.
func newSchedule(clock clock.WithTicker, metrics workqueue.MetricsProvider, slots int,
	random func() float64) *schedule {
	return &schedule{
		fabrics: map[int64]*watched{}, random: random, clock: clock, queue: newQueue(clock, metrics),
		failing: failedSlots{slots: max(1, slots/2)},
	}
}

// now returns NetBox's time, derived from the newest list. It is never ahead: a
// Date header has whole seconds, and has been under way.
func (s *schedule) now() time.Time { return s.observed.Add(s.clock.Now().Sub(s.received)) }

// local returns the local time at a time of NetBox's.
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
		if !w.running && w.endedAt.Before(l.begun) { // else the list is older than what is known
			edited := edited(&w.fabric, f)
			switch changed := s.setTimer(w, f, s.observed); {
			case !known && f.SyncError+f.ConnectionError != "":
				w.failures = 1 // as its record says
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

// setTimer sets a fabric's timer by its record as it was at a time of NetBox's. It reports
// whether the record has changed so that a sync may succeed now: then a sync that was put
// off is tried at once.
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

// sameSettings compares what decides whether a sync may succeed, as far as lists have it.
func sameSettings(a, b *fabric.Fabric) bool {
	return a.SameCluster(b) && a.SyncEnabled == b.SyncEnabled && a.SyncInterval == b.SyncInterval
}

func sameTime(a, b *time.Time) bool {
	return a == b || (a != nil && b != nil && a.Equal(*b))
}

// edited reports whether a fabric has changed in what lists do not have, such as its
// token: its version is another one, and holds all that syncs write as it was, or no
// error any more, which no sync that fails leaves behind.
func edited(before, now *fabric.Fabric) bool {
	same := before.StoredSyncStatus == now.StoredSyncStatus && before.SyncError == now.SyncError &&
		before.ConnectionStatus == now.ConnectionStatus && before.ConnectionError == now.ConnectionError
	return now.LastUpdated.After(before.LastUpdated) && now.StoredSyncStatus != fabric.StoredSyncing &&
		(same || now.SyncError+now.ConnectionError == "")
}

// shortenPause ends the pause of a fabric that has failed, but for the first one. Another
// engine's sync that has failed as well looks like an edit: two must not spur each
// other on.
func (w *watched) shortenPause() {
	if first := w.endedAt.Add(w.pause(0)); w.failures > 0 && first.Before(w.retryAt) {
		w.retryAt = first
	}
	w.failures = 0
}

// pause is how long a fabric waits that has failed, after so many failures before.
func (w *watched) pause(before int) time.Duration {
	return min(longestRetry, doubled(min(w.interval(), failedRetry), before))
}

// drawJitter chooses by how much a sync is late, so that fabrics of one interval do
// not stay together: never more than a tenth of the interval.
func (s *schedule) drawJitter(w *watched) time.Duration {
	return time.Duration(s.random() * float64(min(w.interval()/10, maxJitter)))
}

func (w *watched) interval() time.Duration { return interval(&w.fabric) }

func interval(f *fabric.Fabric) time.Duration {
	return time.Duration(min(max(f.SyncInterval, 0), maxInterval)) * time.Second
}

// dueAt returns NetBox's time of the next sync; false means there is none.
func (w *watched) dueAt() (time.Time, bool) {
	switch {
	case w.timer.Next != nil:
		// NetBox's time has whole seconds: before the next one it would
		// still say that the fabric is not due.
		at := w.timer.Next.Truncate(time.Second)
		if at.Before(*w.timer.Next) {
			at = at.Add(time.Second)
		}
		return at.Add(w.jitter), true
	case w.timer.Due: // never synced
		return time.Time{}, true
	}
	return time.Time{}, false
}

// startsAt is the local time from which on a fabric's sync may begin: long ago for one
// that was never synced. False means never, as far as is known.
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

// next is how long it is until the next sync may begin; 0 is now.
func (s *schedule) next() (shortest time.Duration, found bool) {
	now := s.clock.Now()
	for _, w := range s.fabrics {
		if at, timed := s.startsAt(w); timed && (!found || at.Sub(now) < shortest) {
			shortest, found = at.Sub(now), true
		}
	}
	return max(0, shortest), found
}

// enqueue has the queue hand a fabric out when its sync may begin.
func (s *schedule) enqueue(w *watched) {
	if w.failures == 0 && s.failing.stopWaiting(w) {
		w.queued = time.Time{}
	}
	at, timed := s.startsAt(w)
	wait := max(0, at.Sub(s.clock.Now()))
	handedOut := s.clock.Now().Add(wait)
	if !timed || !w.queued.IsZero() && !handedOut.Before(w.queued) {
		return // what comes too early is put off then
	}
	w.queued = handedOut
	w.due.set(at)
	s.queue.AddAfter(w, wait)
}

// admitWaiting queues the fabric that has waited longest for one of the failedSlots, if
// one is free.
func (s *schedule) admitWaiting() {
	if w := s.failing.next(); w != nil {
		s.queue.Add(w)
	}
}

// begin reports whether the sync of a fabric that the queue has handed out may begin
// now. Otherwise it goes back to the queue, if it has a time, or waits for one of the
// failedSlots.
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

// known returns the record of a fabric as it is now, by the newest list; nil where it is
// not kept.
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
		now.Name = w.fabric.Name // a new one comes with a list, which ends what the old one had
		changed := s.setTimer(w, &now, record.ObservedAt)
		if s.records.keep(w, record); changed {
			return // it is due by its timer, as after a sync
		}
	}
	switch {
	case r.unanswered():
		w.retryAt = local.Add(min(w.interval(), doubled(netboxRetry, w.unanswered)))
		w.unanswered++
	case r.failed(false):
		w.retryAt = local.Add(w.pause(w.failures) + s.drawJitter(w))
		w.failures++
	default: // another engine syncs it; the next list has the result
		w.retryAt = local.Add(min(w.interval(), listEvery))
	}
}

// doubled is a pause after so many failures before.
func doubled(first time.Duration, failures int) time.Duration { return first << min(failures, 16) }
