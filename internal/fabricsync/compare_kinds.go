package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// maxUnanswered is how many kinds may fail in a row before any kind was answered. Then the
// cluster counts as unusable.
const maxUnanswered = 3

// comparison compares the kinds of the cluster with NetBox, one after the other, and
// copies what differs.
type comparison struct {
	run       *run
	cluster   Cluster
	namespace string

	answered    bool                  // the cluster has answered for a kind
	unanswered  int                   // kinds that failed before it did
	counts      map[fabric.Kind]int64 // objects in the cluster, of the kinds that were listed completely
	class       cluster.Class         // of the cluster's first error
	clusterLost *conclusion           // set when the cluster has stopped answering
	absent      []fabric.Kind         // kinds that the cluster does not serve
	forbidden   []fabric.Kind         // kinds that the token cannot list
	forbiddenBy string                // URL of the server that said so
	gone        []goneObjects

	// Objects that NetBox has from a cluster, of the kinds that were listed completely.
	imported       int            // all of them
	prunable       int            // those in the namespace
	storedOfAbsent map[string]int // those of kinds that the cluster does not serve, by API group

	problem        string // what is wrong with the comparison as a whole; "" for nothing
	countsDoubtful bool   // this may be another cluster, so the counts are not stored
}

var (
	// errClusterLost means that the cluster has stopped answering.
	errClusterLost = errors.New("the cluster has stopped answering")
	// errLockNeeded means that a difference was found without the lock.
	errLockNeeded = errors.New("something must be written")
)

// read compares all kinds, at first without a lock. At the first difference it locks the
// fabric and compares that kind again. A kind that fails does not stop the others, unless
// NetBox or the cluster cannot be used at all.
func (c *comparison) read(ctx context.Context) error {
	c.counts, c.storedOfAbsent = map[fabric.Kind]int64{}, map[string]int{}
	run, kinds := c.run, fabric.Kinds()
	run.objectsRead.Store(0)
	run.result.Kinds = make([]KindResult, 0, len(kinds))
	for n, kind := range kinds {
		run.result.Kinds = append(run.result.Kinds, KindResult{Kind: kind})
		result := &run.result.Kinds[n]
		before := run.objectsRead.Load()
		err := c.readKind(ctx, result)
		if errors.Is(err, errLockNeeded) {
			if err = run.lockFabric(ctx); err == nil {
				*result = KindResult{Kind: kind}
				run.objectsRead.Store(before)
				err = c.readKind(ctx, result)
			}
		}
		if err != nil {
			if !c.answered {
				run.result.Kinds = nil
			}
			return err
		}
		if result.Listed {
			c.counts[kind] = int64(result.InCluster)
		}
		run.options.Logger.DebugContext(ctx, "kind synced", "fabric_id", run.id, "kind", kind.Name,
			"in_cluster", result.InCluster, "created", result.Created, "updated", result.Updated,
			"repaired", result.Repaired, "unchanged", result.Unchanged, "not_storable", result.NotStorable,
			"failed", result.Failed, "error", result.Error)
		run.options.Progress(Progress{Step: StepKind, Message: result.summary(), Kind: result, Number: n + 1,
			Of: len(kinds)})
	}
	return nil
}

// readKind compares a kind. It reads NetBox's list only once the cluster has answered, so
// that a cluster that is down costs NetBox nothing.
func (c *comparison) readKind(ctx context.Context, result *KindResult) error {
	next, stop := iter.Pull2(c.cluster.List(ctx, result.Kind))
	defer stop()
	k := c.newKindSync(result)
	object, err, more := next()
	switch _, absent := errors.AsType[*cluster.AbsentKindError](err); {
	case absent:
		result.Absent, more = true, false
	case err != nil:
		return c.clusterFailed(ctx, k, err)
	case ctx.Err() != nil: // a list that the context cut short may end without an error
		return context.Cause(ctx)
	}
	c.noteAnswer()
	if err := k.loadStored(ctx); err != nil {
		return k.netboxFailed(ctx, err)
	}
	for ; more; object, err, more = next() {
		if err != nil {
			return c.clusterFailed(ctx, k, err)
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
	k.finish()
	return nil
}

// noteAnswer records that the cluster has answered.
func (c *comparison) noteAnswer() {
	if c.answered {
		return
	}
	c.answered = true
	c.run.options.Progress(Progress{Step: StepConnect, Message: fmt.Sprintf("Connected to %s, namespace %s.",
		c.run.base.read.Fabric.KubernetesServer, c.namespace)})
}

// clusterFailed ends a kind whose list failed. What was listed before is stored.
func (c *comparison) clusterFailed(ctx context.Context, k *kindSync, err error) error {
	if ctx.Err() != nil && (c.answered || !timedOut(ctx)) {
		return context.Cause(ctx)
	}
	end := c.run.unconnectedConclusion(ctx, err)
	if ctx.Err() != nil {
		c.clusterLost = end
		return errClusterLost
	}
	k.result.Error, k.result.Class = end.message, end.class
	if c.class == "" {
		c.class = end.class
	}
	switch end.class {
	case cluster.ClassConfig, cluster.ClassUnreachable, cluster.ClassTimeout, cluster.ClassTLS,
		cluster.ClassUnauthenticated, cluster.ClassNotKubernetes:
		c.clusterLost = end
	case cluster.ClassForbidden:
		c.noteAnswer()
		if failed, ok := errors.AsType[*cluster.Error](err); ok && failed.Server != "" {
			c.forbiddenBy, c.forbidden = failed.Server, append(c.forbidden, k.result.Kind)
		}
	case cluster.ClassOther:
		if c.unanswered++; !c.answered && c.unanswered == maxUnanswered {
			c.clusterLost = end
		}
	}
	if err := k.flush(ctx); err != nil {
		return err
	}
	if c.clusterLost != nil {
		return errClusterLost
	}
	return nil
}

// netboxFailed records an error of NetBox's in the kind's result. It returns the error
// only if the next request would meet it, too.
func (k *kindSync) netboxFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if k.result.Error == "" {
		k.result.Error = k.run.options.NetBox.Mask(rest.Reason(err))
	}
	if isFatal(err) {
		return err
	}
	return nil
}

// isFatal reports whether the next request to NetBox would meet the error as well, or the
// sync must stop.
func isFatal(err error) bool {
	if endsSync(err) {
		return true
	}
	for _, is := range []func(error) bool{
		isA[*rest.TransportError], isA[*netbox.UnverifiedError], isA[*rest.RedirectError],
		isA[*rest.PluginMissingError], isA[*rest.VersionError],
	} {
		if is(err) {
			return true
		}
	}
	forbidden, isForbidden := errors.AsType[*rest.ForbiddenError](err)
	foreign, isForeign := errors.AsType[*rest.UnexpectedAnswerError](err)
	return isForbidden && forbidden.BadToken() || isForeign && foreign.NotPermitted()
}

func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}
