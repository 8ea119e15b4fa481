package fabricsync

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	// renewAfter is how often a lock is renewed: three times before it is stale.
	renewAfter = fabric.LockStaleAfter / 3
	// renewRetry is the pause after a renewal that failed.
	renewRetry = 10 * time.Second
)

// lock is the sync lock of a fabric while this engine holds it: the stored status is
// "syncing", and this engine renews it. Only the lock writes to the record, one write at
// a time.
type lock struct {
	fabrics     *netbox.Fabrics
	clock       Clock
	objectsRead *atomic.Int64 // objects of the cluster that were read so far
	before      fabric.Fabric // the record before it was locked
	acquiredAt  time.Time     // local time just after the fabric was locked

	mu         sync.Mutex
	current    *netbox.Read   // the newest version that is ours, or that a user made of ours
	currentAt  time.Time      // local time at which current was read
	writtenAt  time.Time      // local time just before our latest write
	unverified map[string]any // values that a write of ours may have stored since current; nil for none
	ended      error          // why the sync must stop; nil while it may continue

	renewalsEnded chan struct{} // closed when renewals have ended; nil before they begin
}

// reconfiguredError means that the fabric was given another cluster, or its sync was
// switched off, while it was locked. The lock is still ours and must be released.
type reconfiguredError struct{ reason string }

func (e *reconfiguredError) Error() string { return e.reason }

// fabricGoneError means that the fabric no longer exists. A 404 for anything else, such as
// a list of objects, does not mean that.
type fabricGoneError struct{ err error }

func (e *fabricGoneError) Error() string { return e.err.Error() }
func (e *fabricGoneError) Unwrap() error { return e.err }

// asFabricGone turns a 404 for the fabric itself into a [*fabricGoneError].
func asFabricGone(err error) error {
	if _, missing := errors.AsType[*rest.NotFoundError](err); missing {
		return &fabricGoneError{err}
	}
	return err
}

// conflictError means that the record has changed so much that the write, or the whole
// sync, must be done again from the new version.
type conflictError struct{ read *netbox.Read }

func (e *conflictError) Error() string {
	return "another user or sync changed the fabric during the sync"
}

// acquireLock locks a fabric that was read. If two engines try at once, one succeeds.
// mayFollow returns an error for a version that another client has written since and that
// must not be locked instead. If acquireLock returns a lock, it is held, even if there is
// also an error.
func acquireLock(ctx context.Context, fabrics *netbox.Fabrics, clock Clock, base *netbox.Read,
	mayFollow func(*netbox.Read) error) (*lock, error) {
	l := &lock{fabrics: fabrics, clock: clock, before: base.Fabric, writtenAt: clock.Now()}
	set := fabric.LockFacts()
	if base.Fabric.StoredSyncStatus == fabric.StoredSyncing { // a stale lock: as its first renewal
		maps.Copy(set, base.Fabric.ProgressFacts(0))
	}
	locked, err := fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: base.Fabric.ID, Revision: netbox.RevisionOf(&base.Fabric), Set: set,
		MayFollow: func(current *netbox.Read) error {
			if err := mayFollow(current); err != nil {
				return err
			}
			l.before = current.Fabric
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	if !locked.Fabric.SameFacts(&l.before, set) { // another engine's, written while our answer was lost
		return nil, &conflictError{locked}
	}
	l.acquiredAt = clock.Now()
	l.setCurrent(locked)
	return l, l.checkCluster(locked)
}

// mayHaveWritten reports whether NetBox may have carried out a write that failed. A
// context's error means that nothing was sent.
func mayHaveWritten(err error) bool {
	if _, unverified := errors.AsType[*netbox.UnverifiedError](err); unverified {
		return true
	}
	_, server := errors.AsType[*rest.ServerError](err)
	_, foreign := errors.AsType[*rest.UnexpectedAnswerError](err)
	_, lost := errors.AsType[*rest.TransportError](err)
	return (server || foreign || lost) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// renew moves last_updated, which is the age of the lock, and stores how many objects the
// sync has read. The number is for NetBox's change log: an edit by a user moves
// last_updated too, and the log has an entry only for a value that changed. Some
// errors mean that the sync must stop: see [endsSync].
func (l *lock) renew(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended != nil {
		return l.ended
	}
	start, set := l.clock.Now(), l.current.Fabric.ProgressFacts(l.objectsRead.Load())
	read, err := l.fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: l.current.Fabric.ID, Revision: netbox.RevisionOf(&l.current.Fabric), Set: set, MayFollow: l.accept,
	})
	switch {
	case err == nil:
		// It may be another engine's write, if the answer to ours was lost.
		if err = l.checkFacts(read, set); err == nil {
			l.setCurrent(read)
			l.writtenAt = start
			err = l.checkCluster(read)
		}
	case mayHaveWritten(err):
		l.unverified = set
	}
	return l.noteEnd(asFabricGone(err))
}

// check reads the record, and returns an error if the lock on it is not ours any more, or
// the record could not be read.
func (l *lock) check(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended != nil {
		return l.ended
	}
	read, err := l.read(ctx)
	if err == nil {
		err = l.accept(read)
	}
	return l.noteEnd(err)
}

// read reads the fabric's record from NetBox. A 404 counts only if a second request gets
// it too.
func (l *lock) read(ctx context.Context) (*netbox.Read, error) {
	read, err := l.fabrics.Get(ctx, l.before.ID)
	if _, missing := errors.AsType[*rest.NotFoundError](err); missing {
		read, err = l.fabrics.Get(ctx, l.before.ID)
	}
	if err != nil {
		return nil, asFabricGone(err)
	}
	return read, netbox.RevisionOf(&l.before).Matches(&read.Fabric)
}

func (l *lock) setCurrent(read *netbox.Read) {
	l.current, l.currentAt, l.unverified = read, l.clock.Now(), nil
}

// noteEnd returns an error as it is, and records it if the sync must stop.
func (l *lock) noteEnd(err error) error {
	if endsSync(err) {
		l.ended = err
	}
	return err
}

// endsSync reports whether an error means that a sync must stop: its fabric no longer
// exists, is locked by another engine, or must not be synced as it was.
func endsSync(err error) bool {
	_, superseded := errors.AsType[*SupersededError](err)
	_, changed := errors.AsType[*reconfiguredError](err)
	_, gone := errors.AsType[*fabricGoneError](err)
	_, other := errors.AsType[*netbox.AnotherFabricError](err)
	return superseded || changed || gone || other
}

// startRenewing renews the lock until the context ends. It calls stop with the reason if
// the sync must stop before.
func (l *lock) startRenewing(ctx context.Context, stop context.CancelCauseFunc) {
	l.renewalsEnded = make(chan struct{})
	go func() {
		defer close(l.renewalsEnded)
		pause := renewAfter
		for {
			select {
			case <-ctx.Done():
				return
			case <-l.clock.After(pause):
			}
			err := l.renew(ctx)
			if endsSync(err) {
				stop(err)
				return
			}
			if pause = renewAfter; err != nil {
				pause = renewRetry
			}
		}
	}()
}

// ensureFresh renews a stale lock, before more is written to NetBox. Its error means that
// the sync must stop, or that the lock could not be renewed.
func (l *lock) ensureFresh(ctx context.Context) error {
	l.mu.Lock()
	ended, age := l.ended, l.clock.Now().Sub(l.writtenAt)
	l.mu.Unlock()
	if age < fabric.LockStaleAfter {
		return ended
	}
	return l.renew(ctx)
}

// newest returns the newest version of the record that is known.
func (l *lock) newest() snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	return snapshot{l.current, l.currentAt}
}
