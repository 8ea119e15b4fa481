package fabricsync

import (
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// NetBox's record has no field for the owner of a lock. The other changes in the record
// show whose lock it is.

// accept makes a version of the record that we have not written the current one. It
// returns an error if the lock on it is not ours, or the sync must end.
func (l *lock) accept(read *netbox.Read) error {
	if err := l.checkOwner(read); err != nil {
		return err
	}
	l.setCurrent(read)
	return l.checkCluster(read)
}

// checkOwner returns a [*SupersededError] if the lock on a version of the record may
// be another engine's.
//
// Another sync leaves a fresh lock alone. While ours is fresh, both by NetBox's clock and
// by the local one, a version that only a user can have written leaves it ours. A
// version in which only the time has moved is another engine's renewal, unless a write of
// ours whose answer was lost may have made it. A version with other facts of a sync is
// another engine's, too.
func (l *lock) checkOwner(read *netbox.Read) error {
	ours := &l.current.Fabric
	if read.Fabric.StoredSyncStatus != fabric.StoredSyncing {
		if why := l.checkCluster(read); why != nil {
			return &SupersededError{why.Error()}
		}
		return &SupersededError{fmt.Sprintf("another program set the fabric's stored sync status to %q",
			read.Fabric.StoredSyncStatus)}
	}
	if read.Fabric.LastUpdated.Equal(ours.LastUpdated) {
		return nil
	}
	if read.ObservedAt.Sub(ours.LastUpdated) >= fabric.LockStaleAfter ||
		l.clock.Now().Sub(l.writtenAt) >= fabric.LockStaleAfter {
		return &SupersededError{"this sync did not renew its lock in time, and another sync may have locked the fabric"}
	}
	if l.unverified == nil && read.Fabric.OnlyTouched(ours) {
		return &SupersededError{"another sync has locked the fabric"}
	}
	return l.checkFacts(read, l.unverified)
}

// checkFacts returns a [*SupersededError] if a version of the record has facts of a
// sync that are neither those of the current version nor written, which are values that
// we have written since.
func (l *lock) checkFacts(read *netbox.Read, written map[string]any) error {
	ours := &l.current.Fabric
	why := l.checkCluster(read)
	switch {
	case !read.Fabric.SameFacts(ours, written) && why != nil:
		return &SupersededError{why.Error()}
	case !read.Fabric.SameFacts(ours, written):
		return &SupersededError{"another sync has written to the fabric"}
	case !read.Fabric.SameCluster(&l.before) && ours.NeverContacted():
		// An apply that changes the cluster resets these same facts, and releases the lock.
		// The record does not show whether another sync has locked the fabric since.
		return &SupersededError{why.Error()}
	}
	return nil
}

// checkCluster returns a [*reconfiguredError] if a version of the record no longer
// means the cluster that is being synced, or must not be synced any more.
func (l *lock) checkCluster(read *netbox.Read) error {
	if why := reconfigured(&l.before, &read.Fabric); why != nil {
		return why
	}
	return nil
}

// reconfigured returns how a change of the fabric ends a sync of it, or nil if it does not.
func reconfigured(before, now *fabric.Fabric) *reconfiguredError {
	if !now.SameCluster(before) {
		return &reconfiguredError{"another user changed the fabric's Kubernetes server or namespace"}
	}
	if now.MaySync() != nil {
		return &reconfiguredError{"another user switched the fabric's sync off"}
	}
	return nil
}
