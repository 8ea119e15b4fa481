package fabricsync

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// wantInterrupted runs a sync. prepare arranges that its context is canceled.
func (w *world) wantInterrupted(prepare func(cancel func()), message string) *Result {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	prepare(cancel)
	result, err := Run(ctx, w.options(), 1)
	if !errors.Is(err, context.Canceled) || result.Outcome != Interrupted ||
		!strings.Contains(result.Message, message) {
		w.Errorf("%+v, %v", result, err)
	}
	return result
}

// endableContext ends when end is called, with end's error.
type endableContext struct {
	mu   sync.Mutex
	err  error
	done chan struct{}
}

func newEndableContext() *endableContext { return &endableContext{done: make(chan struct{})} }

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

// A sync that is stopped when it would start over is not superseded.
func TestInterrupted_insteadOfStartingOver(t *testing.T) {
	w := inSync(t)
	w.cluster.during("Server", func(context.Context, int) {
		w.netbox.UpdateFabric(1, map[string]any{"kubernetes_namespace": "another"})
	})
	w.wantInterrupted(func(cancel func()) {
		w.intercept("PATCH", "/fabrics/1/", func(x *exchange) { x.pass(); cancel() })
	}, "context canceled")
	w.wantFabric(map[string]any{"kubernetes_namespace": "another"})
}

func TestInterrupted_canceledLeavesNoLock(t *testing.T) {
	for name, c := range map[string]struct {
		before map[string]any
		want   map[string]any
	}{
		"never synced": {nil, map[string]any{"sync_status": "never_synced", "last_sync": nil}},
		"in sync": {
			synced(time.Minute),
			map[string]any{"sync_status": "in_sync", "last_sync": testTime.Add(-time.Minute)},
		},
		"sync error": {
			map[string]any{"sync_error": "1 object was refused", "sync_status": "error",
				"connection_status": "connected"},
			map[string]any{"sync_status": "error", "sync_error": "1 object was refused"},
		},
		"connection error": { // the connection works by now
			map[string]any{"connection_error": "refused", "connection_status": "disconnected", "sync_status": "error",
				"last_sync": testTime.Add(-time.Minute)},
			map[string]any{"sync_status": "out_of_sync", "connection_status": "connected", "connection_error": ""},
		},
		"stale lock": {
			map[string]any{"sync_status": "syncing", "last_sync": testTime.Add(-time.Hour)},
			map[string]any{"sync_status": "out_of_sync"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.before)
			w.cluster.add("VPC", 3)
			w.wantInterrupted(func(cancel func()) {
				w.cluster.during("External", func(context.Context, int) { cancel() })
			}, "the sync was interrupted: context canceled")
			w.wantFabric(c.want)
			w.wantConsistent()
		})
	}
}

func TestInterrupted_whileTheClusterIsAsked(t *testing.T) {
	w := newWorld(t)
	w.wantInterrupted(func(cancel func()) {
		w.cluster.listed = func(context.Context, fabric.Kind) { cancel() }
		w.cluster.problem = clusterError(cluster.ClassOther, "canceled") // which is not the cluster's fault
	}, "")
	w.wantFabric(map[string]any{"sync_status": "never_synced", "connection_status": "unknown", "connection_error": ""})
}

func TestInterrupted_whileNothingDiffersWritesNothing(t *testing.T) {
	w := inSync(t)
	before := w.fabric()
	w.wantInterrupted(func(cancel func()) {
		w.cluster.during("Server", func(context.Context, int) { cancel() })
	}, "the sync was interrupted: context canceled")
	w.wantWrites()
	w.wantFabric(before)
}

// The sync finishes a write that is under way, and stores nothing else.
func TestInterrupted_whileObjectsAreWritten(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 300)
	w.wantInterrupted(func(cancel func()) {
		w.intercept("POST", "/vpcs/", func(x *exchange) { cancel(); x.pass() })
	}, "")
	if n := len(w.stored("vpcs")); n != 200 {
		t.Errorf("got %d objects, want those of the write that was under way", n)
	}
	w.wantFabric(map[string]any{"sync_status": "never_synced"})
	w.sync()
	w.wantMirror()
}

func TestInterrupted_beforeItLocksTheFabric(t *testing.T) {
	w := newWorld(t)
	result := w.wantInterrupted(func(cancel func()) {
		w.intercept("GET", "/fabrics/1/", func(x *exchange) { x.pass(); cancel() })
	}, "")
	if result.LockUnknown {
		t.Errorf("got %+v", result)
	}
	w.wantFabric(map[string]any{"sync_status": "never_synced"})
}

// NetBox carries out the lock, the answer is lost, and reading the record fails too.
func TestInterrupted_whileItLocksTheFabric(t *testing.T) {
	for name, end := range map[string]error{"canceled": context.Canceled, "out of time": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cluster.add("VPC", 1)
			ctx := newEndableContext()
			w.intercept("PATCH", "/fabrics/1/", func(x *exchange) {
				ctx.end(end)
				w.intercept("GET", "/fabrics/1/", func(x *exchange) { x.answer(403, `{"detail":"You may not."}`) })
				x.commit()
				x.hangUp()
			})
			result, err := Run(ctx, w.options(), 1)
			if result.Outcome != Interrupted || !result.LockUnknown || !errors.Is(err, end) {
				t.Errorf("got %+v, %v", result, err)
			}
			w.wantFabric(map[string]any{"sync_status": "syncing"})
		})
	}
}

// A sync whose time limit passes stores that it has failed. Only a sync that is stopped restores
// the previous status.
func TestInterrupted_deadlineIsStoredAsAFailure(t *testing.T) {
	const over = "the sync did not finish within the 5 s that --timeout allows; raise --timeout, or find out what is " +
		"slow"
	for name, c := range map[string]struct {
		prepare func(w *world, end func())
		want    map[string]any
		class   cluster.Class
	}{
		"the cluster gives no answer": {
			func(w *world, end func()) {
				w.cluster.listed = func(ctx context.Context, _ fabric.Kind) { end(); <-ctx.Done() }
				w.cluster.problem = clusterError(cluster.ClassTimeout, "no answer")
			},
			map[string]any{"connection_status": "disconnected", "connection_error": testServer + ": no answer; " + over,
				"sync_error": ""},
			cluster.ClassTimeout,
		},
		"the first list ends without an error": {
			func(w *world, end func()) {
				w.netbox.UpdateFabric(1, map[string]any{"connection_status": "unknown"})
				w.cluster.mute = true
				w.cluster.listed = func(ctx context.Context, _ fabric.Kind) { end(); <-ctx.Done() }
			},
			// It is not known whether the cluster can be reached.
			map[string]any{"connection_status": "unknown", "connection_error": "", "sync_error": over},
			"",
		},
		"the lists take too long": {
			func(w *world, end func()) {
				w.cluster.during("External", func(ctx context.Context, _ int) { end(); <-ctx.Done() })
			},
			map[string]any{"connection_status": "connected", "connection_error": "", "sync_error": over +
				" (it had reached External, kind 2 of 12)"},
			"",
		},
		"NetBox takes too long": {
			func(w *world, end func()) {
				w.intercept("GET", "/vpcs/", func(x *exchange) { end(); <-x.r.Context().Done() })
			},
			map[string]any{"connection_status": "connected", "connection_error": "", "sync_error": over +
				" (it had reached VPC, kind 1 of 12)"},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, synced(time.Minute))
			w.cluster.add("VPC", 3)
			ctx := newEndableContext()
			c.prepare(w, func() { ctx.end(&TimeoutError{After: 5 * time.Second, Setting: "--timeout"}) })
			result, err := Run(ctx, w.options(), 1)
			if w.wantOutcome(Failed, over, result, err); result.Class != c.class ||
				result.Status != fabric.StatusError {
				t.Errorf("got %+v, %v", result, err)
			}
			c.want["sync_status"] = "error"
			w.wantFabric(c.want)
			w.wantConsistent()
		})
	}
}
