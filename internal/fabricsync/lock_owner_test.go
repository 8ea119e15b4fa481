package fabricsync

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// engine is a sync of the fabric with a separate clock, client and cluster. It stops at the
// kind Server, when it holds the lock, until it may continue.
type engine struct {
	world *world
	clock *testClock
	stop  chan struct{}
	ended chan *Result
	err   error
}

// engine starts a sync of a cluster that has n VPCs, and waits until it has stopped.
func (w *world) engine(n int, change ...func(*Options)) *engine {
	w.Helper()
	clock := &testClock{at: w.clock.Now(), arrived: make(chan time.Duration, 100)}
	e := &engine{
		world: &world{TB: w.TB, netbox: w.netbox, client: w.newClient(), clock: clock,
			cluster: &fakeCluster{objects: map[string][]*cluster.Object{}, broken: map[string]error{}}},
		clock: clock, stop: make(chan struct{}), ended: make(chan *Result, 1),
	}
	e.world.cluster.add("VPC", n)
	stopped := make(chan struct{})
	e.world.cluster.during("Server", func(ctx context.Context, _ int) {
		close(stopped)
		select {
		case <-e.stop:
		case <-ctx.Done():
		}
	})
	go func() {
		var result *Result
		result, e.err = e.world.run(change...)
		e.ended <- result
	}()
	select {
	case <-stopped:
	case result := <-e.ended:
		w.Fatalf("it ended before: %+v, %v", result, e.err)
	}
	return e
}

// end lets the sync continue, and waits for its end.
func (e *engine) end() (*Result, error) {
	close(e.stop)
	return <-e.ended, e.err
}

// endsAtRenewal makes the engine renew its lock, which must end its sync.
func (e *engine) endsAtRenewal() (*Result, error) {
	<-e.clock.arrived
	e.clock.advance(renewAfter)
	return <-e.ended, e.err
}

// renew makes the engine renew its lock n times.
func (e *engine) renew(n int) {
	<-e.clock.arrived
	for range n {
		e.world.netbox.Advance(renewAfter)
		e.clock.advance(renewAfter)
		<-e.clock.arrived // for the next renewal, so this one is done
	}
}

// losesRenewal makes the engine renew its lock after a pause. From the given request on, NetBox
// carries out requests, but no answer arrives.
func (e *engine) losesRenewal(from int, pause time.Duration) {
	defer e.world.intercept("", "/fabrics/1/", func(x *exchange) {
		if x.n < from {
			x.pass()
			return
		}
		x.commit()
		x.hangUp()
	})()
	e.clock.advance(pause)
	if next := <-e.clock.arrived; next != renewRetry {
		e.world.Errorf("the next renewal after %s", next)
	}
}

// losesLock lets another client change the record while engine A holds the lock. A second engine,
// B, may then lock the fabric. A must notice that at its end or when it renews the lock, must not
// change the record, and must not disturb B.
func losesLock(t *testing.T, before, change map[string]any, secondEngine bool) {
	t.Helper()
	for way, find := range map[string]func(*engine) (*Result, error){
		"at its end": (*engine).end, "when it renews its lock": (*engine).endsAtRenewal,
	} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, before)
			a := w.engine(1)
			w.netbox.UpdateFabric(1, change)
			var b *engine
			if secondEngine {
				b = w.engine(2)
			}
			locked := w.fabric()
			w.wantSuperseded(find(a))
			w.wantFabric(locked)
			if secondEngine {
				result, err := b.end()
				w.wantOutcome(Synced, "", result, err)
				w.wantFabric(map[string]any{"sync_status": "in_sync", "vpcs_count": 2,
					"kubernetes_server": locked["kubernetes_server"]})
			}
		})
	}
}

// An apply changes the cluster while A syncs the fabric, and B locks it for the new cluster. A
// must not release B's lock. The same is true if a user resets the status.
func TestLockOwner_anotherEngineAfterAChange(t *testing.T) {
	applied := fabric.ResetFacts()
	applied["kubernetes_server"] = "https://other.example.com"
	for name, before := range map[string]map[string]any{
		"synced before": synced(time.Hour),
		"never synced":  {},
		"lost before": {"connection_status": "disconnected", "connection_error": "refused",
			"sync_status": "error"},
		"incomplete before": {"sync_error": "1 object was refused", "sync_status": "error"},
	} {
		t.Run("apply, "+name, func(t *testing.T) { losesLock(t, before, applied, true) })
		if before["sync_status"] != "error" {
			t.Run("status reset, "+name, func(t *testing.T) {
				losesLock(t, before, map[string]any{"sync_status": "never_synced"}, true)
			})
		}
	}
}

// Another engine may have finished a sync, failed, and started again.
func TestLockOwner_factsOfASyncAreAnotherEngines(t *testing.T) {
	for name, facts := range map[string]map[string]any{
		"last_sync":         {"last_sync": testTime.Add(time.Minute)},
		"sync_error":        {"sync_error": "theirs"},
		"connection_error":  {"connection_error": "theirs", "connection_status": "error"},
		"connection_status": {"connection_status": "unknown"},
		"counts":            {"vpcs_count": 77},
	} {
		t.Run(name, func(t *testing.T) {
			facts["sync_status"], facts["description"] = "syncing", "edited"
			losesLock(t, map[string]any{"last_sync": testTime.Add(-time.Hour), "sync_status": "in_sync"}, facts, false)
		})
	}
}

// A renewal of unknown outcome is ours. If the next renewal, with the same count of objects, is
// lost too, only the time has changed since the version that we know.
func TestLockOwner_renewalOfUnknownOutcomeIsOurs(t *testing.T) {
	for name, before := range map[string]int{"progress": 0, "no progress": 1} { // objects counted, of one
		for _, twice := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, twice %t", name, twice), func(t *testing.T) {
				w := newWorld(t, map[string]any{"cached_crd_count": before})
				a := w.engine(1)
				<-a.clock.arrived
				if a.losesRenewal(1, renewAfter); twice {
					a.losesRenewal(3, renewRetry) // a refusal (412) and the record come before
				}
				result, err := a.end()
				w.wantOutcome(Synced, "", result, err)
				w.wantFabric(map[string]any{"sync_status": "in_sync"})
			})
		}
	}
}

// After an answered renewal, a version in which only the time has changed is another engine's.
func TestLockOwner_renewalAfterOneOfUnknownOutcome(t *testing.T) {
	w := newWorld(t)
	a := w.engine(1)
	<-a.clock.arrived
	a.losesRenewal(1, renewAfter)
	a.clock.advance(renewRetry)
	<-a.clock.arrived
	w.netbox.Advance(time.Second)
	w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
	w.wantSuperseded(a.end())
}

// The answer to the lock is lost, and another engine has written its facts before the record is
// read.
func TestLockOwner_lockOfUnknownOutcomeWithOtherFacts(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.intercept("PATCH", "/fabrics/1/", func(x *exchange) {
		w.netbox.UpdateFabric(1, map[string]any{"sync_status": "syncing", "connection_status": "connected",
			"vpcs_count": 7})
		fail500(x)
	})
	w.want(Busy, "")
	w.wantFabric(map[string]any{"sync_status": "syncing", "vpcs_count": 7})
	if n := len(w.stored("vpcs")); n != 0 {
		t.Errorf("%d objects were written", n)
	}
}
