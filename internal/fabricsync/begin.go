package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// waitPause is how often a fabric that another sync has locked is looked at.
const waitPause = 5 * time.Second

// sighting is a version of the record, and the local time at which it was seen.
type sighting struct {
	read *netbox.Read
	at   time.Time
}

// now is NetBox's time, as far as it is known without asking.
func (s sighting) now(clock Clock) time.Time {
	return s.read.ObservedAt.Add(clock.Now().Sub(s.at)).Truncate(time.Second)
}

// begin finds out whether the fabric must be synced now, from a version of its record or,
// without one, from NetBox. False means that it must not: the outcome says why.
func (r *run) begin(ctx context.Context, from sighting) (bool, error) {
	for ; ; from = (sighting{}) {
		asked := from.read == nil
		if asked {
			read, err := r.options.NetBox.Fabrics().Get(ctx, r.id)
			if err != nil {
				return false, r.unread(ctx, err)
			}
			from = sighting{read, r.options.Clock.Now()}
		}
		r.result.Outcome, r.result.Message, r.result.StartedAt = "", "", time.Time{}
		r.observe(from)
		read, now := from.read, from.now(r.options.Clock)
		if err := r.permits(read); err != nil {
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
		if !asked { // how far that sync has come only NetBox can tell
			continue
		}
		renewed := r.renewed(ctx, read, now)
		if !read.Fabric.Locked(renewed, now) {
			r.base, r.result.StartedAt = from, now
			return true, nil
		}
		if again, err := r.busy(ctx, read, renewed); !again {
			return false, err
		}
	}
}

// renewed returns when another sync's lock was last renewed. An edit of the record makes
// the lock of an engine that has died look fresh, so NetBox's change log is asked. Where
// the token may not view it, last_updated has to do.
func (r *run) renewed(ctx context.Context, read *netbox.Read, now time.Time) time.Time {
	changes, err := r.options.NetBox.Fabrics().Changes(ctx, r.id, now.Add(-fabric.MarkStaleAfter))
	if err != nil {
		r.options.Logger.DebugContext(ctx, "the change log was not read", "fabric_id", r.id, "error", err.Error())
		return read.Fabric.LastUpdated
	}
	return read.Fabric.LockRenewed(changes)
}

// permits says why a fabric must not be synced, and sets the outcome then.
func (r *run) permits(read *netbox.Read) error {
	if err := read.Fabric.MaySync(); err != nil {
		r.result.Outcome = Skipped
		return err
	}
	if read.Fabric.TokenHidden && !r.givenToken() {
		r.result.Outcome = Refused
		return &CredentialsError{read.Fabric.Name}
	}
	return nil
}

func (r *run) givenToken() bool {
	return r.options.Credentials != nil && r.options.Credentials.Token != ""
}

// busy waits a while for another sync, if that is wanted, and reports whether to
// look again.
func (r *run) busy(ctx context.Context, read *netbox.Read, renewed time.Time) (again bool, err error) {
	r.result.Outcome = Busy
	r.result.Message = fmt.Sprintf("another sync of the fabric %q is running; it last renewed NetBox's record %s ago",
		read.Fabric.Name, fabric.Humanize(fabric.Age(renewed, read.ObservedAt)))
	if !r.options.WaitForMark {
		return false, nil
	}
	r.options.Progress(Progress{Step: StepWait, Message: r.result.Message + "."})
	select {
	case <-r.options.Clock.After(waitPause):
		return true, nil
	case <-ctx.Done():
		return false, r.unread(ctx, ctx.Err())
	}
}

// unread sets the outcome of a sync that could not begin, or not lock the fabric.
func (r *run) unread(ctx context.Context, err error) error {
	switch {
	case r.result.Outcome == Busy && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil // it has waited as long as it may
	case ctx.Err() != nil:
		r.result.Outcome, r.result.Message = Interrupted, ""
		if !errors.Is(err, ctx.Err()) { // as of a write whose outcome could not be found out in the end
			err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	default:
		r.result.Outcome = Failed
	}
	return err
}

// observe takes what a version of the record says into the result.
func (r *run) observe(s sighting) {
	now := s.now(r.options.Clock)
	r.result.Fabric = s.read.Fabric.Name
	r.result.Status = fabric.SyncStatus(s.read.Fabric.Facts(), now).Status
	r.result.FinishedAt, r.result.Record, r.result.RecordAt = now, s.read, s.at
}
