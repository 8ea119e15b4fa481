package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// maxRestarts is how often a sync starts over because its fabric was changed, before it
// ends as superseded.
const maxRestarts = 2

// run is one sync of one fabric.
type run struct {
	options     Options // complete
	id          int64   // of the fabric
	result      *Result
	objectsRead atomic.Int64            // objects of the cluster that were read so far
	base        snapshot                // the version of the record that the sync works from
	lock        *lock                   // nil until something must be written
	stop        context.CancelCauseFunc // ends the copying, with the reason
}

// run syncs the fabric. It starts over when the fabric was changed before anything was
// written.
func (r *run) run(ctx context.Context) error {
	var from snapshot
	if r.options.Known != nil && !r.options.KnownAt.IsZero() {
		from = snapshot{r.options.Known, r.options.KnownAt}
	}
	for restarts := 0; ; restarts++ {
		if ready, err := r.begin(ctx, from); err != nil || !ready {
			return err
		}
		err := r.syncOnce(ctx)
		conflict, again := errors.AsType[*conflictError](err)
		if !again {
			return err
		}
		from = snapshot{conflict.read, r.options.Clock.Now()}
		if ctx.Err() != nil {
			r.noteRecord(from)
			return r.endUnstarted(ctx, context.Cause(ctx))
		}
		if restarts == maxRestarts {
			r.noteRecord(from)
			r.result.Outcome = Superseded
			return &SupersededError{fmt.Sprintf("other users or syncs changed the fabric during each of %d "+
				"attempts", restarts+1)}
		}
		r.result.Kinds, r.result.Warnings, r.result.Class = nil, nil, ""
	}
}

// syncOnce syncs the fabric and stores the outcome. A [*conflictError] means to start
// over.
func (r *run) syncOnce(ctx context.Context) error {
	lockCtx, stop := context.WithCancelCause(ctx)
	r.stop = stop
	end, err := r.copyObjects(lockCtx)
	stop(nil)
	switch {
	case r.options.DryRun:
		if r.setConclusion(end); err != nil {
			return r.endUnstarted(ctx, err)
		}
		return nil
	case r.lock == nil:
		return r.storeUnlocked(ctx, end, err)
	}
	<-r.lock.renewalsEnded
	return r.storeAndRelease(ctx, end, err)
}

// copyObjects copies the cluster's objects and returns what the sync came to. The
// conclusion is nil when the sync was cut short: by the context, or by an error after
// which the record is not ours to write.
func (r *run) copyObjects(ctx context.Context) (*conclusion, error) {
	c, err := r.options.Connect(r.options.config(&r.base.read.Fabric))
	if err != nil {
		return r.unconnectedConclusion(ctx, err), nil
	}
	defer c.Close()
	cmp := &comparison{run: r, cluster: c, namespace: namespaceOf(&r.base.read.Fabric)}
	if err := cmp.read(ctx); err != nil {
		if cmp.clusterLost != nil {
			return cmp.clusterLost, nil
		}
		return r.failedConclusion(ctx, err, cmp.answered)
	}
	if cmp.checkAbsences(ctx); cmp.problem == "" {
		if err := cmp.prune(ctx); err != nil {
			return r.failedConclusion(ctx, err, true)
		}
	}
	if ctx.Err() != nil {
		return r.failedConclusion(ctx, context.Cause(ctx), true)
	}
	return cmp.conclusion(), nil
}

// now returns NetBox's time.
func (r *run) now() time.Time { return r.newest().now(r.options.Clock) }

// newest returns the newest version of the record that is known.
func (r *run) newest() snapshot {
	if r.lock != nil {
		return r.lock.newest()
	}
	return r.base
}

// lockFailedError means that the fabric could not be locked.
type lockFailedError struct{ err error }

func (e *lockFailedError) Error() string { return e.err.Error() }
func (e *lockFailedError) Unwrap() error { return e.err }

// lockFabric locks the fabric, because something must be written. If a user has changed
// other fields meanwhile, it locks that version. Any other change is a [*conflictError].
func (r *run) lockFabric(ctx context.Context) error {
	base := r.base.read
	locked, err := acquireLock(ctx, r.options.NetBox.Fabrics(), r.options.Clock, base,
		func(current *netbox.Read) error {
			if r.otherSyncSince(current) || reconfigured(&base.Fabric, &current.Fabric) != nil {
				return &conflictError{current}
			}
			return nil
		})
	if locked == nil {
		if _, conflict := errors.AsType[*conflictError](err); conflict {
			return err
		}
		r.result.LockUnknown = mayHaveWritten(err)
		return &lockFailedError{err}
	}
	locked.objectsRead = &r.objectsRead
	r.lock = locked
	locked.startRenewing(ctx, r.stop)
	r.noteRecord(locked.newest())
	r.options.Progress(Progress{Step: StepLock, Message: fmt.Sprintf("Fabric %q is locked for its sync.",
		r.result.Fabric)})
	return locked.noteEnd(err) // changed while it was locked, on a NetBox without If-Match
}

// timedOut reports whether a sync's time limit has passed, rather than that it was
// stopped. Its outcome is then stored as that of any other sync that failed.
func timedOut(ctx context.Context) bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) }
