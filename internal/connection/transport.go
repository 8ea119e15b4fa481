package connection

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/hashicorp/go-cleanhttp"
)

// NewTransport returns a transport with pooled connections and the environment's proxies.
// [Diagnose] can distinguish its errors: it recognizes a server that speaks plain HTTP, and
// a proxy that refuses is named.
func NewTransport(config *tls.Config) *http.Transport {
	t := cleanhttp.DefaultPooledTransport()
	t.TLSClientConfig = config
	t.Proxy, t.OnProxyConnectResponse = proxyFor, connectRefused
	t.DialTLSContext = newTLSDialer(t.DialContext, config).connect
	return t
}

// Trace returns a context for one request, and a function that reports whether a byte of it
// may have reached the server. It returns false if no connection was made, or if a proxy
// did not connect, or if TLS failed. net/http uses another connection for a write only if
// it sent nothing on the previous one, so the last one counts.
func Trace(ctx context.Context) (_ context.Context, maybeSent func() bool) {
	var connected atomic.Bool
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), connected.Load
}
