package fabricsync

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// engine is a sync of the fabric by an engine with a clock and a client of its own. It
// stands still at the kind Server, by when it holds the lock, until it may go on.
type engine struct {
	*world
	goOn  chan struct{}
	ended chan *Result
	err   error
}

// engine begins a sync of a cluster that has n VPCs, and waits until it stands still.
func (w *world) engine(n int, change ...func(*Options)) *engine {
	w.Helper()
	e := &engine{
		world: &world{
			TB: w.TB, netbox: w.netbox, client: w.newClient(),
			clock:   &testClock{at: w.clock.Now(), arrived: make(chan time.Duration, 100)},
			cluster: &fakeCluster{objects: map[string][]*cluster.Object{}, broken: map[string]error{}},
		},
		goOn: make(chan struct{}), ended: make(chan *Result, 1),
	}
	e.cluster.add("VPC", n)
	there := make(chan struct{})
	e.cluster.listed = func(ctx context.Context, kind fabric.Kind) {
		if kind.Name != "Server" {
			return
		}
		close(there)
		select {
		case <-e.goOn:
		case <-ctx.Done():
		}
	}
	go func() {
		var result *Result
		result, e.err = e.run(change...)
		e.ended <- result
	}()
	select {
	case <-there:
	case result := <-e.ended:
		w.Fatalf("it did not come so far: %+v, %v", result, e.err)
	}
	return e
}

// end lets the sync go on, and waits for its end.
func (e *engine) end() (*Result, error) {
	close(e.goOn)
	return <-e.ended, e.err
}

// endsAtRenewal makes the engine renew its lock, by which its sync ends.
func (e *engine) endsAtRenewal() (*Result, error) {
	<-e.clock.arrived
	e.clock.advance(renewAfter)
	return <-e.ended, e.err
}

// ways are how an engine finds out about its lock.
var ways = map[string]func(*engine) (*Result, error){
	"at its end": (*engine).end, "when it renews its lock": (*engine).endsAtRenewal,
}

func (w *world) wantSuperseded(result *Result, err error) {
	w.Helper()
	if _, superseded := errors.AsType[*SupersededError](err); result.Outcome != Superseded || !superseded {
		w.Errorf("%+v, %v", result, err)
	}
}

// An apply changes the cluster while A syncs the fabric, and B locks it for the new one:
// A must not release B's lock.
func TestOwner_applyBetweenTwoSyncs(t *testing.T) {
	applied := fabric.ResetFacts()
	applied["kubernetes_server"] = "https://other.example.com"
	for name, before := range map[string]map[string]any{
		"synced before": {"last_sync": testTime.Add(-time.Hour), "sync_status": "in_sync",
			"connection_status": "connected"},
		"never synced": {},
		"lost before": {"connection_status": "disconnected", "connection_error": "refused",
			"sync_status": "error"},
		"incomplete before": {"sync_error": "1 object was refused", "sync_status": "error"},
	} {
		for way, find := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				w := newWorld(t, before)
				a := w.engine(1)
				w.netbox.UpdateFabric(1, applied)
				b := w.engine(2)
				locked := before0(w.fabric())
				w.wantSuperseded(find(a))
				w.wantFabric(locked)
				if result, err := b.end(); err != nil || result.Outcome != Synced {
					t.Errorf("B: %+v, %v", result, err)
				}
				w.wantFabric(map[string]any{"sync_status": "in_sync", "kubernetes_server": "https://other.example.com",
					"vpcs_count": 2})
			})
		}
	}
}

// Somebody resets the status by hand while A syncs, and B locks the fabric. A notices
// before it writes to the record again, and B goes on to its end.
func TestOwner_statusResetByHand(t *testing.T) {
	for name, before := range map[string]map[string]any{
		"synced before": {"last_sync": testTime.Add(-time.Hour), "sync_status": "in_sync",
			"connection_status": "connected"},
		"never synced": {},
	} {
		for way, find := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				w := newWorld(t, before)
				a := w.engine(1)
				w.netbox.UpdateFabric(1, map[string]any{"sync_status": "never_synced"})
				b := w.engine(2)
				locked := before0(w.fabric())
				w.wantSuperseded(find(a))
				w.wantFabric(locked)
				if result, err := b.end(); err != nil || result.Outcome != Synced {
					t.Errorf("B: %+v, %v", result, err)
				}
				w.wantFabric(map[string]any{"sync_status": "in_sync", "vpcs_count": 2})
			})
		}
	}
}

// The other one may have synced to its end, failed, and begun again by then.
func TestOwner_factsOfASyncAreAnotherEngines(t *testing.T) {
	for name, facts := range map[string]map[string]any{
		"last_sync":         {"last_sync": testTime.Add(time.Minute)},
		"sync_error":        {"sync_error": "theirs"},
		"connection_error":  {"connection_error": "theirs", "connection_status": "error"},
		"connection_status": {"connection_status": "unknown"},
		"counts":            {"vpcs_count": 77},
	} {
		for way, find := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				w := newWorld(t, map[string]any{"last_sync": testTime.Add(-time.Hour), "sync_status": "in_sync"})
				a := w.engine(1)
				theirs := maps.Clone(facts)
				theirs["sync_status"], theirs["description"] = "syncing", "edited"
				w.netbox.UpdateFabric(1, theirs)
				locked := before0(w.fabric())
				w.wantSuperseded(find(a))
				w.wantFabric(locked)
			})
		}
	}
}

// A renewal whose answer is lost, and that could not be found out either, leaves a
// version in which only the time has moved. It is ours.
func TestOwner_renewalOfUnknownOutcomeIsOurs(t *testing.T) {
	for name, count := range map[string]int{"progress": 0, "no progress": 1} { // before, of one object
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]any{"cached_crd_count": count})
			w.renewalOfUnknownOutcome(w.engine(1))
		})
	}
}

func (w *world) renewalOfUnknownOutcome(a *engine) {
	w.Helper()
	<-a.clock.arrived
	silent := w.intercept("", "/fabrics/1/", func(_ int, next http.Handler, _ http.ResponseWriter, r *http.Request) {
		commit(next, r)
		hangUp()
	})
	a.clock.advance(renewAfter)
	if pause := <-a.clock.arrived; pause != renewRetry {
		w.Errorf("the next renewal after %s", pause)
	}
	silent()
	if result, err := a.end(); err != nil || result.Outcome != Synced {
		w.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync"})
}

// The answer to the write that takes the lock is lost, and by the time that the record is
// read another engine has written its facts there.
func TestOwner_lockOfUnknownOutcomeWithOtherFacts(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.intercept("PATCH", "/fabrics/1/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
		w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing", "connection_status": "connected",
			"vpcs_count": 7})
		fail500(rw)
	})
	result, err := w.run()
	if err != nil || result.Outcome != Busy {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"sync_status": "syncing", "vpcs_count": 7})
	if n := len(w.stored("vpcs")); n != 0 {
		t.Errorf("%d objects were written", n)
	}
}
