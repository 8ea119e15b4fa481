package fabricsync

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// releaseTimeout is how long the last write may take, also when the sync's own context
	// has ended.
	releaseTimeout = 30 * time.Second
	// maxReleases is how often the last write is made when the record changes each time.
	maxReleases = 5
)

var errReleased = errors.New("the sync has ended")

// release stores the outcome, nil for none, and with it releases the lock. It resets the
// facts instead if the fabric was given another cluster, or none. If the sync was switched
// off, it stores no outcome.
func (l *lock) release(ctx context.Context, outcome map[string]any) (*netbox.Read, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if superseded, ok := errors.AsType[*SupersededError](l.ended); ok {
		return nil, superseded
	}
	var err error
	for range maxReleases {
		set := l.releaseFacts(&l.current.Fabric, outcome)
		var read *netbox.Read
		read, err = l.fabrics.WriteSync(ctx, netbox.SyncWrite{
			ID: l.before.ID, Revision: netbox.RevisionOf(&l.current.Fabric), Set: set,
			MayFollow: func(current *netbox.Read) error {
				if err := l.checkOwner(current); err != nil {
					return err
				}
				if !maps.Equal(set, l.releaseFacts(&current.Fabric, outcome)) {
					return &conflictError{current}
				}
				l.setCurrent(current)
				return nil
			},
		})
		conflict, again := errors.AsType[*conflictError](err)
		if !again {
			if err == nil {
				l.setCurrent(read)
				l.ended = errReleased
				return resetIfReconfigured(ctx, l.fabrics, &l.before, read)
			}
			return nil, err
		}
		l.setCurrent(conflict.read)
	}
	return nil, err
}

// releaseFacts returns the facts that release a lock on a version of the record.
func (l *lock) releaseFacts(current *fabric.Fabric, outcome map[string]any) map[string]any {
	switch {
	case !current.SameCluster(&l.before):
		outcome = fabric.ResetFacts()
	case outcome == nil || current.MaySync() != nil:
		outcome = current.UnlockedFacts(l.before.StoredSyncStatus)
	}
	return current.WithoutProgress(outcome, &l.before)
}

// resetIfReconfigured resets the facts if an outcome was written to a record that by then
// meant another cluster, which NetBox before 4.6 does not prevent.
func resetIfReconfigured(ctx context.Context, fabrics *netbox.Fabrics, before *fabric.Fabric, written *netbox.Read) (
	*netbox.Read, error) {
	reset := fabric.ResetFacts()
	if written.Fabric.SameCluster(before) || written.Fabric.Holds(reset) {
		return written, nil
	}
	return fabrics.WriteSync(ctx, netbox.SyncWrite{
		ID: before.ID, Revision: netbox.RevisionOf(&written.Fabric), Set: reset,
		MayFollow: func(*netbox.Read) error { return &SupersededError{reconfigured(before, &written.Fabric).reason} },
	})
}
