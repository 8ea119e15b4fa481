package netbox

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestCheck_newestTestedIsTheNewestRecorded(t *testing.T) {
	if newestTested != netboxtest.V47.Minor() {
		t.Errorf("got the newest tested NetBox %s, want %s", newestTested, netboxtest.V47)
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
		"refresh": func() error { _, err := fabrics.Refresh(ctx, 1, Revision{}); return err },
		"create":  func() error { _, err := fabrics.Create(ctx, alphaCreate()); return err },
		"update":  func() error { _, err := fabrics.Update(ctx, Update{ID: 1}); return err },
		"delete":  func() error { _, err := fabrics.Delete(ctx, Delete{ID: 1}); return err },
	} {
		s.ResetRequests()
		e := wantError[*rest.PluginMissingError](t, operation())
		if e.Version != "4.7.3" || e.ServerURL != s.URL() || len(s.Requests()) != 1 ||
			s.Count("GET", "/api/status/") != 1 {
			t.Errorf("%s: got %+v after %d requests", name, e, len(s.Requests()))
		}
	}
	// The client has not kept the failures. Once the plugin is there, it asks again.
	s.SetNoPlugin(false)
	s.ResetRequests()
	for range 3 {
		if _, err := idsOf(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Count("GET", "/api/status/"); got != 1 {
		t.Errorf("got %d status requests for three operations", got)
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
	again, err := c.Fabrics().Refresh(t.Context(), 1, RevisionOf(&read.Fabric))
	if err != nil || again.Fabric.Name != "alpha" {
		t.Fatalf("got %+v, %v", again, err)
	}
	wantRequests(t, s, "GET GET")
	s.DeleteFabric(1)
	s.ResetRequests()
	_, err = c.Fabrics().Refresh(t.Context(), 1, RevisionOf(&read.Fabric))
	if e := wantError[*rest.NotFoundError](t, err); !strings.Contains(e.Detail, "No HedgehogFabric") {
		t.Error(err)
	}
	wantRequests(t, s, "GET GET")
}

func TestRefresh_withoutThePluginIsNoDeletion(t *testing.T) {
	s, c, read := alphaRead(t)
	s.SetNoPlugin(true)
	_, err := c.Fabrics().Refresh(t.Context(), 1, RevisionOf(&read.Fabric))
	if e := wantError[*rest.PluginMissingError](t, err); e.Version != "4.7.3" {
		t.Errorf("got %+v", e)
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
	_, err := c.Fabrics().Refresh(t.Context(), 1, RevisionOf(&read.Fabric))
	wantError[*rest.PluginMissingError](t, err)
	wantRequests(t, s, "GET GET")
}

func TestRefresh_refusedIsNoDeletion(t *testing.T) {
	s, c, read := alphaRead(t)
	s.RevokeToken(netboxtest.AdminToken)
	_, err := c.Fabrics().Refresh(t.Context(), 1, RevisionOf(&read.Fabric))
	if e := wantError[*rest.ForbiddenError](t, err); !e.BadToken() {
		t.Error(err)
	}
}

func TestRead_timeOfTheAnswer(t *testing.T) {
	s, c, _ := alphaRead(t)
	s.SetNow(recordedTime)
	if read := mustGet(t, c, 1); !read.ObservedAt.Equal(recordedTime) || read.LocalClock {
		t.Errorf("got %s, local %t", read.ObservedAt, read.LocalClock)
	}
	intercept(s, "GET", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "soon")
		answerJSON(w, http.StatusOK, commit(next, r).Body.String())
	})
	if read := mustGet(t, c, 1); read.ObservedAt.Before(recordedTime) || !read.LocalClock {
		t.Errorf("got %s, local %t", read.ObservedAt, read.LocalClock)
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
		e := &rest.ServerError{Request: rest.Request{Method: test.method}, NetBox: test.version}
		if got := PluginNeedsPatch(e); got != test.want {
			t.Errorf("%s on %q: got %t", test.method, test.version, got)
		}
	}
}
