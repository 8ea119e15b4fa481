package fabricsync

import (
	"context"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// outdatedSpec is the error that is stored with an object whose spec has become empty.
const outdatedSpec = "In the cluster the spec is empty, which NetBox's API refuses to store: the spec shown is an " +
	"older one."

// emptySpec is why an object without a spec is not storable.
const emptySpec = "the spec is empty, which NetBox's API refuses to store"

// kindSync compares and copies the objects of one kind. In memory it has the names,
// versions and hashes of NetBox's objects, and at most a few batches of the cluster's.
type kindSync struct {
	run        *run
	comparison *comparison
	objects    *netbox.Objects
	result     *KindResult
	stored     map[objectKey]*storedObject
	// duplicates are further rows with a name that NetBox has already. Some versions of the
	// plugin's database lack the constraint that forbids them.
	duplicates []netbox.StoredObject

	batches  batches
	badNames int    // objects that are not storable because of their names
	badWhy   string // of the first one, with its name
}

type objectKey struct{ namespace, name string }

type storedObject struct {
	netbox.StoredObject
	inCluster bool
}

func (c *comparison) newKindSync(result *KindResult) *kindSync {
	objects := c.run.options.NetBox.Objects(result.Kind)
	return &kindSync{
		run: c.run, comparison: c, objects: objects, result: result, stored: map[objectKey]*storedObject{},
		batches: newBatches(objects, result),
	}
}

// loadStored reads what NetBox has. Under the lock no other sync writes it, so a reading
// from after the fabric was locked is recent enough.
func (k *kindSync) loadStored(ctx context.Context) error {
	var asOf time.Time
	if k.run.lock != nil {
		asOf = k.run.lock.acquiredAt
	}
	for object, err := range k.objects.Known(ctx, k.run.id, asOf) {
		if err != nil {
			return err
		}
		key := objectKey{object.Namespace, object.Name}
		if k.stored[key] != nil {
			k.duplicates = append(k.duplicates, object)
			continue
		}
		object.Namespace, object.Name = "", "" // the key has them
		k.stored[key] = &storedObject{StoredObject: object}
	}
	return nil
}

// compare compares an object with what NetBox has, and queues a write if they differ.
func (k *kindSync) compare(ctx context.Context, object *cluster.Object) error {
	key := objectKey{object.Namespace, object.Name}
	if key.namespace == "" {
		key.namespace = k.comparison.namespace
	}
	stored := k.stored[key]
	if stored != nil && stored.inCluster {
		return nil // the cluster's list has it twice
	}
	k.result.InCluster++
	k.run.objectsRead.Add(1)
	if stored == nil {
		k.stored[key] = &storedObject{inCluster: true}
		return k.add(ctx, object, key)
	}
	stored.inCluster = true
	write := k.objectWrite(object, key)
	write.ID = stored.ID
	sameVersion := write.ResourceVersion != "" && stored.ResourceVersion == write.ResourceVersion &&
		stored.UID == write.UID
	switch {
	case len(object.Spec) == 0:
		k.addNotStorable(object.Name, emptySpec)
		if sameVersion && stored.Status == write.Status && stored.SyncError == outdatedSpec {
			return nil
		}
		write.Spec, write.SyncError = nil, outdatedSpec
		return k.queue(ctx, &k.batches.outdated, write)
	case !sameVersion:
		return k.queue(ctx, &k.batches.updated, write)
	case stored.Status != write.Status || stored.SyncError != "" ||
		stored.Content != netbox.ContentOf(object.Spec, object.Labels, object.Annotations):
		return k.queue(ctx, &k.batches.rewritten, write) // edited in NetBox
	}
	k.result.Unchanged++
	return nil
}

// add queues the creation of an object that NetBox does not have. If the object is older
// than the last complete sync, it was deleted in NetBox, and its creation is a repair.
func (k *kindSync) add(ctx context.Context, object *cluster.Object, key objectKey) error {
	if problem := fabric.ObjectNameProblem(object.Name); problem != "" {
		k.addBadName(object.Name, problem)
		return nil
	}
	if len(object.Spec) == 0 {
		k.addNotStorable(object.Name, emptySpec)
		return nil
	}
	to := &k.batches.created
	lastSync := k.run.base.read.Fabric.LastSync
	if lastSync != nil && !object.Created.IsZero() && object.Created.Before(*lastSync) {
		to = &k.batches.recreated
	}
	return k.queue(ctx, to, k.objectWrite(object, key))
}

func (k *kindSync) addNotStorable(name, why string) {
	k.result.NotStorable++
	if len(k.result.NotStorableNames) < maxFailures {
		text := truncate(k.run.options.NetBox.Mask(name+": "+why), maxReason)
		k.result.NotStorableNames = append(k.result.NotStorableNames, text)
	}
}

func (k *kindSync) addBadName(name, why string) {
	k.addNotStorable(name, why)
	if k.badNames++; k.badNames == 1 {
		k.badWhy = name + ": " + why
	}
}

func (k *kindSync) objectWrite(object *cluster.Object, key objectKey) netbox.ObjectWrite {
	status := netbox.ObjectLive
	if object.Deleting {
		status = netbox.ObjectDeleting
	}
	return netbox.ObjectWrite{
		Namespace: key.namespace, Name: key.name, Spec: object.Spec, Labels: object.Labels,
		Annotations: object.Annotations, Status: status, UID: object.UID,
		ResourceVersion: object.ResourceVersion, LastSynced: k.run.now(),
	}
}

// finish ends a kind whose list is complete. What else NetBox has of the kind has gone
// from the cluster.
func (k *kindSync) finish() {
	k.result.Listed = true
	if k.result.Absent {
		k.comparison.absent = append(k.comparison.absent, k.result.Kind)
	}
	gone := goneObjects{result: len(k.run.result.Kinds) - 1}
	for key, stored := range k.stored {
		object := stored.StoredObject
		object.Namespace, object.Name = key.namespace, key.name
		k.countImported(object)
		if !stored.inCluster {
			k.pruneOrKeep(&gone, object)
		}
	}
	gone.distinct = len(gone.objects)
	for _, duplicate := range k.duplicates {
		k.pruneOrKeep(&gone, duplicate)
	}
	if len(k.duplicates) > 0 && k.run.options.Prune != Delete {
		k.run.warn("%s: NetBox has duplicate objects (%d), such as %s; a sync with --prune delete "+
			"(prune = \"delete\" in Terraform) deletes the newer "+
			"ones.", k.result.Kind.Name, len(k.duplicates), k.duplicates[0].Name)
	}
	if len(gone.objects) > 0 {
		slices.SortFunc(gone.objects, byID)
		k.comparison.gone = append(k.comparison.gone, gone)
	}
	if k.badNames > 0 {
		k.run.warn("%s: %d of %d objects are not storable because of their names, such as %s.",
			k.result.Kind.Name, k.badNames, k.result.InCluster, k.badWhy)
	}
}

// countImported counts an object of NetBox's that came from a cluster.
func (k *kindSync) countImported(object netbox.StoredObject) {
	if object.UID == "" {
		return
	}
	k.comparison.imported++
	if object.Namespace == k.comparison.namespace {
		k.comparison.prunable++
		if k.result.Absent {
			k.comparison.storedOfAbsent[k.result.Kind.Group]++
		}
	}
}

// pruneOrKeep adds an object that is not in the cluster to those that may be pruned. It
// keeps objects that never were in a cluster, or are in a namespace that was not read.
func (k *kindSync) pruneOrKeep(gone *goneObjects, object netbox.StoredObject) {
	if k.run.options.Prune == Delete && !k.result.Absent && object.Namespace == k.comparison.namespace &&
		object.UID != "" {
		gone.objects = append(gone.objects, object)
	} else {
		k.result.Kept++
	}
}
