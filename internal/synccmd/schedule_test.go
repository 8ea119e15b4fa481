package synccmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

var localTime = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC) // far off NetBox's

func timed(id int64, interval int64, lastSync *time.Time) *fabric.Fabric {
	return &fabric.Fabric{
		ID: id, Name: fmt.Sprintf("f%d", id), KubernetesServer: "https://k8s.example.com:6443",
		KubernetesNamespace: "default",
		SyncEnabled:         true, SyncInterval: interval, LastSync: lastSync, Created: testTime.Add(-time.Hour),
	}
}

func ago(d time.Duration) *time.Time {
	at := testTime.Add(-d)
	return &at
}

func listed(at time.Duration, fabrics ...*fabric.Fabric) *listing {
	return &listing{fabrics: fabrics, observed: testTime.Add(at), received: localTime.Add(at), begun: localTime.Add(at)}
}

func fixed(x float64) func() float64 { return func() float64 { return x } }

// testSchedule returns a schedule with a clock that the test controls.
func testSchedule(t *testing.T, random func() float64) *schedule {
	t.Helper()
	c := newTestClock()
	c.at = localTime
	s := newSchedule(c, nil, defaultParallelism, random)
	t.Cleanup(s.queue.ShutDown)
	return s
}

// at sets the clock of a schedule to a time after the start.
func (s *schedule) at(after time.Duration) *schedule {
	c, _ := s.clock.(*testClock)
	c.advance(localTime.Add(after).Sub(c.Now()))
	return s
}

// waits returns how long a fabric waits; -1 means forever.
func (s *schedule) waits(id int64) time.Duration {
	at, timed := s.startsAt(s.fabrics[id])
	if !timed {
		return -1
	}
	return max(0, at.Sub(s.clock.Now()))
}

// wantWait checks how long a fabric waits, at a local time after the start.
func wantWait(t *testing.T, s *schedule, id int64, after, want time.Duration) {
	t.Helper()
	if got := s.at(after).waits(id); got != want {
		t.Errorf("fabric %d after %s: got a wait of %s, want %s", id, after, got, want)
	}
}

func TestSchedule_waitsForTheIntervalAndNoLonger(t *testing.T) {
	s := testSchedule(t, fixed(0))
	micro := testTime.Add(-59*time.Second - 300*time.Microsecond)
	s.update(listed(0,
		timed(1, 60, ago(59*time.Second)), timed(2, 60, ago(60*time.Second)), timed(3, 60, ago(time.Hour)),
		timed(4, 60, nil), timed(5, 0, ago(time.Hour)), timed(6, 0, nil), timed(7, 60, ago(-time.Hour)),
		timed(8, 60, &micro)))
	wantWait(t, s, 1, 0, time.Second)
	wantWait(t, s, 1, 999*time.Millisecond, time.Millisecond)
	wantWait(t, s, 1, time.Second, 0)
	for id, want := range map[int64]time.Duration{2: 0, 3: 0, 4: 0, 5: -1, 6: -1, 7: time.Hour + time.Minute} {
		wantWait(t, s, id, 0, want)
	}
	wantWait(t, s, 8, 0, time.Second) // NetBox has whole seconds: it is due by them
	off := timed(9, 60, ago(time.Hour))
	off.SyncEnabled = false
	bare := timed(10, 60, nil)
	bare.KubernetesServer = " "
	s.update(listed(0, off, bare))
	wantWait(t, s, 9, 0, -1)
	wantWait(t, s, 10, 0, -1)
}

func TestSchedule_jitterIsLateOnlyAndBounded(t *testing.T) {
	for interval, most := range map[int64]time.Duration{60: 6 * time.Second, 300: 30 * time.Second,
		86400: 30 * time.Second, 1: 100 * time.Millisecond} {
		for _, random := range []float64{0, 0.5, math.Nextafter(1, 0)} {
			s := testSchedule(t, fixed(random))
			s.update(listed(0, timed(1, interval, ago(0))))
			wait := s.waits(1)
			late := wait - time.Duration(interval)*time.Second
			if late < 0 || late > most || (random > 0.9 && late < most*9/10) {
				t.Errorf("interval %d: got late by %s, want at most %s", interval, late, most)
			}
		}
	}
}

func TestSchedule_jitterStaysTheSameFromListToList(t *testing.T) {
	draws := 0.0
	s := testSchedule(t, func() float64 { draws += 0.1; return draws })
	s.update(listed(0, timed(1, 60, ago(0))))
	first, _ := s.fabrics[1].dueAt()
	s.update(listed(30*time.Second, timed(1, 60, ago(0))))
	if again, _ := s.fabrics[1].dueAt(); !again.Equal(first) {
		t.Errorf("got due at %s, and then at %s", first, again)
	}
}

func TestSchedule_longestOverdueComesFirst(t *testing.T) {
	s := testSchedule(t, fixed(0))
	s.update(listed(0, timed(1, 60, ago(61*time.Second)), timed(2, 60, ago(65*time.Second)), timed(3, 60, nil),
		timed(4, 60, ago(time.Second)),
		timed(5, 60, ago(65*time.Second))))
	if got, want := s.handsOut(), []int64{3, 2, 5, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// handsOut returns all fabrics that the queue hands out now, in order.
func (s *schedule) handsOut() (ids []int64) {
	for s.queue.Len() > 0 {
		w, _ := s.queue.Get()
		if s.begin(w) {
			ids = append(ids, w.id)
		}
		s.queue.Done(w)
	}
	return ids
}

// Fabrics that have failed use at most half of the slots, so that others do not wait for them.
func TestSchedule_failedTakeHalfOfThePlaces(t *testing.T) {
	s := testSchedule(t, fixed(0))
	broken := func(id int64) *fabric.Fabric {
		f := timed(id, 60, ago(time.Hour))
		f.SyncError = "no"
		return f
	}
	s.update(listed(0, broken(1), broken(2), broken(3), broken(4), broken(5), timed(6, 60, ago(61*time.Second)),
		timed(7, 60, ago(61*time.Second))))
	wantHandedOut := func(want ...int64) {
		t.Helper()
		if got := s.handsOut(); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	wantHandedOut(1, 2, 6, 7)
	third := s.fabrics[3]
	// The third was removed.
	s.update(listed(time.Second, broken(1), broken(2), broken(4), broken(5), timed(6, 60, ago(61*time.Second))))
	s.ended(s.fabrics[1], outcome(1, fabricsync.Failed, nil))
	wantHandedOut(4)
	hopeful := broken(5)
	hopeful.KubernetesServer = "https://other.example.com"
	s.at(2 * time.Second).update(listed(2*time.Second, broken(1), broken(2), broken(4), hopeful))
	wantHandedOut(5)
	for _, id := range []int64{2, 4, 5} {
		s.ended(s.fabrics[id], withRecord(outcome(id, fabricsync.Synced, nil), timed(id, 60, ago(0))))
	}
	wantHandedOut()
	if third.running || s.failing.running != 0 || len(s.failing.waiting) != 0 {
		t.Errorf("got the failing fabrics %+v", s.failing)
	}
}

func outcome(id int64, o fabricsync.Outcome, err error) *report {
	return &report{id: id, result: &fabricsync.Result{Outcome: o, StartedAt: testTime, FinishedAt: testTime}, err: err}
}

// withRecord returns a report with the record from the end of the sync.
func withRecord(r *report, f *fabric.Fabric) *report {
	r.result.Record = &netbox.Read{Fabric: *f, ObservedAt: testTime}
	return r
}

// synced returns the report of a sync that has just succeeded.
func synced(id int64) *report {
	return withRecord(outcome(id, fabricsync.Synced, nil), timed(id, 60, ago(0)))
}

func TestSchedule_whenASyncIsTriedAgain(t *testing.T) {
	away := &rest.TransportError{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}
	for name, c := range map[string]struct {
		report   *report
		interval int64
		want     time.Duration
	}{
		"synced":                {synced(1), 60, time.Minute},
		"failed":                {outcome(1, fabricsync.Failed, nil), 60, time.Minute},
		"failed, long interval": {outcome(1, fabricsync.Failed, nil), 3600, failedRetry},
		"not begun in time":     {outcome(1, fabricsync.Interrupted, context.DeadlineExceeded), 60, time.Minute},
		"without a token": {outcome(1, fabricsync.Refused, &fabricsync.CredentialsError{}),
			3600, failedRetry},
		"NetBox away":                 {outcome(1, fabricsync.Failed, away), 3600, 5 * time.Second},
		"NetBox away, short interval": {outcome(1, fabricsync.Failed, away), 2, 2 * time.Second},
		"a proxy before NetBox": {outcome(1, fabricsync.Failed, &rest.ServerError{Status: 502}), 3600,
			5 * time.Second},
		"NetBox's own fault": {outcome(1, fabricsync.Failed, &rest.ServerError{Status: 500}),
			60, time.Minute},
		"another holds it":  {outcome(1, fabricsync.Busy, nil), 3600, listEvery},
		"another was first": {outcome(1, fabricsync.NotDue, nil), 3600, listEvery},
		"switched off": {outcome(1, fabricsync.Skipped, &fabric.NotSyncableError{}), 10,
			10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := testSchedule(t, fixed(0))
			s.update(listed(0, timed(1, c.interval, nil)))
			s.fabrics[1].running = true
			s.ended(s.fabrics[1], c.report)
			wantWait(t, s, 1, 0, c.want)
			wantWait(t, s, 1, c.want, 0)
		})
	}
}

func TestSchedule_pausesWhileNetBoxIsAwayGrowUpToTheInterval(t *testing.T) {
	away := outcome(1, fabricsync.Failed, &rest.TransportError{Err: errors.New("refused")})
	s := testSchedule(t, fixed(0))
	s.update(listed(0, timed(1, 60, nil)))
	for _, want := range []int{5, 10, 20, 40, 60, 60} {
		s.ended(s.fabrics[1], away)
		wantWait(t, s, 1, 0, time.Duration(want)*time.Second)
	}
	s.ended(s.fabrics[1], synced(1))
	s.ended(s.fabrics[1], away)
	if got := s.fabrics[1].retryAt.Sub(localTime); got != 5*time.Second {
		t.Errorf("got the first pause %s after a success", got)
	}
}

// Pauses after failures double up to 15 minutes, whatever the interval is.
func TestSchedule_pausesOfAFabricThatFailsGrow(t *testing.T) {
	for interval, pauses := range map[int64][]int{
		60:    {60, 120, 240, 480, 900, 900},
		10:    {10, 20, 40, 80, 160, 320, 640, 900, 900},
		86400: {60, 120, 240, 480, 900, 900},
	} {
		s := testSchedule(t, fixed(0))
		s.update(listed(0, timed(1, interval, nil)))
		for _, want := range pauses {
			s.ended(s.fabrics[1], outcome(1, fabricsync.Failed, nil))
			wantWait(t, s, 1, 0, time.Duration(want)*time.Second)
		}
		s.ended(s.fabrics[1], withRecord(outcome(1, fabricsync.Synced, nil), timed(1, interval, ago(0))))
		s.ended(s.fabrics[1], outcome(1, fabricsync.Failed, nil))
		if got, want := s.fabrics[1].retryAt.Sub(localTime), time.Duration(pauses[0])*time.Second; got != want {
			t.Errorf("interval %d: got the first pause %s after a success, want %s", interval, got, want)
		}
	}
}

// If a user changes a fabric that has failed five times, the next try does not wait.
func TestSchedule_changesEndThePause(t *testing.T) {
	const ever = 15 * time.Minute
	for name, c := range map[string]struct {
		change func(*fabric.Fabric)
		wants  []time.Duration // to wait after 30 s, and after 90 s
	}{
		"server": {func(f *fabric.Fabric) { f.KubernetesServer = "https://other.example.com" },
			[]time.Duration{0, 0}},
		"interval": {func(f *fabric.Fabric) { f.SyncInterval = 61 }, []time.Duration{0, 0}},
		"synced":   {func(f *fabric.Fabric) { f.LastSync = ago(time.Hour) }, []time.Duration{0, 0}},
		// The list has no token. It only shows that a user has changed something.
		"token": {func(f *fabric.Fabric) { f.LastUpdated = f.LastUpdated.Add(time.Second) },
			[]time.Duration{30 * time.Second, 0}},
		// So does another engine's sync of which NetBox refuses the same object.
		"token, with a sync error": {func(f *fabric.Fabric) {
			f.LastUpdated = f.LastUpdated.Add(time.Second)
		}, []time.Duration{ever - 30*time.Second, ever - 90*time.Second}},
		"token, and the errors cleared": {func(f *fabric.Fabric) {
			f.LastUpdated, f.ConnectionError, f.StoredSyncStatus = f.LastUpdated.Add(time.Second), "", "never_synced"
		}, []time.Duration{30 * time.Second, 0}},
		"nothing": {func(*fabric.Fabric) {}, []time.Duration{ever - 30*time.Second, ever - 90*time.Second}},
		"another's lock": {func(f *fabric.Fabric) {
			f.LastUpdated, f.StoredSyncStatus = testTime.Add(time.Hour),
				"syncing"
		}, []time.Duration{ever - 30*time.Second, ever - 90*time.Second}},
		"another's error": {func(f *fabric.Fabric) {
			f.LastUpdated, f.ConnectionError = testTime.Add(time.Hour),
				"other"
		},
			[]time.Duration{ever - 30*time.Second, ever - 90*time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, after := range []time.Duration{30 * time.Second, 90 * time.Second} {
				s := testSchedule(t, fixed(0))
				failed := timed(1, 60, nil)
				s.update(listed(0, timed(1, 60, nil)))
				failed.ConnectionError, failed.StoredSyncStatus, failed.LastUpdated = "no", "error", testTime
				if name == "token, with a sync error" {
					failed.ConnectionError, failed.SyncError = "", "no"
				}
				for range 5 { // what the sync itself writes changes nothing
					failed.LastUpdated = failed.LastUpdated.Add(time.Second)
					s.ended(s.fabrics[1], withRecord(outcome(1, fabricsync.Failed, nil), failed))
				}
				wantWait(t, s, 1, 0, ever)
				now := *failed
				c.change(&now)
				s.at(after).update(listed(after, &now))
				wantWait(t, s, 1, after, c.wants[i])
			}
		})
	}
}

// A fabric can be in error within its interval, because a sync of another engine failed, such as
// one with --force. The watch retries it like its own failures. A change to the fabric ends the
// wait.
func TestSchedule_failureOfAnotherEngineIsRetried(t *testing.T) {
	for interval, pause := range map[int64]time.Duration{10: 10 * time.Second, 86400: time.Minute} {
		s := testSchedule(t, fixed(0))
		s.update(listed(0, timed(1, interval, ago(0))))
		failed := timed(1, interval, ago(0))
		failed.ConnectionError, failed.StoredSyncStatus, failed.LastUpdated = "no", "error", testTime.Add(time.Second)
		s.at(2 * time.Second).update(listed(2*time.Second, failed))
		wantWait(t, s, 1, 2*time.Second, pause)
		s.update(listed(2*time.Second, failed)) // nothing has changed
		wantWait(t, s, 1, 3*time.Second, pause-time.Second)
		edited := *failed
		edited.LastUpdated = testTime.Add(4 * time.Second)
		s.at(5 * time.Second).update(listed(5*time.Second, &edited))
		wantWait(t, s, 1, 5*time.Second, 0)
	}
}

// A watch that starts has not seen when the sync failed.
func TestSchedule_failureFromBeforeTheStartIsRetriedAtOnce(t *testing.T) {
	s := testSchedule(t, fixed(0))
	failed := timed(1, 86400, ago(0))
	failed.ConnectionError = "no"
	s.update(listed(0, failed))
	wantWait(t, s, 1, 0, 0)
	s.ended(s.fabrics[1], withRecord(outcome(1, fabricsync.Failed, nil), failed))
	wantWait(t, s, 1, 0, 2*time.Minute)
}

func TestSchedule_listThatIsOlderThanASyncIsNotBelieved(t *testing.T) {
	s := testSchedule(t, fixed(0))
	s.update(listed(0, timed(1, 60, nil)))
	old := listed(time.Second, timed(1, 60, nil))
	s.at(2*time.Second).ended(s.fabrics[1], synced(1))
	s.update(old)
	if s.fabrics[1].fabric.LastSync == nil {
		t.Error("an older list has replaced what the sync stored")
	}
	s.update(listed(3*time.Second, timed(1, 60, nil)))
	if s.fabrics[1].fabric.LastSync != nil {
		t.Error("a newer list has not replaced what the sync stored")
	}
}

func TestSchedule_fabricsComeGoAndChangeNames(t *testing.T) {
	s := testSchedule(t, fixed(0))
	a, b := timed(1, 60, nil), timed(2, 60, nil)
	s.update(listed(0, a, b))
	second := s.fabrics[2]
	renamed := timed(1, 60, nil)
	renamed.Name = "other"
	s.update(listed(0, renamed, timed(3, 60, nil)))
	if len(s.fabrics) != 2 || s.fabrics[1].fabric.Name != "other" || s.fabrics[3] == nil {
		t.Errorf("got the fabrics %v", s.fabrics)
	}
	s.ended(second, synced(2)) // it was deleted meanwhile
	if s.update(&listing{}); len(s.fabrics) != 0 {
		t.Errorf("got the fabrics %v", s.fabrics)
	}
}

// The schedule uses the record that a sync has read like the list: it does not repeat a try that
// must fail, and does not delay a fabric that a user has changed in the meantime.
func TestSchedule_takesTheRecordThatASyncHasSeen(t *testing.T) {
	failed := timed(1, 60, nil)
	failed.SyncError, failed.Name = "no", "renamed"
	changed := timed(1, 3600, nil)
	off := timed(1, 60, nil)
	off.SyncEnabled = false
	for name, c := range map[string]struct {
		report *report
		status fabric.Status
		want   time.Duration
	}{
		"failed":       {withRecord(outcome(1, fabricsync.Failed, nil), failed), fabric.StatusError, time.Minute},
		"changed":      {withRecord(outcome(1, fabricsync.Superseded, nil), changed), fabric.StatusNeverSynced, 0},
		"switched off": {withRecord(outcome(1, fabricsync.Skipped, nil), off), fabric.StatusDisabled, -1},
		"another's": {withRecord(outcome(1, fabricsync.NotDue, nil), timed(1, 60, ago(10*time.Second))),
			fabric.StatusInSync, 50 * time.Second},
		"still another": {withRecord(outcome(1, fabricsync.Busy, nil), timed(1, 60, nil)), fabric.StatusNeverSynced,
			listEvery},
	} {
		t.Run(name, func(t *testing.T) {
			s := testSchedule(t, fixed(0))
			s.update(listed(0, timed(1, 60, nil)))
			s.fabrics[1].running = true
			s.ended(s.fabrics[1], c.report)
			wantWait(t, s, 1, 0, c.want)
			if got := fabric.SyncStatus(s.fabrics[1].fabric.Facts(), s.now()).Status; got != c.status {
				t.Errorf("got the status %s, want %s", got, c.status)
			}
			if got := s.fabrics[1].fabric.Name; got != "f1" {
				t.Errorf("got the name %q before a list has the new one", got)
			}
		})
	}
}

// Another fabric with the same id does not inherit anything from the previous one.
func TestSchedule_anotherFabricUnderTheSameID(t *testing.T) {
	s := testSchedule(t, fixed(0))
	s.update(listed(0, timed(1, 60, nil)))
	s.ended(s.fabrics[1], outcome(1, fabricsync.Failed, nil))
	other := timed(1, 60, nil)
	other.Created = testTime
	s.update(listed(time.Second, other))
	wantWait(t, s, 1, time.Second, 0)
}
