package rest

import (
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A wrapped transport sees each request, without credentials.
func TestWrapTransport_seesRequestsWithoutCredentials(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.AddFabric(map[string]any{"name": "alpha"})
	var paths []string
	c := newClient(t, s.URL(), func(c *Config) {
		c.Headers = map[string]string{"X-Gateway": "secret"}
		c.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
			return netboxtest.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
				paths = append(paths, r.URL.Path)
				if r.Header.Get("Authorization") != "" || r.Header.Get("X-Gateway") != "" {
					t.Error("it sees credentials")
				}
				return next.RoundTrip(r)
			})
		}
	})
	s.ResetRequests()
	if _, err := get(t.Context(), c, 1); err != nil {
		t.Fatal(err)
	}
	if requests := s.Requests(); len(paths) != len(requests) || requests[0].Header.Get("Authorization") == "" {
		t.Errorf("got %d requests, %q seen", len(requests), paths)
	}
}
