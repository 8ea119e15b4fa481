package fabricsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// checkAbsences looks for what is missing from the cluster as a whole: kinds that it does
// not serve, or all objects. That can mean a wrong address, namespace or cluster, so it
// must not count as a successful sync.
func (c *comparison) checkAbsences(ctx context.Context) {
	server := c.run.base.read.Fabric.KubernetesServer
	if len(c.absent) == len(fabric.Kinds()) {
		c.failDoubtful("%s serves none of the twelve kinds of Hedgehog (%s, and so on); check kubernetes_server, and "+
			"that Hedgehog is installed there in a version that serves them", server, kindID(fabric.Kinds()[0]))
		return
	}
	if c.checkAbsentGroups(); c.problem != "" {
		return
	}
	c.warnOfAbsentKinds()
	for n := range c.run.result.Kinds {
		if kind := &c.run.result.Kinds[n]; kind.InCluster > 0 || !kind.Listed {
			return
		}
	}
	emptyNetBox := c.run.options.Prune == Delete && c.run.options.PruneLimit.unlimited()
	// The error of a token that may not ask means that we don't know.
	missing, _ := c.cluster.NamespaceMissing(ctx)
	switch {
	case ctx.Err() != nil:
	case missing:
		c.failDoubtful("the namespace %q does not exist in the cluster %s; check kubernetes_namespace", c.namespace,
			server)
	case c.imported == 0:
		c.run.warn("The cluster has no objects of the twelve kinds in namespace %q.", c.namespace)
	case emptyNetBox && c.prunable == 0:
		c.run.warn("The cluster has no objects of the twelve kinds in namespace %q. NetBox has %d objects from "+
			"other namespaces of a cluster, which were kept.", c.namespace, c.imported)
	case emptyNetBox:
		c.run.warn("The cluster has no objects of the twelve kinds in namespace %q, so pruning deletes the %d that "+
			"NetBox has.", c.namespace, c.prunable)
	case c.prunable == 0:
		c.failDoubtful("the cluster has 0 objects of the twelve kinds in namespace %q, and NetBox has %d that came "+
			"from a cluster, all from other namespaces; check kubernetes_namespace, and if it is right, delete these "+
			"objects in NetBox", c.namespace, c.imported)
	default:
		c.failDoubtful("the cluster has 0 objects of the twelve kinds in namespace %q, and NetBox has %d that came "+
			"from a cluster; check kubernetes_namespace and kubernetes_server, or delete these objects with a sync "+
			"that prunes with a limit of 100%% (%s)", c.namespace, c.imported, c.run.options.NetBox.Audience().Choose(
			`prune = "delete" and prune_limit = "100%"`, "--prune delete --prune-limit 100%"))
	}
}

// failDoubtful fails the sync, because this may not be the fabric's cluster.
func (c *comparison) failDoubtful(format string, a ...any) {
	c.problem, c.countsDoubtful = fmt.Sprintf(format, a...), true
	c.skipPruning()
}

// checkAbsentGroups fails the sync if the cluster serves no kind of an API group and NetBox
// has objects of that group from a cluster. The cluster may have retired the version, or a
// proxy may answer instead. The objects may still exist, so their counts are not stored. If
// a single kind is absent, its objects were deleted with its CRD.
func (c *comparison) checkAbsentGroups() {
	served := map[string]bool{}
	for _, kind := range fabric.Kinds() {
		if !slices.Contains(c.absent, kind) {
			served[kind.Group] = true
		}
	}
	for _, kind := range c.absent {
		if served[kind.Group] || c.storedOfAbsent[kind.Group] == 0 {
			continue
		}
		c.problem = fmt.Sprintf("%s does not serve any kind of %s/%s, and NetBox has %d objects of these kinds "+
			"that came from a cluster; check that the cluster still serves this version, and that no proxy answers "+
			"instead, or delete these objects in NetBox if Hedgehog no longer has them",
			c.run.base.read.Fabric.KubernetesServer, kind.Group, kind.Version, c.storedOfAbsent[kind.Group])
		delete(c.counts, kind)
	}
	if c.problem != "" {
		c.skipPruning()
	}
}

// warnOfAbsentKinds says which kinds the cluster does not serve, and what NetBox has of them.
func (c *comparison) warnOfAbsentKinds() {
	if len(c.absent) == 0 {
		return
	}
	var names []string
	kept := 0
	for _, kind := range c.absent {
		names = append(names, kindID(kind))
	}
	for n := range c.run.result.Kinds {
		if c.run.result.Kinds[n].Absent {
			kept += c.run.result.Kinds[n].Kept
		}
	}
	text := fmt.Sprintf("The cluster does not serve %d of the twelve kinds of Hedgehog: %s.", len(names),
		strings.Join(names, ", "))
	if kept > 0 {
		text += fmt.Sprintf(" The %d objects of these kinds in NetBox were left unchanged.", kept)
	}
	c.run.warn("%s", text)
}

// kindID returns a kind's name in Kubernetes, such as vpcs.vpc.githedgehog.com/v1beta1.
func kindID(kind fabric.Kind) string { return kind.Resource + "." + kind.Group + "/" + kind.Version }
