package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A canceled operation does not wait for another operation's check, and does not start its own.
func TestCheck_isSharedWhileItRuns(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	s.Intercept(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived <- struct{}{}
			<-release
			answerHTML(w, 500, "")
		})
	})
	client := newClient(t, s.URL())
	first := make(chan error)
	go func() { first <- client.Check(t.Context()) }()
	<-arrived
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := client.Check(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("the canceled operation: %v", err)
	}
	close(release)
	wantError[*ServerError](t, <-first)
	if n := s.Count("GET", "/api/status/"); n != 1 {
		t.Errorf("got %d requests", n)
	}
}

// A call may start at the moment when another one has ended.
func TestCheck_thatAnotherCallHasMadeAsksNothing(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL())
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Singleflight(t.Context(), "check", c.check); err != nil || s.Count("GET", "/api/status/") != 1 {
		t.Errorf("got %v after %d requests", err, s.Count("GET", "/api/status/"))
	}
}
