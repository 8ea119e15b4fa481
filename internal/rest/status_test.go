package rest

import (
	"bytes"
	"net/http"
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
	if err != nil || got.NetBoxVersion != "4.7.3" || got.Plugins["netbox_hedgehog"] != "0.2.0" {
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

func TestCheck_versions(t *testing.T) {
	for version, tooOld := range map[string]bool{
		"3.7.8": true, "4.4.6": true, "4.4.6-Docker-3.3.0": true,
		"4.4.7": false, "4.4.7-beta1": false, "4.5.2": false, "4.10.0": false, "5.0.0": false, "nightly": false,
	} {
		s := startNetBox(t, netboxtest.Options{})
		s.AddFabric(map[string]any{"name": "alpha"})
		claimVersion(s, version)
		_, err := get(t.Context(), newClient(t, s.URL()), 1)
		if !tooOld {
			if err != nil {
				t.Errorf("%s: %v", version, err)
			}
			continue
		}
		e := wantError[*VersionError](t, err)
		if e.Version != version || e.Minimum != "4.4.7" || e.ServerURL != s.URL() || s.Count("", recordsPath) != 0 {
			t.Errorf("%s: %+v", version, e)
		}
		if _, err := get(t.Context(), newClient(t, s.URL(), withoutCheck), 1); err != nil ||
			s.Count("", "/api/status/") != 1 {
			t.Errorf("%s, version check skipped: %v", version, err)
		}
	}
}
