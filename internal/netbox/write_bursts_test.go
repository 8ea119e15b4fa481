package netbox

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// writeTest is one write of the fabric "alpha" on a NetBox of its own.
type writeTest struct {
	*netboxtest.Server
	*Client
	do   func(context.Context) error
	want string // the descriptions that NetBox has afterwards
}

func newWriteTest(t *testing.T, method string, change ...func(*rest.Config)) *writeTest {
	t.Helper()
	w := &writeTest{Server: startNetBox(t, netboxtest.Options{})}
	w.Client = newClient(t, w.URL(), change...)
	if method == http.MethodPost {
		w.want = "[Lab]"
		w.do = func(ctx context.Context) error { _, err := w.Client.Fabrics().Create(ctx, alphaCreate()); return err }
		return w
	}
	w.AddFabric(alphaCreate().Set)
	read := mustGet(t, newClient(t, w.URL()), 1)
	if w.want = "[new]"; method == http.MethodDelete {
		w.want = "[]"
	}
	w.do = func(ctx context.Context) error { return alphaWrites[method](ctx, w.Client, read) }
	return w
}

func (w *writeTest) wantDone(t *testing.T) {
	t.Helper()
	stored := []any{}
	for _, f := range w.Server.Fabrics() {
		stored = append(stored, f["description"])
	}
	if got := fmt.Sprint(stored); got != w.want {
		t.Errorf("NetBox has %s, want %s", got, w.want)
	}
}

var writeMethods = []string{http.MethodPost, http.MethodPatch, http.MethodDelete}

func gatewayFaults() []netboxtest.Kind {
	return []netboxtest.Kind{netboxtest.Status(502), netboxtest.Status(503), netboxtest.Status(504), netboxtest.Reset(),
		netboxtest.Hangup()}
}

// The burst strikes the write, and where it took effect also the reads that are to
// find out.
func TestWrite_survivesABurst(t *testing.T) {
	for _, method := range writeMethods {
		for _, committed := range []bool{false, true} {
			for _, times := range []int{3, 6} {
				for _, kind := range gatewayFaults() {
					fault := netboxtest.Fault{Path: fabricsPath, Times: times, AfterCommit: committed, Kind: kind}
					if !committed {
						fault.Method = method
					}
					w := newWriteTest(t, method)
					name := fmt.Sprintf("%s, %d times", method, times)
					handle := w.Fault(fault)
					t.Run(name+" "+handle.Name(), func(t *testing.T) {
						if err := w.do(t.Context()); err != nil || handle.Hits() != times {
							t.Errorf("%v after %d faults", err, handle.Hits())
						}
						w.wantDone(t)
					})
				}
			}
		}
	}
}

// A read that is to find out what a write did is worth another attempt.
func TestWrite_isSettledThoughTheReadIsTooSlowAtFirst(t *testing.T) {
	for _, method := range writeMethods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWriteTest(t, method, timeout(500*time.Millisecond))
			w.Fault(netboxtest.Fault{Method: method, Times: 1, AfterCommit: true, Kind: netboxtest.Hangup()})
			slow := w.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsPath, Times: 2,
				Kind: netboxtest.Hold(), When: func(*http.Request) bool {
					return w.FaultsHit()["hangup after commit"] > 0
				}})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := w.do(ctx); err != nil || slow.Hits() != 2 {
				t.Errorf("%v after %d slow reads", err, slow.Hits())
			}
			w.wantDone(t)
		})
	}
}

// What is answered without an end, or by 2 GB, may have been written all the same.
func TestWrite_answeredTooMuchIsSettled(t *testing.T) {
	for _, method := range writeMethods {
		for _, kind := range []netboxtest.Kind{netboxtest.Endless(), netboxtest.Huge(2 << 30)} {
			for _, committed := range []bool{true, false} {
				w := newWriteTest(t, method)
				handle := w.Fault(netboxtest.Fault{Method: method, Times: 1, AfterCommit: committed, Kind: kind})
				if err := w.do(t.Context()); err != nil || handle.Hits() != 1 {
					t.Errorf("%s, %s: %v", method, handle.Name(), err)
				}
				w.wantDone(t)
			}
		}
	}
}

// Whatever reaches NetBox only once nobody is there any more: whoever sent it was
// told that it may.
func TestWrite_thatTakesEffectAfterTheLastAttemptWasToldAsOpen(t *testing.T) {
	for _, method := range writeMethods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWriteTest(t, method, timeout(500*time.Millisecond))
			late := w.Fault(netboxtest.Fault{Method: method, Kind: netboxtest.Late()})
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			err := w.do(ctx)
			if e := wantError[*UnsettledError](t, err); !e.Interrupted || late.Hits() < 2 {
				t.Errorf("%v after %d attempts", err, late.Hits())
			}
			late.Release() // all of them: one takes effect, and no more than one
			w.wantDone(t)
		})
	}
}

// What takes effect while it is being looked for, or sent again, is found.
func TestWrite_thatTakesEffectWhenTheClientHasGoneIsDone(t *testing.T) {
	for _, method := range writeMethods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWriteTest(t, method, timeout(500*time.Millisecond))
			late := w.Fault(netboxtest.Fault{Method: method, Times: 3, Kind: netboxtest.LateOnceGone()})
			if err := w.do(t.Context()); err != nil {
				t.Error(err)
			}
			if err := late.WaitFree(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.wantDone(t)
		})
	}
}
