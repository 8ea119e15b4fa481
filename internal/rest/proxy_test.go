package rest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// throughProxy makes a client use a proxy, as the usual environment variables would for a server
// on another machine.
func throughProxy(t *testing.T, c *Client, address string) {
	t.Helper()
	bounded := c.http.Transport.(*roundTripper)
	proxy, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	bounded.next.(*http.Transport).Proxy = http.ProxyURL(proxy)
}

// If the proxy does not connect, nothing was sent to NetBox.
func TestProxy_thatDoesNotConnectLeavesNothingUnknown(t *testing.T) {
	refusing := func(status int) string {
		return startServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }).URL
	}
	for name, test := range map[string]struct {
		server, proxy, want string
		tries               int64
	}{
		"refused": {"http://netbox.invalid", "http://" + freeAddress(t), netboxtest.ErrRefused.Error(),
			maxConnectRetries + 1},
		"refused, for https": {"https://netbox.invalid", "http://" + freeAddress(t), netboxtest.ErrRefused.Error(),
			maxConnectRetries + 1},
		"wants a password": {"https://netbox.invalid", refusing(http.StatusProxyAuthRequired),
			"Proxy Authentication Required", 1},
		"cannot connect": {"https://netbox.invalid", refusing(http.StatusBadGateway), "Bad Gateway", 1},
	} {
		for _, method := range []string{"POST", "PATCH", "DELETE"} {
			var tries atomic.Int64
			c := newClient(t, test.server, withoutCheck, counting(&tries))
			throughProxy(t, c, test.proxy)
			_, err := send(t.Context(), c, method, recordsPath)
			wantError[*TransportError](t, err)
			if OutcomeUnknown(err) || tries.Load() != test.tries || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, %s: %v after %d attempts, unknown %t", name, method, err, tries.Load(),
					OutcomeUnknown(err))
			}
		}
	}
}

// The connection counts, over HTTP/2 too.
func TestTransport_lostOverHTTP2LeavesTheOutcomeUnknown(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("%s", r.Proto)
		}
		panic(http.ErrAbortHandler)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	c := newClient(t, s.URL, withoutCheck, insecure)
	for range 2 { // the second time on the same connection
		if _, err := send(t.Context(), c, "POST", recordsPath); !OutcomeUnknown(err) {
			t.Errorf("%v leaves nothing unknown", err)
		}
	}
}
