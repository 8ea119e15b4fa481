package fabricsync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// outdated is stored with an object whose spec has become empty.
const outdated = "In the cluster the spec is empty, which NetBox's API refuses to store: the spec shown is an " +
	"older one."

// emptySpec is why an object without content is not storable.
const emptySpec = "the spec is empty, which NetBox's API refuses to store"

// kindSync compares and copies the objects of one kind. Of what NetBox has it holds
// names, versions and hashes, of what the cluster has no more than some batches.
type kindSync struct {
	run       *run
	inventory *inventory
	objects   *netbox.Objects
	result    *KindResult
	stored    map[objectKey]*storedObject
	// twins are further rows of what NetBox has already: not every version of the
	// plugin's database has the constraint that forbids them.
	twins []netbox.StoredObject

	pending  pendings
	badNames int    // objects that are not storable because of their names
	badWhy   string // of the first one, with its name
}

type objectKey struct{ namespace, name string }

type storedObject struct {
	netbox.StoredObject
	seen bool // in the cluster
}

func (i *inventory) newKindSync(result *KindResult) *kindSync {
	objects := i.run.options.NetBox.Objects(result.Kind)
	return &kindSync{
		run: i.run, inventory: i, objects: objects, result: result, stored: map[objectKey]*storedObject{},
		pending: newPendings(objects, result),
	}
}

// loadStored reads what NetBox has. Under the lock nobody else writes it, so it is what
// NetBox has had since the lock was taken.
func (k *kindSync) loadStored(ctx context.Context) error {
	var asOf time.Time
	if k.run.lock != nil {
		asOf = k.run.lock.taken
	}
	for object, err := range k.objects.Known(ctx, k.run.id, asOf) {
		if err != nil {
			return err
		}
		key := objectKey{object.Namespace, object.Name}
		if k.stored[key] != nil {
			k.twins = append(k.twins, object)
			continue
		}
		object.Namespace, object.Name = "", "" // the key has them
		k.stored[key] = &storedObject{StoredObject: object}
	}
	return nil
}

// compare compares an object with what NetBox has, and sees to it that it is
// written if need be.
func (k *kindSync) compare(ctx context.Context, object *cluster.Object) error {
	key := objectKey{object.Namespace, object.Name}
	if key.namespace == "" {
		key.namespace = k.inventory.namespace
	}
	stored := k.stored[key]
	if stored != nil && stored.seen {
		return nil // the list has it twice
	}
	k.result.InCluster++
	k.run.objectsRead.Add(1)
	if stored == nil {
		k.stored[key] = &storedObject{seen: true}
		return k.add(ctx, object, key)
	}
	stored.seen = true
	write := k.writeOf(object, key)
	write.ID = stored.ID
	sameVersion := write.ResourceVersion != "" && stored.ResourceVersion == write.ResourceVersion &&
		stored.UID == write.UID
	switch {
	case len(object.Spec) == 0:
		k.notStorable(object.Name, emptySpec)
		if sameVersion && stored.Status == write.Status && stored.SyncError == outdated {
			return nil
		}
		write.Spec, write.SyncError = nil, outdated
		return k.queue(ctx, &k.pending.noted, write)
	case !sameVersion:
		return k.queue(ctx, &k.pending.updated, write)
	case stored.Status != write.Status || stored.SyncError != "" ||
		stored.Content != netbox.ContentOf(object.Spec, object.Labels, object.Annotations):
		return k.queue(ctx, &k.pending.rewritten, write) // edited in NetBox
	}
	k.result.Unchanged++
	return nil
}

// add sees to an object that NetBox does not have. One that it must have had after the
// last complete sync was deleted there.
func (k *kindSync) add(ctx context.Context, object *cluster.Object, key objectKey) error {
	if problem := fabric.ObjectNameProblem(object.Name); problem != "" {
		k.badName(object.Name, problem)
		return nil
	}
	if len(object.Spec) == 0 {
		k.notStorable(object.Name, emptySpec)
		return nil
	}
	to := &k.pending.created
	lastSync := k.run.base.read.Fabric.LastSync
	if lastSync != nil && !object.Created.IsZero() && object.Created.Before(*lastSync) {
		to = &k.pending.recreated
	}
	return k.queue(ctx, to, k.writeOf(object, key))
}

func (k *kindSync) notStorable(name, why string) {
	k.result.NotStorable++
	if len(k.result.NotStorableNames) < maxFailures {
		k.result.NotStorableNames = append(k.result.NotStorableNames, cut(k.run.options.NetBox.Mask(name+": "+why), maxReason))
	}
}

func (k *kindSync) badName(name, why string) {
	k.notStorable(name, why)
	if k.badNames++; k.badNames == 1 {
		k.badWhy = name + ": " + why
	}
}

func (k *kindSync) writeOf(object *cluster.Object, key objectKey) netbox.ObjectWrite {
	status := netbox.ObjectLive
	if object.Deleting {
		status = netbox.ObjectDeleting
	}
	return netbox.ObjectWrite{
		Namespace: key.namespace, Name: key.name, Spec: object.Spec, Labels: object.Labels,
		Annotations: object.Annotations,
		Status:      status, UID: object.UID, ResourceVersion: object.ResourceVersion, LastSynced: k.run.now(),
	}
}

// listed ends a kind whose list is complete: what NetBox has besides has gone from the
// cluster. Gone is only what once was there, in the namespace that was read: anything
// else is none of a sync's concern.
func (k *kindSync) listed() {
	k.result.Listed = true
	if k.result.Absent {
		k.inventory.absent = append(k.inventory.absent, k.result.Kind)
	}
	gone := goneObjects{result: len(k.run.result.Kinds) - 1}
	leave := func(o netbox.StoredObject) {
		if k.run.options.Prune == Delete && !k.result.Absent && o.Namespace == k.inventory.namespace && o.UID != "" {
			gone.objects = append(gone.objects, o)
		} else {
			k.result.Kept++
		}
	}
	for key, stored := range k.stored {
		if stored.UID != "" {
			k.inventory.imported++
			if key.namespace == k.inventory.namespace {
				k.inventory.prunable++
				if k.result.Absent {
					k.inventory.ofAbsent[k.result.Kind.Group]++
				}
			}
		}
		if !stored.seen {
			one := stored.StoredObject
			one.Namespace, one.Name = key.namespace, key.name
			leave(one)
		}
	}
	gone.lost = len(gone.objects)
	for _, twin := range k.twins {
		leave(twin)
	}
	if len(k.twins) > 0 && k.run.options.Prune != Delete {
		k.run.warn("%s: NetBox has %d objects twice, such as %s; pruning removes the later ones.",
			k.result.Kind.Name, len(k.twins), k.twins[0].Name)
	}
	if len(gone.objects) > 0 {
		slices.SortFunc(gone.objects, byID)
		k.inventory.gone = append(k.inventory.gone, gone)
	}
	if k.badNames > 0 {
		k.run.warn("%s: %d of %d objects are not storable because of their names, such as %s.",
			k.result.Kind.Name, k.badNames, k.result.InCluster, k.badWhy)
	}
}

// line tells a kind's result in one line.
func (k *KindResult) line() string {
	text := fmt.Sprintf("%s: %d in the cluster", k.Kind.Name, k.InCluster)
	if k.Absent {
		text = k.Kind.Name + ": not served by the cluster"
	}
	for _, count := range []struct {
		n    int
		what string
	}{
		{k.Created, "created"}, {k.Updated, "updated"}, {k.Repaired, "repaired"}, {k.Unchanged, "unchanged"},
		{k.NotStorable, "not storable"}, {k.Failed, "not stored"}, {k.Kept, "kept"},
	} {
		if count.n > 0 {
			text += fmt.Sprintf(", %d %s", count.n, count.what)
		}
	}
	if k.Error != "" {
		text += "; " + k.Error
	}
	return text
}
