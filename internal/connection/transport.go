package connection

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/hashicorp/go-cleanhttp"
)

// NewTransport returns a transport with pooled connections and the environment's
// proxies, whose errors [Diagnose] can tell apart: a server that speaks plain HTTP is
// not taken for a slow one, and a proxy that refuses is named.
func NewTransport(config *tls.Config) *http.Transport {
	t := cleanhttp.DefaultPooledTransport()
	t.TLSClientConfig = config
	t.OnProxyConnectResponse = refusedByProxy
	t.DialTLSContext = newTLSDialer(t.DialContext, config).connect
	return t
}

// refusedByProxy makes an error that names the proxy. That of net/http has only the
// status.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{proxy.Host, answer.Status}
}

// Trace returns a context for one request, and a function that reports whether a byte of
// it may have reached the server. It is false where no connection was made: also where a
// proxy did not connect, or TLS failed. net/http takes another connection for a write
// only where it sent nothing on the one before, so the last one counts.
func Trace(ctx context.Context) (_ context.Context, maybeSent func() bool) {
	var connected atomic.Bool
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), connected.Load
}
