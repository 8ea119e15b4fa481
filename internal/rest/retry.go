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
	// maxConnectRetries bounds the repetitions after connection errors: with doubling
	// pauses from 250 ms a server that refuses connections is reported after about 4
	// to 8 seconds. What NetBox puts off is repeated until the operation's deadline.
	maxConnectRetries = 5
	// maxRetryWait bounds the pauses that the server does not ask for.
	maxRetryWait = 10 * time.Second
)

// Pause waits before a request is made again, as its last answer asks. It does not
// begin what lasts beyond the operation's end. The first pause, of attempt 0, is about
// Config.RetryWait; one after a write that is verified in between begins with attempt 1
// and is twice as long.
func (c *Client) Pause(ctx context.Context, attempt int, before error) error {
	wait := backoff(c.config.RetryWait, attempt)
	if server, ok := errors.AsType[*ServerError](before); ok && server.wait > 0 {
		wait = server.wait
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
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

// backoff is the pause before a request is made again where the server asks for none: it
// doubles, with jitter, so that many clients that failed together do not come back
// together.
func backoff(first time.Duration, attempt int) time.Duration {
	wait := maxRetryWait
	if attempt < 32 && first <= maxRetryWait>>attempt {
		wait = first << attempt
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter needs no secrecy
}

// mayRepeat reports whether a request may be made again: reads after connection
// errors and after the statuses by which a server or proxy puts a client off, and
// writes only where they surely did not reach NetBox, or it answered 429.
func mayRepeat(ctx context.Context, method string, err error) bool {
	write := method != http.MethodGet
	if server, ok := errors.AsType[*ServerError](err); ok {
		return server.Status == http.StatusTooManyRequests || (!write && server.PutsOff())
	}
	lost, ok := errors.AsType[*TransportError](err)
	if !ok || (write && !lost.unsent) {
		return false
	}
	_, late := errors.AsType[*connection.TimeoutError](lost.Err)
	return connection.Diagnose(lost.Err).Transient || (late && isVerifying(ctx))
}
