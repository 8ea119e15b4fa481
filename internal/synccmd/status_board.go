package synccmd

import (
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// statusBoard holds what a watch knows about its fabrics. The page and the metrics read it
// from other goroutines. Statuses and ages are computed for each request.
type statusBoard struct {
	clock fabricsync.Clock

	mu                 sync.Mutex
	observed, received time.Time // NetBox's time of the newest list, and the local one
	fabrics            map[int64]*statusEntry
}

// statusEntry is one fabric on the board.
type statusEntry struct {
	id      int64
	name    string
	facts   fabric.Facts
	wrong   []string  // contradictions in the record, as sentences
	since   time.Time // NetBox's time at which a fabric was first found due before its interval was over
	next    time.Time // local time of the next sync; zero if there is none
	running bool
	latest  *latestSync // by this process; nil if there was none
}

// latestSync is the outcome of a fabric's latest sync by this process. The fields from
// begun on describe the latest sync that asked the cluster.
type latestSync struct {
	outcome fabricsync.Outcome
	message string
	failed  bool
	begun   bool // the cluster was asked
	took    time.Duration
	read    bool // some of the objects are known
	readAll bool // all of the cluster's objects are known
	objects fabricsync.KindResult
}

func newStatusBoard(clock fabricsync.Clock) *statusBoard {
	return &statusBoard{clock: clock, fabrics: map[int64]*statusEntry{}}
}

// now returns NetBox's time; zero until there is a list.
func (b *statusBoard) now() time.Time {
	if b.observed.IsZero() {
		return time.Time{}
	}
	return b.observed.Add(b.clock.Now().Sub(b.received))
}

// listed records the fabrics of a list, and NetBox's time of it.
func (b *statusBoard) listed(observed, received time.Time, has func(id int64) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.observed, b.received = observed, received
	for id := range b.fabrics {
		if !has(id) {
			delete(b.fabrics, id)
		}
	}
}

// show records what is known about a fabric, and when its next sync begins; zero means
// never.
func (b *statusBoard) show(f *fabric.Fabric, next time.Time, running bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	entry := b.fabrics[f.ID]
	if entry == nil {
		entry = &statusEntry{id: f.ID}
		b.fabrics[f.ID] = entry
	}
	synced := !sameTime(entry.facts.LastSync, f.LastSync)
	entry.name, entry.facts, entry.next, entry.running = f.Name, f.Facts(), next, running
	entry.wrong = f.Inconsistencies(b.now())
	timer := fabric.SyncTimer(entry.facts, b.now())
	if synced || !timer.Due {
		entry.since = time.Time{}
	}
	if timer.Due && timer.Next == nil && entry.since.IsZero() {
		entry.since = b.now()
	}
}

// ended records the result of a sync.
func (b *statusBoard) ended(r *report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	entry := b.fabrics[r.id]
	if entry == nil { // it was deleted in the meantime
		return
	}
	var latest latestSync
	switch {
	case r.begun():
		latest = latestSync{
			begun: true, took: r.took, read: r.result.Kinds != nil, readAll: r.result.ListedAll(),
			objects: r.result.Totals(),
		}
	case entry.latest != nil:
		latest = *entry.latest
	}
	latest.outcome, latest.failed = r.result.Outcome, r.failed(false)
	latest.message = terminal.OneLine(r.result.Message)
	entry.latest = &latest
}

// statusView is a fabric at the time of a request.
type statusView struct {
	statusEntry
	derived fabric.DerivedStatus
	late    time.Duration // how long a sync has been due; 0 if it is not due
	timed   bool          // the fabric has an interval, so late is known
}

// views returns all fabrics as they are now, in no order, and NetBox's time.
func (b *statusBoard) views() (all []statusView, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now = b.now()
	all = make([]statusView, 0, len(b.fabrics))
	for _, entry := range b.fabrics {
		v := statusView{statusEntry: *entry, derived: fabric.SyncStatus(entry.facts, now)}
		timer := fabric.SyncTimer(entry.facts, now)
		since := entry.since
		if since.IsZero() && timer.Next != nil {
			since = *timer.Next
		}
		v.timed = timer.Due || timer.Next != nil
		if timer.Due {
			v.late = max(0, now.Sub(since))
		}
		all = append(all, v)
	}
	return all, now
}
