package fabricsync

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// duringTheComparison runs a sync that finds no difference. It calls happens whenever the sync
// is in the middle of the kinds.
func (w *world) duringTheComparison(happens func(n int), change ...func(*Options)) (*Result, error) {
	w.Helper()
	w.cluster.during("Server", func(_ context.Context, n int) { happens(n) })
	return w.run(change...)
}

// inSync returns a world without differences.
func inSync(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	fill(w)
	w.sync()
	w.advance(time.Minute)
	w.netbox.ResetRequests()
	return w
}

func (w *world) wantRequests(want ...string) {
	w.Helper()
	if got := w.requests(); !slices.Equal(got, want) {
		w.Errorf("requests %q, want %q", got, want)
	}
	w.netbox.ResetRequests()
}

func TestUnlocked_unchangedSyncTakesFourteenRequestsAndOneRowOfTheChangeLog(t *testing.T) {
	w := inSync(t)
	rows := len(w.netbox.Changelog())
	if totals := w.sync().Totals(); totals.Unchanged != 16 || totals.Created+totals.Updated != 0 {
		t.Errorf("got %+v", totals)
	}
	requests := w.requests()
	if len(requests) != 14 || requests[0] != "GET fabrics/1" || requests[13] != "PATCH fabrics/1" {
		t.Errorf("got %d requests: %q", len(requests), requests)
	}
	w.wantWrites("PATCH fabrics/1")
	if n := len(w.netbox.Changelog()) - rows; n != 1 {
		t.Errorf("got %d rows", n)
	}
	w.wantFabric(map[string]any{"last_sync": testTime.Add(time.Minute), "sync_status": "in_sync"})
}

// A watch that keeps an inventory and knows the record makes no other request.
func TestUnlocked_knownRecordAndInventoryLeaveOneRequest(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.client.KeepInventory(w.clock.Now)
	w.sync()
	w.advance(time.Minute)
	result := w.sync() // after which all of the inventory was read at this moment
	w.advance(20 * time.Second)
	w.netbox.ResetRequests()
	result = w.sync(known(result))
	w.wantRequests("PATCH fabrics/1")
	w.wantFabric(map[string]any{"last_sync": testTime.Add(80 * time.Second)})
	if !result.FinishedAt.Equal(testTime.Add(80*time.Second)) || !result.StartedAt.Equal(result.FinishedAt) ||
		result.Status != fabric.StatusInSync {
		t.Errorf("got %+v", result)
	}
}

func TestUnlocked_knownRecordIsJudgedByNetBoxTime(t *testing.T) {
	w := inSync(t)
	result := w.sync()
	w.netbox.ResetRequests()
	w.advance(59 * time.Second)
	w.want(NotDue, "", known(result), dueOnly)
	w.wantRequests()
	w.advance(time.Second)
	if w.sync(known(result), dueOnly); len(w.requests()) != 13 {
		t.Error("the record was read although it is known")
	}
}

// A known record may be outdated. Then NetBox's record counts.
func TestUnlocked_knownRecordThatIsOutdated(t *testing.T) {
	for name, c := range map[string]struct {
		changed map[string]any
		want    Outcome
	}{
		"a person's other field":   {map[string]any{"description": "theirs"}, Synced},
		"another sync has begun":   {map[string]any{"sync_status": "syncing"}, Busy},
		"another sync has ended":   {map[string]any{"last_sync": testTime.Add(2 * time.Minute)}, Busy},
		"another sync has failed":  {map[string]any{"sync_status": "error", "sync_error": "theirs"}, Busy},
		"it was switched off":      {map[string]any{"sync_enabled": false}, Skipped},
		"it has another namespace": {map[string]any{"kubernetes_namespace": "other"}, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			w := inSync(t)
			result := w.sync()
			w.advance(time.Minute)
			w.netbox.UpdateFabric(1, c.changed)
			theirs := w.fabric()
			if c.want == Failed { // that namespace is empty
				clear(w.cluster.objects)
			}
			got, err := w.run(known(result))
			if got.Outcome != c.want || (err != nil) != (c.want == Skipped) {
				t.Errorf("got %+v, %v", got, err)
			}
			if c.want == Busy || c.want == Skipped {
				w.wantFabric(theirs)
			}
			w.wantFabric(map[string]any{"description": theirs["description"]})
		})
	}
}

// Only NetBox has another sync's progress.
func TestUnlocked_knownLockOfAnotherSyncIsReadAgain(t *testing.T) {
	w := inSync(t)
	w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
	locked, err := w.client.Fabrics().Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.netbox.UpdateFabric(1, map[string]any{"sync_status": "in_sync"})
	w.sync(func(o *Options) { o.Known, o.KnownAt = locked, w.clock.Now() })
}

func TestUnlocked_startsOverWithAnotherCluster(t *testing.T) {
	w := inSync(t)
	w.cluster.absent = map[string]bool{"ExternalPeering": true} // which is worth one warning
	const server = "https://other.example.com"
	result, err := w.duringTheComparison(func(n int) {
		if n == 1 {
			w.netbox.UpdateFabric(1, map[string]any{"kubernetes_server": server, "kubernetes_token": "another-token"})
		}
	})
	w.wantOutcome(Synced, "", result, err)
	if len(result.Kinds) != 12 || result.Totals().InCluster != 17 || len(result.Warnings) != 1 {
		t.Errorf("got %+v", result)
	}
	if last := w.cluster.configs[len(w.cluster.configs)-1]; last.Server != server || last.Token != "another-token" {
		t.Errorf("connected with %+v", last)
	}
	w.wantWrites("PATCH fabrics/1", "PATCH fabrics/1") // the first one was refused (412)
}

func TestUnlocked_startsOverTwiceAndNoMore(t *testing.T) {
	w := inSync(t)
	times := 0
	why := w.wantSuperseded(w.duringTheComparison(func(n int) {
		times = n
		w.netbox.UpdateFabric(1, map[string]any{"kubernetes_server": fmt.Sprintf("https://server-%d.example.com", n)})
	}))
	if times != 1+maxRestarts || why != "other users or syncs changed the fabric during each of 3 attempts" {
		t.Errorf("%d times: %s", times, why)
	}
	w.wantFabric(map[string]any{"kubernetes_server": "https://server-3.example.com", "last_sync": testTime})
}

// A failure may be due to credentials that were fixed meanwhile.
func TestUnlocked_failureWithOldCredentialsIsNotStored(t *testing.T) {
	w := inSync(t)
	w.cluster.problem = clusterError(cluster.ClassUnauthenticated, "401")
	w.cluster.listed = func(context.Context, fabric.Kind) {
		if len(w.cluster.configs) == 2 { // of the first sync, and of this one
			w.netbox.UpdateFabric(1, map[string]any{"kubernetes_token": "a-new-token"})
			return
		}
		w.cluster.problem = nil
	}
	result := w.sync()
	if config := w.cluster.configs[2]; config.Token != "a-new-token" || result.Status != fabric.StatusInSync {
		t.Errorf("got %+v, connected with %+v", result, config)
	}
}

func TestUnlocked_anotherSyncMeanwhile(t *testing.T) {
	ended := map[string]any{"sync_status": "in_sync", "last_sync": testTime.Add(time.Minute)}
	failed := map[string]any{"sync_status": "error", "sync_error": "theirs"}
	const hasEnded = `another sync of the fabric "alpha" finished first`
	for name, c := range map[string]struct {
		theirs  map[string]any
		change  func(*Options)
		want    Outcome
		message string
	}{
		"it has locked the fabric": {map[string]any{"sync_status": "syncing"}, func(*Options) {}, Busy,
			`another sync of the fabric "alpha" started first`},
		"it has ended":            {ended, func(*Options) {}, Busy, hasEnded},
		"and nothing is due":      {ended, dueOnly, NotDue, ""},
		"and it failed":           {failed, func(*Options) {}, Busy, hasEnded},
		"it is waited for anyway": {ended, waiting, Synced, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := inSync(t)
			var theirs map[string]any
			result, err := w.duringTheComparison(func(n int) {
				if n == 1 {
					w.netbox.UpdateFabric(1, c.theirs)
					theirs = w.fabric()
				}
			}, c.change)
			if w.wantOutcome(c.want, c.message, result, err); result.Message != c.message || result.Class != "" {
				t.Errorf("got %+v", result)
			}
			if c.want != Synced {
				w.wantFabric(theirs)
			}
		})
	}
}

// The lock of another sync goes stale while this one waits for it.
func TestUnlocked_waitsForALockThatCameMeanwhile(t *testing.T) {
	w := inSync(t)
	w.clock.arrived = make(chan time.Duration, 10)
	go func() {
		<-w.clock.arrived
		w.netbox.Advance(fabric.LockStaleAfter)
		w.clock.advance(waitPause)
	}()
	result, err := w.duringTheComparison(func(n int) {
		if n == 1 {
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
		}
	}, waiting)
	w.wantOutcome(Synced, "", result, err)
	w.wantFabric(map[string]any{"sync_status": "in_sync"})
}

func TestUnlocked_failureIsWrittenOnce(t *testing.T) {
	w := newWorld(t)
	w.cluster.problem = clusterError(cluster.ClassUnreachable, "connection refused")
	for _, want := range [][]string{{"GET fabrics/1", "PATCH fabrics/1"}, {"GET fabrics/1"}, {"GET fabrics/1"}} {
		if result := w.want(Failed, "refused"); result.Status != fabric.StatusError || result.Record == nil {
			t.Errorf("got %+v", result)
		}
		w.wantRequests(want...)
		w.advance(time.Minute)
	}
	w.cluster.problem = clusterError(cluster.ClassUnreachable, "no route to host") // which is news
	w.want(Failed, "no route")
	w.wantWrites("PATCH fabrics/1")
}

// The answer to the only write is lost.
func TestUnlocked_writeOfUnknownOutcomeIsVerified(t *testing.T) {
	for name, lose := range losses {
		for writes, carriedOut := range map[int]bool{2: false, 1: true} {
			w := inSync(t)
			w.intercept("PATCH", "/fabrics/1/", func(x *exchange) {
				if x.n > 1 {
					x.pass()
					return
				}
				if carriedOut {
					x.commit()
				}
				lose(x)
			})
			w.sync()
			w.wantFabric(map[string]any{"last_sync": testTime.Add(time.Minute), "sync_status": "in_sync"})
			if n := len(w.writes()); n != writes {
				t.Errorf("%s: %d writes, want %d", name, n, writes)
			}
		}
	}
}

// Before NetBox 4.6 the only write may hit a record that was changed just before.
func TestUnlocked_changeOfTheClusterInTheWindowBefore46(t *testing.T) {
	w := inSync(t)
	asBefore46(w)
	w.intercept("PATCH", "/fabrics/1/", func(x *exchange) {
		if x.n == 1 {
			w.netbox.UpdateFabric(1, map[string]any{"kubernetes_namespace": "other"})
		}
		x.pass()
	})
	w.wantSuperseded(w.run())
	w.wantFabric(neverContacted)
}

// Before NetBox 4.6 the client reads before it writes.
func TestUnlocked_readsBeforeItWritesBefore46(t *testing.T) {
	w := inSync(t)
	asBefore46(w)
	w.client = w.newClient()
	locked := map[string]any{"sync_status": "syncing"}
	result, err := w.duringTheComparison(func(int) { w.netbox.UpdateFabric(1, locked) })
	w.wantOutcome(Busy, "", result, err)
	w.wantWrites()
}
