package netboxtest

import (
	"context"
	"errors"
	"net/http"
	"testing"
)

// outcome is what a client received that ran in the background.
type outcome struct {
	body string
	err  error
}

// inBackground posts a fabric in another goroutine, and waits until the fault holds the request.
func inBackground(ctx context.Context, t *testing.T, s *Server, h *FaultHandle) <-chan outcome {
	t.Helper()
	done := make(chan outcome, 1)
	go func() {
		body, err := post(ctx, t, http.DefaultClient, s)
		done <- outcome{body, err}
	}()
	if err := h.WaitHeld(ctx, 1); err != nil {
		t.Fatal(err)
	}
	return done
}

func stored(s *Server) bool {
	_, there := s.FabricByName("alpha")
	return there
}

func TestFaultHold_continuesAfterRelease(t *testing.T) {
	for _, after := range []bool{false, true} {
		s := start(t, Options{})
		h := s.Fault(Fault{Times: 1, AfterCommit: after, Kind: Hold()})
		done := inBackground(t.Context(), t, s, h)
		if stored(s) != after {
			t.Errorf("AfterCommit %t: stored %t while the request is held", after, stored(s))
		}
		h.Release()
		if got := <-done; got.err != nil || !stored(s) || got.body == "" {
			t.Errorf("got %+v, stored %t", got, stored(s))
		}
	}
}

func TestFaultHold_clientThatGivesUpIsNeverSeen(t *testing.T) {
	for _, after := range []bool{false, true} {
		s := start(t, Options{})
		h := s.Fault(Fault{AfterCommit: after, Kind: Hold()})
		ctx, giveUp := context.WithCancel(t.Context())
		done := inBackground(ctx, t, s, h)
		giveUp()
		if got := <-done; !errors.Is(got.err, context.Canceled) {
			t.Errorf("got the error %v, want %v", got.err, context.Canceled)
		}
		if err := h.WaitFree(t.Context()); err != nil {
			t.Fatal(err)
		}
		if stored(s) != after {
			t.Errorf("AfterCommit %t: stored %t", after, stored(s))
		}
	}
}

func TestFaultLate_commitsOnReleaseThoughTheClientIsGone(t *testing.T) {
	s := start(t, Options{})
	h := s.Fault(Fault{Method: "POST", Times: 1, Kind: Late()})
	ctx, giveUp := context.WithCancel(t.Context())
	done := inBackground(ctx, t, s, h)
	giveUp()
	<-done
	do(t, s, "GET", fabricsPath, "").must(t, 200)
	if stored(s) {
		t.Fatal("the fabric is stored before Release")
	}
	h.Release()
	if !stored(s) {
		t.Error("Release returned before the fabric was stored")
	}
	if log := s.Requests(); log[0].Fault != "late" || log[0].Handled != 201 {
		t.Errorf("got the log entry %+v", log[0])
	}
}

func TestFaultLate_clientThatStaysGetsItsAnswer(t *testing.T) {
	s := start(t, Options{})
	h := s.Fault(Fault{Kind: Late()})
	done := inBackground(t.Context(), t, s, h)
	h.Release()
	if got := <-done; got.err != nil || got.body == "" || !stored(s) {
		t.Errorf("got %+v, stored %t", got, stored(s))
	}
}

func TestFaultLateOnceGone_needsNoRelease(t *testing.T) {
	s := start(t, Options{})
	handled := make(chan struct{})
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			close(handled)
		})
	})
	h := s.Fault(Fault{Kind: LateOnceGone()})
	ctx, giveUp := context.WithCancel(t.Context())
	done := inBackground(ctx, t, s, h)
	if stored(s) {
		t.Error("the fabric is stored while the client is still waiting")
	}
	giveUp()
	<-done
	<-handled
	if !stored(s) {
		t.Error("the fabric is not stored after the client has gone")
	}
}

func TestClose_releasesHeldRequests(t *testing.T) {
	s := start(t, Options{})
	h := s.Fault(Fault{Kind: Late()})
	done := inBackground(t.Context(), t, s, h)
	s.Close()
	if got := <-done; got.err == nil {
		t.Errorf("got the answer %q", got.body)
	}
	h.Release()
	if stored(s) {
		t.Error("the request was handled after Close")
	}
	s.Close()
}
