package fabricsync

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// barrier returns a function that blocks its first n callers until all of them have called it.
// It reports whether the caller is one of them.
func barrier(n int) func() bool {
	var calls atomic.Int64
	var all sync.WaitGroup
	all.Add(n)
	return func() bool {
		if calls.Add(1) > int64(n) {
			return false
		}
		all.Done()
		all.Wait()
		return true
	}
}

// race runs syncs at the same time, each with a separate client, and counts their
// outcomes. ended is called after each one.
func (w *world) race(engines int, ended func(Outcome)) map[Outcome]int {
	w.Helper()
	outcomes := make(chan Outcome, engines)
	for range engines {
		client := w.newClient()
		go func() {
			result, err := Run(w.Context(), w.options(func(o *Options) { o.NetBox = client }), 1)
			if _, superseded := errors.AsType[*SupersededError](err); err != nil && !superseded {
				w.Error(err)
			}
			ended(result.Outcome)
			outcomes <- result.Outcome
		}()
	}
	count := map[Outcome]int{}
	for range engines {
		count[<-outcomes]++
	}
	w.wantMirror()
	w.wantFabric(map[string]any{"sync_status": "in_sync", "vpcs_count": 150})
	w.wantConsistent()
	return count
}

func TestLockRace_oneOfManyLocksTheFabric(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 150)
	const engines = 4
	// All engines read the fabric and compare before one of them locks it. The winner ends
	// after the others.
	read, list := barrier(engines), barrier(engines)
	w.intercept("GET", "/fabrics/1/", func(x *exchange) { x.pass(); read() })
	var busy sync.WaitGroup
	busy.Add(engines - 1)
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name == "VPC" && !list() {
			busy.Wait()
		}
	}
	count := w.race(engines, func(outcome Outcome) {
		if outcome != Synced {
			busy.Done()
		}
	})
	if count[Synced] != 1 || count[Busy] != engines-1 {
		t.Errorf("outcomes %v", count)
	}
}

// Before NetBox 4.6, two engines that read the record at the same moment may both lock the
// fabric. They copy the same cluster without duplicates, and the last one does not change the
// record.
func TestLockRace_twoThatBothLockDoubleNothing(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 150)
	asBefore46(w)
	const engines = 2
	lock, list := barrier(engines), barrier(engines)
	w.intercept("PATCH", "/fabrics/1/", func(x *exchange) { lock(); x.pass() })
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name == "VPC" { // NetBox's list, which is empty, has been read by now
			list()
		}
	}
	count := w.race(engines, func(Outcome) {})
	if count[Synced] < 1 || count[Synced]+count[Superseded] != engines {
		t.Errorf("outcomes %v", count)
	}
}
