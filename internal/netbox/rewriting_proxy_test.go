package netbox

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// rewriting starts a proxy in front of a NetBox that rewrites entity tags in answers and If-Match
// in requests.
func rewriting(t *testing.T, s *netboxtest.Server, out, in func(string) string) string {
	t.Helper()
	target, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	change := func(h http.Header, name string, f func(string) string) {
		if tag := h.Get(name); tag != "" && f != nil {
			h.Set(name, f(tag))
		}
		if h.Get(name) == "" {
			h.Del(name)
		}
	}
	p := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			change(r.Out.Header, "If-Match", in)
		},
		ModifyResponse: func(r *http.Response) error {
			change(r.Header, "ETag", out)
			return nil
		},
	})
	t.Cleanup(p.Close)
	return p.URL
}

// tagRewrites are what proxies do to tags.
var tagRewrites = map[string]func(string) string{
	"suffix":  func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gzip"` },
	"strong":  func(tag string) string { return strings.TrimPrefix(tag, "W/") },
	"removed": func(string) string { return "" },
}

// However a proxy rewrites NetBox's tags, a write sends the tag that NetBox compares.
func TestProxy_thatRewritesEntityTags(t *testing.T) {
	for what, rewrite := range tagRewrites {
		for method, write := range alphaWrites {
			t.Run(what+" "+method, func(t *testing.T) {
				s := startNetBox(t, netboxtest.Options{})
				s.AddFabric(alphaCreate().Set)
				c := newClient(t, rewriting(t, s, rewrite, nil))
				read := mustGet(t, c, 1)
				s.UpdateFabric(1, syncMoves)
				if err := write(t.Context(), c, read); err != nil {
					t.Fatal(err)
				}
				for _, r := range s.Requests() {
					if tag := r.Header.Get("If-Match"); r.Method == method && !strings.HasPrefix(tag, `W/"20`) {
						t.Errorf("%s: got the If-Match %q", method, tag)
					}
				}
			})
			t.Run(what+" "+method+" over a change", func(t *testing.T) {
				s := startNetBox(t, netboxtest.Options{})
				s.AddFabric(alphaCreate().Set)
				c := newClient(t, rewriting(t, s, rewrite, nil))
				read := mustGet(t, c, 1)
				s.UpdateFabric(1, map[string]any{"status": "maintenance"})
				err := write(t.Context(), c, read)
				if e := wantError[*ConflictError](t, err); e.Differences[0].Field != "status" || len(s.Fabrics()) != 1 {
					t.Error(err)
				}
			})
		}
	}
}

// A proxy that rewrites If-Match makes every write fail. The error says so.
func TestProxy_thatRewritesIfMatch(t *testing.T) {
	for _, what := range []string{"suffix", "strong"} {
		for method, write := range alphaWrites {
			t.Run(what+" "+method, func(t *testing.T) {
				s := startNetBox(t, netboxtest.Options{})
				s.AddFabric(alphaCreate().Set)
				c := newClient(t, rewriting(t, s, nil, tagRewrites[what]))
				read := mustGet(t, c, 1)
				s.ResetRequests()
				err := write(t.Context(), c, read)
				e := wantError[*RewrittenTagError](t, err)
				if e.ID != 1 || e.Request.Method != method || !e.LastUpdated.Equal(read.Fabric.LastUpdated) {
					t.Errorf("got %+v", e)
				}
				wantRequests(t, s, method+" GET")

				// If the fabric has changed too, the first 412 does not show the proxy's fault.
				s.UpdateFabric(1, syncMoves)
				s.ResetRequests()
				wantError[*RewrittenTagError](t, write(t.Context(), c, read))
				wantRequests(t, s, method+" GET "+method+" GET")

				s.UpdateFabric(1, map[string]any{"status": "maintenance"})
				wantError[*ConflictError](t, write(t.Context(), c, read))
				if len(s.Fabrics()) != 1 {
					t.Error("the fabric was deleted")
				}
			})
		}
	}
}
