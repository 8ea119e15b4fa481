package fabricsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// absence judges what is not in the cluster as a whole: kinds that it does not serve, or
// any object at all. An address, a namespace or a cluster that is not the fabric's looks
// just so, and must not look like a sync that went well.
func (i *inventory) absence(ctx context.Context) {
	server := i.run.base.read.Fabric.KubernetesServer
	if len(i.absent) == len(fabric.Kinds()) {
		i.distrust("%s serves none of the twelve kinds of Hedgehog (%s, and so on); check kubernetes_server, "+
			"and that Hedgehog is installed there in a version that serves them", server, kindID(fabric.Kinds()[0]))
		return
	}
	if i.hiddenGroup(); i.problem != "" {
		return
	}
	i.warnOfAbsent()
	for n := range i.run.result.Kinds {
		if kind := &i.run.result.Kinds[n]; kind.InCluster > 0 || !kind.Listed {
			return
		}
	}
	// A token that may not ask leaves it open.
	missing, _ := i.cluster.NamespaceMissing(ctx)
	switch {
	case ctx.Err() != nil:
	case missing:
		i.distrust("the namespace %q does not exist in the cluster %s; check kubernetes_namespace", i.namespace, server)
	case i.imported == 0:
		i.run.warn("The cluster has no object of the twelve kinds in namespace %q.", i.namespace)
	case i.run.options.Prune == Delete && i.run.options.PruneLimit.none() && i.prunable == 0:
		i.run.warn("The cluster has no object of the twelve kinds in namespace %q, and NetBox has %d objects of other "+
			"namespaces that came from a cluster.", i.namespace, i.imported)
	case i.run.options.Prune == Delete && i.run.options.PruneLimit.none():
		i.run.warn("The cluster has no object of the twelve kinds in namespace %q, and NetBox had %d of them.",
			i.namespace, i.prunable)
	case i.prunable == 0:
		i.distrust("the cluster has 0 objects of the twelve kinds in namespace %q, and NetBox has %d that came from "+
			"a cluster, all of other namespaces; check kubernetes_namespace, and if it is right, delete these "+
			"objects in NetBox",
			i.namespace, i.imported)
	default:
		i.distrust("the cluster has 0 objects of the twelve kinds in namespace %q, and NetBox has %d that came from "+
			"a cluster; check kubernetes_namespace and kubernetes_server, or remove them by a sync that prunes with "+
			"a limit of 100%% (--prune delete --prune-limit 100%%, or prune = \"delete\" and prune_limit = \"100%%\" "+
			"in Terraform)",
			i.namespace, i.imported)
	}
}

// distrust is a problem that leaves open whether this is the fabric's cluster.
func (i *inventory) distrust(format string, a ...any) {
	i.problem, i.doubtful = fmt.Sprintf(format, a...), true
	i.keepGone()
}

// hiddenGroup looks for an API group that the cluster serves no kind of, although NetBox
// has objects of it that came from a cluster. Its version may be retired there, or a proxy
// may answer: the objects may exist all the same, so their counts are not stored. A single
// kind that is absent has no objects, since they go with its CRD.
func (i *inventory) hiddenGroup() {
	served := map[string]bool{}
	for _, kind := range fabric.Kinds() {
		if !slices.Contains(i.absent, kind) {
			served[kind.Group] = true
		}
	}
	for _, kind := range i.absent {
		if served[kind.Group] || i.ofAbsent[kind.Group] == 0 {
			continue
		}
		i.problem = fmt.Sprintf("%s does not serve any kind of %s/%s, and NetBox has %d objects of them that came "+
			"from a cluster; check that the cluster still serves this version, and that no proxy answers instead, or "+
			"delete these objects in NetBox if Hedgehog has them no more", i.run.base.read.Fabric.KubernetesServer,
			kind.Group, kind.Version,
			i.ofAbsent[kind.Group])
		delete(i.counts, kind)
	}
	if i.problem != "" {
		i.keepGone()
	}
}

// warnOfAbsent says which kinds the cluster does not serve, and what NetBox has of them.
func (i *inventory) warnOfAbsent() {
	if len(i.absent) == 0 {
		return
	}
	var names []string
	kept := 0
	for _, kind := range i.absent {
		names = append(names, kindID(kind))
	}
	for n := range i.run.result.Kinds {
		if i.run.result.Kinds[n].Absent {
			kept += i.run.result.Kinds[n].Kept
		}
	}
	text := fmt.Sprintf("The cluster does not serve %d of the twelve kinds of Hedgehog: %s.", len(names),
		strings.Join(names, ", "))
	if kept > 0 {
		text += fmt.Sprintf(" The %d objects of them in NetBox were left as they are.", kept)
	}
	i.run.warn("%s", text)
}

// kindID names a kind as Kubernetes does, with the version that a sync reads.
func kindID(kind fabric.Kind) string { return kind.Resource + "." + kind.Group + "/" + kind.Version }
