package netbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// writeTest is a write of the fabric "alpha" on a separate NetBox, by a client that has already
// checked that NetBox.
type writeTest struct {
	*netboxtest.Server
	*Client
	method string
	do     func(context.Context) error
	before string // what NetBox has before it, and after it
	want   string
}

// newWriteTest prepares a POST, PATCH or DELETE, or the write of a sync.
func newWriteTest(t *testing.T, kind string, change ...func(*rest.Config)) *writeTest {
	t.Helper()
	w := &writeTest{Server: startNetBox(t, netboxtest.Options{}), method: kind, want: "[Lab never_synced]"}
	w.Client = newClient(t, w.URL(), change...)
	if kind == http.MethodPost {
		if err := w.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.do = func(ctx context.Context) error { _, err := w.Client.Fabrics().Create(ctx, alphaCreate()); return err }
	} else {
		w.AddFabric(alphaCreate().Set)
		read := mustGet(t, w.Client, 1)
		w.do = func(ctx context.Context) error { return alphaWrites[kind](ctx, w.Client, read) }
		if kind == syncWrites {
			w.do = func(ctx context.Context) error {
				_, err := w.Client.Fabrics().WriteSync(ctx, syncWriteOf(read, errTheirs,
					map[string]any{"sync_status": "in_sync"}))
				return err
			}
		}
	}
	switch kind {
	case http.MethodPatch:
		w.want = "[new never_synced]"
	case http.MethodDelete:
		w.want = "[]"
	case syncWrites:
		w.method, w.want = http.MethodPatch, "[Lab in_sync]"
	}
	w.before = w.stored()
	w.ResetRequests()
	return w
}

// stored returns the description and the stored status of each fabric.
func (w *writeTest) stored() string {
	stored := []string{}
	for _, f := range w.Server.Fabrics() {
		stored = append(stored, fmt.Sprint(f["description"], " ", f["sync_status"]))
	}
	return fmt.Sprint(stored)
}

func (w *writeTest) wantDone(t *testing.T) {
	t.Helper()
	if got := w.stored(); got != w.want {
		t.Errorf("got the fabrics %s, want %s", got, w.want)
	}
}

// alphaWrites returns a change and a removal of the fabric "alpha", which a client has read.
var alphaWrites = map[string]func(context.Context, *Client, *Read) error{
	http.MethodPatch: func(ctx context.Context, c *Client, read *Read) error {
		_, err := c.Fabrics().Update(ctx, changeOf(read, "description", "new"))
		return err
	},
	http.MethodDelete: func(ctx context.Context, c *Client, read *Read) error {
		_, err := c.Fabrics().Delete(ctx, deleteOf(read))
		return err
	},
}

const syncWrites = "sync" // the kind of writeTest that is a sync's

var writeMethods = []string{http.MethodPost, http.MethodPatch, http.MethodDelete}

func gatewayFaults() []netboxtest.Kind {
	return []netboxtest.Kind{netboxtest.Status(502), netboxtest.Status(503), netboxtest.Status(504), netboxtest.Reset(),
		netboxtest.Hangup()}
}

// The burst hits the write and, if the write took effect, also the reads that verify it.
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
							t.Errorf("got %v after %d faults", err, handle.Hits())
						}
						w.wantDone(t)
					})
				}
			}
		}
	}
}

// A read that verifies a write is retried.
func TestWrite_isVerifiedThoughTheReadIsTooSlowAtFirst(t *testing.T) {
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
				t.Errorf("got %v after %d slow reads", err, slow.Hits())
			}
			w.wantDone(t)
		})
	}
}

// A write with an endless or huge answer may have taken effect.
func TestWrite_answeredTooMuchIsVerified(t *testing.T) {
	for _, method := range writeMethods {
		for _, kind := range []netboxtest.Kind{netboxtest.Endless(), netboxtest.Huge(2 << 30)} {
			for _, committed := range []bool{true, false} {
				w := newWriteTest(t, method)
				handle := w.Fault(netboxtest.Fault{Method: method, Times: 1, AfterCommit: committed, Kind: kind})
				if err := w.do(t.Context()); err != nil || handle.Hits() != 1 {
					t.Errorf("%s, %s: got the error %v", method, handle.Name(), err)
				}
				w.wantDone(t)
			}
		}
	}
}

// A write reaches NetBox only after the operation has ended. The error said that it might.
func TestWrite_thatTakesEffectAfterTheLastAttemptWasReportedAsOpen(t *testing.T) {
	for _, method := range writeMethods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWriteTest(t, method, timeout(500*time.Millisecond))
			late := w.Fault(netboxtest.Fault{Method: method, Kind: netboxtest.Late()})
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			err := w.do(ctx)
			if e := wantError[*UnverifiedError](t, err); e.End == nil || late.Hits() < 2 {
				t.Errorf("got %v after %d attempts", err, late.Hits())
			}
			late.Release() // all of them, and exactly one takes effect
			w.wantDone(t)
		})
	}
}

// The client finds a write that takes effect while it verifies or repeats it.
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

// If an answer is lost, the client finds out by reading what NetBox did.
func TestWrite_committedButAnswerLostIsDone(t *testing.T) {
	all := maps.Clone(losses)
	all["the plugin's 500"] = pluginBug
	for _, kind := range append(writeMethods, syncWrites) {
		for loss, lose := range all {
			t.Run(kind+", "+loss, func(t *testing.T) {
				w := newWriteTest(t, kind)
				intercept(w.Server, w.method, func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
					commit(next, r)
					lose(rw)
				})
				if err := w.do(t.Context()); err != nil {
					t.Error(err)
				}
				w.wantDone(t)
				wantRequests(t, w.Server, w.method+" GET")
			})
		}
	}
}

func TestWrite_notCommittedIsSentAgain(t *testing.T) {
	for _, kind := range append(writeMethods, syncWrites) {
		for loss, lose := range losses {
			t.Run(kind+", "+loss, func(t *testing.T) {
				w := newWriteTest(t, kind)
				intercept(w.Server, w.method, func(n int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
					if n == 1 {
						lose(rw)
						return
					}
					next.ServeHTTP(rw, r)
				})
				if err := w.do(t.Context()); err != nil {
					t.Error(err)
				}
				w.wantDone(t)
				wantRequests(t, w.Server, w.method+" GET "+w.method)
			})
		}
	}
}

// A request that a gateway gave up may still reach NetBox. The error says so, at the end of the
// operation's time.
func TestWrite_thatMayStillTakeEffectIsTriedToTheEnd(t *testing.T) {
	for _, method := range writeMethods {
		for _, loss := range []string{"502", "503", "504", "200 in HTML"} {
			t.Run(method+", "+loss, func(t *testing.T) {
				t.Parallel()
				w := newWriteTest(t, method)
				intercept(w.Server, method, func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
					losses[loss](rw)
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := w.do(ctx)
				if e := wantError[*UnverifiedError](t, err); e.End == nil || !rest.OutcomeUnknown(e.Write) ||
					w.Count(method, "") <= maxAttempts || w.stored() != w.before {
					t.Errorf("got %v after %d attempts, NetBox has %s", err, w.Count(method, ""), w.stored())
				}
			})
		}
	}
}

// After NetBox's own 500, the write can no longer take effect.
func TestWrite_thatNetBoxFailsOnIsGivenUp(t *testing.T) {
	for _, method := range writeMethods {
		for name, test := range map[string]struct {
			kind netboxtest.Kind
			most int
		}{
			"after four attempts":                  {netboxtest.Maintenance(), maxAttempts},
			"at once where the plugin is to blame": {netboxtest.PluginError(), 1},
		} {
			w := newWriteTest(t, method)
			w.Fault(netboxtest.Fault{Method: method, Kind: test.kind})
			err := w.do(t.Context())
			wantError[*rest.ServerError](t, err)
			if _, unverified := errors.AsType[*UnverifiedError](err); unverified || w.Count(method, "") != test.most ||
				w.Count("GET", "") != test.most {
				t.Errorf("%s %s: got %v after %d attempts and %d reads", method, name, err, w.Count(method, ""),
					w.Count("GET", ""))
			}
		}
	}
}

// A refusal says nothing about an earlier attempt, which may still reach NetBox.
func TestWrite_refusedAfterALostAttemptIsUnverified(t *testing.T) {
	for _, method := range writeMethods {
		w := newWriteTest(t, method)
		intercept(w.Server, method, func(n int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				cut(rw)
			}
			answerJSON(rw, http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
		})
		e := wantError[*UnverifiedError](t, w.do(t.Context()))
		wantError[*rest.TransportError](t, e.Write)
		wantError[*rest.ForbiddenError](t, e.Attempt)
		if e.End != nil || e.Attempts != 2 || w.Count(method, "") != 2 ||
			!strings.Contains(e.Error(), "and attempt 2 failed: "+method) {
			t.Errorf("%s: got %v after %d attempts", method, e, w.Count(method, ""))
		}
	}
}

// The same is true for NetBox's own failures, after which the client does not repeat the write.
func TestWrite_outOfAttemptsAfterALostOneIsUnverified(t *testing.T) {
	for _, method := range writeMethods {
		w := newWriteTest(t, method)
		w.Fault(netboxtest.Fault{Method: method, Kind: netboxtest.Maintenance()})
		w.Fault(netboxtest.Fault{Method: method, Times: 1, Kind: netboxtest.Reset()})
		e := wantError[*UnverifiedError](t, w.do(t.Context()))
		wantError[*rest.ServerError](t, e.Attempt)
		if sent := w.Count(method, ""); e.End != nil || e.Attempts != maxAttempts+1 || sent != maxAttempts+1 {
			t.Errorf("%s: got %v after %d attempts", method, e, sent)
		}
	}
}

func TestWrite_outcomeThatCannotBeReadIsUnverified(t *testing.T) {
	for _, method := range writeMethods {
		w := newWriteTest(t, method)
		w.Fault(netboxtest.Fault{Method: method, AfterCommit: true, Kind: netboxtest.Hangup()})
		w.Fault(netboxtest.Fault{Method: "GET", Kind: netboxtest.Page(403)})
		e := wantError[*UnverifiedError](t, w.do(t.Context()))
		wantError[*rest.TransportError](t, e.Write)
		wantError[*rest.UnexpectedAnswerError](t, e.Read)
		w.wantDone(t)
		wantRequests(t, w.Server, method+" GET")
	}
}

func TestWrite_lostAndChangedByAnotherUserIsAConflict(t *testing.T) {
	for method, want := range map[string]string{
		http.MethodPatch:  `description: was "Lab", planned "new", is now "theirs"`,
		http.MethodDelete: `description: expected "Lab", is now "theirs"`,
	} {
		w := newWriteTest(t, method)
		intercept(w.Server, method, func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
			w.UpdateFabric(1, map[string]any{"description": "theirs"})
			cut(rw)
		})
		e := wantError[*ConflictError](t, w.do(t.Context()))
		if len(e.Differences) != 1 || e.Differences[0].String() != want || e.ID != 1 {
			t.Errorf("%s: got %v", method, e)
		}
		wantRequests(t, w.Server, method+" GET")
	}
}
