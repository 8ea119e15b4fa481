package command

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	// listEvery is the pause between two readings of the list of fabrics.
	listEvery = 30 * time.Second
	// maxJitter bounds how late a sync is on purpose; so does a tenth of its interval.
	maxJitter = 30 * time.Second
	// netboxRetry is the first pause after NetBox has not answered; it doubles from there.
	netboxRetry = 5 * time.Second
	// failedRetry is the longest pause after a sync that failed: a fabric that is synced
	// once a day does not stay in error for a day.
	failedRetry = 5 * time.Minute
	// maxInterval is the longest that NetBox stores, in seconds.
	maxInterval = math.MaxInt32
)

// listing is the list of fabrics as it was read at a time.
type listing struct {
	fabrics  []*fabric.Fabric // those that are selected
	missing  []string         // selected, and not there
	observed time.Time        // NetBox's time; zero when there is no fabric at all
	received time.Time        // local time of observed
	begun    time.Time        // local time before NetBox was asked
	noDate   bool             // NetBox's answer had no Date header
	err      error            // why there is no list
}

// schedule decides when which fabric is synced next. It reads no clock: local
// times are handed in, and NetBox's time follows from them.
type schedule struct {
	fabrics  map[int64]*watched
	observed time.Time
	received time.Time
	random   func() float64 // in [0, 1)
}

// watched is a fabric and its next sync.
type watched struct {
	fabric   fabric.Fabric
	timer    fabric.Timer
	jitter   time.Duration // how long after its time the next sync begins
	retryAt  time.Time     // local time before which nothing is tried
	failures int           // syncs in a row that NetBox did not answer
	running  bool
	endedAt  time.Time // local time of the latest sync
}

func newSchedule(random func() float64) *schedule {
	return &schedule{fabrics: map[int64]*watched{}, random: random}
}

// now is NetBox's time, as far as the newest list tells. It is never ahead: a
// Date header has whole seconds, and has been under way.
func (s *schedule) now(local time.Time) time.Time { return s.observed.Add(local.Sub(s.received)) }

// update takes a list, and returns the names under which fabrics are no longer
// to be found.
func (s *schedule) update(l *listing) (gone []string) {
	if !l.observed.IsZero() {
		s.observed, s.received = l.observed, l.received
	}
	names := map[string]bool{}
	there := map[int64]bool{}
	for _, f := range l.fabrics {
		names[f.Name], there[f.ID] = true, true
		w := s.fabrics[f.ID]
		switch {
		case w == nil:
			w = &watched{}
			s.fabrics[f.ID] = w
			s.take(w, f, s.observed)
			continue
		case w.fabric.Name != f.Name:
			gone = append(gone, w.fabric.Name)
		}
		w.fabric.Name = f.Name
		if !w.running && !w.endedAt.After(l.begun) { // else the list is older than what is known
			s.take(w, f, s.observed)
		}
	}
	for id, w := range s.fabrics {
		if !there[id] && !names[w.fabric.Name] {
			gone = append(gone, w.fabric.Name)
		}
		if !there[id] {
			delete(s.fabrics, id)
		}
	}
	slices.Sort(gone)
	return gone
}

// take sets a fabric's timer by its record as it was at a time of NetBox's. What was
// put off is tried again as soon as the record has changed in a way that gives hope;
// take reports whether it has.
func (s *schedule) take(w *watched, f *fabric.Fabric, observed time.Time) (hope bool) {
	hope = !w.fabric.Created.Equal(f.Created) || !sameSettings(&w.fabric, f) || !sameTime(w.fabric.LastSync, f.LastSync)
	w.fabric, w.timer = *f, fabric.SyncTimer(f.Facts(), observed)
	if hope {
		w.jitter, w.retryAt, w.failures = s.draw(w), time.Time{}, 0
	}
	return hope
}

func sameSettings(a, b *fabric.Fabric) bool {
	return a.SameCluster(b) && a.KubernetesToken == b.KubernetesToken && a.KubernetesCACert == b.KubernetesCACert &&
		a.SyncEnabled == b.SyncEnabled && a.SyncInterval == b.SyncInterval
}

func sameTime(a, b *time.Time) bool {
	return a == b || (a != nil && b != nil && a.Equal(*b))
}

// draw chooses by how much a sync is late, so that fabrics of one interval do
// not stay together: never more than a tenth of the interval.
func (s *schedule) draw(w *watched) time.Duration {
	return time.Duration(s.random() * float64(min(w.interval()/10, maxJitter)))
}

func (w *watched) interval() time.Duration {
	return time.Duration(min(max(w.fabric.SyncInterval, 0), maxInterval)) * time.Second
}

// dueAt is NetBox's time of the next sync; false means that there is none.
func (w *watched) dueAt() (time.Time, bool) {
	switch {
	case w.timer.Next != nil:
		// NetBox tells its time in whole seconds: before the next one it would
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

// wait is how long it is until a fabric's sync may begin; 0 is now. False means
// never, as far as is known.
func (s *schedule) wait(w *watched, local time.Time) (time.Duration, bool) {
	due, timed := w.dueAt()
	if !timed || w.running {
		return 0, false
	}
	return max(0, due.Sub(s.now(local)), w.retryAt.Sub(local)), true
}

// next is how long it is until the next sync may begin.
func (s *schedule) next(local time.Time) (time.Duration, bool) {
	shortest, found := time.Duration(0), false
	for _, w := range s.fabrics {
		if wait, timed := s.wait(w, local); timed && (!found || wait < shortest) {
			shortest, found = wait, true
		}
	}
	return shortest, found
}

// ready are the fabrics whose sync may begin, the one that has waited longest first.
func (s *schedule) ready(local time.Time) []*watched {
	var all []*watched
	for _, w := range s.fabrics {
		if wait, timed := s.wait(w, local); timed && wait == 0 {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b *watched) int {
		first, _ := a.dueAt()
		second, _ := b.dueAt()
		return cmp.Or(first.Compare(second), cmp.Compare(a.fabric.ID, b.fabric.ID))
	})
	return all
}

// ended takes how a sync went.
func (s *schedule) ended(r *report, local time.Time) {
	w := s.fabrics[r.id]
	if w == nil { // it has gone meanwhile
		return
	}
	w.running, w.endedAt = false, local
	if record := r.result.Record; record != nil {
		now := record.Fabric
		now.Name = w.fabric.Name // a new one comes with a list, which ends what the old one had
		if s.take(w, &now, record.ObservedAt) {
			return // it is due by its timer, as after a sync
		}
	}
	switch {
	case r.unanswered():
		w.retryAt = local.Add(min(w.interval(), doubled(netboxRetry, w.failures)))
		w.failures++
	case r.failed(false):
		w.retryAt = local.Add(min(w.interval(), failedRetry) + s.draw(w))
	default: // another one's turn; the next list tells how that went
		w.retryAt = local.Add(min(w.interval(), listEvery))
	}
}

// doubled is a pause after so many failures before.
func doubled(first time.Duration, failures int) time.Duration { return first << min(failures, 16) }

// fabric is a fabric as it is known now; nil means that it is not watched any more.
func (s *schedule) fabric(id int64) *fabric.Fabric {
	if w := s.fabrics[id]; w != nil {
		return &w.fabric
	}
	return nil
}

// statuses counts the fabrics by their derived status.
func (s *schedule) statuses(local time.Time) map[fabric.Status]int {
	counts := map[fabric.Status]int{}
	for _, w := range s.fabrics {
		counts[fabric.SyncStatus(w.fabric.Facts(), s.now(local)).Status]++
	}
	return counts
}
