package rest

import (
	"context"
	"time"
)

// timeLimit is how long an operation takes at most that has no deadline.
func (c *Client) timeLimit() time.Duration { return 2 * c.config.RequestTimeout }

// WithDeadline returns a context with a deadline, which every operation needs: it is
// what ends the retries.
func (c *Client) WithDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeLimit())
}

// Detached returns a context for what continues when the operation is canceled. It
// has all the time that the operation had left.
func (c *Client) Detached(ctx context.Context) (context.Context, context.CancelFunc) {
	end := time.Now().Add(c.timeLimit())
	if deadline, ok := ctx.Deadline(); ok && deadline.After(end) {
		end = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}

type verifyingKey struct{}

// Verifying returns a context for finding out what a write did: leaving the outcome
// unknown would lose an object. So its reads are detached from the operation, and are
// made again also when no answer came in time.
func (c *Client) Verifying(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.Detached(context.WithValue(ctx, verifyingKey{}, true))
}

func isVerifying(ctx context.Context) bool { return ctx.Value(verifyingKey{}) != nil }
