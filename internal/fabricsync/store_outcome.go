package fabricsync

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// overtakenError is a sync without a lock that another one has overtaken: its lock is
// on the record, or its outcome.
type overtakenError struct{ read *netbox.Read }

func (e *overtakenError) Error() string { return "another sync has overtaken this one" }

// last returns a context for the last write, which has a time of its own.
func last(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), finishTime)
}

// concludeUnlocked stores the outcome of a sync that had nothing else to write, by one
// conditional write. A failure that the record shows already needs none.
func (r *run) concludeUnlocked(ctx context.Context, end *ending, err error) error {
	if _, moved := errors.AsType[*movedError](err); moved {
		return err
	}
	if failed, ok := errors.AsType[*lockError](err); ok {
		return r.unread(ctx, failed.err)
	}
	if err != nil {
		r.result.Outcome = Interrupted
		return fmt.Errorf("the sync was interrupted: %w", context.Cause(ctx))
	}
	r.tell(end)
	base := r.base.read
	if end.outcome == Failed && base.Fabric.Holds(end.facts) {
		r.observe(r.base)
		return nil
	}
	lastCtx, cancel := last(ctx)
	defer cancel()
	written, err := r.options.NetBox.Fabrics().WriteSync(lastCtx, netbox.SyncWrite{
		ID: r.id, Mark: netbox.MarkOf(&base.Fabric), Set: end.facts,
		MayFollow: func(current *netbox.Read) error { return r.mayFollow(current, end) },
	})
	if err == nil {
		written, err = retract(lastCtx, r.options.NetBox.Fabrics(), &base.Fabric, written)
	}
	if overtaken, ok := errors.AsType[*overtakenError](err); ok {
		return r.overtakenBy(overtaken.read)
	}
	return r.stored(written, end.facts, nil, err)
}

// mayFollow says whether an outcome may go to a version of the record that somebody has
// written since the sync began, without a lock.
func (r *run) mayFollow(current *netbox.Read, end *ending) error {
	before, now := &r.base.read.Fabric, &current.Fabric
	otherCredentials := end.outcome == Failed && !now.SameCredentials(before)
	switch {
	case changedWhy(before, now) != nil, otherCredentials:
		return &movedError{current}
	case before.StoredSyncStatus == fabric.StoredSyncing && now.SameFacts(before, nil):
		return &movedError{current} // whose lock that is now, the change log tells
	case r.overtook(current):
		return &overtakenError{current}
	}
	return nil
}

// overtook reports whether a version of the record shows that another sync has begun, or
// ended, since the one that this sync works from.
func (r *run) overtook(current *netbox.Read) bool {
	before, now := &r.base.read.Fabric, &current.Fabric
	return !now.SameFacts(before, nil) || now.SyncInProgress(current.ObservedAt)
}

// overtakenBy ends a sync without a lock that another one has overtaken.
func (r *run) overtakenBy(current *netbox.Read) error {
	if r.options.WaitForMark {
		return &movedError{current} // which waits for the other one, and begins again
	}
	if r.options.OnlyIfDue && !fabric.SyncTimer(current.Fabric.Facts(), current.ObservedAt).Due {
		return &movedError{current} // which is not due
	}
	r.observe(sighting{current, r.options.Clock.Now()})
	r.result.Outcome, r.result.Class = Busy, ""
	r.result.Message = fmt.Sprintf("another sync of the fabric %q has begun meanwhile", r.result.Fabric)
	if !current.Fabric.SyncInProgress(current.ObservedAt) {
		r.result.Message = fmt.Sprintf("another sync of the fabric %q has ended meanwhile", r.result.Fabric)
	}
	return nil
}

// concludeLocked stores the outcome, also when the sync's context has ended, and releases
// the lock where that is still ours to do.
func (r *run) concludeLocked(ctx context.Context, end *ending, err error) error {
	var facts map[string]any
	_, superseded := errors.AsType[*SupersededError](err)
	changed, isChanged := errors.AsType[*changedError](err)
	switch {
	case superseded:
		r.result.Outcome = Superseded
		return err
	case isChanged:
		r.result.Outcome, err = Superseded, &SupersededError{changed.reason}
	case err != nil && ctx.Err() != nil:
		r.result.Outcome = Interrupted
		err = fmt.Errorf("the sync was interrupted: %w", context.Cause(ctx))
	case err != nil:
		r.result.Outcome = Failed
		return err // the fabric is gone, or another one
	default:
		r.tell(end)
		facts = end.facts
	}
	lastCtx, cancel := last(ctx)
	defer cancel()
	written, finishErr := r.lock.finish(lastCtx, facts)
	return r.stored(written, facts, err, finishErr)
}

// stored ends a sync after its last write.
func (r *run) stored(written *netbox.Read, facts map[string]any, err, writeErr error) error {
	if writeErr != nil {
		if _, superseded := errors.AsType[*SupersededError](writeErr); superseded {
			r.result.Outcome = Superseded
			return writeErr
		}
		if _, moved := errors.AsType[*movedError](writeErr); moved && r.lock == nil {
			return writeErr
		}
		r.result.Outcome = Failed
		return errors.Join(err, fmt.Errorf("the outcome of the sync could not be stored: %w", writeErr))
	}
	r.observe(sighting{written, r.options.Clock.Now()})
	r.options.Progress(Progress{Step: StepRecord, Message: fmt.Sprintf("Fabric %q: %s.", r.result.Fabric,
		r.result.Status.Display())})
	if err != nil || written.Fabric.Holds(facts) {
		return err
	}
	r.result.Outcome, r.result.Message = Superseded, ""
	if why := changedWhy(&r.base.read.Fabric, &written.Fabric); why != nil {
		return &SupersededError{why.Error()}
	}
	return &SupersededError{"somebody has changed the fabric"}
}
