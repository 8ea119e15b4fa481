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
// of the operation's remaining time.
func (c *Client) Detached(ctx context.Context) (context.Context, context.CancelFunc) {
	end := time.Now().Add(c.timeLimit())
	if deadline, ok := ctx.Deadline(); ok && deadline.After(end) {
		end = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}

type verifyingKey struct{}

// Verifying returns a context for verifying a write. Its reads are detached from the
// operation and are repeated even if an answer did not come in time: with an unknown
// outcome, an object would be lost.
func (c *Client) Verifying(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.Detached(context.WithValue(ctx, verifyingKey{}, true))
}

func isVerifying(ctx context.Context) bool { return ctx.Value(verifyingKey{}) != nil }
