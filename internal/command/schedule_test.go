package command

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
)

var localTime = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC) // far off NetBox's

func timed(id int64, interval int64, lastSync *time.Time) *fabric.Fabric {
	return &fabric.Fabric{
		ID: id, Name: fmt.Sprintf("f%d", id), KubernetesServer: "https://k8s.example.com:6443", KubernetesNamespace: "default",
		SyncEnabled: true, SyncInterval: interval, LastSync: lastSync, Created: testTime.Add(-time.Hour),
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

// wantWait checks how long a fabric waits, after so much of local time; -1 is for ever.
func wantWait(t *testing.T, s *schedule, id int64, after, want time.Duration) {
	t.Helper()
	got, timed := s.wait(s.fabrics[id], localTime.Add(after))
	if !timed {
		got = -1
	}
	if got != want {
		t.Errorf("fabric %d waits %s after %s, want %s", id, got, after, want)
	}
}

func TestSchedule_waitsForTheIntervalAndNoLonger(t *testing.T) {
	s := newSchedule(fixed(0))
	micro := testTime.Add(-59*time.Second - 300*time.Microsecond)
	s.update(listed(0,
		timed(1, 60, ago(59*time.Second)), timed(2, 60, ago(60*time.Second)), timed(3, 60, ago(time.Hour)), timed(4, 60, nil),
		timed(5, 0, ago(time.Hour)), timed(6, 0, nil), timed(7, 60, ago(-time.Hour)), timed(8, 60, &micro)))
	wantWait(t, s, 1, 0, time.Second)
	wantWait(t, s, 1, 999*time.Millisecond, time.Millisecond)
	wantWait(t, s, 1, time.Second, 0)
	for id, want := range map[int64]time.Duration{2: 0, 3: 0, 4: 0, 5: -1, 6: -1, 7: time.Hour + time.Minute} {
		wantWait(t, s, id, 0, want)
	}
	wantWait(t, s, 8, 0, time.Second) // NetBox tells whole seconds: it is due by them
	off := timed(9, 60, ago(time.Hour))
	off.SyncEnabled = false
	bare := timed(10, 60, nil)
	bare.KubernetesServer = " "
	s.update(listed(0, off, bare))
	wantWait(t, s, 9, 0, -1)
	wantWait(t, s, 10, 0, -1)
}

func TestSchedule_jitterIsLateOnlyAndBounded(t *testing.T) {
	for interval, most := range map[int64]time.Duration{60: 6 * time.Second, 300: 30 * time.Second, 86400: 30 * time.Second, 1: 100 * time.Millisecond} {
		for _, random := range []float64{0, 0.5, math.Nextafter(1, 0)} {
			s := newSchedule(fixed(random))
			s.update(listed(0, timed(1, interval, ago(0))))
			wait, _ := s.wait(s.fabrics[1], localTime)
			late := wait - time.Duration(interval)*time.Second
			if late < 0 || late > most || (random > 0.9 && late < most*9/10) {
				t.Errorf("interval %d: late by %s, at most %s was expected", interval, late, most)
			}
		}
	}
}

func TestSchedule_jitterStaysTheSameFromListToList(t *testing.T) {
	draws := 0.0
	s := newSchedule(func() float64 { draws += 0.1; return draws })
	s.update(listed(0, timed(1, 60, ago(0))))
	first, _ := s.fabrics[1].dueAt()
	s.update(listed(30*time.Second, timed(1, 60, ago(0))))
	if again, _ := s.fabrics[1].dueAt(); !again.Equal(first) {
		t.Errorf("due at %s, then at %s", first, again)
	}
}

func TestSchedule_longestOverdueComesFirst(t *testing.T) {
	s := newSchedule(fixed(0))
	s.update(listed(0, timed(1, 60, ago(61*time.Second)), timed(2, 60, ago(65*time.Second)), timed(3, 60, nil), timed(4, 60, ago(time.Second)),
		timed(5, 60, ago(65*time.Second))))
	var got []int64
	for _, w := range s.ready(localTime) {
		got = append(got, w.fabric.ID)
	}
	if want := []int64{3, 2, 5, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func outcome(id int64, o fabricsync.Outcome, err error) *report {
	return &report{id: id, result: &fabricsync.Result{Outcome: o, StartedAt: testTime, FinishedAt: testTime}, err: err}
}

// withRecord is a report that has the record as it was after the sync.
func withRecord(r *report, f *fabric.Fabric) *report {
	r.result.Record = &netbox.Read{Fabric: *f, ObservedAt: testTime}
	return r
}

// synced is the report of a sync that ended well just now.
func synced(id int64) *report {
	return withRecord(outcome(id, fabricsync.Synced, nil), timed(id, 60, ago(0)))
}

func TestSchedule_whenASyncIsTriedAgain(t *testing.T) {
	away := &netbox.TransportError{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}
	for name, c := range map[string]struct {
		report   *report
		interval int64
		want     time.Duration
	}{
		"synced":                      {synced(1), 60, time.Minute},
		"failed":                      {outcome(1, fabricsync.Failed, nil), 60, time.Minute},
		"failed, long interval":       {outcome(1, fabricsync.Failed, nil), 3600, failedRetry},
		"not begun in time":           {outcome(1, fabricsync.Interrupted, context.DeadlineExceeded), 60, time.Minute},
		"without a token":             {outcome(1, fabricsync.Refused, &fabricsync.CredentialsError{}), 3600, failedRetry},
		"NetBox away":                 {outcome(1, fabricsync.Failed, away), 3600, 5 * time.Second},
		"NetBox away, short interval": {outcome(1, fabricsync.Failed, away), 2, 2 * time.Second},
		"a proxy before NetBox":       {outcome(1, fabricsync.Failed, &netbox.ServerError{Status: 502}), 3600, 5 * time.Second},
		"NetBox's own fault":          {outcome(1, fabricsync.Failed, &netbox.ServerError{Status: 500}), 60, time.Minute},
		"another holds it":            {outcome(1, fabricsync.Busy, nil), 3600, listEvery},
		"another was first":           {outcome(1, fabricsync.NotDue, nil), 3600, listEvery},
		"switched off":                {outcome(1, fabricsync.Skipped, &fabric.SyncRefusedError{}), 10, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSchedule(fixed(0))
			s.update(listed(0, timed(1, c.interval, nil)))
			s.fabrics[1].running = true
			s.ended(c.report, localTime)
			wantWait(t, s, 1, 0, c.want)
			wantWait(t, s, 1, c.want, 0)
		})
	}
}

func TestSchedule_pausesWhileNetBoxIsAwayGrowUpToTheInterval(t *testing.T) {
	away := outcome(1, fabricsync.Failed, &netbox.TransportError{Err: errors.New("refused")})
	s := newSchedule(fixed(0))
	s.update(listed(0, timed(1, 60, nil)))
	for _, want := range []int{5, 10, 20, 40, 60, 60} {
		s.ended(away, localTime)
		wantWait(t, s, 1, 0, time.Duration(want)*time.Second)
	}
	s.ended(synced(1), localTime)
	s.ended(away, localTime)
	if got := s.fabrics[1].retryAt.Sub(localTime); got != 5*time.Second {
		t.Errorf("after a success it begins with %s", got)
	}
}

func TestSchedule_changedSettingsEndThePause(t *testing.T) {
	for name, change := range map[string]func(*fabric.Fabric){
		"server":   func(f *fabric.Fabric) { f.KubernetesServer = "https://other.example.com" },
		"token":    func(f *fabric.Fabric) { f.KubernetesToken = "other" },
		"CA":       func(f *fabric.Fabric) { f.KubernetesCACert = "other" },
		"interval": func(f *fabric.Fabric) { f.SyncInterval = 61 },
	} {
		s := newSchedule(fixed(0))
		s.update(listed(0, timed(1, 60, nil)))
		s.ended(outcome(1, fabricsync.Failed, nil), localTime)
		failed := timed(1, 60, nil)
		failed.SyncError, failed.StoredSyncStatus, failed.LastUpdated = "no", "error", testTime
		s.update(listed(10*time.Second, failed))
		wantWait(t, s, 1, 10*time.Second, 50*time.Second) // what the sync itself wrote changes nothing
		change(failed)
		s.update(listed(11*time.Second, failed))
		if wait, _ := s.wait(s.fabrics[1], localTime.Add(11*time.Second)); wait != 0 {
			t.Errorf("%s: it waits %s", name, wait)
		}
	}
}

func TestSchedule_listThatIsOlderThanASyncIsNotBelieved(t *testing.T) {
	s := newSchedule(fixed(0))
	s.update(listed(0, timed(1, 60, nil)))
	old := listed(time.Second, timed(1, 60, nil))
	s.ended(synced(1), localTime.Add(2*time.Second))
	s.update(old)
	if s.fabrics[1].fabric.LastSync == nil {
		t.Error("an older list has undone the sync")
	}
	s.update(listed(3*time.Second, timed(1, 60, nil)))
	if s.fabrics[1].fabric.LastSync != nil {
		t.Error("a newer list is not believed")
	}
}

func TestSchedule_fabricsComeGoAndChangeNames(t *testing.T) {
	s := newSchedule(fixed(0))
	a, b := timed(1, 60, nil), timed(2, 60, nil)
	if gone := s.update(listed(0, a, b)); gone != nil {
		t.Errorf("gone: %q", gone)
	}
	renamed := timed(1, 60, nil)
	renamed.Name = "other"
	if gone := s.update(listed(0, renamed, timed(3, 60, nil))); !slices.Equal(gone, []string{"f1", "f2"}) || len(s.fabrics) != 2 || s.fabric(1).Name != "other" {
		t.Errorf("gone: %q, there: %v", gone, s.fabrics)
	}
	s.ended(synced(2), localTime) // it has gone meanwhile
	if gone := s.update(&listing{}); !slices.Equal(gone, []string{"f3", "other"}) || len(s.fabrics) != 0 {
		t.Errorf("gone: %q", gone)
	}
}

// What the sync has seen of the record counts as a list does: nothing is tried again
// in vain, and nothing is put off that somebody has changed meanwhile.
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
		"failed":        {withRecord(outcome(1, fabricsync.Failed, nil), failed), fabric.Error, time.Minute},
		"changed":       {withRecord(outcome(1, fabricsync.Superseded, nil), changed), fabric.NeverSynced, 0},
		"switched off":  {withRecord(outcome(1, fabricsync.Skipped, nil), off), fabric.Disabled, -1},
		"another's":     {withRecord(outcome(1, fabricsync.NotDue, nil), timed(1, 60, ago(10*time.Second))), fabric.InSync, 50 * time.Second},
		"still another": {withRecord(outcome(1, fabricsync.Busy, nil), timed(1, 60, nil)), fabric.NeverSynced, listEvery},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSchedule(fixed(0))
			s.update(listed(0, timed(1, 60, nil)))
			s.fabrics[1].running = true
			s.ended(c.report, localTime)
			wantWait(t, s, 1, 0, c.want)
			if got := s.statuses(localTime); got[c.status] != 1 {
				t.Errorf("statuses %v, want %s", got, c.status)
			}
			if got := s.fabric(1).Name; got != "f1" {
				t.Errorf("the name is %q before a list has the new one", got)
			}
		})
	}
}

// An id under which another fabric is now has nothing of the one before.
func TestSchedule_anotherFabricUnderTheSameID(t *testing.T) {
	s := newSchedule(fixed(0))
	s.update(listed(0, timed(1, 60, nil)))
	s.ended(outcome(1, fabricsync.Failed, nil), localTime)
	other := timed(1, 60, nil)
	other.Created = testTime
	s.update(listed(time.Second, other))
	wantWait(t, s, 1, time.Second, 0)
}
