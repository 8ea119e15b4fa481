//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

// standIn starts a server that answers like a NetBox with one fabric, in the given form of the
// plugin.
func standIn(t *testing.T, published bool, fabrics ...fabric) *target {
	t.Helper()
	handler := http.NewServeMux()
	handler.HandleFunc("GET /api/status/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer nbt_k.s" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"netbox-version": "4.7.3", "plugins": map[string]string{pluginPackage: "0.2.0"},
		})
	})
	handler.HandleFunc("GET "+fabricsPath+"{$}", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"count": len(fabrics), "results": fabrics})
	})
	handler.HandleFunc("POST "+fabricsPath+"{$}", func(w http.ResponseWriter, r *http.Request) {
		var made fabric
		_ = json.NewDecoder(r.Body).Decode(&made)
		made.ID = 7
		fabrics = append(fabrics, made)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(made)
	})
	handler.HandleFunc(fabricsPath+"7/", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case published:
			w.WriteHeader(http.StatusInternalServerError)
		case r.Method == http.MethodDelete:
			fabrics = nil
			w.WriteHeader(http.StatusNoContent)
		default:
			_, _ = w.Write([]byte("{}"))
		}
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &target{url: server.URL, token: "nbt_k.s"}
}

func TestInspect_detectsTheForm(t *testing.T) {
	for name, test := range map[string]struct {
		published bool
		fabrics   []fabric
		left      int
	}{
		"published":              {true, []fabric{{7, "a"}}, 1},
		"patched":                {false, []fabric{{7, "a"}}, 1},
		"published, without any": {true, nil, 1}, // its probe cannot be deleted
		"patched, without any":   {false, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := standIn(t, test.published, test.fabrics...)
			if err := server.inspect(t.Context()); err != nil {
				t.Fatal(err)
			}
			if server.version != "4.7.3" || (server.displayURL == displayURLPublished) != test.published {
				t.Errorf("got %+v", server)
			}
			if left, err := server.fabrics(t.Context()); err != nil || len(left) != test.left {
				t.Errorf("got the fabrics %v, %v afterwards", left, err)
			}
		})
	}
}

func TestInspect_tokenRefused(t *testing.T) {
	server := standIn(t, false)
	server.token = "wrong"
	if err := server.inspect(t.Context()); err == nil || !strings.Contains(err.Error(), "status 403") ||
		strings.Contains(err.Error(), "wrong") {
		t.Errorf("got the error %v", err)
	}
}

func TestReportLeftovers(t *testing.T) {
	var output strings.Builder
	reportLeftovers(t.Context(), standIn(t, false, fabric{1, "tf-acc-x"}, fabric{2, "theirs"}),
		&process.Progress{Output: &output})
	if text := output.String(); !strings.Contains(text, `fabric 1 "tf-acc-x"`) || strings.Contains(text, "theirs") {
		t.Errorf("got %q", text)
	}
}

func TestNamedTarget(t *testing.T) {
	if server, err := namedTarget("", ""); server != nil || err != nil {
		t.Errorf("without variables: got %v, %v", server, err)
	}
	if server, err := namedTarget("https://netbox.example.com/nb/", "t"); err != nil ||
		server.url != "https://netbox.example.com/nb" || server.own {
		t.Errorf("with both variables: got %+v, %v", server, err)
	}
	for _, one := range [][2]string{{"https://netbox.example.com", ""}, {"", "t"}} {
		if _, err := namedTarget(one[0], one[1]); err == nil {
			t.Errorf("%q: got no error", one)
		}
	}
}

func TestEnvironment_replacesAnOlderOne(t *testing.T) {
	server := &target{url: "http://127.0.0.1:1", token: "a", displayURL: displayURLPatched, version: "4.7.3",
		branching: "1.2.2"}
	got := server.environment([]string{"HOME=/h", "HEDGEHOG_ACC_LIMITED_TOKEN=stale"})
	want := []string{
		"HOME=/h", "HEDGEHOG_ACC_SERVER_URL=http://127.0.0.1:1", "HEDGEHOG_ACC_API_TOKEN=a",
		"HEDGEHOG_ACC_DISPLAY_URL=patched", "HEDGEHOG_ACC_NETBOX_VERSION=4.7.3", "HEDGEHOG_ACC_BRANCHING=1.2.2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got the environment %q", got)
	}
}

func TestParseOptions(t *testing.T) {
	var output strings.Builder
	got, err := parseOptions([]string{"--display-url", "published", "--max-page-size", "7", "--time-zone",
		"Asia/Kolkata",
		"--object-filter", "filterset", "--branching", "--", "go", "test", "-v"}, &output)
	if err != nil || got.settings != (settings{displayURLPublished, objectFilterSet, "Asia/Kolkata", 7, true}) ||
		!slices.Equal(got.command, []string{"go", "test", "-v"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, wrong := range [][]string{{}, {"--"}, {"--display-url", "broken", "--", "true"}, {"--max-page-size",
		"0", "--", "true"},
		{"--object-filter", "all", "--", "true"}} {
		if _, err := parseOptions(wrong, &output); err == nil {
			t.Errorf("%q: got no error", wrong)
		}
	}
}
