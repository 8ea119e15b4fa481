package rest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
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

// InterruptedError is an operation that ended while a request waited to be made
// again.
type InterruptedError struct {
	Last error // what came of the request before
	End  error // the context's error
}

func (e *InterruptedError) Error() string   { return fmt.Sprintf("%v; then %v", e.Last, e.End) }
func (e *InterruptedError) Unwrap() []error { return []error{e.Last, e.End} }

// Interrupted adds the end of an operation, if that is why it goes no further, to
// the error that it was at.
func Interrupted(ctx context.Context, last error) error {
	if ctx.Err() == nil {
		return last
	}
	return &InterruptedError{Last: last, End: ctx.Err()}
}

// Pause waits before a request is made again, as its last answer asks. It does not
// begin what lasts beyond the operation's end.
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

// retryAfter reads how long an answer asks to wait; 0 when it does not. A date is
// compared with the answer's own, so that the local clock plays no part in it.
func retryAfter(header http.Header) time.Duration {
	asked := strings.TrimSpace(header.Get("Retry-After"))
	if asked == "" {
		return 0
	}
	if strings.Trim(asked, "0123456789") == "" {
		seconds, err := strconv.ParseInt(asked, 10, 64)
		if err != nil || seconds > int64(math.MaxInt64/time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(asked)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now)) // Sub goes to the limits, not past them
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
