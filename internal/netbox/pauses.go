package netbox

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryWait is how long the pauses grow that nobody has asked for.
const maxRetryWait = 10 * time.Second

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

// backoff is the pause before a request is made again that nobody has asked to
// put off: it doubles, with jitter so that many which failed together do not come
// back together.
func backoff(first time.Duration, attempt int) time.Duration {
	wait := maxRetryWait
	if attempt < 32 && first <= maxRetryWait>>attempt {
		wait = first << attempt
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter needs no secrecy
}

// pauseAfter waits before a request is made again, as its last answer asks. It
// does not begin what lasts beyond the operation's end.
func (c *Client) pauseAfter(ctx context.Context, attempt int, before error) error {
	wait := backoff(c.config.RetryWait, attempt)
	if server, ok := asError[*ServerError](before); ok && server.wait > 0 {
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

// movePatience is how long a write waits for a name that nothing is giving up yet.
func (c *Client) movePatience() time.Duration { return movePatience * c.config.RetryWait }

// patience is the time of what has no other.
func (c *Client) patience() time.Duration { return 2 * c.config.RequestTimeout }

// bounded returns a context with a deadline, which every operation needs: it is
// what ends the retries.
func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.patience())
}

// outliving returns a context for what goes on when the operation is cancelled. It
// has all the time that the operation had left.
func (c *Client) outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	end := time.Now().Add(c.patience())
	if deadline, ok := ctx.Deadline(); ok && deadline.After(end) {
		end = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}

type settlingKey struct{}

// settling returns a context for finding out what a write did: leaving the outcome
// unknown would lose an object. So its reads outlive the operation, and are made
// again also when no answer came in time.
func (c *Client) settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.outliving(context.WithValue(ctx, settlingKey{}, true))
}
