package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

const (
	// maxConnectRetries limits the retries after connection errors. With pauses that double
	// from 250 ms, a server that refuses connections is reported after about 4 to 8
	// seconds. A request that NetBox puts off is retried until the operation's deadline.
	maxConnectRetries = 5
	// maxRetryWait is the longest pause, unless the server asks for a longer one.
	maxRetryWait = 10 * time.Second
)

// Pause waits before a request is repeated, as the last answer asks. It does not begin a
// wait beyond the end of the operation's patience. The first pause, of attempt 0, is about
// Config.RetryWait. The pause after a write that is verified in between starts at attempt 1
// and is twice as long.
func (c *Client) Pause(ctx context.Context, attempt int, before error) error {
	wait := backoff(c.config.RetryWait, attempt)
	if server, ok := errors.AsType[*ServerError](before); ok && server.wait > 0 {
		wait = server.wait
	}
	if end, limited := patience(ctx); limited && time.Until(end) <= wait {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// backoff returns the pause before a retry if the server asks for none. It doubles, with
// jitter, so that many clients that failed together don't retry together.
func backoff(first time.Duration, attempt int) time.Duration {
	wait := maxRetryWait
	if attempt < 32 && first <= maxRetryWait>>attempt {
		wait = first << attempt
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter needs no secrecy
}

// mayRepeat reports whether a request may be repeated: reads after connection errors and
// after statuses that put a client off, and writes only if they certainly did not reach
// NetBox, or if it answered 429.
func mayRepeat(ctx context.Context, method string, err error) bool {
	write := method != http.MethodGet
	if server, ok := errors.AsType[*ServerError](err); ok {
		return server.Status == http.StatusTooManyRequests || (!write && server.Unavailable())
	}
	lost, ok := errors.AsType[*TransportError](err)
	if !ok || (write && !lost.unsent) {
		return false
	}
	_, late := errors.AsType[*connection.TimeoutError](lost.Err)
	return connection.Diagnose(lost.Err).Transient || (late && isVerifying(ctx))
}
