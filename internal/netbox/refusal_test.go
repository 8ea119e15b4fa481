package netbox

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A 4xx says that nothing was done: it is neither settled nor sent again.
func TestWrite_refusalIsNotRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		kind, body string
	}{
		"409 of NetBox": {http.StatusConflict, "application/json", `{"detail":"Unable to delete object. 2 dependent ` +
			`objects were found."}`},
		"413 of a proxy": {http.StatusRequestEntityTooLarge, "text/html", "<html>too large</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			s, client, read := alphaRead(t)
			intercept(s, "DELETE", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("API-Version", "4.7")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			_, err := client.Fabrics().Delete(t.Context(), deleteOf(read))
			if err == nil || unknownOutcome(err) {
				t.Errorf("error %v", err)
			}
			if e, ok := asError[*RefusedError](err); ok != (c.status == http.StatusConflict) ||
				(ok && e.Detail != "Unable to delete object. 2 dependent objects were found.") {
				t.Errorf("error %T %v", err, err)
			}
			wantRequests(t, s, "DELETE")
		})
	}
}

// Somebody else's same change leaves undone what follows from ours.
func TestUpdate_withConsequencesIsDoneByOurselvesOnly(t *testing.T) {
	s, client, read := alphaRead(t)
	u := changeOf(read, "description", "new")
	u.Set["sync_status"], u.Consequences = "error", true
	s.UpdateFabric(read.Fabric.ID, map[string]any{"description": "new"})
	if _, err := client.Fabrics().Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if f, _ := s.Fabric(read.Fabric.ID); f["sync_status"] != "error" {
		t.Errorf("the consequence was not written: %v", f)
	}
}

// An operation that is cancelled does not wait for a check that another one
// makes, and makes none of its own beside it.
func TestCheck_isSharedWhileItRuns(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	s.Intercept(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived <- struct{}{}
			<-release
			putOff(w, 500, "")
		})
	})
	client := newClient(t, s.URL())
	first := make(chan error)
	go func() { first <- client.Check(t.Context()) }()
	<-arrived
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := client.Check(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled operation: %v", err)
	}
	close(release)
	wantError[*ServerError](t, <-first)
	if n := s.Count("GET", "/api/status/"); n != 1 {
		t.Errorf("%d requests", n)
	}
}
