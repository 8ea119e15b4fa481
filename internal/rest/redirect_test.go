package rest

import (
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
	a, err := c.Get(t.Context(), strings.TrimSuffix(recordsPath, "/"), url.Values{"omit": {"display_url"}})
	if err != nil || a.Status != 200 || !strings.Contains(string(a.Body), `"alpha"`) {
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
			_, err := get(t.Context(), newClient(t, url), 1)
			e := wantError[*RedirectError](t, err)
			if e.Method != "GET" || !strings.HasPrefix(e.From, url+"/api/status/") || !strings.HasSuffix(to,
				strings.TrimPrefix(e.To, "http:")) {
				t.Errorf("got %+v", e)
			}
			const next = "; check server_url (or NETBOX_SERVER_URL), and whether a gateway asks for a login"
			if !strings.HasSuffix(err.Error(), e.To+next) {
				t.Errorf("got %v", err)
			}
			if hits.Load() != 1 {
				t.Errorf("got %d requests, want 1", hits.Load())
			}
		})
	}
}

func TestRedirect_fromHTTPSToHTTPIsRefused(t *testing.T) {
	other := bystander(t)
	s := httptest.NewTLSServer(http.RedirectHandler(other+"/api/", http.StatusMovedPermanently))
	t.Cleanup(s.Close)
	_, err := get(t.Context(), newClient(t, s.URL, func(c *Config) { c.InsecureTLS = true }), 1)
	if e := wantError[*RedirectError](t, err); e.To != other+"/api/" {
		t.Errorf("got %+v", e)
	}
}

// By then the token has been sent unencrypted, and would be again with every request. So the
// user must know.
func TestRedirect_fromHTTPToHTTPSOnTheSameHostSaysWhatToSet(t *testing.T) {
	var asked atomic.Int64
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(s.Close)
	for method, operate := range map[string]func(*Client) error{
		"GET":  func(c *Client) error { _, err := get(t.Context(), c, 1); return err },
		"POST": func(c *Client) error { _, err := create(t.Context(), c, "alpha"); return err },
	} {
		url, hits := redirects(t, http.StatusMovedPermanently, s.URL+"/prefix/api/somewhere/")
		c := newClient(t, url+"/prefix", withoutCheck, insecure)
		c.seen.date(recordedTime, time.Now())
		err := operate(c)
		e := wantError[*RedirectError](t, err)
		if e.Method != method || e.ServerURL != s.URL+"/prefix" ||
			!strings.HasSuffix(err.Error(), "set server_url (or NETBOX_SERVER_URL) to "+s.URL+"/prefix") ||
			hits.Load() != 1 || asked.Load() != 0 {
			t.Errorf("%s: got %v after %d requests and %d elsewhere", method, err, hits.Load(), asked.Load())
		}
	}
}

func TestRedirect_suggestsNoServerThatIsAnother(t *testing.T) {
	for base, to := range map[string]string{
		"http://netbox.example.com":      "https://elsewhere.example.com/",
		"http://netbox.example.com:8000": "http://netbox.example.com/",
		"https://netbox.example.com":     "http://netbox.example.com/",
		"http://netbox.example.com:80":   "/login/",
	} {
		target, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		if got := newClient(t, base).answers.redirects.secureURL(target); got != "" {
			t.Errorf("%s to %s: %s", base, to, got)
		}
	}
}

func TestOrigin_isSchemeHostAndPort(t *testing.T) {
	for text, want := range map[string]string{
		"http://NetBox.example.com/api/": "http://netbox.example.com:80",
		"https://netbox.example.com":     "https://netbox.example.com:443",
		"https://netbox.example.com:443": "https://netbox.example.com:443",
		"https://netbox.example.com:80":  "https://netbox.example.com:80",
		"http://[2001:DB8::1]:8000/":     "http://[2001:db8::1]:8000",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := origin(u); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// Another origin never gets the token or the headers.
func TestTransport_credentialsStayWithTheOrigin(t *testing.T) {
	c := newClient(t, "http://netbox.example.com", func(c *Config) { c.Headers = map[string]string{"X-Key": "secret"} })
	for target, own := range map[string]bool{
		"http://netbox.example.com/api/": true, "http://NETBOX.example.com:80/": true,
		"https://netbox.example.com/": false, "http://netbox.example.com:8080/": false,
		"http://netbox.example.com.evil.test/": false,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req = (&roundTripper{base: c.base, config: c.config}).prepare(t.Context(), req)
		if given := req.Header.Get("Authorization") != "" && req.Header.Get("X-Key") != ""; given != own {
			t.Errorf("%s: headers %v", target, req.Header)
		}
	}
}

func TestRedirect_refusalLeavesNoTraceInTheLog(t *testing.T) {
	var logged strings.Builder
	log.SetOutput(&logged)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	url, _ := redirects(t, http.StatusFound, bystander(t))
	_, err := get(t.Context(), newClient(t, url), 1)
	if wantError[*RedirectError](t, err); logged.Len() > 0 {
		t.Errorf("logged %q", logged.String())
	}
}

func TestRedirect_loopIsRefused(t *testing.T) {
	url, hits := redirects(t, http.StatusFound, "/api/status/")
	_, err := get(t.Context(), newClient(t, url), 1)
	if e := wantError[*RedirectError](t, err); e.Hops != 5 || hits.Load() != 5 {
		t.Errorf("%d hops, %d requests, want 5", e.Hops, hits.Load())
	}
}

// A redirected write is not repeated, even on the same host: it would become a read.
func TestRedirect_writeIsRefused(t *testing.T) {
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, to := range []string{bystander(t) + "/moved/", "/moved/"} {
				url, hits := redirects(t, status, to)
				c := newClient(t, url, withoutCheck)
				_, err := send(t.Context(), c, method, recordPath(7))
				e := wantError[*RedirectError](t, err)
				if e.Method != method || e.To != to || e.From == "" || hits.Load() != 1 {
					t.Errorf("%s, %d: got %+v after %d requests", method, status, e, hits.Load())
				}
			}
		}
	}
}
