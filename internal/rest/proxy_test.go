package rest

import (
	"errors"
	"net"
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
				t.Errorf("%s, %s: got %v after %d attempts, unknown %t", name, method, err, tries.Load(),
					OutcomeUnknown(err))
			}
		}
	}
}

// The connection counts, over HTTP/2 too.
func TestTransport_lostOverHTTP2LeavesTheOutcomeUnknown(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s", r.Proto)
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

// A proxy may end a connection without an answer, as one does that expects TLS.
func TestProxy_thatHangsUp(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1<<10))
			_ = conn.Close()
		}
	}()
	setProxies(t, "http://"+listener.Addr().String())
	for server, unknown := range map[string]bool{"https://netbox.invalid": false, "http://netbox.invalid": true} {
		c := newClient(t, server, withoutCheck)
		_, err := send(t.Context(), c, "POST", recordsPath)
		what, advice := wantError[*TransportError](t, err).Explain()
		if !strings.Contains(what, "through the proxy "+listener.Addr().String()+" broke") ||
			!strings.Contains(advice, "if the proxy expects TLS") || OutcomeUnknown(err) != unknown {
			t.Errorf("%s: got %s; %s, unknown %t", server, what, advice, OutcomeUnknown(err))
		}
	}
}

// setProxies sets the variables of proxies, so that the test's own environment plays no part.
func setProxies(t *testing.T, proxy string) {
	t.Helper()
	for name, value := range map[string]string{"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "https_proxy": "",
		"http_proxy": "", "NO_PROXY": "", "no_proxy": ""} {
		t.Setenv(name, value)
	}
}

// A proxy of plain HTTP may answer with its own page, which looks like NetBox's.
func TestProxy_thatAnswersForPlainHTTP(t *testing.T) {
	const want = "which may have answered instead: ask its administrator to allow netbox.invalid, or add NetBox's " +
		"host to NO_PROXY"
	for _, status := range []int{http.StatusForbidden, http.StatusInternalServerError} {
		proxy := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
		})
		setProxies(t, proxy.URL)
		_, err := send(t.Context(), newClient(t, "http://netbox.invalid", withoutCheck), "GET", recordsPath)
		got := ""
		if foreign, ok := errors.AsType[*UnexpectedAnswerError](err); ok {
			got = foreign.Proxy
		} else if server, ok := errors.AsType[*ServerError](err); ok {
			got = server.Proxy
		}
		if !strings.HasSuffix(got, want) || !strings.Contains(got, strings.TrimPrefix(proxy.URL, "http://")) {
			t.Errorf("%d: got %q of %v", status, got, err)
		}
	}
}

// A plain HTTP request through a proxy is refused by the proxy's answer. NetBox did not see it.
func TestProxy_thatWantsAPasswordForPlainHTTP(t *testing.T) {
	proxy := startServer(t, func(w http.ResponseWriter,
		_ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	})
	setProxies(t, proxy.URL)
	c := newClient(t, "http://netbox.invalid", withoutCheck)
	_, err := send(t.Context(), c, "POST", recordsPath)
	what, advice := wantError[*TransportError](t, err).Explain()
	if !strings.HasSuffix(what, "answered 407 Proxy Authentication Required") ||
		!strings.Contains(advice, "HTTP_PROXY=http://USER:PASSWORD@HOST:PORT") || OutcomeUnknown(err) {
		t.Errorf("got %s; %s, unknown %t", what, advice, OutcomeUnknown(err))
	}
}
