package fabricsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// outdated is stored with an object whose spec has become empty.
const outdated = "In the cluster the spec is empty, which NetBox's API refuses to store: the spec shown is an older one."

// kindSync copies the objects of one kind. Of what NetBox has it holds names and
// versions, of what the cluster has no more than two batches.
type kindSync struct {
	*inventory
	objects *netbox.Objects
	result  *KindResult
	stored  map[objectKey]*storedObject
	// twins are further rows of what NetBox has already: not every version of the
	// plugin's database has the constraint that forbids them.
	twins []netbox.StoredObject

	created, updated, noted pending
}

type objectKey struct{ namespace, name string }

type storedObject struct {
	id                   int64
	version, uid, status string
	failed               bool // NetBox shows an error with it
	seen                 bool // in the cluster
}

// pending are objects that wait to be written together.
type pending struct {
	objects []netbox.ObjectWrite
	write   func(context.Context, int64, []netbox.ObjectWrite) (netbox.Stored, error)
	done    *int // what counts those that were written; nil for what does not count
	blocked bool // NetBox refuses such writes as a whole
}

func (i *inventory) newKindSync(result *KindResult) *kindSync {
	objects := i.NetBox.Objects(result.Kind)
	return &kindSync{
		inventory: i, objects: objects, result: result, stored: map[objectKey]*storedObject{},
		created: pending{write: objects.Create, done: &result.Created},
		updated: pending{write: objects.Update, done: &result.Updated},
		noted:   pending{write: objects.Update},
	}
}

func (k *kindSync) loadStored(ctx context.Context) error {
	for object, err := range k.objects.All(ctx, k.id) {
		if err != nil {
			return err
		}
		key := objectKey{object.Namespace, object.Name}
		if k.stored[key] != nil {
			k.twins = append(k.twins, object)
			continue
		}
		k.stored[key] = &storedObject{
			id: object.ID, version: object.ResourceVersion, uid: object.UID, status: object.Status, failed: object.SyncError != "",
		}
	}
	return nil
}

// take compares an object with what NetBox has, and sees to it that it is
// written if need be.
func (k *kindSync) take(ctx context.Context, object *cluster.Object) error {
	key := objectKey{object.Namespace, object.Name}
	if key.namespace == "" {
		key.namespace = k.namespace
	}
	stored := k.stored[key]
	if stored != nil && stored.seen {
		return nil // the list has it twice
	}
	k.result.InCluster++
	write := k.writeOf(object, key)
	if stored == nil {
		if k.stored[key] = (&storedObject{seen: true}); len(object.Spec) == 0 {
			k.result.NotStorable++
			return nil
		}
		return k.queue(ctx, &k.created, write)
	}
	stored.seen = true
	write.ID = stored.id
	same := write.ResourceVersion != "" && stored.version == write.ResourceVersion && stored.uid == write.UID && stored.status == write.Status
	switch {
	case len(object.Spec) == 0:
		k.result.NotStorable++
		if same {
			return nil
		}
		write.Spec, write.SyncError = nil, outdated
		return k.queue(ctx, &k.noted, write)
	case same && !stored.failed:
		k.result.Unchanged++
		return nil
	}
	return k.queue(ctx, &k.updated, write)
}

func (k *kindSync) writeOf(object *cluster.Object, key objectKey) netbox.ObjectWrite {
	status := netbox.ObjectLive
	if object.Deleting {
		status = netbox.ObjectDeleting
	}
	return netbox.ObjectWrite{
		Namespace: key.namespace, Name: key.name, Spec: object.Spec, Labels: object.Labels, Annotations: object.Annotations,
		Status: status, UID: object.UID, ResourceVersion: object.ResourceVersion, LastSynced: k.mark.now(),
	}
}

func (k *kindSync) queue(ctx context.Context, p *pending, write netbox.ObjectWrite) error {
	p.objects = append(p.objects, write)
	if len(p.objects) < netbox.ObjectBatch {
		return nil
	}
	return k.send(ctx, p)
}

// flush writes what still waits.
func (k *kindSync) flush(ctx context.Context) error {
	for _, p := range []*pending{&k.created, &k.updated, &k.noted} {
		if err := k.send(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// send writes a batch and counts what became of it. Its error leaves nothing
// else to try.
func (k *kindSync) send(ctx context.Context, p *pending) error {
	objects := p.objects
	p.objects = nil // rather than reused, so that the specs can be freed
	if len(objects) == 0 {
		return nil
	}
	if k.DryRun {
		p.count(len(objects))
		return nil
	}
	if err := k.mark.fresh(ctx); err != nil {
		return err
	}
	var stored netbox.Stored
	var err error
	if !p.blocked {
		stored, err = p.write(ctx, k.id, objects)
	}
	p.count(stored.Done)
	if p.done != nil {
		k.result.Failed += len(objects) - stored.Done
		for _, failure := range stored.Failed {
			if len(k.result.Failures) < maxFailures {
				k.result.Failures = append(k.result.Failures, cut(k.NetBox.Mask(failure.Error()), maxReason))
			}
		}
	}
	if err == nil || (p.done == nil && !isFatal(err) && ctx.Err() == nil) {
		return nil
	}
	p.blocked = true
	return k.netboxFailed(ctx, err)
}

func (p *pending) count(n int) {
	if p.done != nil {
		*p.done += n
	}
}

// findGone collects what NetBox has and the cluster's complete list has not.
// Gone from the cluster is only what once was there, in the namespace that was
// read: anything else is none of a sync's business.
func (k *kindSync) findGone() {
	gone := goneObjects{result: len(k.inventory.result.Kinds) - 1}
	leave := func(o netbox.StoredObject) {
		if k.Prune == Delete && o.Namespace == k.namespace && o.UID != "" {
			gone.objects = append(gone.objects, o)
		} else {
			k.result.Kept++
		}
	}
	for key, stored := range k.stored {
		if !stored.seen {
			leave(netbox.StoredObject{ID: stored.id, Namespace: key.namespace, Name: key.name, UID: stored.uid})
		}
	}
	for _, twin := range k.twins {
		leave(twin)
	}
	if len(k.twins) > 0 && k.Prune != Delete {
		k.warn("%s: NetBox has %d objects twice, such as %s; pruning removes the later ones.", k.result.Kind.Name, len(k.twins), k.twins[0].Name)
	}
	slices.SortFunc(gone.objects, func(a, b netbox.StoredObject) int { return cmp.Compare(a.ID, b.ID) })
	if len(gone.objects) > 0 {
		k.gone = append(k.gone, gone)
	}
}

// line tells a kind's result in one line.
func (k *KindResult) line() string {
	parts := []string{fmt.Sprintf("%s: %d in the cluster", k.Kind.Name, k.InCluster)}
	for _, count := range []struct {
		n    int
		what string
	}{
		{k.Created, "created"}, {k.Updated, "updated"}, {k.Unchanged, "unchanged"}, {k.NotStorable, "not storable"},
		{k.Failed, "not stored"}, {k.Kept, "kept"},
	} {
		if count.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count.n, count.what))
		}
	}
	text := strings.Join(parts, ", ")
	if k.Error != "" {
		text += "; " + k.Error
	}
	return text
}
