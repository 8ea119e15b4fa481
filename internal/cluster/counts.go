package cluster

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Counts returns how many objects of each kind the namespace has, by the kind's
// name. Kinds that the token cannot list are left out; any other error is an
// [*Error].
func (c *Cluster) Counts(ctx context.Context) (map[string]int64, error) {
	kinds := fabric.Kinds()
	counted := make([]int64, len(kinds))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelChecks)
	for i, kind := range kinds {
		group.Go(func() error {
			n, err := c.Count(ctx, kind)
			counted[i] = n
			if refused, ok := errors.AsType[*Error](err); ok && refused.Class == ClassForbidden {
				counted[i] = -1
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for i, kind := range kinds {
		if counted[i] >= 0 {
			counts[kind.Name] = counted[i]
		}
	}
	return counts, nil
}
