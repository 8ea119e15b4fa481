package netbox

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func timeout(d time.Duration) func(*Config) { return func(c *Config) { c.RequestTimeout = d } }

func TestLimits_answerThatDoesNotComeInTime(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"no header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a body that stands still": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"a body that trickles for ever": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int64
			c := newClient(t, startServer(t, handle).URL, withoutCheck, timeout(100*time.Millisecond), counting(&tries))
			start := time.Now()
			_, err := c.Fabrics().Get(t.Context(), 1)
			wantError[*TransportError](t, err)
			if !strings.Contains(err.Error(), "no complete answer within 100ms") || tries.Load() != 1 ||
				time.Since(start) > 10*time.Second {
				t.Errorf("%v after %d attempts and %s", err, tries.Load(), time.Since(start))
			}
		})
	}
}

func TestLimits_answerThatIsTooLarge(t *testing.T) {
	block := []byte(strings.Repeat(" ", 1<<20))
	for name, handle := range map[string]http.HandlerFunc{
		"plain": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write(block)
			}
		},
		"unpacked": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for r.Context().Err() == nil {
				_, _ = z.Write(block)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int64
			c := newClient(t, startServer(t, handle).URL, withoutCheck, counting(&tries))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := c.Fabrics().Get(t.Context(), 1)
			runtime.ReadMemStats(&after)
			large := wantError[*TooLargeError](t, err)
			if large.Limit != 32<<20 || !strings.Contains(err.Error(), "32 MiB") || tries.Load() != 1 {
				t.Errorf("%v after %d attempts", err, tries.Load())
			}
			// Growing a buffer to 32 MiB allocates a few times that.
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8*maxAnswer {
				t.Errorf("%d MiB allocated", allocated>>20)
			}
		})
	}
}

// Nobody waits for what is not going to be read.
func TestLimits_answerThatSaysItIsTooLargeIsRefusedAtOnce(t *testing.T) {
	done := make(chan struct{})
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.FormatInt(2<<30, 10))
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		<-done
	})
	t.Cleanup(func() { close(done) })
	_, err := newClient(t, s.URL, withoutCheck).Fabrics().Get(t.Context(), 1)
	if large := wantError[*TooLargeError](t, err); large.Request.Method != http.MethodGet || large.Request.URL == "" {
		t.Error(err)
	}
}

func TestLimits_cancelledReadEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := startServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := newClient(t, s.URL, withoutCheck).Fabrics().Get(ctx, 1)
	if wantError[*TransportError](t, err); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// cancelInside cancels while the server is at work, and gives a client that
// would heed it the time to do so.
func cancelInside(cancel context.CancelFunc, r *http.Request) {
	cancel()
	select {
	case <-r.Context().Done():
	case <-time.After(100 * time.Millisecond):
	}
}

func TestLimits_cancelDoesNotCutAWrite(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *httptest.ResponseRecorder){
		"answered": func(w http.ResponseWriter, a *httptest.ResponseRecorder) {
			for k, v := range a.Header() {
				w.Header()[k] = v
			}
			w.WriteHeader(a.Code)
			_, _ = w.Write(a.Body.Bytes())
		},
		"settled": func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { putOff(w, http.StatusBadGateway, "") },
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			c := newClient(t, s.URL())
			var cancel context.CancelFunc
			for _, method := range []string{"POST", "PATCH", "DELETE"} {
				intercept(s, method, func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
					cancelInside(cancel, r)
					answer(w, commit(next, r))
				})
			}
			ctx, cancelCreate := context.WithCancel(t.Context())
			cancel = cancelCreate
			read, err := c.Fabrics().Create(ctx, alphaCreate())
			if err != nil || read.Fabric.Name != "alpha" || ctx.Err() == nil {
				t.Fatalf("create: %+v, %v", read, err)
			}
			ctx, cancelUpdate := context.WithCancel(t.Context())
			cancel = cancelUpdate
			read = mustGet(t, c, read.Fabric.ID)
			if read, err = c.Fabrics().Update(ctx, changeOf(read, "description", "new")); err != nil ||
				read.Fabric.Description != "new" {
				t.Fatalf("update: %+v, %v", read, err)
			}
			ctx, cancelDelete := context.WithCancel(t.Context())
			cancel = cancelDelete
			if _, err = c.Fabrics().Delete(ctx, deleteOf(read)); err != nil || len(s.Fabrics()) != 0 {
				t.Fatalf("delete: %v, %d left", err, len(s.Fabrics()))
			}
		})
	}
}

func TestLimits_cancelledBeforeAWriteSendsNothing(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	id := s.AddFabric(map[string]any{"name": "beta"})
	c := newClient(t, s.URL())
	read := mustGet(t, c, id)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, created := c.Fabrics().Create(ctx, alphaCreate())
	_, updated := c.Fabrics().Update(ctx, changeOf(read, "description", "new"))
	_, deleted := c.Fabrics().Delete(ctx, deleteOf(read))
	for _, err := range []error{created, updated, deleted} {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, unsettled := asError[*UnsettledError](err); unsettled {
			t.Errorf("%v: nothing was sent, so nothing is unknown", err)
		}
	}
	if writes := len(s.Requests()) - s.Count("GET", ""); writes != 0 {
		t.Errorf("%d writes were sent", writes)
	}
}

func TestLimits_cancelEndsThePauseBeforeAWriteIsSentAgain(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	intercept(s, "POST", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		cancel()
		putOff(w, http.StatusServiceUnavailable, "")
	})
	c := newClient(t, s.URL(), func(c *Config) { c.RetryWait = time.Hour })
	start := time.Now()
	_, err := c.Fabrics().Create(ctx, alphaCreate())
	if e := wantError[*UnsettledError](t, err); !errors.Is(e, context.Canceled) || time.Since(start) > 5*time.Second ||
		s.Count("POST", "") != 1 {
		t.Errorf("%v after %s", err, time.Since(start))
	}
	if server := wantError[*ServerError](t, err); server.Status != 503 {
		t.Errorf("status %d", server.Status)
	}
}

// What is left of an operation's time is there for finding out what a write did.
func TestSettling_hasTheTimeThatTheOperationHasLeft(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", timeout(time.Second))
	for operation, want := range map[time.Duration]time.Duration{0: 2 * time.Second, time.Millisecond: 2 * time.Second,
		time.Minute: time.Minute} {
		ctx, cancel := context.WithCancel(t.Context())
		if operation > 0 {
			ctx, cancel = context.WithTimeout(t.Context(), operation)
		}
		cancel() // by Ctrl-C: it goes on nevertheless
		settling, end := c.settling(ctx)
		deadline, ok := settling.Deadline()
		if left := time.Until(deadline); !ok || settling.Err() != nil || left > want || left < want-time.Second {
			t.Errorf("of %s: %s left, %v", operation, left, settling.Err())
		}
		end()
	}
}

// A burst that outlasts two answers' time, but not the operation's, is waited out.
func TestSettling_outlastsABurst(t *testing.T) {
	t.Parallel() // it takes as long as the burst
	s := startNetBox(t, netboxtest.Options{})
	over := time.Now().Add(1500 * time.Millisecond)
	intercept(s, "POST", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		commit(next, r)
		cut(w)
	})
	intercept(s, "GET", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if time.Now().Before(over) {
			putOff(w, http.StatusServiceUnavailable, "")
			return
		}
		next.ServeHTTP(w, r)
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := newClient(t, s.URL(), withoutCheck, timeout(500*time.Millisecond))
	c.seen.date(recordedTime, time.Now())
	if read, err := c.Fabrics().Create(ctx, alphaCreate()); err != nil || read.Fabric.Name != "alpha" {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestCheck_outlastsABurst(t *testing.T) {
	t.Parallel() // it takes as long as the burst
	s := startNetBox(t, netboxtest.Options{})
	over := time.Now().Add(1500 * time.Millisecond)
	s.Fault(netboxtest.Fault{Path: "/api/status/", Kind: netboxtest.Status(503),
		When: func(*http.Request) bool { return time.Now().Before(over) }})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := newClient(t, s.URL(), timeout(500*time.Millisecond)).Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestLimits_writeThatIsAnsweredTooLateIsSettled(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	intercept(s, "POST", func(_ int, next http.Handler, _ http.ResponseWriter, r *http.Request) {
		commit(next, r)
		<-r.Context().Done()
	})
	read, err := newClient(t, s.URL(), timeout(200*time.Millisecond)).Fabrics().Create(t.Context(), alphaCreate())
	if err != nil || read.Fabric.Name != "alpha" || s.Count("POST", "") != 1 {
		t.Errorf("%+v, %v after %d POSTs", read, err, s.Count("POST", ""))
	}
}
