package fabricsync

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// renewAfter is how often a mark is renewed: three times before it is stale.
	renewAfter = fabric.MarkStaleAfter / 3
	// renewRetry is the pause after a renewal that failed.
	renewRetry = 10 * time.Second
	// finishTime is how long the last write may take when the sync's own context
	// has ended.
	finishTime = 30 * time.Second
	// finishTries bounds how often the last write is made up anew because the
	// record has changed.
	finishTries = 5
)

// mark is the hold on a fabric whose record says "syncing" because of us. It
// alone writes to the record, one write at a time.
type mark struct {
	fabrics *netbox.Fabrics
	clock   Clock
	before  fabric.Fabric // the record before it was marked

	mu      sync.Mutex
	current *netbox.Read // the newest version that is ours or follows on ours
	readAt  time.Time    // local time of current
	written time.Time    // local time just before our latest write
	over    error        // why the hold has ended; nil while it lasts
}

// changedError is a record whose cluster or switch somebody has changed. The
// mark on it is still ours, and must come off.
type changedError struct{ reason string }

func (e *changedError) Error() string { return e.reason }

// goneError is a fabric that is not there any more. Other things that NetBox does
// not find, a list of objects for one, say nothing of the fabric.
type goneError struct{ err error }

func (e *goneError) Error() string { return e.err.Error() }
func (e *goneError) Unwrap() error { return e.err }

// ofFabric makes a [*goneError] of an answer about the fabric itself that says so.
func ofFabric(err error) error {
	if missing := (*netbox.NotFoundError)(nil); errors.As(err, &missing) {
		return &goneError{err}
	}
	return err
}

// movedError is a record that has changed so that another write is called for.
type movedError struct{ read *netbox.Read }

func (e *movedError) Error() string { return "the fabric has changed meanwhile" }

// take marks a fabric that was read, if it still is as it was then: otherwise
// the error is a [*movedError]. Of two that try at once, one succeeds.
func take(ctx context.Context, fabrics *netbox.Fabrics, clock Clock, read *netbox.Read) (*mark, error) {
	m := &mark{fabrics: fabrics, clock: clock, before: read.Fabric, written: clock.Now()}
	marked, err := fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: read.Fabric.ID, Mark: netbox.MarkOf(&read.Fabric),
		Set:       map[string]any{"sync_status": fabric.StoredSyncing},
		MayFollow: func(current *netbox.Read) error { return &movedError{current} },
	})
	if err != nil {
		return nil, err
	}
	m.current, m.readAt = marked, clock.Now()
	return m, m.changed(marked)
}

// mayHaveMarked tells whether a failed try to mark a fabric leaves open if it is
// marked. A context's error means that nothing was sent.
func mayHaveMarked(err error) bool {
	var (
		unsettled *netbox.UnsettledError
		server    *netbox.ServerError
		foreign   *netbox.UnexpectedAnswerError
		lost      *netbox.TransportError
	)
	if errors.As(err, &unsettled) {
		return true
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
		(errors.As(err, &server) || errors.As(err, &foreign) || errors.As(err, &lost))
}

// write puts values into the marked record. After a [*SupersededError] or a
// [*changedError] the hold is over.
func (m *mark) write(ctx context.Context, set map[string]any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return m.over
	}
	start := m.clock.Now()
	read, err := m.fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: m.current.Fabric.ID, Mark: netbox.MarkOf(&m.current.Fabric), Set: set, MayFollow: m.follow,
	})
	if err == nil {
		m.current, m.readAt, m.written = read, m.clock.Now(), start
		err = m.changed(read)
	}
	return m.end(ofFabric(err))
}

// renew moves last_updated, which is the age of the mark.
func (m *mark) renew(ctx context.Context) error {
	return m.write(ctx, map[string]any{"sync_status": fabric.StoredSyncing})
}

// look reads the record, for NetBox's time, and whether the mark is still ours.
func (m *mark) look(ctx context.Context) (*netbox.Read, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return nil, m.over
	}
	read, err := m.read(ctx)
	if err == nil {
		err = m.follow(read)
	}
	return read, m.end(err)
}

// read asks for the fabric itself, and not for what somebody was told a moment
// ago. That it is not there is believed when a second answer says so.
func (m *mark) read(ctx context.Context) (*netbox.Read, error) {
	read, err := m.fabrics.Get(ctx, m.before.ID)
	if missing := (*netbox.NotFoundError)(nil); errors.As(err, &missing) {
		read, err = m.fabrics.Get(ctx, m.before.ID)
	}
	if err != nil {
		return nil, ofFabric(err)
	}
	return read, netbox.MarkOf(&m.before).Matches(&read.Fabric)
}

// end notes an error that ends the hold.
func (m *mark) end(err error) error {
	if isEnd(err) {
		m.over = err
	}
	return err
}

// isEnd tells whether an error says that the record is no longer ours to write,
// or no longer there.
func isEnd(err error) bool {
	var (
		superseded *SupersededError
		changed    *changedError
		gone       *goneError
		other      *netbox.BirthMarkError
	)
	return errors.As(err, &superseded) || errors.As(err, &changed) || errors.As(err, &gone) || errors.As(err, &other)
}

// follow says whether a version of the record that we have not written follows
// on ours: whether the mark that it bears is ours.
func (m *mark) follow(read *netbox.Read) error {
	if err := m.ours(read); err != nil {
		return err
	}
	m.current, m.readAt = read, m.clock.Now()
	return m.changed(read)
}

// ours tells whether the mark on a version of the record is ours. Another sync
// leaves a fresh mark alone. So while ours surely was fresh, by NetBox's clock
// and by the local one, whatever has changed is no mark of another's; and when
// it may have been stale, "syncing" may be another's, which looks the same.
func (m *mark) ours(read *netbox.Read) error {
	if read.Fabric.StoredSyncStatus != fabric.StoredSyncing {
		if why := m.changed(read); why != nil {
			return &SupersededError{why.Error()}
		}
		return &SupersededError{"somebody has set the fabric's sync status to " + read.Fabric.StoredSyncStatus}
	}
	if read.Fabric.LastUpdated.Equal(m.current.Fabric.LastUpdated) {
		return nil
	}
	if read.ObservedAt.Sub(m.current.Fabric.LastUpdated) >= fabric.MarkStaleAfter ||
		m.clock.Now().Sub(m.written) >= fabric.MarkStaleAfter {
		return &SupersededError{"its mark on the fabric could not be renewed in time, and another sync may have taken over"}
	}
	return nil
}

// changed tells whether the record no longer means the cluster that is being
// synced, or is not to be synced any more.
func (m *mark) changed(read *netbox.Read) error {
	if !read.Fabric.SameCluster(&m.before) {
		return &changedError{"somebody has changed the fabric's Kubernetes server or namespace"}
	}
	if read.Fabric.MaySync() != nil {
		return &changedError{"somebody has switched the fabric's sync off"}
	}
	return nil
}

// keep renews the mark until stop is called. The context that it returns ends
// when the hold does, with the reason as its cause.
func (m *mark) keep(ctx context.Context) (kept context.Context, stop func()) {
	kept, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		pause := renewAfter
		for {
			select {
			case <-kept.Done():
				return
			case <-m.clock.After(pause):
			}
			err := m.renew(kept)
			if isEnd(err) {
				cancel(err)
				return
			}
			if pause = renewAfter; err != nil {
				pause = renewRetry
			}
		}
	}()
	return kept, func() {
		cancel(nil)
		<-done
	}
}

// fresh makes sure, before more is written to NetBox, that the mark is not stale.
func (m *mark) fresh(ctx context.Context) error {
	m.mu.Lock()
	over, age := m.over, m.clock.Now().Sub(m.written)
	m.mu.Unlock()
	if over != nil || age < fabric.MarkStaleAfter {
		return over
	}
	return m.renew(ctx)
}

// now is NetBox's time, as far as it is known without asking.
func (m *mark) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current.ObservedAt.Add(m.clock.Now().Sub(m.readAt)).Truncate(time.Second)
}

// record is the newest version of the record that is known.
func (m *mark) record() *netbox.Read {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current
}

// finish takes the mark off and stores the outcome; nil is none. Where the
// record has come to mean another cluster, or none, its facts start afresh
// instead; where the sync was switched off, there is no outcome.
func (m *mark) finish(ctx context.Context, outcome map[string]any) (*netbox.Read, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if superseded := (*SupersededError)(nil); errors.As(m.over, &superseded) {
		return nil, superseded
	}
	var err error
	for range finishTries {
		set := m.lastFacts(&m.current.Fabric, outcome)
		var read *netbox.Read
		read, err = m.fabrics.WriteSync(ctx, netbox.SyncWrite{
			ID: m.before.ID, Mark: netbox.MarkOf(&m.current.Fabric), Set: set,
			MayFollow: func(current *netbox.Read) error {
				if err := m.ours(current); err != nil {
					return err
				}
				if !maps.Equal(set, m.lastFacts(&current.Fabric, outcome)) {
					return &movedError{current}
				}
				m.current = current
				return nil
			},
		})
		var moved *movedError
		if !errors.As(err, &moved) {
			if err == nil {
				m.current, m.over = read, errFinished
				return m.retract(ctx, read)
			}
			return nil, err
		}
		m.current = moved.read
	}
	return nil, err
}

// retract makes the facts start afresh where the outcome went to a record that
// by then meant another cluster: before NetBox 4.6 a write can be that late.
func (m *mark) retract(ctx context.Context, written *netbox.Read) (*netbox.Read, error) {
	fresh := fabric.FreshFacts()
	if written.Fabric.SameCluster(&m.before) || written.Fabric.Holds(fresh) {
		return written, nil
	}
	return m.fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: m.before.ID, Mark: netbox.MarkOf(&written.Fabric), Set: fresh,
		MayFollow: func(*netbox.Read) error { return &SupersededError{m.changed(written).Error()} },
	})
}

var errFinished = errors.New("the sync has ended")

func (m *mark) lastFacts(current *fabric.Fabric, outcome map[string]any) map[string]any {
	switch {
	case !current.SameCluster(&m.before):
		return fabric.FreshFacts()
	case outcome == nil || current.MaySync() != nil:
		return current.UnmarkedFacts(m.before.StoredSyncStatus)
	}
	return outcome
}
