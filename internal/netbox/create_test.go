package netbox

import (
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// losses are answers that leave the outcome of a write unknown.
var losses = map[string]func(http.ResponseWriter){
	"connection closed":     cut,
	"502":                   func(w http.ResponseWriter) { answerHTML(w, http.StatusBadGateway, "") },
	"503":                   func(w http.ResponseWriter) { answerHTML(w, http.StatusServiceUnavailable, "") },
	"504":                   func(w http.ResponseWriter) { answerHTML(w, http.StatusGatewayTimeout, "") },
	"500 in HTML":           func(w http.ResponseWriter) { answerHTML(w, http.StatusInternalServerError, "") },
	"200 in HTML":           func(w http.ResponseWriter) { answerHTML(w, http.StatusOK, "") },
	"body cut off":          cutInBody,
	"no fabric in the body": func(w http.ResponseWriter) { answerJSON(w, http.StatusOK, `{"id": 1}`) },
}

// pluginBug answers like the published plugin, possibly after the commit.
func pluginBug(w http.ResponseWriter) {
	answerJSON(w, http.StatusInternalServerError, `{"error": "Could not resolve URL for hyperlinked relationship", `+
		`"exception": "ImproperlyConfigured"}`)
}

func createAlpha(t *testing.T, s *netboxtest.Server, change ...func(*rest.Config)) (*Read, error) {
	t.Helper()
	return newClient(t, s.URL(), change...).Fabrics().Create(t.Context(), alphaCreate())
}

// wantAlpha checks that there is exactly one fabric, and that the create returned it.
func wantAlpha(t *testing.T, s *netboxtest.Server, read *Read, err error, posts int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	stored, _ := s.FabricByName("alpha")
	if len(s.Fabrics()) != 1 || stored["id"] != float64(read.Fabric.ID) || tagOf(read) == "" ||
		read.ObservedAt.IsZero() {
		t.Errorf("got %+v, and NetBox has %v", read, s.Fabrics())
	}
	for field, want := range alphaCreate().Planned {
		if got := AttributesOf(&read.Fabric)[field]; got != want {
			t.Errorf("%s: got %v, want %v", field, got, want)
		}
	}
	if s.Count("POST", "") != posts {
		t.Errorf("got %d POSTs, want %d", s.Count("POST", ""), posts)
	}
}

func TestCreate_sendsTheValuesOnceAndReturnsTheAnswer(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{PublishedDisplayURL: true})
	read, err := createAlpha(t, s)
	wantAlpha(t, s, read, err, 1)
	if s.Count("GET", fabricsPath) != 0 {
		t.Errorf("got %d reads after a create that was answered", s.Count("GET", fabricsPath))
	}
}

func TestCreate_committedLateIsStillOne(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	var late *http.Request
	intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			late = copyRequest(t, r)
			answerHTML(w, http.StatusGatewayTimeout, "")
			return
		}
		commit(next, late) // only now, after the client has looked
		next.ServeHTTP(w, r)
	})
	read, err := createAlpha(t, s)
	wantAlpha(t, s, read, err, 2)
}

// A request that a gateway gave up may still reach NetBox. The error says so, at the end of the
// operation's time.
// After NetBox's own 500, the create can no longer take effect.
// A refusal says nothing about an earlier attempt, which may still reach NetBox.
// A lost attempt takes effect, and a later one is refused.
func TestCreate_refusedAfterAnAttemptThatTookEffectIsDone(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	var late *http.Request
	intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			late = copyRequest(t, r)
			answerHTML(w, http.StatusGatewayTimeout, "")
			return
		}
		commit(next, late)
		answerJSON(w, http.StatusForbidden, `{"detail":"Invalid v1 token"}`)
	})
	read, err := createAlpha(t, s)
	wantAlpha(t, s, read, err, 2)
}

func TestCreate_refusedValuesAreNotVerified(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	create := alphaCreate()
	create.Set["kubernetes_server"] = "https://kubernetes:6443"
	_, err := newClient(t, s.URL()).Fabrics().Create(t.Context(), create)
	if e := wantError[*rest.InvalidError](t, err); len(e.Fields["kubernetes_server"]) != 1 || len(s.Requests()) != 2 {
		t.Errorf("got %v after %d requests", err, len(s.Requests()))
	}
}

// A create does not change the fabric that has the name.
func TestCreate_takenName(t *testing.T) {
	now := recordedTime
	same := func(created time.Time) map[string]any {
		fields := map[string]any{"created": created, "last_updated": created}
		for k, v := range alphaCreate().Set {
			fields[k] = v
		}
		return fields
	}
	other := same(now.Add(time.Second))
	other["description"] = "another user's"
	for name, test := range map[string]struct {
		before, meanwhile map[string]any // other users' fabrics
		lost              int            // POSTs that are lost before they reach NetBox
	}{
		"other values":                        {before: other},
		"same values":                         {before: same(now.Add(-time.Hour))},
		"same values, made in this second":    {before: same(now)},
		"other values, answer lost":           {before: other, lost: 1},
		"same values, older, answer lost":     {before: same(now.Add(-time.Hour)), lost: 1},
		"other values, made while we waited":  {meanwhile: other, lost: 1},
		"same values, restored while waiting": {meanwhile: same(now.Add(-time.Microsecond)), lost: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			s.SetNow(now)
			if test.before != nil {
				s.AddFabric(test.before)
			}
			intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				if n == 1 && test.meanwhile != nil {
					s.AddFabric(test.meanwhile)
				}
				if n <= test.lost {
					answerHTML(w, 502, "")
					return
				}
				next.ServeHTTP(w, r)
			})
			_, err := createAlpha(t, s)
			if e := wantError[*NameTakenError](t, err); e.ID != 1 || e.Name != "alpha" {
				t.Errorf("got %+v", e)
			}
			want := test.before
			if want == nil {
				want = test.meanwhile
			}
			got, _ := s.Fabric(1)
			if len(s.Fabrics()) != 1 || got["description"] != want["description"] || s.Count("POST", "") != 1 ||
				s.Count("PATCH", "")+s.Count("DELETE", "") != 0 {
				t.Errorf("got %v after %d POSTs", s.Fabrics(), s.Count("POST", ""))
			}
			if updated, err := time.Parse(time.RFC3339Nano, got["last_updated"].(string)); err != nil ||
				!reflect.DeepEqual(updated.UTC(), want["last_updated"]) {
				t.Errorf("got last_updated %v, want %v", updated, want["last_updated"])
			}
		})
	}
}

func TestCreate_takenNameThatTheTokenCannotSee(t *testing.T) {
	for name, lost := range map[string]int{"answered": 0, "first answer lost": 1} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			s.AddFabric(map[string]any{"name": "alpha"})
			// The token may create, but sees only fabrics named "limited-…".
			intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				if n <= lost {
					answerHTML(w, 502, "")
					return
				}
				r.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
				next.ServeHTTP(w, r)
			})
			_, err := createAlpha(t, s, func(c *rest.Config) { c.APIToken = netboxtest.LimitedToken })
			if e := wantError[*NameTakenError](t, err); e.ID != 0 || e.Name != "alpha" || len(s.Fabrics()) != 1 {
				t.Errorf("got %+v, %d fabrics", e, len(s.Fabrics()))
			}
		})
	}
}

// After the refusal it is clear that nothing was written, even if reading fails.
func TestCreate_takenNameWhoseOwnerCannotBeReadIsNoUnknownOutcome(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.AddFabric(map[string]any{"name": "alpha"})
	intercept(s, "GET", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) { answerHTML(w, 500, "") })
	_, err := createAlpha(t, s)
	if e := wantError[*NameTakenError](t, err); !e.Unread || e.ID != 0 {
		t.Errorf("got %+v", e)
	}
	wantError[*rest.ServerError](t, err)
	if e, ok := errors.AsType[*UnverifiedError](err); ok {
		t.Errorf("got %v, want no unknown outcome", e)
	}
}

func TestCreate_withoutVersionCheckAsksForNetBoxsTimeFirst(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	read, err := createAlpha(t, s, withoutCheck)
	wantAlpha(t, s, read, err, 1)
	if requests := s.Requests(); len(requests) != 2 || requests[0].Path != "/api/status/" {
		t.Errorf("got the requests %+v", requests)
	}
}
