package netbox

import (
	"context"
	"errors"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Refresh reads a known fabric, for a plan. Refreshes share pages of the list, so the
// answer may be up to a minute old. If the id belongs to another fabric, the error is an
// [*AnotherFabricError]. A missing fabric is a [*rest.NotFoundError] only if a second read,
// of that fabric alone, does not find it either.
func (f *Fabrics) Refresh(ctx context.Context, id int64, revision Revision) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	return f.RefreshUnchecked(ctx, id, revision)
}

// RefreshUnchecked is like [Fabrics.Refresh], but does not check NetBox. It is for the plan
// of a removal. The removal itself makes that check.
func (f *Fabrics) RefreshUnchecked(ctx context.Context, id int64, revision Revision) (*Read, error) {
	ctx, cancel := f.client.rest.WithDeadline(ctx)
	defer cancel()
	read := f.shared(ctx, id)
	if read == nil {
		var err error
		if read, err = f.get(ctx, id); err != nil {
			if _, missing := errors.AsType[*rest.NotFoundError](err); !missing {
				return nil, err
			}
			if read, err = f.get(ctx, id); err != nil {
				return nil, err
			}
		}
	}
	if err := revision.Matches(&read.Fabric); err != nil {
		return nil, err
	}
	return read, nil
}

// shared returns a fabric from a page of the list, or nil if it must be read separately. It
// leaves half of the operation's time for that.
func (f *Fabrics) shared(ctx context.Context, id int64) *Read {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	s := &f.client.reads
	for {
		read, worth := s.lookUp(id)
		if !worth {
			return read
		}
		err := f.client.rest.Singleflight(ctx, "page", func(ctx context.Context) error {
			s.read(ctx, f.client.scanRecords, id)
			return nil // what was read is kept for all callers that wait
		})
		if err != nil {
			return nil
		}
	}
}
