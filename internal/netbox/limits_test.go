package netbox

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func timeout(d time.Duration) func(*rest.Config) {
	return func(c *rest.Config) { c.RequestTimeout = d }
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
		"verified": func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
			answerHTML(w, http.StatusBadGateway, "")
		},
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

func TestLimits_canceledBeforeAWriteSendsNothing(t *testing.T) {
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
		if _, unverified := errors.AsType[*UnverifiedError](err); unverified {
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
		answerHTML(w, http.StatusServiceUnavailable, "")
	})
	c := newClient(t, s.URL(), func(c *rest.Config) { c.RetryWait = time.Hour })
	start := time.Now()
	_, err := c.Fabrics().Create(ctx, alphaCreate())
	if e := wantError[*UnverifiedError](t, err); !errors.Is(e, context.Canceled) || time.Since(start) > 5*time.Second ||
		s.Count("POST", "") != 1 {
		t.Errorf("got %v after %s", err, time.Since(start))
	}
	if server := wantError[*rest.ServerError](t, err); server.Status != 503 {
		t.Errorf("status %d", server.Status)
	}
}

// A burst that outlasts two answers' time, but not the operation's, is waited out.
func TestVerifying_outlastsABurst(t *testing.T) {
	t.Parallel() // it takes as long as the burst
	s := startNetBox(t, netboxtest.Options{})
	over := time.Now().Add(1500 * time.Millisecond)
	intercept(s, "POST", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		commit(next, r)
		cut(w)
	})
	intercept(s, "GET", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if time.Now().Before(over) {
			answerHTML(w, http.StatusServiceUnavailable, "")
			return
		}
		next.ServeHTTP(w, r)
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := newClient(t, s.URL(), withoutCheck, timeout(500*time.Millisecond))
	if read, err := c.Fabrics().Create(ctx, alphaCreate()); err != nil || read.Fabric.Name != "alpha" {
		t.Errorf("got %+v, %v", read, err)
	}
}

func TestLimits_writeThatIsAnsweredTooLateIsVerified(t *testing.T) {
	t.Parallel() // it waits for its time limit
	s := startNetBox(t, netboxtest.Options{})
	intercept(s, "POST", func(_ int, next http.Handler, _ http.ResponseWriter, r *http.Request) {
		commit(next, r)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := newClient(t, s.URL(), withoutCheck, timeout(500*time.Millisecond))
	read, err := c.Fabrics().Create(ctx, alphaCreate())
	if err != nil || read.Fabric.Name != "alpha" || s.Count("POST", "") != 1 {
		t.Errorf("got %+v, %v after %d POSTs", read, err, s.Count("POST", ""))
	}
}
