package netbox

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// withNames returns a stand-in with fabrics of these names, and a client that has read them. The
// client waits so long for a name that a test that needs this wait does not end.
func withNames(t *testing.T, names ...string) (*netboxtest.Server, *Client, []*Read) {
	t.Helper()
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL(), func(c *rest.Config) { c.RetryWait = 10 * time.Second })
	var reads []*Read
	for _, name := range names {
		reads = append(reads, mustGet(t, c, s.AddFabric(map[string]any{"name": name})))
	}
	s.ResetRequests()
	return s, c, reads
}

// wantNames checks the names of all fabrics, ordered by id.
func wantNames(t *testing.T, s *netboxtest.Server, want ...string) {
	t.Helper()
	got := []string{}
	for _, f := range s.Fabrics() {
		got = append(got, fmt.Sprint(f["name"]))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got the names %q, want %q", got, want)
	}
}

// renameAll renames the fabrics, all at the same time.
func renameAll(ctx context.Context, c *Client, reads []*Read, to ...string) error {
	var all errgroup.Group
	for i, read := range reads {
		all.Go(func() error {
			_, err := c.Fabrics().Update(ctx, changeOf(read, "name", to[i]))
			return err
		})
	}
	return all.Wait()
}

// afterRefusals holds writes of a method until this many others were refused because of their
// names.
func afterRefusals(t *testing.T, s *netboxtest.Server, method string, want int) {
	t.Helper()
	refused := make(chan struct{}, 100)
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method {
				for range want {
					select {
					case <-refused:
					case <-t.Context().Done():
					}
				}
			}
			answer := commit(next, r)
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
			if answer.Code == http.StatusBadRequest {
				refused <- struct{}{}
			}
		})
	})
}

func TestMovingNames_shift(t *testing.T) {
	s, c, reads := withNames(t, "a", "b", "c", "d")
	afterRefusals(t, s, http.MethodDelete, 3)
	var all errgroup.Group
	all.Go(func() error { return renameAll(t.Context(), c, reads[:3], "b", "c", "d") })
	all.Go(func() error { _, err := c.Fabrics().Delete(t.Context(), deleteOf(reads[3])); return err })
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	wantNames(t, s, "b", "c", "d")
}

func TestMovingNames_createUnderANameThatIsDeleted(t *testing.T) {
	s, c, reads := withNames(t, "alpha")
	afterRefusals(t, s, http.MethodDelete, 1)
	var all errgroup.Group
	all.Go(func() error { _, err := c.Fabrics().Create(t.Context(), alphaCreate()); return err })
	all.Go(func() error { _, err := c.Fabrics().Delete(t.Context(), deleteOf(reads[0])); return err })
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	if stored, _ := s.Fabric(2); len(s.Fabrics()) != 1 || stored["description"] != "Lab" {
		t.Errorf("got the fabrics %v", s.Fabrics())
	}
}

// A create that is refused waits for a delete that begins only afterwards.
func TestMovingNames_aMoveThatBeginsLater(t *testing.T) {
	s, c, reads := withNames(t, "alpha")
	refused := make(chan struct{}, 1)
	intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if n == 1 {
			refused <- struct{}{}
		}
	})
	var all errgroup.Group
	all.Go(func() error { _, err := c.Fabrics().Create(t.Context(), alphaCreate()); return err })
	<-refused
	all.Go(func() error { _, err := c.Fabrics().Delete(t.Context(), deleteOf(reads[0])); return err })
	if err := all.Wait(); err != nil || len(s.Fabrics()) != 1 {
		t.Errorf("got %v, NetBox has %v", err, s.Fabrics())
	}
}

// Moves in a cycle fail at once, however long the client would wait.
func TestMovingNames_circle(t *testing.T) {
	for _, names := range [][]string{{"a", "b"}, {"a", "b", "c"}} {
		s, c, reads := withNames(t, names...)
		to := append(append([]string{}, names[1:]...), names[0])
		errs := make(chan error, len(reads))
		for i, read := range reads {
			go func() {
				_, err := c.Fabrics().Update(t.Context(), changeOf(read, "name", to[i]))
				errs <- err
			}()
		}
		for range reads {
			if e := wantError[*NameTakenError](t, <-errs); !e.Cycle || e.ID == 0 {
				t.Errorf("%q: got %+v", names, e)
			}
		}
		wantNames(t, s, names...)
	}
}

// A move that waits for a move in a cycle is not part of the cycle.
func TestMovingNames_withACircle(t *testing.T) {
	_, c, reads := withNames(t, "a", "b", "c")
	waiting := c.moving.begin("c", "a")
	waiting.sending()
	done := make(chan error, 2)
	for i, to := range []string{"b", "a"} {
		go func() {
			_, err := c.Fabrics().Update(t.Context(), changeOf(reads[i], "name", to))
			done <- err
		}()
	}
	if waiting.wait(t.Context(), time.Hour) || waiting.inCycle() {
		t.Error("the name is free, or the move is reported to be in a cycle")
	}
	waiting.end(false)
	for range 2 {
		if e := wantError[*NameTakenError](t, <-done); !e.Cycle {
			t.Errorf("got %+v", e)
		}
	}
}

// If a move fails, its name stays taken, and the moves that wait for it fail at once.
func TestMovingNames_aMoveThatFails(t *testing.T) {
	s, c, reads := withNames(t, "alpha")
	afterRefusals(t, s, http.MethodDelete, 1)
	s.SetPublishedDisplayURL(true)
	deleted := make(chan error, 1)
	go func() { _, err := c.Fabrics().Delete(t.Context(), deleteOf(reads[0])); deleted <- err }()
	for begun := c.moving.next(); len(c.moving.givenUp()) == 0; begun = c.moving.next() {
		<-begun
	}
	_, err := c.Fabrics().Create(t.Context(), alphaCreate())
	if e := wantError[*NameTakenError](t, err); e.ID != 1 || e.Cycle {
		t.Errorf("got %+v", e)
	}
	wantError[*rest.ServerError](t, <-deleted)
}

// If no move is under way, the client waits until its limit and then reports that the name is taken.
func TestMovingNames_nothingMoves(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL())
	s.AddFabric(map[string]any{"name": "b"})
	read := mustGet(t, c, s.AddFabric(map[string]any{"name": "a"}))
	_, err := c.Fabrics().Update(t.Context(), changeOf(read, "name", "b"))
	if e := wantError[*NameTakenError](t, err); e.ID != 1 || e.Name != "b" || e.Cycle {
		t.Errorf("got %+v", e)
	}
	if s.Count("PATCH", "") != 1 {
		t.Errorf("got %d PATCHes", s.Count("PATCH", ""))
	}
}

// An operation that is canceled while it waits ends at once.
func TestMovingNames_endOfTheOperation(t *testing.T) {
	s, c, reads := withNames(t, "a", "b")
	ctx, cancel := context.WithCancel(t.Context())
	intercept(s, "PATCH", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		cancel()
	})
	_, err := c.Fabrics().Update(ctx, changeOf(reads[0], "name", "b"))
	wantError[*NameTakenError](t, err)
}

// A name that became free between the write and its refusal is worth another write. A name that
// was free before the write is not.
func TestMovingNames_freedMeanwhile(t *testing.T) {
	var n movingNames
	taker, giver := n.begin("", "a"), n.begin("a", "")
	taker.sending()
	giver.end(true)
	if !taker.wait(t.Context(), time.Hour) {
		t.Error("got no second write for a name that became free after the first")
	}
	taker.sending()
	if taker.wait(t.Context(), 0) {
		t.Error("got a second write for a name that was free before the first")
	}
	n.begin("a", "").end(false)
	if taker.wait(t.Context(), time.Hour) {
		t.Error("got a second write for a name that did not become free")
	}
}

// Of several moves that cannot continue, one at a time gives up, so that the writes that the others
// wait for can begin.
func TestMovingNames_giveUpOneByOne(t *testing.T) {
	var n movingNames
	first, second := n.begin("a", "b"), n.begin("c", "d")
	now := first.status()
	if !first.stopWaiting(now.events) || second.stopWaiting(now.events) {
		t.Error("both moves give up, or neither")
	}
}

// givenUp returns the names that the running moves give up.
func (n *movingNames) givenUp() (names []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, m := range n.moves {
		names = append(names, m.from)
	}
	return names
}

// next returns a channel that is closed at the next event.
func (n *movingNames) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.event == nil {
		n.event = make(chan struct{})
	}
	return n.event
}
