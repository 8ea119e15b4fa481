package rest

import (
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestStatus(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	got, err := newClient(t, s.URL()).Status(t.Context())
	if err != nil || got.NetBoxVersion != "4.7.3" || got.Plugins["netbox_hedgehog"] != "0.2.0" {
		t.Errorf("got %+v, %v", got, err)
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
			t.Errorf("%s: got %+v", body, e)
		}
	}
}

func TestCheck_versions(t *testing.T) {
	for version, tooOld := range map[string]bool{
		"3.7.8": true, "4.4.6": true, "4.4.6-Docker-3.3.0": true,
		"4.4.7": false, "4.4.7-beta1": false, "4.5.2": false, "4.10.0": false, "5.0.0": false, "nightly": false,
	} {
		s := startNetBox(t, netboxtest.Options{Claims: version})
		s.AddFabric(map[string]any{"name": "alpha"})
		_, err := get(t.Context(), newClient(t, s.URL()), 1)
		if !tooOld {
			if err != nil {
				t.Errorf("%s: got %v", version, err)
			}
			continue
		}
		e := wantError[*VersionError](t, err)
		if e.Version != version || e.Minimum != "4.4.7" || e.ServerURL != s.URL() || s.Count("", recordsPath) != 0 {
			t.Errorf("%s: got %+v", version, e)
		}
		if _, err := get(t.Context(), newClient(t, s.URL(), withoutCheck), 1); err != nil ||
			s.Count("", "/api/status/") != 1 {
			t.Errorf("%s, version check skipped: %v", version, err)
		}
	}
}

func TestCheck_newerThanTested(t *testing.T) {
	for version, newer := range map[string]bool{
		"4.8.0": true, "4.8.0-beta1": true, "4.10.1-Docker-3.3.0": true, "5.0.0": true,
		"4.7.99": false, "4.7.3-Docker-3.3.0": false, "4.6.8": false, "nightly": false,
	} {
		s := startNetBox(t, netboxtest.Options{Claims: version})
		c := newClient(t, s.URL(), func(c *Config) { c.Needs.Tested = "4.7" })
		if found := c.TakeUntested(); found != nil {
			t.Errorf("%s, before it was asked: %+v", version, found)
		}
		if err := c.Check(t.Context()); err != nil {
			t.Fatalf("%s: got %v", version, err)
		}
		found := c.TakeUntested()
		if newer != (found != nil) || (newer && *found != Untested{s.URL(), version, "4.7"}) {
			t.Errorf("%s: got %+v", version, found)
		}
		if again := c.TakeUntested(); again != nil {
			t.Errorf("%s, taken twice: %+v", version, again)
		}
	}
}
