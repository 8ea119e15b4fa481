package fabricsync

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// inventory copies the kinds from the cluster to NetBox, one after the other.
type inventory struct {
	*run
	cluster   Cluster
	namespace string
	refusal   *cluster.Error // of the kinds that the token may not list, in one sentence; nil when it may list all

	counts map[fabric.Kind]int64 // objects in the cluster, of the kinds that were read completely
	class  cluster.Class         // of the cluster's first error
	lost   *ending               // when the cluster has stopped answering
	gone   []goneObjects
}

// goneObjects are objects of a kind that NetBox has and the cluster no longer.
type goneObjects struct {
	result  int // index among the result's kinds
	objects []netbox.StoredObject
}

// errLost is a cluster that has stopped answering.
var errLost = errors.New("the cluster has stopped answering")

// read copies all kinds. A kind that fails does not keep the others back, unless
// it does so because NetBox or the cluster cannot be used at all.
func (i *inventory) read(ctx context.Context) error {
	i.counts = map[fabric.Kind]int64{}
	kinds := fabric.Kinds()
	i.result.Kinds = make([]KindResult, 0, len(kinds))
	for n, kind := range kinds {
		i.result.Kinds = append(i.result.Kinds, KindResult{Kind: kind})
		result := &i.result.Kinds[n]
		if err := i.readKind(ctx, result); err != nil {
			return err
		}
		if result.Listed {
			i.counts[kind] = int64(result.InCluster)
		}
		i.Logger.DebugContext(ctx, "kind synced", "fabric_id", i.id, "kind", kind.Name, "in_cluster", result.InCluster, "created", result.Created,
			"updated", result.Updated, "unchanged", result.Unchanged, "not_storable", result.NotStorable, "failed", result.Failed, "error", result.Error)
		i.Progress(Progress{Step: StepKind, Message: result.line(), Kind: result, Number: n + 1, Of: len(kinds)})
	}
	return nil
}

func (i *inventory) readKind(ctx context.Context, result *KindResult) error {
	k := i.newKindSync(result)
	if err := k.loadStored(ctx); err != nil {
		return k.netboxFailed(ctx, err)
	}
	for object, err := range i.cluster.List(ctx, result.Kind) {
		if err != nil {
			return k.clusterFailed(ctx, err)
		}
		if err := k.take(ctx, object); err != nil {
			return err
		}
	}
	// A list that the context has cut short need not say so.
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	result.Listed = true
	if err := k.flush(ctx); err != nil {
		return err
	}
	k.findGone()
	return nil
}

// clusterFailed ends a kind whose list broke off. What came of it is good, and
// is stored.
func (k *kindSync) clusterFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end := k.unconnected(ctx, err)
	k.result.Error, k.result.Class = end.message, end.class
	if k.class == "" {
		k.class = end.class
	}
	switch end.class {
	case cluster.ClassUnreachable, cluster.ClassTimeout, cluster.ClassTLS, cluster.ClassUnauthenticated, cluster.ClassNotKubernetes:
		k.lost = end
	}
	if err := k.flush(ctx); err != nil {
		return err
	}
	if k.lost != nil {
		return errLost
	}
	return nil
}

// netboxFailed notes an error of NetBox's that concerns the kind alone, and
// returns one that leaves nothing else to try.
func (k *kindSync) netboxFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if k.result.Error == "" {
		k.result.Error = k.NetBox.Mask(netbox.Reason(err))
	}
	if isFatal(err) {
		return err
	}
	return nil
}

// isFatal tells whether an error of NetBox's would meet the next request as well.
func isFatal(err error) bool {
	var (
		transport *netbox.TransportError
		unsettled *netbox.UnsettledError
		redirect  *netbox.RedirectError
		plugin    *netbox.PluginMissingError
		version   *netbox.VersionError
		forbidden *netbox.ForbiddenError
		foreign   *netbox.UnexpectedAnswerError
	)
	return isEnd(err) || errors.As(err, &transport) || errors.As(err, &unsettled) || errors.As(err, &redirect) ||
		errors.As(err, &plugin) || errors.As(err, &version) || (errors.As(err, &forbidden) && forbidden.BadToken()) ||
		(errors.As(err, &foreign) && foreign.NotPermitted())
}

// prune removes what has gone from the cluster, if that is wanted. It is no part
// of being in sync: what cannot be removed is told, and stays.
func (i *inventory) prune(ctx context.Context) {
	total, removed, all := 0, 0, 0
	for n := range i.result.Kinds {
		total += i.result.Kinds[n].InCluster
	}
	for _, gone := range i.gone {
		all += len(gone.objects)
	}
	if all == 0 {
		return
	}
	if total == 0 {
		i.keepGone()
		i.warn("The cluster has no object of any of the twelve kinds in namespace %q, and NetBox has %d of them. That looks like another cluster "+
			"rather than an empty one, so nothing was removed.", i.namespace, all)
		return
	}
	if !i.DryRun {
		// Whether this still is the fabric's cluster must be known before, not after.
		if _, err := i.mark.look(ctx); err != nil {
			i.keepGone()
			i.warn("Nothing was removed, because the fabric could not be read before: %s", netbox.Reason(err))
			return
		}
	}
	for _, gone := range i.gone {
		result := &i.result.Kinds[gone.result]
		if result.InCluster == 0 && !i.installed(ctx, result, len(gone.objects)) {
			continue
		}
		removed += i.remove(ctx, result, gone.objects)
	}
	verb := "were"
	if i.DryRun {
		verb = "would be"
	}
	i.Progress(Progress{Step: StepPrune, Message: fmt.Sprintf("%d of %d objects that have gone from the cluster %s removed from NetBox.", removed, all, verb)})
}

// installed tells whether a kind that seems empty is: objects of one that the
// cluster does not serve (any more) have not gone from it.
func (i *inventory) installed(ctx context.Context, result *KindResult, objects int) bool {
	installed, err := i.cluster.Installed(ctx, result.Kind)
	switch {
	case err != nil:
		i.warn("%s: %d objects in NetBox were not removed, because it could not be asked whether the cluster serves the kind: %v",
			result.Kind.Name, objects, err)
	case !installed:
		i.warn("%s: the cluster does not serve %s.%s/%s, so the %d objects in NetBox were not removed.",
			result.Kind.Name, result.Kind.Resource, result.Kind.Group, result.Kind.Version, objects)
	default:
		return true
	}
	result.Kept += objects
	return false
}

func (i *inventory) keepGone() {
	for _, gone := range i.gone {
		i.result.Kinds[gone.result].Kept += len(gone.objects)
	}
}

// remove deletes objects of a kind, and returns how many.
func (i *inventory) remove(ctx context.Context, result *KindResult, objects []netbox.StoredObject) (removed int) {
	if i.DryRun {
		result.Deleted = len(objects)
		return len(objects)
	}
	var stored netbox.Stored
	err := i.mark.fresh(ctx)
	if err == nil {
		stored, err = i.NetBox.Objects(result.Kind).Delete(ctx, i.id, objects)
	}
	result.Deleted = stored.Done
	result.Kept += len(objects) - stored.Done
	var server *netbox.ServerError
	switch {
	case errors.As(err, &server) && server.PluginBug():
		result.PruneError = "the published NetBox plugin cannot delete objects of this kind (it answers 500 ImproperlyConfigured); " +
			"an administrator of NetBox mends it by setting display_url = None in the plugin's serializers"
	case err != nil:
		result.PruneError = i.line(netbox.Reason(err))
	case len(stored.Failed) > 0:
		result.PruneError = i.line(stored.Failed[0].Error())
	}
	if result.PruneError != "" {
		i.warn("%s: %d of %d objects that have gone from the cluster were not removed from NetBox: %s.",
			result.Kind.Name, len(objects)-stored.Done, len(objects), result.PruneError)
	}
	return stored.Done
}
