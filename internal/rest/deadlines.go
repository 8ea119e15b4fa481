package rest

import (
	"context"
	"time"
)

// timeLimit returns the time limit of an operation without a deadline.
func (c *Client) timeLimit() time.Duration { return 2 * c.config.RequestTimeout }

// WithDeadline returns a context with a deadline. Every operation needs one, since it ends
// the retries.
func (c *Client) WithDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeLimit())
}

// Detached returns a context for what continues when the operation is canceled. It has all
// of the operation's remaining time, and its retries may use all of that.
func (c *Client) Detached(ctx context.Context) (context.Context, context.CancelFunc) {
	end := time.Now().Add(c.timeLimit())
	if deadline, ok := ctx.Deadline(); ok && deadline.After(end) {
		end = deadline
	}
	return context.WithDeadline(context.WithValue(context.WithoutCancel(ctx), patienceKey{}, nil), end)
}

type verifyingKey struct{}

// Verifying returns a context for verifying a write. Its reads are detached from the
// operation and are repeated even if an answer did not come in time: with an unknown
// outcome, an object would be lost. The operation's deadline does not cut a read off, but
// after it no read is repeated. There is one exception: if the branch must be looked up
// first, [Client.Singleflight] does so for all callers, within its own time limit.
func (c *Client) Verifying(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, limited := ctx.Deadline()
	ctx, cancel := c.Detached(context.WithValue(ctx, verifyingKey{}, true))
	if limited {
		ctx = context.WithValue(ctx, patienceKey{}, deadline)
	}
	return ctx, cancel
}

func isVerifying(ctx context.Context) bool { return ctx.Value(verifyingKey{}) != nil }

type patienceKey struct{}

// patience returns when the retries of an operation end: at its deadline, or earlier.
func patience(ctx context.Context) (end time.Time, limited bool) {
	end, limited = ctx.Deadline()
	if earlier, ok := ctx.Value(patienceKey{}).(time.Time); ok && earlier.Before(end) {
		end = earlier
	}
	return end, limited
}

// outOfPatience returns an error if the retries of an operation must end, and nil otherwise.
func outOfPatience(ctx context.Context) error {
	if end, limited := patience(ctx); limited && !time.Now().Before(end) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}
