package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// maxRestarts bounds how often a sync begins again because somebody has changed what it
// works from, before it gives up.
const maxRestarts = 2

// run is one sync of one fabric.
type run struct {
	options     Options // complete
	id          int64
	result      *Result
	objectsRead atomic.Int64            // objects of the cluster that were read so far
	base        sighting                // the version of the record that the sync works from
	lock        *lock                   // nil until something has to be written
	lose        context.CancelCauseFunc // ends the work when the lock is lost
}

// run syncs the fabric, and again where its record came to mean something else before
// anything was written.
func (r *run) run(ctx context.Context) error {
	var from sighting
	if r.options.Known != nil && !r.options.KnownAt.IsZero() {
		from = sighting{r.options.Known, r.options.KnownAt}
	}
	for restarts := 0; ; restarts++ {
		if ready, err := r.begin(ctx, from); err != nil || !ready {
			return err
		}
		err := r.attempt(ctx)
		moved, again := errors.AsType[*movedError](err)
		if !again {
			return err
		}
		from = sighting{moved.read, r.options.Clock.Now()}
		if restarts == maxRestarts || ctx.Err() != nil {
			r.observe(from)
			r.result.Outcome = Superseded
			return &SupersededError{"somebody has changed the fabric again and again"}
		}
		r.result.Kinds, r.result.Warnings, r.result.Class = nil, nil, ""
	}
}

// attempt does the sync and stores its outcome. A [*movedError] says to begin again.
func (r *run) attempt(ctx context.Context) error {
	held, lose := context.WithCancelCause(ctx)
	r.lose = lose
	end, err := r.work(held)
	lose(nil)
	switch {
	case r.options.DryRun:
		if r.tell(end); err != nil {
			return r.unread(ctx, err)
		}
		return nil
	case r.lock == nil:
		return r.concludeUnlocked(ctx, end, err)
	}
	<-r.lock.renewing
	return r.concludeLocked(ctx, end, err)
}

// work does the sync and says what it came to. No ending means that the sync was
// cut short: by the context, or by an error that ends the hold on the fabric.
func (r *run) work(ctx context.Context) (*ending, error) {
	c, err := r.options.Connect(r.options.config(&r.base.read.Fabric))
	if err != nil {
		return r.unconnected(ctx, err), nil
	}
	defer c.Close()
	i := &inventory{run: r, cluster: c, namespace: namespaceOf(&r.base.read.Fabric)}
	if err := i.read(ctx); err != nil {
		if i.lost != nil {
			return i.lost, nil
		}
		return r.broken(ctx, err, i.answered)
	}
	if i.absence(ctx); i.problem == "" {
		if err := i.prune(ctx); err != nil {
			return r.broken(ctx, err, true)
		}
	}
	if ctx.Err() != nil {
		return r.broken(ctx, context.Cause(ctx), true)
	}
	return i.summary(), nil
}

// now is NetBox's time.
func (r *run) now() time.Time { return r.newest().now(r.options.Clock) }

// newest is the newest version of the record that is known.
func (r *run) newest() sighting {
	if r.lock != nil {
		return r.lock.newest()
	}
	return r.base
}

// lockError is a fabric that could not be locked.
type lockError struct{ err error }

func (e *lockError) Error() string { return e.err.Error() }
func (e *lockError) Unwrap() error { return e.err }

// takeLock locks the fabric, since something has to be written. A version with a
// person's change of other fields is locked as well; any other means to begin again.
func (r *run) takeLock(ctx context.Context) error {
	base := r.base.read
	taken, err := takeLock(ctx, r.options.NetBox.Fabrics(), r.options.Clock, base, func(current *netbox.Read) error {
		if r.overtook(current) || changedWhy(&base.Fabric, &current.Fabric) != nil {
			return &movedError{current}
		}
		return nil
	})
	if taken == nil {
		if _, moved := errors.AsType[*movedError](err); moved {
			return err
		}
		r.result.MarkUnknown = mayHaveWritten(err)
		return &lockError{err}
	}
	taken.objects = &r.objectsRead
	r.lock = taken
	taken.keep(ctx, r.lose)
	r.observe(taken.newest())
	r.options.Progress(Progress{Step: StepMark, Message: fmt.Sprintf("Fabric %q is locked for its sync.", r.result.Fabric)})
	return taken.end(err) // changed while it was locked, on a NetBox without If-Match
}

// late reports whether a sync's time is over. It was not stopped then: its outcome
// is stored as that of any other sync that failed.
func late(ctx context.Context) bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) }
