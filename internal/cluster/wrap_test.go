package cluster

import (
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Who counts requests sees each of them, and no token.
func TestWrapTransport_seesRequestsWithoutTheToken(t *testing.T) {
	s := standin(t, clustertest.Options{})
	seen := 0
	c := connect(t, s, func(c *Config) {
		c.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if seen++; r.Header.Get("Authorization") != "" {
					t.Error("it sees the token")
				}
				return next.RoundTrip(r)
			})
		}
	})
	if _, err := all(c.List(t.Context(), fabric.Kinds()[0])); err != nil || seen != 1 {
		t.Errorf("%d requests seen, %v", seen, err)
	}
}
