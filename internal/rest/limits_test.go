package rest

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func timeout(d time.Duration) func(*Config) { return func(c *Config) { c.RequestTimeout = d } }

func TestLimits_answerThatDoesNotComeInTime(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"no header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a body that stops": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"a body that trickles forever": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tries atomic.Int64
				c := newClient(t, "http://127.0.0.1:1", withoutCheck, timeout(100*time.Millisecond), counting(&tries))
				serveInMemory(t, c, handle)
				start := time.Now()
				_, err := get(t.Context(), c, 1)
				wantError[*TransportError](t, err)
				if took := time.Since(start); !strings.Contains(err.Error(), "no complete answer within 100ms") ||
					tries.Load() != 1 || took != 100*time.Millisecond {
					t.Errorf("got %v after %d attempts and %s, want one attempt of 100ms", err, tries.Load(), took)
				}
			})
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
			_, err := get(t.Context(), c, 1)
			runtime.ReadMemStats(&after)
			large := wantError[*TooLargeError](t, err)
			if large.Limit != 32<<20 || !strings.Contains(err.Error(), "32 MiB") || tries.Load() != 1 {
				t.Errorf("got %v after %d attempts", err, tries.Load())
			}
			// Growing a buffer to 32 MiB allocates a few times that.
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8*defaultMaxAnswer {
				t.Errorf("%d MiB allocated", allocated>>20)
			}
		})
	}
}

// The client does not wait for a body that it will not read.
func TestLimits_answerThatSaysItIsTooLargeIsRefusedAtOnce(t *testing.T) {
	done := make(chan struct{})
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.FormatInt(2<<30, 10))
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		<-done
	})
	t.Cleanup(func() { close(done) })
	_, err := get(t.Context(), newClient(t, s.URL, withoutCheck), 1)
	if large := wantError[*TooLargeError](t, err); large.Request.Method != http.MethodGet || large.Request.URL == "" {
		t.Error(err)
	}
}

func TestLimits_canceledReadEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := startServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := get(ctx, newClient(t, s.URL, withoutCheck), 1)
	if wantError[*TransportError](t, err); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Verifying a write may use all the time that the operation has left.
func TestVerifying_hasTheTimeThatTheOperationHasLeft(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", timeout(time.Second))
	for operation, want := range map[time.Duration]time.Duration{0: 2 * time.Second, time.Millisecond: 2 * time.Second,
		time.Minute: time.Minute} {
		ctx, cancel := context.WithCancel(t.Context())
		if operation > 0 {
			ctx, cancel = context.WithTimeout(t.Context(), operation)
		}
		cancel() // by Ctrl-C, but the write continues
		verifying, end := c.Verifying(ctx)
		deadline, ok := verifying.Deadline()
		if left := time.Until(deadline); !ok || verifying.Err() != nil || left > want || left < want-time.Second {
			t.Errorf("of %s: %s left, %v", operation, left, verifying.Err())
		}
		end()
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
