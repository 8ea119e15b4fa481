package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// waitPause is the pause between two readings of a fabric that another sync has locked.
const waitPause = 5 * time.Second

// snapshot is a version of the record, and the local time at which it was read.
type snapshot struct {
	read *netbox.Read
	at   time.Time
}

// now returns NetBox's time, in whole seconds, without a request.
func (s snapshot) now(clock Clock) time.Time {
	return s.read.ObservedAt.Add(clock.Now().Sub(s.at)).Truncate(time.Second)
}

// begin reports whether the fabric must be synced now. If not, it sets the outcome. It
// decides by a version of the record, which it reads from NetBox if it has none.
func (r *run) begin(ctx context.Context, from snapshot) (bool, error) {
	for ; ; from = (snapshot{}) {
		asked := from.read == nil
		if asked {
			read, err := r.options.NetBox.Fabrics().Get(ctx, r.id)
			if err != nil {
				return false, r.endUnstarted(ctx, err)
			}
			from = snapshot{read, r.options.Clock.Now()}
		}
		r.result.Outcome, r.result.Message, r.result.StartedAt = "", "", time.Time{}
		r.noteRecord(from)
		read, now := from.read, from.now(r.options.Clock)
		if err := r.checkPermitted(read); err != nil {
			return false, err
		}
		if r.options.OnlyIfDue && !fabric.SyncTimer(read.Fabric.Facts(), now).Due {
			r.result.Outcome = NotDue
			return false, nil
		}
		if r.options.DryRun || !read.Fabric.SyncInProgress(now) {
			r.base, r.result.StartedAt = from, now
			return true, nil
		}
		if !asked { // the lock may have been renewed or released since this version
			continue
		}
		renewed := r.lockRenewedAt(ctx, read, now)
		if !read.Fabric.Locked(renewed, now) {
			r.base, r.result.StartedAt = from, now
			return true, nil
		}
		if again, err := r.waitForOther(ctx, read, renewed); !again {
			return false, err
		}
	}
}

// lockRenewedAt returns when another sync's lock was last renewed. An edit of the record
// makes the lock of an engine that has died look fresh, so it asks NetBox's change log.
// If the token cannot view that, it returns last_updated.
func (r *run) lockRenewedAt(ctx context.Context, read *netbox.Read, now time.Time) time.Time {
	changes, err := r.options.NetBox.Fabrics().Changes(ctx, r.id, now.Add(-fabric.LockStaleAfter))
	if err != nil {
		r.options.Logger.DebugContext(ctx, "the change log was not read", "fabric_id", r.id, "error", err.Error())
		return read.Fabric.LastUpdated
	}
	return read.Fabric.LockRenewed(changes)
}

// checkPermitted returns why a fabric must not be synced, and sets the outcome then.
func (r *run) checkPermitted(read *netbox.Read) error {
	if err := read.Fabric.MaySync(); err != nil {
		r.result.Outcome = Skipped
		return err
	}
	if read.Fabric.TokenHidden && !r.options.hasToken() {
		r.result.Outcome = Refused
		return &CredentialsError{}
	}
	return nil
}

// waitForOther sets the outcome of a fabric that another sync has locked. If the options
// say so, it waits a while, and reports whether to read the record again.
func (r *run) waitForOther(ctx context.Context, read *netbox.Read, renewed time.Time) (again bool, err error) {
	r.result.Outcome = Busy
	r.result.Message = fmt.Sprintf("another sync of the fabric %q is running; it renewed its lock %s ago",
		read.Fabric.Name, fabric.Humanize(fabric.Age(renewed, read.ObservedAt)))
	if !r.options.WaitForLock {
		return false, nil
	}
	r.options.Progress(Progress{Step: StepWait, Message: r.result.Message + "."})
	select {
	case <-r.options.Clock.After(waitPause):
		return true, nil
	case <-ctx.Done():
		return false, r.endUnstarted(ctx, ctx.Err())
	}
}

// endUnstarted sets the outcome of a sync that could not begin, or could not lock the
// fabric.
func (r *run) endUnstarted(ctx context.Context, err error) error {
	switch {
	case r.result.Outcome == Busy && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil // it has waited for the other sync as long as it may
	case ctx.Err() != nil:
		r.result.Outcome, r.result.Message = Interrupted, ""
		if !errors.Is(err, ctx.Err()) { // such as that of a write whose outcome could not be verified
			err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	default:
		r.result.Outcome = Failed
	}
	return err
}

// noteRecord stores a version of the record, and the status that it shows, in the result.
func (r *run) noteRecord(s snapshot) {
	now := s.now(r.options.Clock)
	r.result.Fabric = s.read.Fabric.Name
	r.result.Status = fabric.SyncStatus(s.read.Fabric.Facts(), now).Status
	r.result.FinishedAt, r.result.Record, r.result.RecordAt = now, s.read, s.at
}
