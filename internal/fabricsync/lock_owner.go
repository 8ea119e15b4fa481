package fabricsync

import (
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// Whose lock a version of the record bears. NetBox's record has no field for an owner:
// it shows in what else has changed.

// follow says whether a version of the record that we have not written follows
// on ours: whether the lock that it bears is ours.
func (l *lock) follow(read *netbox.Read) error {
	if err := l.ours(read); err != nil {
		return err
	}
	l.see(read)
	return l.changed(read)
}

// ours returns a [*SupersededError] where the lock on a version of the record is not
// surely ours.
//
// Another sync leaves a fresh lock alone. So while ours surely was fresh, by NetBox's
// clock and by the local one, a version that only a person can have written leaves it
// ours. One in which nothing but its time has moved is another's renewal, unless it may
// be a write of ours whose answer was lost; and so is one with other facts of a sync.
func (l *lock) ours(read *netbox.Read) error {
	ours := &l.current.Fabric
	if read.Fabric.StoredSyncStatus != fabric.StoredSyncing {
		if why := l.changed(read); why != nil {
			return &SupersededError{why.Error()}
		}
		return &SupersededError{"somebody has set the fabric's sync status to " + read.Fabric.StoredSyncStatus}
	}
	if read.Fabric.LastUpdated.Equal(ours.LastUpdated) {
		return nil
	}
	if read.ObservedAt.Sub(ours.LastUpdated) >= fabric.MarkStaleAfter ||
		l.clock.Now().Sub(l.written) >= fabric.MarkStaleAfter {
		return &SupersededError{"its lock on the fabric could not be renewed in time, and another sync may have " +
			"taken over"}
	}
	if l.doubt == nil && read.Fabric.OnlyTouched(ours) {
		return &SupersededError{"another sync has taken over the lock"}
	}
	return l.continues(read, l.doubt)
}

// continues returns a [*SupersededError] for a version that cannot come from ours by
// values that we have written and by a person's change.
func (l *lock) continues(read *netbox.Read, written map[string]any) error {
	ours := &l.current.Fabric
	why := l.changed(read)
	switch {
	case !read.Fabric.SameFacts(ours, written) && why != nil:
		return &SupersededError{why.Error()}
	case !read.Fabric.SameFacts(ours, written):
		return &SupersededError{"another sync has written to the fabric"}
	case !read.Fabric.SameCluster(&l.before) && ours.NeverContacted():
		// An apply that changes the cluster resets just these facts, and releases the
		// lock. Whether another sync has taken it since, nobody can tell.
		return &SupersededError{why.Error()}
	}
	return nil
}

// changed returns a [*changedError] where the record no longer means the cluster that is
// being synced, or must not be synced any more.
func (l *lock) changed(read *netbox.Read) error {
	if why := changedWhy(&l.before, &read.Fabric); why != nil {
		return why
	}
	return nil
}

func changedWhy(before, now *fabric.Fabric) *changedError {
	if !now.SameCluster(before) {
		return &changedError{"somebody has changed the fabric's Kubernetes server or namespace"}
	}
	if now.MaySync() != nil {
		return &changedError{"somebody has switched the fabric's sync off"}
	}
	return nil
}
