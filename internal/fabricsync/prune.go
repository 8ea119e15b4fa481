package fabricsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// goneObjects are objects of a kind that NetBox has and the cluster no longer.
type goneObjects struct {
	result  int // index among the result's kinds
	objects []netbox.StoredObject
	lost    int // of them, without further rows of objects that stay
}

func byID(a, b netbox.StoredObject) int { return cmp.Compare(a.ID, b.ID) }

// prune removes what has gone from the cluster, if that is wanted and not too much. It is
// no part of being in sync: what cannot be removed is told, and stays. Its error ends the
// sync.
func (i *inventory) prune(ctx context.Context) error {
	all, lost := 0, 0
	for _, gone := range i.gone {
		all, lost = all+len(gone.objects), lost+gone.lost
	}
	if all == 0 {
		return nil
	}
	if i.run.options.PruneLimit.exceeded(i.prunable, lost) {
		i.keepGone()
		i.problem = fmt.Sprintf("nothing was removed: %d of %d objects in NetBox have gone from the cluster, which "+
			"is more than the %d %% that the prune limit allows; if they should go, sync once with a higher limit "+
			"(--prune-limit, or prune_limit in Terraform)", lost, i.prunable, i.run.options.PruneLimit.Share)
		return nil
	}
	if !i.run.options.DryRun {
		if may, err := i.mayPrune(ctx); !may || err != nil {
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
	i.run.options.Progress(Progress{Step: StepPrune, Message: fmt.Sprintf("%d of %d objects that have gone from the cluster %s "+
		"removed from NetBox.",
		removed, all, verb)})
	return nil
}

// mayPrune takes the lock, or makes sure that it still is ours: whether this still is the
// fabric's cluster must be known before anything is removed, not after.
func (i *inventory) mayPrune(ctx context.Context) (bool, error) {
	if i.run.lock == nil {
		return true, i.run.takeLock(ctx)
	}
	err := i.run.lock.look(ctx)
	if err == nil || isEnd(err) {
		return true, err
	}
	i.keepGone()
	i.run.warn("Nothing was removed, because the fabric could not be read before: %s", netbox.Reason(err))
	return false, nil
}

func (i *inventory) keepGone() {
	for _, gone := range i.gone {
		i.run.result.Kinds[gone.result].Kept += len(gone.objects)
	}
	i.gone = nil
}

// remove deletes objects of a kind, as far as NetBox still has them as they were when
// they were compared, and returns how many.
func (i *inventory) remove(ctx context.Context, result *KindResult, objects []netbox.StoredObject) (removed int,
	err error) {
	if i.run.options.DryRun {
		result.Deleted = len(objects)
		return len(objects), nil
	}
	var stored netbox.Stored
	present, err := i.present(ctx, result, objects)
	if err == nil {
		err = i.run.lock.fresh(ctx)
	}
	if err == nil {
		stored, err = i.run.options.NetBox.Objects(result.Kind).Delete(ctx, i.run.id, present)
	}
	if isEnd(err) {
		return 0, err
	}
	result.Deleted = stored.Done
	result.Kept += len(objects) - stored.Done
	server, failed := errors.AsType[*netbox.ServerError](err)
	switch {
	case failed && server.PluginBug():
		result.PruneError = "the published NetBox plugin cannot delete objects of this kind (it answers 500 " +
			"ImproperlyConfigured); an administrator of NetBox fixes it by setting display_url = None in the " +
			"plugin's serializers"
	case err != nil:
		result.PruneError = i.run.line(netbox.Reason(err))
	case len(stored.Failed) > 0:
		result.PruneError = i.run.line(stored.Failed[0].Error())
	}
	if result.PruneError != "" {
		i.run.warn("%s: %d of %d objects that have gone from the cluster were not removed from NetBox: %s.",
			result.Kind.Name, len(objects)-stored.Done, len(objects), result.PruneError)
	}
	return stored.Done, nil
}

// present returns the objects that NetBox still has, and has not had from another sync
// since they were compared: that needs a whole reading, under the lock.
func (i *inventory) present(ctx context.Context, result *KindResult, objects []netbox.StoredObject) (
	[]netbox.StoredObject, error) {
	gone := make(map[int64]*netbox.StoredObject, len(objects))
	for n := range objects {
		gone[objects[n].ID] = &objects[n]
	}
	var present []netbox.StoredObject
	for now, err := range i.run.options.NetBox.Objects(result.Kind).All(ctx, i.run.id) {
		if err != nil {
			return nil, err
		}
		if was := gone[now.ID]; was != nil && was.UID == now.UID && was.ResourceVersion == now.ResourceVersion {
			present = append(present, now)
		}
	}
	return present, nil
}
