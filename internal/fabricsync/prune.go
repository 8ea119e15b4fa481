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

// prune removes what has gone from the cluster, if the options say so and the limit
// allows. An object that cannot be removed is a warning, and the fabric is in sync all the
// same. An error of prune ends the sync.
func (i *inventory) prune(ctx context.Context) error {
	all, distinct := 0, 0
	for _, gone := range i.gone {
		all, distinct = all+len(gone.objects), distinct+gone.distinct
	}
	if all == 0 {
		return nil
	}
	if i.run.options.PruneLimit.exceeded(i.prunable, distinct) {
		i.keepGone()
		i.problem = fmt.Sprintf("nothing was removed: %d of %d objects in NetBox have gone from the cluster, which "+
			"is more than the %d %% that the prune limit allows; if they should go, sync once with a higher limit "+
			"(--prune-limit, or prune_limit in Terraform)", distinct, i.prunable, i.run.options.PruneLimit.Share)
		return nil
	}
	if !i.run.options.DryRun {
		if sure, err := i.lockToPrune(ctx); !sure || err != nil {
			return err
		}
	}
	removed := 0
	for _, gone := range i.gone {
		n, err := i.remove(ctx, &i.run.result.Kinds[gone.result], gone.objects)
		if err != nil {
			return err
		}
		removed += n
	}
	verb := "were"
	if i.run.options.DryRun {
		verb = "would be"
	}
	i.run.options.Progress(Progress{Step: StepPrune, Message: fmt.Sprintf("%d of %d objects that have gone from the "+
		"cluster %s removed from NetBox.", removed, all, verb)})
	return nil
}

// lockToPrune locks the fabric, or reads the record to check that the lock is still ours
// and the fabric still means this cluster. It reports whether that is sure.
func (i *inventory) lockToPrune(ctx context.Context) (bool, error) {
	if i.run.lock == nil {
		return true, i.run.lockFabric(ctx)
	}
	err := i.run.lock.check(ctx)
	if err == nil || endsSync(err) {
		return true, err
	}
	i.keepGone()
	i.run.warn("Nothing was removed, because the fabric could not be read before: %s", rest.Reason(err))
	return false, nil
}

// keepGone keeps everything that has gone from the cluster.
func (i *inventory) keepGone() {
	for _, gone := range i.gone {
		i.run.result.Kinds[gone.result].Kept += len(gone.objects)
	}
	i.gone = nil
}

// remove deletes the objects of a kind that NetBox still has as they were when they were
// compared. It returns how many.
func (i *inventory) remove(ctx context.Context, result *KindResult, objects []netbox.StoredObject) (removed int,
	err error) {
	if i.run.options.DryRun {
		result.Deleted = len(objects)
		return len(objects), nil
	}
	var stored netbox.Stored
	left, err := i.stillThere(ctx, result, objects)
	if err == nil {
		err = i.run.lock.ensureFresh(ctx)
	}
	if err == nil {
		stored, err = i.run.options.NetBox.Objects(result.Kind).Delete(ctx, i.run.id, left)
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
			"ImproperlyConfigured); an administrator of NetBox fixes it by setting display_url = None in the " +
			"plugin's serializers"
	case err != nil:
		result.PruneError = i.run.recordText(rest.Reason(err))
	case len(stored.Failed) > 0:
		result.PruneError = i.run.recordText(stored.Failed[0].Error())
	}
	if result.PruneError != "" {
		i.run.warn("%s: %d of %d objects that have gone from the cluster were not removed from NetBox: %s.",
			result.Kind.Name, len(objects)-stored.Done, len(objects), result.PruneError)
	}
	return stored.Done, nil
}

// stillThere returns the objects that NetBox still has, and that no other sync has written
// since they were compared. It reads the whole list, under the lock.
func (i *inventory) stillThere(ctx context.Context, result *KindResult, objects []netbox.StoredObject) (
	[]netbox.StoredObject, error) {
	gone := make(map[int64]*netbox.StoredObject, len(objects))
	for n := range objects {
		gone[objects[n].ID] = &objects[n]
	}
	var left []netbox.StoredObject
	for now, err := range i.run.options.NetBox.Objects(result.Kind).All(ctx, i.run.id) {
		if err != nil {
			return nil, err
		}
		if was := gone[now.ID]; was != nil && was.UID == now.UID && was.ResourceVersion == now.ResourceVersion {
			left = append(left, now)
		}
	}
	return left, nil
}
