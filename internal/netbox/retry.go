package netbox

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	// maxRetries bounds the repetitions of a request that NetBox puts off
	// (429, 502, 503, 504); the operation's deadline usually ends them first.
	maxRetries = 12
	// maxConnectRetries bounds those after a connection error: with doubling
	// pauses from 250 ms a server that refuses connections is reported after
	// about 8 to 12 seconds.
	maxConnectRetries = 5
	maxRetryWait      = 30 * time.Second
)

// call is what the retry policy knows of a request; it travels in its context.
type call struct {
	write         bool
	connectErrors int
}

type callKey struct{}

// callTransport begins a call. It stands outside the retries, whoever makes the request.
type callTransport struct{ next http.RoundTripper }

func (t callTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	c := &call{write: req.Method != http.MethodGet}
	resp, err := t.next.RoundTrip(req.WithContext(context.WithValue(req.Context(), callKey{}, c)))
	if err != nil {
		return nil, err // a refused redirect comes with both
	}
	return resp, nil
}

// checkRetry repeats reads after connection errors and after the statuses by
// which a server or proxy puts a client off, and writes only where they surely
// did not reach NetBox: no connection came about, or it answered 429.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok || ctx.Err() != nil {
		return false, nil //nolint:nilerr // not repeating is no error of its own: the request's is reported
	}
	var wait time.Duration
	switch {
	case err != nil:
		if c.connectErrors++; c.connectErrors > maxConnectRetries || !connectionError(err) || (c.write && !neverSent(err)) {
			return false, nil
		}
	case resp.StatusCode == http.StatusTooManyRequests:
		wait = backoff(0, 0, 0, resp)
	case c.write:
		return false, nil
	case resp.StatusCode == http.StatusBadGateway, resp.StatusCode == http.StatusServiceUnavailable,
		resp.StatusCode == http.StatusGatewayTimeout:
		wait = backoff(0, 0, 0, resp)
	default:
		return false, nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false, nil // it would wait past the operation's end: report the answer instead
	}
	return true, nil
}

// backoff waits as Retry-After says, else doubles the pause, with jitter so
// that many requests put off together do not come back together.
func backoff(minWait, maxWait time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := retryablehttp.DefaultBackoff(minWait, maxWait, attempt, resp)
	if resp != nil && resp.Header.Get("Retry-After") != "" {
		return wait
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter needs no secrecy
}

// connectionError tells a failed or broken connection, which may come back,
// from an error that repetition cannot mend.
func connectionError(err error) bool {
	var (
		network *net.OpError
		lookup  *net.DNSError
		record  tls.RecordHeaderError
		verify  *tls.CertificateVerificationError
		timeout *timeoutError
	)
	switch {
	case errors.As(err, &verify), errors.As(err, &record), errors.As(err, &timeout):
		return false
	case errors.As(err, &lookup):
		return !lookup.IsNotFound
	case errors.As(err, &network):
		return network.Op != "remote error" // a TLS alert
	}
	return errors.Is(err, errBroken)
}

// neverSent tells that no byte of a request can have reached the server.
func neverSent(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && network.Op == "dial"
}
