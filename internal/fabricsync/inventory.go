package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// maxSilent is how many kinds may fail in a row before a cluster that has answered
// nothing at all counts as one that cannot be used.
const maxSilent = 3

// inventory compares the kinds of the cluster with NetBox, one after the other, and
// copies what differs.
type inventory struct {
	run       *run
	cluster   Cluster
	namespace string

	answered bool                  // the cluster has answered for a kind
	silent   int                   // kinds that failed before it did
	counts   map[fabric.Kind]int64 // objects in the cluster, of the kinds that were read completely
	class    cluster.Class         // of the cluster's first error
	lost     *ending               // when the cluster has stopped answering
	absent   []fabric.Kind         // those that the cluster does not serve
	refused  []fabric.Kind         // those that the token may not list
	server   string                // that refused them
	gone     []goneObjects

	imported int            // objects in NetBox that came from a cluster, of the kinds that were read completely
	prunable int            // those of them in the namespace
	ofAbsent map[string]int // those of them of kinds that the cluster does not serve, by API group
	problem  string         // what is wrong with the inventory as a whole; "" for nothing
	doubtful bool           // it may be another cluster's, so its counts are not stored
}

var (
	// errLost is a cluster that has stopped answering.
	errLost = errors.New("the cluster has stopped answering")
	// errLockNeeded is a difference that must be written, found without the lock.
	errLockNeeded = errors.New("something has to be written")
)

// read compares all kinds, at first without a lock. It is taken at the first difference,
// and the kind is then compared again. A kind that fails does not keep the others back,
// unless it does so because NetBox or the cluster cannot be used at all.
func (i *inventory) read(ctx context.Context) error {
	i.counts, i.ofAbsent = map[fabric.Kind]int64{}, map[string]int{}
	i.run.objectsRead.Store(0)
	kinds := fabric.Kinds()
	i.run.result.Kinds = make([]KindResult, 0, len(kinds))
	for n, kind := range kinds {
		i.run.result.Kinds = append(i.run.result.Kinds, KindResult{Kind: kind})
		result := &i.run.result.Kinds[n]
		before := i.run.objectsRead.Load()
		err := i.readKind(ctx, result)
		if errors.Is(err, errLockNeeded) {
			if err = i.run.takeLock(ctx); err == nil {
				*result = KindResult{Kind: kind}
				i.run.objectsRead.Store(before)
				err = i.readKind(ctx, result)
			}
		}
		if err != nil {
			if !i.answered {
				i.run.result.Kinds = nil
			}
			return err
		}
		if result.Listed {
			i.counts[kind] = int64(result.InCluster)
		}
		i.run.options.Logger.DebugContext(ctx, "kind synced", "fabric_id", i.run.id, "kind", kind.Name, "in_cluster", result.InCluster,
			"created", result.Created, "updated", result.Updated, "repaired", result.Repaired, "unchanged",
			result.Unchanged, "not_storable", result.NotStorable, "failed", result.Failed, "error", result.Error)
		i.run.options.Progress(Progress{Step: StepKind, Message: result.line(), Kind: result, Number: n + 1, Of: len(kinds)})
	}
	return nil
}

// readKind compares a kind. NetBox is asked once the cluster has answered, so that a
// cluster that is away costs it nothing.
func (i *inventory) readKind(ctx context.Context, result *KindResult) error {
	next, stop := iter.Pull2(i.cluster.List(ctx, result.Kind))
	defer stop()
	k := i.newKindSync(result)
	object, err, more := next()
	switch _, absent := errors.AsType[*cluster.AbsentKindError](err); {
	case absent:
		result.Absent, more = true, false
	case err != nil:
		return k.clusterFailed(ctx, err)
	case ctx.Err() != nil: // a list that it has cut short need not say so
		return context.Cause(ctx)
	}
	i.hears()
	if err := k.loadStored(ctx); err != nil {
		return k.netboxFailed(ctx, err)
	}
	for ; more; object, err, more = next() {
		if err != nil {
			return k.clusterFailed(ctx, err)
		}
		if err := k.compare(ctx, object); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := k.flush(ctx); err != nil {
		return err
	}
	k.listed()
	return nil
}

// hears notes that the cluster has answered.
func (i *inventory) hears() {
	if i.answered {
		return
	}
	i.answered = true
	i.run.options.Progress(Progress{Step: StepConnect, Message: fmt.Sprintf("Connected to %s, namespace %s.",
		i.run.base.read.Fabric.KubernetesServer, i.namespace)})
}

// clusterFailed ends a kind whose list broke off. What came of it is good, and
// is stored.
func (k *kindSync) clusterFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil && (k.inventory.answered || !late(ctx)) {
		return context.Cause(ctx)
	}
	end := k.run.unconnected(ctx, err)
	if ctx.Err() != nil {
		k.inventory.lost = end
		return errLost
	}
	k.result.Error, k.result.Class = end.message, end.class
	if k.inventory.class == "" {
		k.inventory.class = end.class
	}
	switch end.class {
	case cluster.ClassConfig, cluster.ClassUnreachable, cluster.ClassTimeout, cluster.ClassTLS,
		cluster.ClassUnauthenticated, cluster.ClassNotKubernetes:
		k.inventory.lost = end
	case cluster.ClassForbidden:
		k.inventory.hears()
		k.refuses(err)
	case cluster.ClassOther:
		if k.inventory.silent++; !k.inventory.answered && k.inventory.silent == maxSilent {
			k.inventory.lost = end
		}
	}
	if err := k.flush(ctx); err != nil {
		return err
	}
	if k.inventory.lost != nil {
		return errLost
	}
	return nil
}

// refuses notes a kind that the token may not list.
func (k *kindSync) refuses(err error) {
	if failed, ok := errors.AsType[*cluster.Error](err); ok && failed.Server != "" {
		k.inventory.server, k.inventory.refused = failed.Server, append(k.inventory.refused, k.result.Kind)
	}
}

// netboxFailed notes an error of NetBox's that concerns the kind alone, and
// returns one that leaves nothing else to try.
func (k *kindSync) netboxFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if k.result.Error == "" {
		k.result.Error = k.run.options.NetBox.Mask(netbox.Reason(err))
	}
	if isFatal(err) {
		return err
	}
	return nil
}

// isFatal reports whether an error of NetBox's would meet the next request as well.
func isFatal(err error) bool {
	if isEnd(err) {
		return true
	}
	for _, is := range []func(error) bool{
		isA[*netbox.TransportError], isA[*netbox.UnsettledError], isA[*netbox.RedirectError],
		isA[*netbox.PluginMissingError], isA[*netbox.VersionError],
	} {
		if is(err) {
			return true
		}
	}
	forbidden, isForbidden := errors.AsType[*netbox.ForbiddenError](err)
	foreign, isForeign := errors.AsType[*netbox.UnexpectedAnswerError](err)
	return isForbidden && forbidden.BadToken() || isForeign && foreign.NotPermitted()
}

func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}
