package fabricsync

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// syncing are the fields of a record that another sync marked some time ago.
func syncing(ago time.Duration) map[string]any {
	return map[string]any{"sync_status": "syncing", "last_updated": testTime.Add(-ago)}
}

func TestMark_ofAnotherSyncIsRespected(t *testing.T) {
	w := newWorld(t, syncing(179*time.Second))
	result, err := w.run()
	if err != nil || result.Outcome != Busy || result.Message != `another sync of the fabric "alpha" is running; it `+
		`last renewed NetBox's record 2 min 59 s ago` {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantWrites()
	if len(w.cluster.configs) != 0 {
		t.Error("the cluster was asked")
	}
}

func TestMark_thatIsStaleIsTakenOver(t *testing.T) {
	// Whatever the interval: a mark is stale after three minutes.
	for _, interval := range []int{0, 60, 86400} {
		w := newWorld(t, syncing(180*time.Second), map[string]any{"sync_interval": interval})
		w.sync()
		w.wantFabric(map[string]any{"sync_status": "in_sync"})
	}
}

func TestMark_isWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(*world)
		due     bool
		want    Outcome
	}{
		"until the other sync ends": {func(w *world) {
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "in_sync", "last_sync": testTime})
		}, false, Synced},
		"and then nothing may be due": {func(w *world) {
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "in_sync", "last_sync": testTime})
		}, true, NotDue},
		"until it goes stale": {func(w *world) { w.netbox.Advance(time.Minute) }, false, Synced},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, syncing(130*time.Second))
			w.clock.arrived = make(chan time.Duration, 100)
			done := make(chan *Result)
			go func() {
				result, err := w.run(func(o *Options) { o.WaitForLock, o.OnlyIfDue = true, c.due })
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
				t.Errorf("%+v", result)
			}
		})
	}
}

func TestMark_isWaitedForNoLongerThanTheContextAllows(t *testing.T) {
	for want, end := range map[Outcome]error{Busy: context.DeadlineExceeded, Interrupted: context.Canceled} {
		w := newWorld(t, syncing(0))
		w.clock.arrived = make(chan time.Duration)
		ctx := &endableContext{done: make(chan struct{})}
		go func() {
			<-w.clock.arrived
			ctx.end(end)
		}()
		result, err := Run(ctx, w.options(func(o *Options) { o.WaitForLock = true }), 1)
		if result.Outcome != want || (want == Busy) != (err == nil) || (err != nil && !errors.Is(err, end)) {
			t.Errorf("%+v, %v", result, err)
		}
		w.wantWrites()
	}
}

// endableContext ends when it is told to, with the error it is told.
type endableContext struct {
	mu   sync.Mutex
	err  error
	done chan struct{}
}

func (c *endableContext) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	close(c.done)
}

func (c *endableContext) Deadline() (time.Time, bool) { return time.Time{}, false }

func (c *endableContext) Value(any) any { return nil }

func (c *endableContext) Done() <-chan struct{} { return c.done }

func (c *endableContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func TestMark_ofTwoEnginesOneGetsIt(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 150)
	const engines = 4
	// All have read the fabric before any of them marks it.
	var looked sync.WaitGroup
	looked.Add(engines)
	w.intercept("GET", "/fabrics/1/", func(n int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(rw, r)
		if n <= engines {
			looked.Done()
			looked.Wait()
		}
	})
	// The winner is not done before the others have given up.
	var lost sync.WaitGroup
	lost.Add(engines - 1)
	var lists atomic.Int64
	var listing sync.WaitGroup
	listing.Add(engines)
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name != "VPC" {
			return
		}
		if lists.Add(1) <= engines { // all compare before any of them locks the fabric
			listing.Done()
			listing.Wait()
			return
		}
		lost.Wait()
	}
	outcomes := make(chan Outcome, engines)
	for range engines {
		go func() {
			o := w.options()
			o.NetBox = w.newClient()
			result, err := Run(t.Context(), o, 1)
			if err != nil {
				t.Error(err)
			}
			if result.Outcome == Busy {
				lost.Done()
			}
			outcomes <- result.Outcome
		}()
	}
	count := map[Outcome]int{}
	for range engines {
		count[<-outcomes]++
	}
	if count[Synced] != 1 || count[Busy] != engines-1 {
		t.Errorf("outcomes %v", count)
	}
	w.wantMirror()
	w.wantFabric(map[string]any{"sync_status": "in_sync", "vpcs_count": 150})
}

// duringTheSync runs a sync in whose middle something happens.
func (w *world) duringTheSync(happens func()) (*Result, error) {
	w.Helper()
	w.cluster.add("External", 1) // for which the fabric is locked
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name == "Server" {
			happens()
		}
	}
	return w.run()
}

func TestMark_isRenewedEveryMinute(t *testing.T) {
	w := newWorld(t)
	w.clock.arrived = make(chan time.Duration, 10)
	renewed := make(chan string, 10)
	result, err := w.duringTheSync(func() {
		defer w.intercept("PATCH", "/fabrics/1/", func(_ int, next http.Handler, rw http.ResponseWriter,
			r *http.Request) {
			next.ServeHTTP(rw, r)
			renewed <- w.fabric()["last_updated"].(string)
		})()
		for _, want := range []string{"2030-05-01T12:01:00Z", "2030-05-01T12:02:00Z", "2030-05-01T12:03:00Z",
			"2030-05-01T12:04:00Z"} {
			if pause := <-w.clock.arrived; pause != time.Minute {
				t.Errorf("renews after %s", pause)
			}
			w.advance(time.Minute)
			if got := <-renewed; got != want {
				t.Errorf("renewed at %s, want %s", got, want)
			}
		}
	})
	if err != nil || result.Outcome != Synced {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"last_sync": "2030-05-01T12:04:00Z", "sync_status": "in_sync"})
}

func TestMark_renewalThatFailsIsTriedAgainSoon(t *testing.T) {
	w := newWorld(t)
	w.clock.arrived = make(chan time.Duration, 10)
	result, err := w.duringTheSync(func() {
		<-w.clock.arrived
		remove := w.intercept("", "/fabrics/1/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
			fail500(rw)
		})
		w.advance(time.Minute)
		if pause := <-w.clock.arrived; pause != renewRetry {
			t.Errorf("tries again after %s", pause)
		}
		remove()
		w.advance(renewRetry)
		if pause := <-w.clock.arrived; pause != time.Minute {
			t.Errorf("goes on after %s", pause)
		}
	})
	if err != nil || result.Outcome != Synced {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestMark_takenOverEndsTheSyncWithoutAnOutcome(t *testing.T) {
	for name, happens := range map[string]func(*world){
		"by a sync that still runs": func(w *world) {
			w.advance(181 * time.Second)
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
		},
		"by one that has ended": func(w *world) {
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "error", "sync_error": "theirs"})
		},
		"while the local clock stood": func(w *world) {
			w.netbox.Advance(181 * time.Second)
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
		},
		"while NetBox's clock stood": func(w *world) {
			w.clock.advance(181 * time.Second)
			w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cluster.add("Switch", 1) // which comes later
			var theirs map[string]any
			result, err := w.duringTheSync(func() {
				happens(w)
				theirs = before0(w.fabric())
			})
			wantError[*SupersededError](t, err)
			if result.Outcome != Superseded || result.Message == "" {
				t.Errorf("%+v", result)
			}
			w.wantFabric(theirs)
			// Once it may be another's, objects are left alone too.
			if stale := w.clock.Now().After(testTime); stale && len(w.stored("switches")) != 0 {
				t.Error("an object was written")
			}
		})
	}
}

func TestMark_ofOursGoesOnWhenItWasStaleAndNobodyTookIt(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Switch", 1)
	result, err := w.duringTheSync(func() { w.netbox.Advance(time.Hour) })
	if err != nil || result.Outcome != Synced {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestMark_personsChangeIsKept(t *testing.T) {
	for _, old := range []bool{false, true} {
		w := newWorld(t)
		if old {
			asBefore46(w)
		}
		result, err := w.duringTheSync(func() {
			w.netbox.UpdateFabric(1, map[string]any{"description": "theirs", "sync_interval": 900,
				"kubernetes_token": "a-new-token-4"})
		})
		if err != nil || result.Outcome != Synced {
			t.Errorf("before 4.6: %t: %+v, %v", old, result, err)
		}
		w.wantFabric(map[string]any{"description": "theirs", "sync_interval": 900, "kubernetes_token": "a-new-token-4",
			"sync_status": "in_sync"})
	}
}

// another are the facts of a cluster that was never contacted.
var another = map[string]any{
	"sync_status": "never_synced", "last_sync": nil, "connection_status": "unknown", "sync_error": "",
	"connection_error": "",
}

func TestMark_changeOfTheClusterStartsAfresh(t *testing.T) {
	synced := map[string]any{"last_sync": testTime.Add(-time.Minute), "sync_status": "in_sync",
		"connection_status": "connected"}
	for name, change := range map[string]map[string]any{
		"server, by the web page":    {"kubernetes_server": "https://other.example.com"},
		"namespace, by the web page": {"kubernetes_namespace": "other"},
		"no server":                  {"kubernetes_server": ""},
		"server, with fresh facts": {"kubernetes_server": "https://other.example.com", "sync_status": "never_synced",
			"last_sync":         nil,
			"connection_status": "unknown", "sync_error": "", "connection_error": ""},
	} {
		for _, old := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, synced)
				if old {
					asBefore46(w)
				}
				result, err := w.duringTheSync(func() { w.netbox.UpdateFabric(1, change) })
				if e := wantError[*SupersededError](t, err); result.Outcome != Superseded ||
					e.Reason != "the fabric's Kubernetes server or namespace was changed" {
					t.Errorf("%+v, %v", result, err)
				}
				w.wantFabric(another)
				w.wantFabric(change)
				w.wantConsistent()
			})
		}
	}
}

func TestMark_switchedOffMeanwhile(t *testing.T) {
	for name, fail := range map[string]bool{"all well": false, "and failed": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]any{"last_sync": testTime.Add(-time.Minute), "sync_status": "in_sync",
				"connection_status": "connected"})
			if fail {
				w.cluster.broken["Server"] = clusterError(cluster.ClassForbidden, "no")
			}
			result, err := w.duringTheSync(func() { w.netbox.UpdateFabric(1, map[string]any{"sync_enabled": false}) })
			if e := wantError[*SupersededError](t, err); result.Outcome != Superseded ||
				e.Reason != "sync was switched off for the fabric" {
				t.Errorf("%+v, %v", result, err)
			}
			w.wantFabric(map[string]any{"sync_enabled": false, "sync_status": "in_sync",
				"last_sync": "2030-05-01T11:59:00Z", "sync_error": ""})
			w.wantConsistent()
		})
	}
}

func TestMark_fabricRemovedMeanwhile(t *testing.T) {
	w := newWorld(t)
	result, err := w.duringTheSync(func() { w.netbox.DeleteFabric(1) })
	if err == nil || result.Outcome != Failed {
		t.Errorf("%+v, %v", result, err)
	}
	if len(w.netbox.Fabrics()) != 0 {
		t.Error("it is back")
	}
}

func TestMark_anotherFabricUnderTheIDIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	result, err := w.duringTheSync(func() {
		w.netbox.DeleteFabric(1)
		w.netbox.AddFabric(map[string]any{"id": 1, "name": "beta", "created": testTime, "kubernetes_server": testServer,
			"sync_status": "syncing"})
	})
	if err == nil || result.Outcome != Failed {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"name": "beta", "sync_status": "syncing", "last_sync": nil})
}
