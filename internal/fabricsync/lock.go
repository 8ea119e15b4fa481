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
)

const (
	// renewAfter is how often a lock is renewed: three times before it is stale.
	renewAfter = fabric.MarkStaleAfter / 3
	// renewRetry is the pause after a renewal that failed.
	renewRetry = 10 * time.Second
	// finishTime is how long the last write may take when the sync's own context
	// has ended.
	finishTime = 30 * time.Second
	// finishTries bounds how often the last write is made up again because the
	// record has changed.
	finishTries = 5
)

// lock is the hold on a fabric whose record says "syncing" because of us. It
// alone writes to the record, one write at a time.
type lock struct {
	fabrics *netbox.Fabrics
	clock   Clock
	objects *atomic.Int64 // of the cluster, read so far
	before  fabric.Fabric // the record before it was locked
	taken   time.Time     // local time at which the lock was there

	mu      sync.Mutex
	current *netbox.Read   // the newest version that is ours or follows on ours
	readAt  time.Time      // local time of current
	written time.Time      // local time just before our latest write
	doubt   map[string]any // values that a write of ours may have stored since current; nil for none
	over    error          // why the hold has ended; nil while it lasts

	renewing chan struct{} // closed when renewals have ended; nil before they begin
}

// changedError is a record whose cluster or switch somebody has changed. The
// lock on it is still ours, and must be released.
type changedError struct{ reason string }

func (e *changedError) Error() string { return e.reason }

// goneError is a fabric that is not there any more. Other things that NetBox does
// not find, a list of objects for one, say nothing of the fabric.
type goneError struct{ err error }

func (e *goneError) Error() string { return e.err.Error() }
func (e *goneError) Unwrap() error { return e.err }

// ofFabric makes a [*goneError] of an answer about the fabric itself that says so.
func ofFabric(err error) error {
	if _, missing := errors.AsType[*netbox.NotFoundError](err); missing {
		return &goneError{err}
	}
	return err
}

// movedError is a record that has changed so that another write, or another sync, is
// called for.
type movedError struct{ read *netbox.Read }

func (e *movedError) Error() string { return "the fabric has changed meanwhile" }

// takeLock locks a fabric that was read. Of two that try at once, one succeeds. mayFollow
// says whether a version that somebody has written since may be locked instead.
func takeLock(ctx context.Context, fabrics *netbox.Fabrics, clock Clock, base *netbox.Read,
	mayFollow func(*netbox.Read) error) (*lock, error) {
	l := &lock{fabrics: fabrics, clock: clock, before: base.Fabric, written: clock.Now()}
	set := fabric.LockFacts()
	if base.Fabric.StoredSyncStatus == fabric.StoredSyncing { // a stale lock is taken over by its first renewal
		maps.Copy(set, base.Fabric.ProgressFacts(0))
	}
	locked, err := fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: base.Fabric.ID, Mark: netbox.MarkOf(&base.Fabric), Set: set,
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
	if !locked.Fabric.SameFacts(&l.before, set) { // another's, taken while the answer to ours was lost
		return nil, &movedError{locked}
	}
	l.taken = clock.Now()
	l.see(locked)
	return l, l.changed(locked)
}

// mayHaveWritten reports whether a write that failed may have been carried out. A
// context's error means that nothing was sent.
func mayHaveWritten(err error) bool {
	if _, unsettled := errors.AsType[*netbox.UnsettledError](err); unsettled {
		return true
	}
	_, server := errors.AsType[*netbox.ServerError](err)
	_, foreign := errors.AsType[*netbox.UnexpectedAnswerError](err)
	_, lost := errors.AsType[*netbox.TransportError](err)
	return (server || foreign || lost) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// renew moves last_updated, which is the age of the lock, and stores how far the sync has
// come: a person's edit moves last_updated too, and only a change shows in NetBox's change
// log that the engine lives. After a [*SupersededError]
// or a [*changedError] the hold is over.
func (l *lock) renew(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over != nil {
		return l.over
	}
	start, set := l.clock.Now(), l.current.Fabric.ProgressFacts(l.objects.Load())
	read, err := l.fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: l.current.Fabric.ID, Mark: netbox.MarkOf(&l.current.Fabric), Set: set, MayFollow: l.follow,
	})
	switch {
	case err == nil:
		// It may be another's, where the answer to ours was lost.
		if err = l.continues(read, set); err == nil {
			l.see(read)
			l.written = start
			err = l.changed(read)
		}
	case mayHaveWritten(err):
		l.doubt = set
	}
	return l.end(ofFabric(err))
}

// look reads the record, to learn whether the lock is still ours.
func (l *lock) look(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over != nil {
		return l.over
	}
	read, err := l.read(ctx)
	if err == nil {
		err = l.follow(read)
	}
	return l.end(err)
}

// read asks for the fabric itself, and not for what somebody was told a moment
// ago. That it is not there is believed when a second answer says so.
func (l *lock) read(ctx context.Context) (*netbox.Read, error) {
	read, err := l.fabrics.Get(ctx, l.before.ID)
	if _, missing := errors.AsType[*netbox.NotFoundError](err); missing {
		read, err = l.fabrics.Get(ctx, l.before.ID)
	}
	if err != nil {
		return nil, ofFabric(err)
	}
	return read, netbox.MarkOf(&l.before).Matches(&read.Fabric)
}

func (l *lock) see(read *netbox.Read) { l.current, l.readAt, l.doubt = read, l.clock.Now(), nil }

// end notes an error that ends the hold.
func (l *lock) end(err error) error {
	if isEnd(err) {
		l.over = err
	}
	return err
}

// isEnd reports whether an error says that the record is no longer ours to write,
// or no longer there.
func isEnd(err error) bool {
	_, superseded := errors.AsType[*SupersededError](err)
	_, changed := errors.AsType[*changedError](err)
	_, gone := errors.AsType[*goneError](err)
	_, other := errors.AsType[*netbox.BirthMarkError](err)
	return superseded || changed || gone || other
}

// keep renews the lock until the context ends. When the hold ends before, it calls lose
// with the reason.
func (l *lock) keep(ctx context.Context, lose context.CancelCauseFunc) {
	l.renewing = make(chan struct{})
	go func() {
		defer close(l.renewing)
		pause := renewAfter
		for {
			select {
			case <-ctx.Done():
				return
			case <-l.clock.After(pause):
			}
			err := l.renew(ctx)
			if isEnd(err) {
				lose(err)
				return
			}
			if pause = renewAfter; err != nil {
				pause = renewRetry
			}
		}
	}()
}

// fresh makes sure, before more is written to NetBox, that the lock is not stale.
func (l *lock) fresh(ctx context.Context) error {
	l.mu.Lock()
	over, age := l.over, l.clock.Now().Sub(l.written)
	l.mu.Unlock()
	if over != nil || age < fabric.MarkStaleAfter {
		return over
	}
	return l.renew(ctx)
}

// newest is the newest version of the record that is known.
func (l *lock) newest() sighting {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sighting{l.current, l.readAt}
}

// finish releases the lock and stores the outcome; nil is none. Where the record has
// come to mean another cluster, or none, its facts are reset instead; where the sync was
// switched off, there is no outcome.
func (l *lock) finish(ctx context.Context, outcome map[string]any) (*netbox.Read, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if superseded, ok := errors.AsType[*SupersededError](l.over); ok {
		return nil, superseded
	}
	var err error
	for range finishTries {
		set := l.lastFacts(&l.current.Fabric, outcome)
		var read *netbox.Read
		read, err = l.fabrics.WriteSync(ctx, netbox.SyncWrite{
			ID: l.before.ID, Mark: netbox.MarkOf(&l.current.Fabric), Set: set,
			MayFollow: func(current *netbox.Read) error {
				if err := l.ours(current); err != nil {
					return err
				}
				if !maps.Equal(set, l.lastFacts(&current.Fabric, outcome)) {
					return &movedError{current}
				}
				l.see(current)
				return nil
			},
		})
		moved, again := errors.AsType[*movedError](err)
		if !again {
			if err == nil {
				l.see(read)
				l.over = errFinished
				return retract(ctx, l.fabrics, &l.before, read)
			}
			return nil, err
		}
		l.see(moved.read)
	}
	return nil, err
}

var errFinished = errors.New("the sync has ended")

func (l *lock) lastFacts(current *fabric.Fabric, outcome map[string]any) map[string]any {
	switch {
	case !current.SameCluster(&l.before):
		outcome = fabric.FreshFacts()
	case outcome == nil || current.MaySync() != nil:
		outcome = current.UnmarkedFacts(l.before.StoredSyncStatus)
	}
	return current.WithoutProgress(outcome, &l.before)
}

// retract resets the facts where an outcome went to a record that by then meant another
// cluster: before NetBox 4.6 a write can be that late.
func retract(ctx context.Context, fabrics *netbox.Fabrics, before *fabric.Fabric, written *netbox.Read) (*netbox.Read,
	error) {
	fresh := fabric.FreshFacts()
	if written.Fabric.SameCluster(before) || written.Fabric.Holds(fresh) {
		return written, nil
	}
	return fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: before.ID, Mark: netbox.MarkOf(&written.Fabric), Set: fresh,
		MayFollow: func(*netbox.Read) error { return &SupersededError{changedWhy(before, &written.Fabric).reason} },
	})
}
