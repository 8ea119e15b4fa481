package fabricsync

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// otherSyncError means that the record has the lock or the outcome of another sync, which
// began while this one, without a lock, compared.
type otherSyncError struct{ read *netbox.Read }

func (e *otherSyncError) Error() string { return "another sync started or finished first" }

// lastWriteContext returns a context for the last write. It has a separate time limit, and
// does not end with the sync's own context.
func lastWriteContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
}

// storeUnlocked stores the outcome of a sync that had nothing else to write, with one
// conditional write. It writes nothing for a failure that the record shows already.
func (r *run) storeUnlocked(ctx context.Context, end *conclusion, err error) error {
	if _, conflict := errors.AsType[*conflictError](err); conflict {
		return err
	}
	if failed, ok := errors.AsType[*lockFailedError](err); ok {
		return r.endUnstarted(ctx, failed.err)
	}
	if err != nil {
		r.result.Outcome = Interrupted
		return fmt.Errorf("the sync was interrupted: %w", context.Cause(ctx))
	}
	r.setConclusion(end)
	base := r.base.read
	if end.outcome == Failed && base.Fabric.Holds(end.facts) {
		r.noteRecord(r.base)
		return nil
	}
	lastCtx, cancel := lastWriteContext(ctx)
	defer cancel()
	written, err := r.options.NetBox.Fabrics().WriteSync(lastCtx, netbox.SyncWrite{
		ID: r.id, Revision: netbox.RevisionOf(&base.Fabric), Set: end.facts,
		MayFollow: func(current *netbox.Read) error { return r.mayFollow(current, end) },
	})
	if err == nil {
		written, err = resetIfReconfigured(lastCtx, r.options.NetBox.Fabrics(), &base.Fabric, written)
	}
	if other, ok := errors.AsType[*otherSyncError](err); ok {
		return r.yieldToOther(other.read)
	}
	return r.finish(written, end.facts, nil, err)
}

// mayFollow returns an error if the outcome of a sync without a lock must not be written
// to a version of the record that another client has written since the sync began.
func (r *run) mayFollow(current *netbox.Read, end *conclusion) error {
	before, now := &r.base.read.Fabric, &current.Fabric
	otherCredentials := end.outcome == Failed && !now.SameCredentials(before)
	switch {
	case reconfigured(before, now) != nil, otherCredentials:
		return &conflictError{current}
	case before.StoredSyncStatus == fabric.StoredSyncing && now.SameFacts(before, nil):
		return &conflictError{current} // the change log shows whose lock that is now
	case r.otherSyncSince(current):
		return &otherSyncError{current}
	}
	return nil
}

// otherSyncSince reports whether a version of the record shows that another sync has
// begun or ended since the version that this sync works from.
func (r *run) otherSyncSince(current *netbox.Read) bool {
	before, now := &r.base.read.Fabric, &current.Fabric
	return !now.SameFacts(before, nil) || now.SyncInProgress(current.ObservedAt)
}

// yieldToOther ends a sync without a lock, because another sync has begun or ended. A
// [*conflictError] means to start over: to wait for the other one, or to find that
// nothing is due.
func (r *run) yieldToOther(current *netbox.Read) error {
	nothingDue := r.options.OnlyIfDue && !fabric.SyncTimer(current.Fabric.Facts(), current.ObservedAt).Due
	if r.options.WaitForLock || nothingDue {
		return &conflictError{current}
	}
	r.noteRecord(snapshot{current, r.options.Clock.Now()})
	r.result.Outcome, r.result.Class = Busy, ""
	r.result.Message = fmt.Sprintf("another sync of the fabric %q started first", r.result.Fabric)
	if !current.Fabric.SyncInProgress(current.ObservedAt) {
		r.result.Message = fmt.Sprintf("another sync of the fabric %q finished first", r.result.Fabric)
	}
	return nil
}

// storeAndRelease stores the outcome, also when the sync's context has ended, and releases
// the lock unless it is another engine's by now.
func (r *run) storeAndRelease(ctx context.Context, end *conclusion, err error) error {
	var facts map[string]any
	_, superseded := errors.AsType[*SupersededError](err)
	changed, isReconfigured := errors.AsType[*reconfiguredError](err)
	switch {
	case superseded:
		r.result.Outcome = Superseded
		return err
	case isReconfigured:
		r.result.Outcome, err = Superseded, &SupersededError{changed.reason}
	case err != nil && ctx.Err() != nil:
		r.result.Outcome = Interrupted
		err = fmt.Errorf("the sync was interrupted: %w", context.Cause(ctx))
	case err != nil:
		r.result.Outcome = Failed
		return err // the fabric no longer exists, or its id is another fabric's
	default:
		r.setConclusion(end)
		facts = end.facts
	}
	lastCtx, cancel := lastWriteContext(ctx)
	defer cancel()
	written, releaseErr := r.lock.release(lastCtx, facts)
	return r.finish(written, facts, err, releaseErr)
}

// finish ends a sync after its last write. err is why the sync failed, writeErr why the
// last write did.
func (r *run) finish(written *netbox.Read, facts map[string]any, err, writeErr error) error {
	if writeErr != nil {
		if _, superseded := errors.AsType[*SupersededError](writeErr); superseded {
			r.result.Outcome = Superseded
			return writeErr
		}
		if _, conflict := errors.AsType[*conflictError](writeErr); conflict && r.lock == nil {
			return writeErr
		}
		r.result.Outcome = Failed
		return errors.Join(err, fmt.Errorf("the outcome of the sync could not be stored: %w; the next sync corrects "+
			"the record", writeErr))
	}
	r.noteRecord(snapshot{written, r.options.Clock.Now()})
	r.options.Progress(Progress{Step: StepRecord, Message: fmt.Sprintf("Fabric %q: %s.", r.result.Fabric,
		r.result.Status.Display())})
	if err != nil || written.Fabric.Holds(facts) {
		return err
	}
	r.result.Outcome, r.result.Message = Superseded, ""
	if why := reconfigured(&r.base.read.Fabric, &written.Fabric); why != nil {
		return &SupersededError{why.Error()}
	}
	return &SupersededError{"another user or sync changed the fabric during the sync"}
}
