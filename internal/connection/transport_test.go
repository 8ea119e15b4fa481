package connection

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"testing"
)

var quiet = log.New(io.Discard, "", 0)

// The error of a proxy that does not connect names the proxy and its reason.
func TestNewTransport_namesTheProxyThatRefuses(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport(nil)
	transport.Proxy = http.ProxyURL(address)
	_, err = (&http.Client{Transport: transport}).Get("https://netbox.example.com")
	refused, ok := errors.AsType[*ProxyError](err)
	if !ok || *refused != (ProxyError{address.Host, 407, "407 Proxy Authentication Required", "HTTPS_PROXY", false}) {
		t.Errorf("got %v", err)
	}
}

// An idle connection may turn out to be closed before anything is sent on it. net/http then opens
// another one. If that fails, nothing was sent.
func TestTrace_countsTheLastConnection(t *testing.T) {
	ctx, maybeSent := Trace(t.Context())
	if maybeSent() {
		t.Error("before a connection")
	}
	trace := httptrace.ContextClientTrace(ctx)
	trace.GetConn("netbox.example.com:80")
	trace.GotConn(httptrace.GotConnInfo{Reused: true})
	if !maybeSent() {
		t.Error("over a connection")
	}
	if trace.GetConn("netbox.example.com:80"); maybeSent() {
		t.Error("before another connection")
	}
}

func TestExpectsTLS(t *testing.T) {
	secured := httptest.NewTLSServer(http.NotFoundHandler())
	defer secured.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11} // answers a hello with an alert
	old.Config.ErrorLog = quiet
	old.StartTLS()
	defer old.Close()
	proxied := func(*http.Request) (*url.URL, error) { return url.Parse(secured.URL) }
	for name, test := range map[string]struct {
		scheme string
		server *httptest.Server
		proxy  func(*http.Request) (*url.URL, error)
		want   bool
	}{
		"TLS":          {"http", secured, nil, true},
		"old TLS":      {"http", old, nil, true},
		"plain":        {"http", plain, nil, false},
		"an https URL": {"https", secured, nil, false},
		"a proxy":      {"http", secured, proxied, false},
	} {
		t.Run(name, func(t *testing.T) {
			transport := NewTransport(nil)
			transport.Proxy = test.proxy
			address := test.scheme + "://" + test.server.Listener.Addr().String()
			request := httptest.NewRequest(http.MethodGet, address, http.NoBody)
			if got := ExpectsTLS(t.Context(), transport, request); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}
