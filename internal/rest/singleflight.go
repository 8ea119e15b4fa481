package rest

import (
	"context"
)

// Singleflight does something once for all callers at the same time. A waiting caller may
// be canceled; the others are not.
//
// A call of another caller may end after this caller has seen that one is needed, and before
// its own begins. So do must check again that it is needed.
func (c *Client) Singleflight(ctx context.Context, key string, do func(context.Context) error) error {
	s := &c.shared
	result := s.group.DoChan(key, func() (any, error) {
		ctx, cancel := c.Detached(ctx)
		defer cancel()
		defer s.setRetried(key, nil)
		return nil, do(withRetryReport(ctx, func(err error) { s.setRetried(key, err) }))
	})
	select {
	case <-ctx.Done():
		if last := s.lastRetried(key); last != nil {
			return &InterruptedError{Last: last, End: ctx.Err()}
		}
		return ctx.Err()
	case r := <-result:
		return r.Err
	}
}
