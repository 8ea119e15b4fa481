package netbox

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// jointCalls let operations that need the same thing at the same time share the
// requests for it, so that a NetBox which does not answer is not waited for by one
// after the other.
type jointCalls struct {
	group singleflight.Group

	mu       sync.Mutex
	troubles map[string]error // of calls that are under way: why they take so long
}

type troubleKey struct{}

// hearing returns a context whose requests tell why they have to be made again, for
// those who wait for what others ask.
func hearing(ctx context.Context, hear func(error)) context.Context {
	return context.WithValue(ctx, troubleKey{}, hear)
}

func tellTrouble(ctx context.Context, err error) {
	if tell, ok := ctx.Value(troubleKey{}).(func(error)); ok {
		tell(err)
	}
}

// together does something once for all who ask for it at the same time. A caller
// that waits may be cancelled; the others are not.
func (c *Client) together(ctx context.Context, key string, do func(context.Context) error) error {
	j := &c.joint
	result := j.group.DoChan(key, func() (any, error) {
		ctx, cancel := c.outliving(ctx)
		defer cancel()
		defer j.note(key, nil)
		return nil, do(hearing(ctx, func(err error) { j.note(key, err) }))
	})
	select {
	case <-ctx.Done():
		if trouble := j.trouble(key); trouble != nil {
			return &InterruptedError{Last: trouble, End: ctx.Err()}
		}
		return ctx.Err()
	case r := <-result:
		return r.Err
	}
}

func (j *jointCalls) note(key string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.troubles == nil {
		j.troubles = map[string]error{}
	}
	j.troubles[key] = err
}

func (j *jointCalls) trouble(key string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.troubles[key]
}
