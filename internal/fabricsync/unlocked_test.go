package fabricsync

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// requests are those that NetBox has seen since the last call, such as "GET vpcs".
func (w *world) requests() []string {
	var all []string
	for _, r := range w.netbox.Requests() {
		all = append(all, r.Method+" "+strings.Trim(strings.TrimPrefix(r.Path, "/api/plugins/hedgehog/"), "/"))
	}
	w.netbox.ResetRequests()
	return all
}

// duringTheComparison runs a sync that finds nothing to write, and in whose middle
// something happens, each time that it gets there.
func (w *world) duringTheComparison(happens func(time int), change ...func(*Options)) (*Result, error) {
	w.Helper()
	times := 0
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name == "Server" {
			times++
			happens(times)
		}
	}
	return w.run(change...)
}

// inSync is a world in which nothing differs.
func inSync(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	fill(w)
	w.sync()
	w.advance(time.Minute)
	w.netbox.ResetRequests()
	return w
}

func TestUnlocked_unchangedSyncTakesFourteenRequestsAndOneRowOfTheChangeLog(t *testing.T) {
	w := inSync(t)
	rows := len(w.netbox.Changelog())
	if totals := w.sync().Totals(); totals.Unchanged != 16 {
		t.Errorf("%+v", totals)
	}
	requests := w.requests()
	if len(requests) != 14 || requests[0] != "GET fabrics/1" || requests[13] != "PATCH fabrics/1" {
		t.Errorf("%d requests: %q", len(requests), requests)
	}
	if n := len(w.netbox.Changelog()) - rows; n != 1 {
		t.Errorf("%d rows", n)
	}
	w.wantFabric(map[string]any{"last_sync": "2030-05-01T12:01:00Z", "sync_status": "in_sync"})
}

// A watch that keeps an inventory and knows the record makes no other request.
func TestUnlocked_knownRecordAndInventoryLeaveOneRequest(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.client.KeepInventory(w.clock.Now)
	w.sync()
	w.advance(time.Minute)
	result := w.sync() // which makes the whole inventory one of this moment
	w.advance(20 * time.Second)
	w.netbox.ResetRequests()
	result = w.sync(func(o *Options) { o.Known, o.KnownAt = result.Record, result.RecordAt })
	if requests := w.requests(); len(requests) != 1 || requests[0] != "PATCH fabrics/1" {
		t.Errorf("%d requests: %q", len(requests), requests)
	}
	w.wantFabric(map[string]any{"last_sync": "2030-05-01T12:01:20Z"})
	if !result.FinishedAt.Equal(testTime.Add(80*time.Second)) || !result.StartedAt.Equal(result.FinishedAt) ||
		result.Status != fabric.InSync {
		t.Errorf("%+v", result)
	}
}

func TestUnlocked_knownRecordIsJudgedByNetBoxTime(t *testing.T) {
	w := inSync(t)
	result := w.sync()
	known := func(o *Options) { o.Known, o.KnownAt, o.OnlyIfDue = result.Record, result.RecordAt, true }
	w.netbox.ResetRequests()
	w.advance(59 * time.Second)
	if early, err := w.run(known); err != nil || early.Outcome != NotDue || len(w.requests()) != 0 {
		t.Errorf("%+v, %v", early, err)
	}
	w.advance(time.Second)
	if w.sync(known); len(w.requests()) != 13 {
		t.Error("the record was read although it is known")
	}
}

// What is known of a record may be outdatedSpec: what NetBox says then counts.
func TestUnlocked_knownRecordThatIsOutdated(t *testing.T) {
	for name, c := range map[string]struct {
		changed map[string]any
		want    Outcome
		error   bool
	}{
		"a person's other field":   {map[string]any{"description": "theirs"}, Synced, false},
		"another sync has begun":   {map[string]any{"sync_status": "syncing"}, Busy, false},
		"another sync has ended":   {map[string]any{"last_sync": testTime.Add(2 * time.Minute)}, Busy, false},
		"another sync has failed":  {map[string]any{"sync_status": "error", "sync_error": "theirs"}, Busy, false},
		"it was switched off":      {map[string]any{"sync_enabled": false}, Skipped, true},
		"it has another namespace": {map[string]any{"kubernetes_namespace": "other"}, Failed, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := inSync(t)
			result := w.sync()
			w.advance(time.Minute)
			w.netbox.UpdateFabric(1, c.changed)
			theirs := before0(w.fabric())
			if name == "it has another namespace" {
				for _, objects := range w.cluster.objects {
					clear(objects)
				}
				w.cluster.objects = map[string][]*cluster.Object{}
			}
			got, err := w.run(func(o *Options) { o.Known, o.KnownAt = result.Record, result.RecordAt })
			if got.Outcome != c.want || (err != nil) != c.error {
				t.Errorf("%+v, %v", got, err)
			}
			if c.want == Busy || c.want == Skipped {
				w.wantFabric(theirs)
			}
			w.wantFabric(map[string]any{"description": theirs["description"]})
		})
	}
}

// How far another sync has come only NetBox can tell.
func TestUnlocked_knownLockOfAnotherSyncIsLookedAt(t *testing.T) {
	w := inSync(t)
	w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
	locked, err := w.client.Fabrics().Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	w.netbox.UpdateFabric(1, map[string]any{"sync_status": "in_sync"})
	w.sync(func(o *Options) { o.Known, o.KnownAt = locked, w.clock.Now() })
}

func TestUnlocked_changedClusterMeansToBeginAgain(t *testing.T) {
	w := inSync(t)
	w.cluster.absent = map[string]bool{"ExternalPeering": true} // which is worth one warning
	const server = "https://other.example.com"
	result, err := w.duringTheComparison(func(time int) {
		if time == 1 {
			w.netbox.UpdateFabric(1, map[string]any{"kubernetes_server": server, "kubernetes_token": "another-token"})
		}
	})
	if err != nil || result.Outcome != Synced || len(result.Kinds) != 12 || result.Totals().InCluster != 17 ||
		len(result.Warnings) != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	if last := w.cluster.configs[len(w.cluster.configs)-1]; last.Server != server || last.Token != "another-token" {
		t.Errorf("connected with %+v", last)
	}
	w.wantWrites("PATCH fabrics/1", "PATCH fabrics/1") // the first one was refused (412)
}

func TestUnlocked_beginsAgainTwiceAndNoMore(t *testing.T) {
	w := inSync(t)
	times := 0
	result, err := w.duringTheComparison(func(time int) {
		times = time
		w.netbox.UpdateFabric(1, map[string]any{"kubernetes_server": fmt.Sprintf("https://server-%d.example.com",
			time)})
	})
	wantError[*SupersededError](t, err)
	if result.Outcome != Superseded || times != 1+maxRestarts {
		t.Errorf("%d times: %+v", times, result)
	}
	w.wantFabric(map[string]any{"kubernetes_server": "https://server-3.example.com",
		"last_sync": "2030-05-01T12:00:00Z"})
}

// A failure may be due to credentials that somebody has corrected meanwhile.
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
	if config := w.cluster.configs[2]; config.Token != "a-new-token" || result.Status != fabric.InSync {
		t.Errorf("%+v, connected with %+v", result, config)
	}
}

func TestUnlocked_overtakenByAnotherSync(t *testing.T) {
	ended := map[string]any{"sync_status": "in_sync", "last_sync": testTime.Add(time.Minute)}
	for name, c := range map[string]struct {
		theirs  map[string]any
		change  func(*Options)
		want    Outcome
		message string
	}{
		"its lock is there": {map[string]any{"sync_status": "syncing"}, func(*Options) {}, Busy,
			`another sync of the fabric "alpha" has begun meanwhile`},
		"its outcome is there": {ended, func(*Options) {}, Busy, `another sync of the fabric "alpha" has ended ` +
			`meanwhile`},
		"and nothing is due": {ended, func(o *Options) { o.OnlyIfDue = true }, NotDue, ""},
		"and it was no good": {map[string]any{"sync_status": "error", "sync_error": "theirs"}, func(*Options) {},
			Busy, `another sync of the fabric "alpha" has ended meanwhile`},
		"it is waited for anyway": {ended, func(o *Options) { o.WaitForLock = true }, Synced, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := inSync(t)
			var theirs map[string]any
			result, err := w.duringTheComparison(func(time int) {
				if time == 1 {
					w.netbox.UpdateFabric(1, c.theirs)
					theirs = before0(w.fabric())
				}
			}, c.change)
			if err != nil || result.Outcome != c.want || result.Message != c.message || result.Class != "" {
				t.Errorf("%+v, %v", result, err)
			}
			if c.want != Synced {
				w.wantFabric(theirs)
			}
		})
	}
}

// The other one's lock goes stale while it is waited for.
func TestUnlocked_waitsForALockThatCameMeanwhile(t *testing.T) {
	w := inSync(t)
	w.clock.arrived = make(chan time.Duration, 10)
	go func() {
		<-w.clock.arrived
		w.netbox.Advance(fabric.LockStaleAfter)
		w.clock.advance(waitPause)
	}()
	result, err := w.duringTheComparison(func(time int) {
		if time == 1 {
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
		}
	}, func(o *Options) { o.WaitForLock = true })
	if err != nil || result.Outcome != Synced {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync"})
}

func TestUnlocked_failureIsWrittenOnce(t *testing.T) {
	w := newWorld(t)
	w.cluster.problem = clusterError(cluster.ClassUnreachable, "connection refused")
	for _, want := range []string{"GET fabrics/1 PATCH fabrics/1", "GET fabrics/1", "GET fabrics/1"} {
		result, err := w.run()
		if err != nil || result.Outcome != Failed || result.Status != fabric.Error || result.Record == nil {
			t.Errorf("%+v, %v", result, err)
		}
		if got := strings.Join(w.requests(), " "); got != want {
			t.Errorf("requests %q, want %q", got, want)
		}
		w.advance(time.Minute)
	}
	w.cluster.problem = clusterError(cluster.ClassUnreachable, "no route to host") // which is news
	if _, err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.wantWrites("PATCH fabrics/1")
}

func TestUnlocked_cancelledWritesNothing(t *testing.T) {
	w := inSync(t)
	before := before0(w.fabric())
	ctx, cancel := context.WithCancel(t.Context())
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name == "Server" {
			cancel()
		}
	}
	if result, err := Run(ctx, w.options(), 1); err == nil || result.Outcome != Interrupted ||
		result.Message != "the sync was interrupted: context canceled" {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantWrites()
	w.wantFabric(before)
}

func TestUnlocked_fabricRemovedOrReplacedMeanwhile(t *testing.T) {
	for name, again := range map[string]bool{"removed": false, "another under its id": true} {
		t.Run(name, func(t *testing.T) {
			w := inSync(t)
			result, err := w.duringTheComparison(func(int) {
				w.netbox.DeleteFabric(1)
				if again {
					w.netbox.AddFabric(map[string]any{"id": 1, "name": "beta", "created": w.netbox.Now(),
						"kubernetes_server": testServer})
				}
			})
			if err == nil || result.Outcome != Failed {
				t.Errorf("%+v, %v", result, err)
			}
			if again {
				w.wantFabric(map[string]any{"name": "beta", "sync_status": "never_synced", "last_sync": nil})
			} else if len(w.netbox.Fabrics()) != 0 {
				t.Error("it is back")
			}
		})
	}
}

// The answer to the one write is lost, and another may write before it is looked for.
func TestUnlocked_outcomeOfUnknownWriteIsSettled(t *testing.T) {
	for name, lose := range losses {
		for _, carriedOut := range []bool{false, true} {
			w := inSync(t)
			w.intercept("PATCH", "/fabrics/1/", func(n int, next http.Handler, rw http.ResponseWriter,
				r *http.Request) {
				if n > 1 {
					next.ServeHTTP(rw, r)
					return
				}
				if carriedOut {
					commit(next, r)
				}
				lose(rw)
			})
			w.sync()
			w.wantFabric(map[string]any{"last_sync": "2030-05-01T12:01:00Z", "sync_status": "in_sync"})
			if n := len(w.writes()); n != map[bool]int{false: 2, true: 1}[carriedOut] {
				t.Errorf("%s: %d writes", name, n)
			}
		}
	}
}

// Before NetBox 4.6 the one write may hit a record that somebody has just changed.
func TestUnlocked_changeOfTheClusterInTheWindowBefore46(t *testing.T) {
	w := inSync(t)
	asBefore46(w)
	w.intercept("PATCH", "/fabrics/1/", func(n int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		if n == 1 {
			w.netbox.UpdateFabric(1, map[string]any{"kubernetes_namespace": "other"})
		}
		next.ServeHTTP(rw, r)
	})
	result, err := w.run()
	wantError[*SupersededError](t, err)
	if result.Outcome != Superseded {
		t.Errorf("%+v", result)
	}
	w.wantFabric(another)
}

// NetBox before 4.6 looks before it writes.
func TestUnlocked_looksBeforeItWritesBefore46(t *testing.T) {
	w := inSync(t)
	asBefore46(w)
	w.client = w.newClient()
	result, err := w.duringTheComparison(func(int) {
		w.netbox.UpdateFabric(1,
			map[string]any{"sync_status": "syncing"})
	})
	if err != nil || result.Outcome != Busy {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantWrites()
}

// TestRun_masksTheTokenOfAKnownRecord: the client may have read it long ago, and forgotten it.
func TestRun_masksTheTokenOfAKnownRecord(t *testing.T) {
	w := newWorld(t)
	result := w.sync()
	w.client = w.newClient()
	if got, err := w.run(func(o *Options) {
		o.Known, o.KnownAt, o.OnlyIfDue = result.Record, result.RecordAt,
			true
	}); got.Outcome != NotDue {
		t.Fatalf("%+v, %v", got, err)
	}
	token := result.Record.Fabric.KubernetesToken
	if got := w.client.Mask("it said " + token); token == "" || got != "it said (redacted)" {
		t.Errorf("%q", got)
	}
}
