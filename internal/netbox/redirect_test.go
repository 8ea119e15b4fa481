package netbox

import (
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// redirects starts a server that answers everything with a redirect.
func redirects(t *testing.T, status int, to string) (url string, hits *atomic.Int64) {
	t.Helper()
	hits = &atomic.Int64{}
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	})
	return s.URL, hits
}

// bystander starts a server that no request may reach.
func bystander(t *testing.T) string {
	t.Helper()
	return startServer(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s with Authorization %q reached another host", r.Method, r.URL, r.Header.Get("Authorization"))
	}).URL
}

func TestRedirect_readOnTheSameHostIsFollowed(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.AddFabric(map[string]any{"name": "alpha"})
	c := newClient(t, s.URL(), withoutCheck)
	a, err := c.send(t.Context(), http.MethodGet, strings.TrimSuffix(fabricsPath, "/"), withoutDisplayURL(), nil, nil)
	if err != nil || a.status != 200 || !strings.Contains(string(a.body), `"alpha"`) {
		t.Fatalf("answer %+v, %v", a, err)
	}
	requests := s.Requests()
	if len(requests) != 2 || requests[0].Status != 301 || requests[1].Header.Get("Authorization") == "" {
		t.Errorf("requests %+v", requests)
	}
}

func TestRedirect_readToAnotherHostIsRefused(t *testing.T) {
	other := bystander(t)
	for name, to := range map[string]string{
		"other name":      strings.Replace(other, "127.0.0.1", "localhost", 1) + "/api/",
		"other port":      other + "/api/",
		"other scheme":    "https://netbox.invalid/api/",
		"scheme-relative": strings.TrimPrefix(other, "http:") + "/api/",
	} {
		t.Run(name, func(t *testing.T) {
			url, hits := redirects(t, http.StatusFound, to)
			_, err := newClient(t, url).Fabrics().Get(t.Context(), 1)
			e := wantError[*RedirectError](t, err)
			if e.Method != "GET" || !strings.HasPrefix(e.From, url+"/api/status/") || !strings.HasSuffix(to, strings.TrimPrefix(e.To, "http:")) {
				t.Errorf("%+v", e)
			}
			if hits.Load() != 1 {
				t.Errorf("%d requests, want 1", hits.Load())
			}
		})
	}
}

func TestRedirect_fromHTTPSToHTTPIsRefused(t *testing.T) {
	other := bystander(t)
	s := httptest.NewTLSServer(http.RedirectHandler(other+"/api/", http.StatusMovedPermanently))
	t.Cleanup(s.Close)
	_, err := newClient(t, s.URL, func(c *Config) { c.InsecureTLS = true }).Fabrics().Get(t.Context(), 1)
	if e := wantError[*RedirectError](t, err); e.To != other+"/api/" {
		t.Errorf("%+v", e)
	}
}

func TestRedirect_fromHTTPToHTTPSOnTheSameHostIsFollowed(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Token "+netboxtest.AdminToken {
			t.Errorf("Authorization %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(recordedFabric(t)))
	}))
	t.Cleanup(s.Close)
	url, _ := redirects(t, http.StatusMovedPermanently, s.URL+"/")
	c := newClient(t, url, withoutCheck, func(c *Config) { c.InsecureTLS = true })
	if read := mustGet(t, c, 1010); read.Fabric.Name != "bravo" {
		t.Errorf("name %q", read.Fabric.Name)
	}
}

func TestRedirect_refusalLeavesNoTraceInTheLog(t *testing.T) {
	var logged strings.Builder
	log.SetOutput(&logged)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	url, _ := redirects(t, http.StatusFound, bystander(t))
	_, err := newClient(t, url).Fabrics().Get(t.Context(), 1)
	if wantError[*RedirectError](t, err); logged.Len() > 0 {
		t.Errorf("logged %q", logged.String())
	}
}

func TestRedirect_loopIsRefused(t *testing.T) {
	url, hits := redirects(t, http.StatusFound, "/api/status/")
	_, err := newClient(t, url).Fabrics().Get(t.Context(), 1)
	if e := wantError[*RedirectError](t, err); e.Hops != 5 || hits.Load() != 5 {
		t.Errorf("%d hops, %d requests, want 5", e.Hops, hits.Load())
	}
}

func TestRedirect_writeIsRefused(t *testing.T) {
	read := &Read{}
	read.Fabric.ID = 7
	writes := map[string]func(*Client) error{
		"POST": func(c *Client) error { _, err := c.Fabrics().Create(t.Context(), alphaCreate()); return err },
		"PATCH": func(c *Client) error {
			u := changeOf(read, "description", "new")
			u.Mark.LastUpdated, u.Mark.Created = recordedTime, recordedTime
			_, err := c.Fabrics().Update(t.Context(), u)
			return err
		},
		"DELETE": func(c *Client) error {
			d := deleteOf(read)
			d.Mark.LastUpdated, d.Mark.Created = recordedTime, recordedTime
			_, err := c.Fabrics().Delete(t.Context(), d)
			return err
		},
	}
	for method, write := range writes {
		for _, status := range []int{301, 302, 303, 307, 308} {
			other := bystander(t)
			url, hits := redirects(t, status, other+"/moved/")
			c := newClient(t, url, withoutCheck)
			c.seen.sawETag()
			c.seen.date(recordedTime)
			e := wantError[*RedirectError](t, write(c))
			if e.Method != method || e.To != other+"/moved/" || e.From == "" || hits.Load() != 1 {
				t.Errorf("%s, %d: %+v after %d requests", method, status, e, hits.Load())
			}
		}
	}
}
