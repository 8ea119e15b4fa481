package fabricsync

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Only an answer about the fabric itself says that the fabric is gone.
func TestMark_otherThingsThatAreNotFoundDoNotEndIt(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		w := newWorld(t)
		w.cluster.add("VPC", 2)
		w.cluster.add("Switch", 1)
		w.intercept(method, "/vpcs/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
			answerJSON(rw, 404, `{"detail":"Not found."}`)
		})
		result, err := w.run()
		if err != nil || result.Outcome != Failed || !strings.Contains(result.Message, "VPC: ") ||
			kindOf(t, result, "Switch").Created != 1 {
			t.Errorf("%s: %+v, %v", method, result, err)
		}
		w.wantFabric(map[string]any{"sync_status": "error", "connection_status": "connected", "switches_count": 1})
		w.wantConsistent()
	}
}

// interruptedAtTheMark runs a sync whose context ends at its first write, by
// which it marks the fabric; answer is that write's, and reads fail after it.
func (w *world) interruptedAtTheMark(ctx context.Context, end func(), answer func(next http.Handler,
	rw http.ResponseWriter, r *http.Request)) (*Result, error) {
	w.Helper()
	w.cluster.add("VPC", 1)
	w.intercept("PATCH", "/fabrics/1/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		end()
		w.intercept("GET", "/fabrics/1/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
			answerJSON(rw, 403, `{"detail":"You may not."}`)
		})
		answer(next, rw, r)
	})
	return Run(ctx, w.options(), 1)
}

func TestRun_interruptedWhileItMarksTellsWhatIsNotKnown(t *testing.T) {
	for name, end := range map[string]error{"cancelled": context.Canceled, "out of time": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ctx := &endableContext{done: make(chan struct{})}
			result, err := w.interruptedAtTheMark(ctx, func() { ctx.end(end) }, func(next http.Handler,
				_ http.ResponseWriter, r *http.Request) {
				commit(next, r)
				hangUp()
			})
			if result.Outcome != Interrupted || !result.LockUnknown || !errors.Is(err, end) {
				t.Errorf("%+v, %v", result, err)
			}
			w.wantFabric(map[string]any{"sync_status": "syncing"})
		})
	}
}

func TestRun_interruptedBeforeItMarksIsKnown(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.intercept("GET", "/fabrics/1/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(rw, r)
		cancel()
	})
	if result, err := Run(ctx, w.options(), 1); !errors.Is(err, context.Canceled) || result.Outcome != Interrupted ||
		result.LockUnknown {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"sync_status": "never_synced"})
}

// Before NetBox 4.6, two that look at the same moment may both mark the fabric. They
// copy the same cluster, no object is doubled, and who ends last leaves the record
// to the other.
func TestMark_thatTwoBelieveTheyHoldDoublesNothing(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 150)
	asBefore46(w)
	const engines = 2
	meet := func() func(n int) {
		var all sync.WaitGroup
		all.Add(engines)
		return func(n int) {
			if n <= engines {
				all.Done()
				all.Wait()
			}
		}
	}
	marking, listing := meet(), meet()
	w.intercept("PATCH", "/fabrics/1/", func(n int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		marking(n)
		next.ServeHTTP(rw, r)
	})
	var mu sync.Mutex
	lists := 0
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name != "VPC" { // of which NetBox's list, empty, has been read by now
			return
		}
		mu.Lock()
		lists++
		n := lists
		mu.Unlock()
		listing(n)
	}
	outcomes := make(chan Outcome, engines)
	for range engines {
		go func() {
			o := w.options()
			o.NetBox = w.newClient()
			result, err := Run(t.Context(), o, 1)
			if superseded := (*SupersededError)(nil); err != nil && !errors.As(err, &superseded) {
				t.Error(err)
			}
			outcomes <- result.Outcome
		}()
	}
	got := map[Outcome]int{<-outcomes: 1}
	got[<-outcomes]++
	if got[Synced] < 1 || got[Synced]+got[Superseded] != engines {
		t.Errorf("outcomes %v", got)
	}
	w.wantMirror()
	w.wantFabric(map[string]any{"sync_status": "in_sync", "vpcs_count": 150})
	w.wantConsistent()
}
