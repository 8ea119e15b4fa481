package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// syncing returns the fields of a record whose lock another sync renewed some time ago.
func syncing(ago time.Duration) map[string]any {
	return map[string]any{"sync_status": "syncing", "last_updated": testTime.Add(-ago)}
}

// neverContacted has the facts of a cluster that was never contacted.
var neverContacted = map[string]any{
	"sync_status": "never_synced", "last_sync": nil, "connection_status": "unknown", "sync_error": "",
	"connection_error": "",
}

func TestLock_ofAnotherSyncIsRespected(t *testing.T) {
	w := newWorld(t, syncing(179*time.Second))
	w.want(Busy, `another sync of the fabric "alpha" is running; it renewed its lock 2 min 59 s ago`)
	w.wantWrites()
	if len(w.cluster.configs) != 0 {
		t.Error("the cluster was asked")
	}
}

// A lock is stale after three minutes, whatever the interval is.
func TestLock_staleLockIsReplaced(t *testing.T) {
	for _, interval := range []int{0, 60, 86400} {
		w := newWorld(t, syncing(180*time.Second), map[string]any{"sync_interval": interval})
		w.sync()
		w.wantFabric(map[string]any{"sync_status": "in_sync"})
	}
}

func TestLock_isWaitedFor(t *testing.T) {
	ends := func(w *world) {
		w.netbox.UpdateFabric(1, map[string]any{"sync_status": "in_sync", "last_sync": testTime})
	}
	for name, c := range map[string]struct {
		happens func(*world)
		due     bool
		want    Outcome
	}{
		"until the other sync ends":   {ends, false, Synced},
		"and then nothing may be due": {ends, true, NotDue},
		"until it goes stale":         {func(w *world) { w.netbox.Advance(time.Minute) }, false, Synced},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, syncing(130*time.Second))
			w.clock.arrived = make(chan time.Duration, 100)
			done := make(chan *Result)
			go func() {
				result, err := w.run(waiting, func(o *Options) { o.OnlyIfDue = c.due })
				if err != nil {
					t.Error(err)
				}
				done <- result
			}()
			if pause := <-w.clock.arrived; pause != waitPause {
				t.Errorf("waits for %s", pause)
			}
			c.happens(w)
			w.clock.advance(waitPause)
			if result := <-done; result.Outcome != c.want {
				t.Errorf("got %+v", result)
			}
		})
	}
}

func TestLock_isWaitedForNoLongerThanTheContextAllows(t *testing.T) {
	for want, end := range map[Outcome]error{Busy: context.DeadlineExceeded, Interrupted: context.Canceled} {
		w := newWorld(t, syncing(0))
		w.clock.arrived = make(chan time.Duration)
		ctx := newEndableContext()
		go func() {
			<-w.clock.arrived
			ctx.end(end)
		}()
		result, err := Run(ctx, w.options(waiting), 1)
		if result.Outcome != want || (want == Busy) != (err == nil) || (err != nil && !errors.Is(err, end)) {
			t.Errorf("got %+v, %v", result, err)
		}
		w.wantWrites()
	}
}

// underTheLock runs a sync and calls happens while the sync holds the lock.
func (w *world) underTheLock(happens func()) (*Result, error) {
	w.Helper()
	w.cluster.add("External", 1) // a change, so the sync locks the fabric
	w.cluster.during("Server", func(context.Context, int) { happens() })
	return w.run()
}

func TestLock_isRenewedEveryMinute(t *testing.T) {
	w := newWorld(t)
	w.clock.arrived = make(chan time.Duration, 10)
	renewed := make(chan string, 10)
	result, err := w.underTheLock(func() {
		defer w.intercept("PATCH", "/fabrics/1/", func(x *exchange) {
			body := x.body()
			x.pass()
			renewed <- fmt.Sprint(w.fabric()["last_updated"], " ", body)
		})()
		for minute := range 4 {
			if pause := <-w.clock.arrived; pause != time.Minute {
				t.Errorf("renews after %s", pause)
			}
			w.advance(time.Minute)
			want := testTime.Add(time.Duration(minute+1) * time.Minute).Format(time.RFC3339)
			if got := <-renewed; !strings.HasPrefix(got, want) || !regexp.MustCompile(
				`"changelog_message":"sync run [0-9a-f]{8}"`).MatchString(got) {
				t.Errorf("renewed %s, want %s", got, want)
			}
		}
	})
	w.wantOutcome(Synced, "", result, err)
	w.wantFabric(map[string]any{"last_sync": testTime.Add(4 * time.Minute), "sync_status": "in_sync"})
}

func TestLock_renewalThatFailsIsRepeatedSoon(t *testing.T) {
	w := newWorld(t)
	w.clock.arrived = make(chan time.Duration, 10)
	result, err := w.underTheLock(func() {
		<-w.clock.arrived
		remove := w.intercept("", "/fabrics/1/", fail500)
		w.advance(time.Minute)
		if pause := <-w.clock.arrived; pause != renewRetry {
			t.Errorf("repeats it after %s", pause)
		}
		remove()
		w.advance(renewRetry)
		if pause := <-w.clock.arrived; pause != time.Minute {
			t.Errorf("continues after %s", pause)
		}
	})
	w.wantOutcome(Synced, "", result, err)
}

func TestLock_ofAnotherEngineEndsTheSyncWithoutAnOutcome(t *testing.T) {
	// A user has edited a record with another engine's lock. Only the time shows that the lock
	// may not be ours.
	locked := map[string]any{"sync_status": "syncing", "description": "edited"}
	for name, happens := range map[string]func(*world){
		"of a sync that runs": func(w *world) {
			w.netbox.Advance(181 * time.Second)
			w.netbox.UpdateFabric(1, locked)
			w.clock.advance(181 * time.Second)
		},
		"of a sync that has ended": func(w *world) {
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "error", "sync_error": "theirs"})
		},
		"while the local clock stood": func(w *world) {
			w.netbox.Advance(181 * time.Second)
			w.netbox.UpdateFabric(1, locked)
		},
		"while NetBox's clock stood": func(w *world) {
			w.netbox.UpdateFabric(1, locked) // before the lock is renewed
			w.clock.advance(181 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var theirs map[string]any
			result, err := w.underTheLock(func() {
				happens(w)
				theirs = w.fabric()
			})
			w.wantSuperseded(result, err)
			if result.Message == "" {
				t.Errorf("got %+v", result)
			}
			w.wantFabric(theirs)
		})
	}
}

// A stale lock must be renewed before more objects are written. Here that fails.
func TestLock_staleLockWritesNoObjects(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Switch", 1) // which comes later
	w.clock.arrived = make(chan time.Duration, 10)
	result, err := w.underTheLock(func() {
		<-w.clock.arrived
		remove := w.intercept("", "/fabrics/1/", fail500)
		w.advance(fabric.LockStaleAfter)
		<-w.clock.arrived // for the next renewal, so this one has failed
		remove()
		w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing", "description": "edited"})
	})
	w.wantSuperseded(result, err)
	if n := len(w.stored("switches")); n != 0 {
		t.Errorf("%d objects were written", n)
	}
}

func TestLock_ofOursThatWentStaleIsStillOurs(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Switch", 1)
	result, err := w.underTheLock(func() { w.netbox.Advance(time.Hour) })
	w.wantOutcome(Synced, "", result, err)
}

// A user changes the fabric during the sync, with the current NetBox and before 4.6.
func TestLock_fabricChangedMeanwhile(t *testing.T) {
	const other = "https://other.example.com"
	const otherCluster = "another user changed the fabric's Kubernetes server or namespace"
	const switchedOff = "another user switched the fabric's sync off"
	applied := maps.Clone(neverContacted)
	applied["kubernetes_server"] = other
	before := map[string]any{"sync_enabled": false, "sync_status": "in_sync", "last_sync": testTime.Add(-time.Minute),
		"sync_error": ""}
	for name, c := range map[string]struct {
		change map[string]any
		why    string // of a SupersededError; "" for a sync that succeeds
		want   map[string]any
	}{
		"other fields": {map[string]any{"description": "theirs", "sync_interval": 900,
			"kubernetes_token": "a-new-token-4"}, "", map[string]any{"sync_status": "in_sync"}},
		"server":                   {map[string]any{"kubernetes_server": other}, otherCluster, neverContacted},
		"namespace":                {map[string]any{"kubernetes_namespace": "other"}, otherCluster, neverContacted},
		"no server":                {map[string]any{"kubernetes_server": ""}, otherCluster, neverContacted},
		"server, and facts reset":  {applied, otherCluster, neverContacted},
		"switched off":             {map[string]any{"sync_enabled": false}, switchedOff, before},
		"switched off, and failed": {map[string]any{"sync_enabled": false}, switchedOff, before},
	} {
		for _, old := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, synced(time.Minute))
				if old {
					asBefore46(w)
				}
				if name == "switched off, and failed" {
					w.cluster.broken["Server"] = clusterError("forbidden", "no")
				}
				result, err := w.underTheLock(func() { w.netbox.UpdateFabric(1, c.change) })
				if c.why == "" {
					w.wantOutcome(Synced, "", result, err)
				} else if why := w.wantSuperseded(result, err); why != c.why {
					t.Errorf("superseded because %s", why)
				}
				w.wantFabric(c.want)
				w.wantFabric(c.change)
				w.wantConsistent()
			})
		}
	}
}

// The fabric is deleted, and another one may get its id, before or under the lock.
func TestLock_fabricRemovedOrReplacedMeanwhile(t *testing.T) {
	for _, locked := range []bool{false, true} {
		for _, replaced := range []bool{false, true} {
			w := inSync(t)
			happens := func() {
				w.netbox.DeleteFabric(1)
				if replaced {
					w.netbox.AddFabric(map[string]any{"id": 1, "name": "beta", "created": w.netbox.Now(),
						"kubernetes_server": testServer, "sync_status": "syncing"})
				}
			}
			run := func() (*Result, error) { return w.duringTheComparison(func(int) { happens() }) }
			if locked {
				run = func() (*Result, error) { return w.underTheLock(happens) }
			}
			if result, err := run(); err == nil || result.Outcome != Failed {
				t.Errorf("locked %t, replaced %t: %+v, %v", locked, replaced, result, err)
			}
			if replaced {
				w.wantFabric(map[string]any{"name": "beta", "sync_status": "syncing", "last_sync": nil})
			} else if len(w.netbox.Fabrics()) != 0 {
				t.Error("it is back")
			}
		}
	}
}

// Only a 404 for the fabric itself means that the fabric no longer exists.
func TestLock_isHeldWhenOtherThingsAreNotFound(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		w := newWorld(t)
		w.cluster.add("VPC", 2)
		w.cluster.add("Switch", 1)
		w.intercept(method, "/vpcs/", func(x *exchange) { x.answer(404, `{"detail":"Not found."}`) })
		if result := w.want(Failed, "VPC: "); kindOf(t, result, "Switch").Created != 1 {
			t.Errorf("%s: got %+v", method, result)
		}
		w.wantFabric(map[string]any{"sync_status": "error", "connection_status": "connected", "switches_count": 1})
		w.wantConsistent()
	}
}

// changedBefore changes the record just before the n-th write of it.
func (w *world) changedBefore(n int, change map[string]any) {
	w.intercept("PATCH", "/fabrics/1/", func(x *exchange) {
		if x.n == n {
			w.netbox.UpdateFabric(1, change)
		}
		x.pass()
	})
}

func TestLock_isNotSetOnAFabricThatWasReconfigured(t *testing.T) {
	meanwhile := func(change map[string]any) *world {
		w := newWorld(t)
		w.cluster.add("VPC", 1)
		w.changedBefore(1, change)
		return w
	}
	w := meanwhile(map[string]any{"sync_enabled": false, "description": "theirs"})
	result, err := w.run()
	wantError[*fabric.NotSyncableError](w, Skipped, result, err)
	if result.Status != fabric.StatusDisabled || len(w.stored("vpcs")) != 0 {
		t.Errorf("got %+v", result)
	}
	w.wantFabric(map[string]any{"sync_status": "never_synced", "description": "theirs"})
	// Another cluster is synced from the start.
	w = meanwhile(map[string]any{"kubernetes_server": "https://other.example.com"})
	w.sync()
	if configs := w.cluster.configs; len(configs) != 2 || configs[1].Server != "https://other.example.com" {
		t.Errorf("connected with %+v", configs)
	}
	// After other changes the sync does not compare again.
	w = meanwhile(map[string]any{"description": "theirs"})
	if w.sync(); len(w.cluster.configs) != 1 {
		t.Errorf("connected with %+v", w.cluster.configs)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "theirs"})
}

// Before NetBox 4.6 another client's change may come between our reading and our write.
func TestLock_changeOfTheClusterInTheWindowBefore46(t *testing.T) {
	for n := 1; n <= 2; n++ { // lock, outcome
		w := newWorld(t)
		w.cluster.add("VPC", 1)
		asBefore46(w)
		w.changedBefore(n, map[string]any{"kubernetes_namespace": "other"})
		w.wantSuperseded(w.run())
		w.wantFabric(neverContacted)
		w.wantFabric(map[string]any{"kubernetes_namespace": "other"})
		if writes := w.netbox.Count("PATCH", plugin+"fabrics/1/"); writes != n+1 {
			t.Errorf("write %d: %d writes of the record", n, writes)
		}
	}
}

func TestLock_outcomeThatCannotBeStoredIsAnError(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.intercept("PATCH", "/fabrics/1/", func(x *exchange) {
		if x.n > 1 { // after the lock
			x.answer(403, `{"detail":"You may not."}`)
			return
		}
		x.pass()
	})
	result, err := w.run()
	wantError[*rest.ForbiddenError](w, Failed, result, err)
	if want := "the outcome of the sync could not be stored: "; result.Message[:len(want)] != want {
		t.Errorf("got %+v", result)
	}
	w.wantFabric(map[string]any{"sync_status": "syncing"}) // which goes stale
}
