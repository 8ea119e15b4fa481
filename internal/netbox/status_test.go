package netbox

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// claimVersion makes the stand-in say that it is another NetBox.
func claimVersion(s *netboxtest.Server, version string) {
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/status/" {
				next.ServeHTTP(w, r)
				return
			}
			answerJSON(w, http.StatusOK, string(bytes.ReplaceAll(commit(next, r).Body.Bytes(), []byte("4.7.3"),
				[]byte(version))))
		})
	})
}

func TestStatus(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	got, err := newClient(t, s.URL()).Status(t.Context())
	if err != nil || got != (Status{NetBoxVersion: "4.7.3", PluginVersion: "0.2.0"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestStatus_answersThatAreNotNetBoxs(t *testing.T) {
	for body, kind := range map[string]string{
		`{"ok": true}`:           "application/json",
		`{"netbox-version": 4}`:  "application/json",
		`[]`:                     "application/json",
		`null`:                   "application/json",
		`{"netbox-version": "4.`: "application/json",
		``:                       "application/json",
		`<html>Sign in</html>`:   "text/html",
	} {
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(body))
		})
		_, err := newClient(t, s.URL).Status(t.Context())
		if e := wantError[*UnexpectedAnswerError](t, err); e.Status != 200 || e.Excerpt != body ||
			e.Request.URL != s.URL+"/api/status/" {
			t.Errorf("%s: %+v", body, e)
		}
	}
}

func TestCheck_everyOperationMakesItAndOnlyTheFirstAsks(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{NoPlugin: true})
	c := newClient(t, s.URL())
	fabrics, ctx := c.Fabrics(), t.Context()
	for name, operation := range map[string]func() error{
		"get":     func() error { _, err := fabrics.Get(ctx, 1); return err },
		"find":    func() error { _, err := fabrics.FindByName(ctx, "a"); return err },
		"all":     func() error { _, err := idsOf(t, c); return err },
		"refresh": func() error { _, err := fabrics.Refresh(ctx, 1, Mark{}); return err },
		"create":  func() error { _, err := fabrics.Create(ctx, alphaCreate()); return err },
		"update":  func() error { _, err := fabrics.Update(ctx, Update{ID: 1}); return err },
		"delete":  func() error { _, err := fabrics.Delete(ctx, Delete{ID: 1}); return err },
	} {
		s.ResetRequests()
		e := wantError[*PluginMissingError](t, operation())
		if e.Version != "4.7.3" || e.ServerURL != s.URL() || len(s.Requests()) != 1 ||
			s.Count("GET", "/api/status/") != 1 {
			t.Errorf("%s: %+v after %d requests", name, e, len(s.Requests()))
		}
	}
	// The failures were not kept: with the plugin there, it is asked once more.
	s.SetNoPlugin(false)
	s.ResetRequests()
	for range 3 {
		if _, err := idsOf(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Count("GET", "/api/status/"); got != 1 {
		t.Errorf("%d status requests for three operations", got)
	}
}

func TestCheck_versions(t *testing.T) {
	for version, tooOld := range map[string]bool{
		"3.7.8": true, "4.4.6": true, "4.4.6-Docker-3.3.0": true,
		"4.4.7": false, "4.4.7-beta1": false, "4.5.2": false, "4.10.0": false, "5.0.0": false, "nightly": false,
	} {
		s := startNetBox(t, netboxtest.Options{})
		claimVersion(s, version)
		_, err := idsOf(t, newClient(t, s.URL()))
		if !tooOld {
			if err != nil {
				t.Errorf("%s: %v", version, err)
			}
			continue
		}
		e := wantError[*VersionError](t, err)
		if e.Version != version || e.Minimum != "4.4.7" || e.ServerURL != s.URL() || s.Count("", fabricsPath) != 0 {
			t.Errorf("%s: %+v", version, e)
		}
		if _, err := idsOf(t, newClient(t, s.URL(), withoutCheck)); err != nil || s.Count("", "/api/status/") != 1 {
			t.Errorf("%s, version check skipped: %v", version, err)
		}
	}
}

func TestRefresh_notFoundIsBelievedTheSecondTime(t *testing.T) {
	s, c, read := alphaRead(t)
	intercept(s, "GET", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			answerJSON(w, http.StatusNotFound, `{"detail":"No HedgehogFabric matches the given query."}`)
			return
		}
		next.ServeHTTP(w, r)
	})
	again, err := c.Fabrics().Refresh(t.Context(), 1, MarkOf(&read.Fabric))
	if err != nil || again.Fabric.Name != "alpha" {
		t.Fatalf("%+v, %v", again, err)
	}
	wantRequests(t, s, "GET GET")
	s.DeleteFabric(1)
	s.ResetRequests()
	_, err = c.Fabrics().Refresh(t.Context(), 1, MarkOf(&read.Fabric))
	if e := wantError[*NotFoundError](t, err); !strings.Contains(e.Detail, "No HedgehogFabric") {
		t.Error(err)
	}
	wantRequests(t, s, "GET GET")
}

func TestRefresh_withoutThePluginIsNoDeletion(t *testing.T) {
	s, c, read := alphaRead(t)
	s.SetNoPlugin(true)
	_, err := c.Fabrics().Refresh(t.Context(), 1, MarkOf(&read.Fabric))
	if e := wantError[*PluginMissingError](t, err); e.Version != "4.7.3" {
		t.Errorf("%+v", e)
	}
	wantRequests(t, s, "GET")
}

func TestRefresh_pluginGoneAtTheSecondReadIsNoDeletion(t *testing.T) {
	s, c, read := alphaRead(t)
	intercept(s, "GET", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		s.DeleteFabric(1)
		next.ServeHTTP(w, r)
		s.SetNoPlugin(true)
	})
	_, err := c.Fabrics().Refresh(t.Context(), 1, MarkOf(&read.Fabric))
	wantError[*PluginMissingError](t, err)
	wantRequests(t, s, "GET GET")
}

func TestRefresh_refusedIsNoDeletion(t *testing.T) {
	s, c, read := alphaRead(t)
	s.RevokeToken(netboxtest.AdminToken)
	_, err := c.Fabrics().Refresh(t.Context(), 1, MarkOf(&read.Fabric))
	if e := wantError[*ForbiddenError](t, err); !e.BadToken() {
		t.Error(err)
	}
}

func TestRead_timeOfTheAnswer(t *testing.T) {
	s, c, _ := alphaRead(t)
	s.SetNow(recordedTime)
	if read := mustGet(t, c, 1); !read.ObservedAt.Equal(recordedTime) || read.LocalClock {
		t.Errorf("%s, local %t", read.ObservedAt, read.LocalClock)
	}
	intercept(s, "GET", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "soon")
		answerJSON(w, http.StatusOK, commit(next, r).Body.String())
	})
	if read := mustGet(t, c, 1); read.ObservedAt.Before(recordedTime) || !read.LocalClock {
		t.Errorf("%s, local %t", read.ObservedAt, read.LocalClock)
	}
}

func TestServerError_pluginNeedsPatch(t *testing.T) {
	for _, test := range []struct {
		method, version string
		want            bool
	}{
		{"DELETE", "4.7.3", false}, {"DELETE", "4.5.2", false}, {"DELETE", "4.5.1", true}, {"DELETE", "4.4.10", true},
		{"DELETE", "4.4", true}, {"DELETE", "4.5", false}, {"DELETE", "", false},
		{"PATCH", "4.7.3", true}, {"POST", "4.4.10", true}, {"GET", "4.4.10", true},
	} {
		e := &ServerError{Request: Request{Method: test.method}, NetBox: test.version}
		if got := e.PluginNeedsPatch(); got != test.want {
			t.Errorf("%s on %q: %t", test.method, test.version, got)
		}
	}
}
