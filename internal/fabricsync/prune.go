package fabricsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// goneObjects are objects of a kind that NetBox has and the cluster no longer has.
type goneObjects struct {
	result   int // index of the kind in the result
	objects  []netbox.StoredObject
	distinct int // of objects, without duplicates
}

func byID(a, b netbox.StoredObject) int { return cmp.Compare(a.ID, b.ID) }

// prune deletes what has gone from the cluster, if the options say so and the limit allows
// it. An object that cannot be deleted is a warning, and the fabric still counts as in
// sync. An error of prune ends the sync.
func (c *comparison) prune(ctx context.Context) error {
	all, distinct := 0, 0
	for _, gone := range c.gone {
		all, distinct = all+len(gone.objects), distinct+gone.distinct
	}
	if all == 0 {
		return nil
	}
	if c.run.options.PruneLimit.exceeded(c.prunable, distinct) {
		c.skipPruning()
		c.problem = fmt.Sprintf("nothing was deleted: %d of %d objects in NetBox are no longer in the cluster, which "+
			"is more than the prune limit of %d%%; check kubernetes_server, kubernetes_namespace and the cluster; if "+
			"these objects are really gone, sync once with a higher limit (%s)", distinct, c.prunable,
			c.run.options.PruneLimit.Share, c.run.options.NetBox.Audience().Choose("prune_limit", "--prune-limit"))
		return nil
	}
	if !c.run.options.DryRun {
		if sure, err := c.lockToPrune(ctx); !sure || err != nil {
			return err
		}
	}
	deleted := 0
	for _, gone := range c.gone {
		n, err := c.remove(ctx, &c.run.result.Kinds[gone.result], gone.objects)
		if err != nil {
			return err
		}
		deleted += n
	}
	verb := "were"
	if c.run.options.DryRun {
		verb = "would be"
	}
	c.run.options.Progress(Progress{Step: StepPrune, Message: fmt.Sprintf("%d of %d objects that are no longer in the "+
		"cluster %s deleted in NetBox.", deleted, all, verb)})
	return nil
}

// lockToPrune locks the fabric, or reads the record to check that the lock is still ours
// and the fabric still means this cluster. It reports whether that is certain.
func (c *comparison) lockToPrune(ctx context.Context) (bool, error) {
	if c.run.lock == nil {
		return true, c.run.lockFabric(ctx)
	}
	err := c.run.lock.check(ctx)
	if err == nil || endsSync(err) {
		return true, err
	}
	c.skipPruning()
	c.run.warn("Nothing was deleted, because the fabric could not be read first: %s", rest.Reason(err))
	return false, nil
}

// skipPruning keeps the objects that are no longer in the cluster, and counts them as kept.
func (c *comparison) skipPruning() {
	for _, gone := range c.gone {
		c.run.result.Kinds[gone.result].Kept += len(gone.objects)
	}
	c.gone = nil
}

// remove deletes the objects of a kind that NetBox still has as they were when they were
// compared. It returns how many.
func (c *comparison) remove(ctx context.Context, result *KindResult, objects []netbox.StoredObject) (removed int,
	err error) {
	if c.run.options.DryRun {
		result.Deleted = len(objects)
		return len(objects), nil
	}
	var stored netbox.Stored
	left, err := c.stillThere(ctx, result, objects)
	if err == nil {
		err = c.run.lock.ensureFresh(ctx)
	}
	if err == nil {
		stored, err = c.run.options.NetBox.Objects(result.Kind).Delete(ctx, c.run.id, left)
	}
	if endsSync(err) {
		return 0, err
	}
	result.Deleted = stored.Done
	result.Kept += len(objects) - stored.Done
	server, failed := errors.AsType[*rest.ServerError](err)
	switch {
	case failed && netbox.PluginBug(server):
		result.PruneError = "the published NetBox plugin cannot delete objects of this kind (it answers 500 " +
			"ImproperlyConfigured); a NetBox administrator can fix it by setting display_url = None in the " +
			"plugin's serializers"
	case err != nil:
		result.PruneError = c.run.recordText(rest.Reason(err))
	case len(stored.Failed) > 0:
		result.PruneError = c.run.recordText(stored.Failed[0].Error())
	}
	if result.PruneError != "" {
		c.run.warn("%s: %d of %d objects that are no longer in the cluster were not deleted in NetBox: %s.",
			result.Kind.Name, len(objects)-stored.Done, len(objects), result.PruneError)
	}
	return stored.Done, nil
}

// stillThere returns the objects that NetBox still has, and that no other sync has written
// since they were compared. It reads the whole list, under the lock.
func (c *comparison) stillThere(ctx context.Context, result *KindResult, objects []netbox.StoredObject) (
	[]netbox.StoredObject, error) {
	gone := make(map[int64]*netbox.StoredObject, len(objects))
	for n := range objects {
		gone[objects[n].ID] = &objects[n]
	}
	var left []netbox.StoredObject
	for now, err := range c.run.options.NetBox.Objects(result.Kind).All(ctx, c.run.id) {
		if err != nil {
			return nil, err
		}
		if was := gone[now.ID]; was != nil && was.UID == now.UID && was.ResourceVersion == now.ResourceVersion {
			left = append(left, now)
		}
	}
	return left, nil
}
