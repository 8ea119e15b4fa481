package netbox

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// theirs adds another user's fabric with the same values as alphaCreate.
func theirs(s *netboxtest.Server, created time.Time) {
	fields := map[string]any{"created": created, "last_updated": created}
	for k, v := range alphaCreate().Set {
		fields[k] = v
	}
	s.AddFabric(fields)
}

// wantTheirs checks that another user's fabric was neither adopted nor changed.
func wantTheirs(t *testing.T, s *netboxtest.Server, read *Read, err error) {
	t.Helper()
	if read != nil {
		t.Fatalf("another user's fabric was taken for ours: %+v", read.Fabric)
	}
	if e := wantError[*NameTakenError](t, err); e.ID != 1 || len(s.Fabrics()) != 1 || s.Count("PATCH", "")+
		s.Count("DELETE", "") != 0 {
		t.Errorf("got %v, NetBox has %v", err, s.Fabrics())
	}
}

// onItsClock makes a client use NetBox's clock as the local one.
func onItsClock(s *netboxtest.Server) func(*rest.Config) {
	return func(c *rest.Config) { c.Now = s.Now }
}

// However long a create is delayed, a fabric that was created in the meantime is another user's.
func TestCreate_adoptsNothingThatWasMadeWhileItWasDelayed(t *testing.T) {
	const wait = time.Hour
	for name, api := range map[string]string{"by NetBox": "4.7", "by a proxy": ""} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			c := newClient(t, s.URL(), onItsClock(s))
			s.SetNow(recordedTime)
			intercept(s, "POST", func(n int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
				if n > 1 {
					answerHTML(w, http.StatusBadGateway, "") // the request never reaches NetBox
					return
				}
				theirs(s, recordedTime.Add(wait/2))
				if api != "" {
					w.Header().Set("API-Version", api)
				}
				w.Header().Set("Date", recordedTime.UTC().Format(http.TimeFormat))
				answerHTML(w, http.StatusTooManyRequests, "")
				s.SetNow(recordedTime.Add(wait))
			})
			read, err := c.Fabrics().Create(t.Context(), alphaCreate())
			wantTheirs(t, s, read, err)
		})
	}
}

// A client that has been idle no longer knows NetBox's time.
func TestCreate_adoptsNothingThatWasMadeBeforeItBegan(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL(), onItsClock(s))
	s.SetNow(recordedTime)
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	theirs(s, recordedTime.Add(time.Minute))
	s.SetNow(recordedTime.Add(2 * time.Minute))
	intercept(s, "POST", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		answerHTML(w, http.StatusBadGateway, "")
	})
	read, err := c.Fabrics().Create(t.Context(), alphaCreate())
	wantTheirs(t, s, read, err)
}

// The client requests NetBox's time only if no recent answer had it.
func TestCreate_asksForTheTimeOnlyAfterAPause(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL(), onItsClock(s))
	now := recordedTime
	for i, pause := range []time.Duration{0, time.Second, time.Second, 5 * time.Second} {
		now = now.Add(pause)
		s.SetNow(now)
		create := alphaCreate()
		name := string(rune('a' + i))
		create.Set["name"], create.Planned["name"] = name, name
		if _, err := c.Fabrics().Create(t.Context(), create); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Count("GET", "/api/status/"); got != 2 {
		t.Errorf("got %d status requests, want one for the check and one after the pause", got)
	}
}

// If the client cannot get NetBox's time, it sends no write, so no outcome is unknown.
func TestCreate_thatCannotLearnTheTimeSendsNothing(t *testing.T) {
	for name, kind := range map[string]netboxtest.Kind{"put off": netboxtest.RetryAfter(503, "3600"),
		"no answer": netboxtest.Hangup(), "no JSON": netboxtest.Page(200)} {
		s := startNetBox(t, netboxtest.Options{})
		c := newClient(t, s.URL(), onItsClock(s))
		s.SetNow(recordedTime)
		intercept(s, "POST", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			answerHTML(w, http.StatusTooManyRequests, "")
			theirs(s, recordedTime.Add(time.Minute))
			s.SetNow(recordedTime.Add(time.Hour))
			s.Fault(netboxtest.Fault{Path: "/api/status/", Kind: kind})
		})
		read, err := c.Fabrics().Create(t.Context(), alphaCreate())
		if _, unverified := errors.AsType[*UnverifiedError](err); read != nil || err == nil || unverified ||
			s.Count("POST", "") != 1 || s.Count("GET", fabricsPath) != 0 {
			t.Errorf("%s: got %v, %v after %d POSTs", name, read, err, s.Count("POST", ""))
		}
	}
}

// A POST that never arrived has created nothing, so no fabric can be ours.
func TestCreate_adoptsNothingWherePOSTsNeverArrived(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL(), func(c *rest.Config) {
		c.ObserveExchange = func(_ context.Context, x rest.Exchange) {
			if x.Method == http.MethodPost && len(s.Fabrics()) == 0 {
				theirs(s, s.Now().Add(time.Second))
				if err := s.Accept(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	s.Intercept(func(next http.Handler) http.Handler { // leaves no connection to be used again
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			next.ServeHTTP(w, r)
		})
	})
	if err := c.Check(t.Context()); err != nil { // its answer has NetBox's time
		t.Fatal(err)
	}
	s.Refuse()
	read, err := c.Fabrics().Create(t.Context(), alphaCreate())
	wantTheirs(t, s, read, err)
	if s.Count("POST", "") != 1 {
		t.Errorf("got %d POSTs at NetBox, want none", s.Count("POST", ""))
	}
}

// Without NetBox's time the client cannot know who created the fabric.
