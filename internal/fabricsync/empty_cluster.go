package fabricsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// checkAbsences looks for what is missing from the cluster as a whole: kinds that it does
// not serve, or all objects. A wrong address, namespace or cluster looks like that, and
// must not look like a sync that went well.
func (i *inventory) checkAbsences(ctx context.Context) {
	server := i.run.base.read.Fabric.KubernetesServer
	if len(i.absent) == len(fabric.Kinds()) {
		i.failDoubtful("%s serves none of the twelve kinds of Hedgehog (%s, and so on); check kubernetes_server, and "+
			"that Hedgehog is installed there in a version that serves them", server, kindID(fabric.Kinds()[0]))
		return
	}
	if i.checkAbsentGroups(); i.problem != "" {
		return
	}
	i.warnOfAbsentKinds()
	for n := range i.run.result.Kinds {
		if kind := &i.run.result.Kinds[n]; kind.InCluster > 0 || !kind.Listed {
			return
		}
	}
	emptyNetBox := i.run.options.Prune == Delete && i.run.options.PruneLimit.unlimited()
	// The error of a token that may not ask means that we don't know.
	missing, _ := i.cluster.NamespaceMissing(ctx)
	switch {
	case ctx.Err() != nil:
	case missing:
		i.failDoubtful("the namespace %q does not exist in the cluster %s; check kubernetes_namespace", i.namespace,
			server)
	case i.imported == 0:
		i.run.warn("The cluster has no object of the twelve kinds in namespace %q.", i.namespace)
	case emptyNetBox && i.prunable == 0:
		i.run.warn("The cluster has no object of the twelve kinds in namespace %q, and NetBox has %d objects of "+
			"other namespaces that came from a cluster.", i.namespace, i.imported)
	case emptyNetBox:
		i.run.warn("The cluster has no object of the twelve kinds in namespace %q, and NetBox had %d of them.",
			i.namespace, i.prunable)
	case i.prunable == 0:
		i.failDoubtful("the cluster has 0 objects of the twelve kinds in namespace %q, and NetBox has %d that came "+
			"from a cluster, all of other namespaces; check kubernetes_namespace, and if it is right, delete these "+
			"objects in NetBox", i.namespace, i.imported)
	default:
		i.failDoubtful("the cluster has 0 objects of the twelve kinds in namespace %q, and NetBox has %d that came "+
			"from a cluster; check kubernetes_namespace and kubernetes_server, or remove them by a sync that prunes "+
			"with a limit of 100%% (--prune delete --prune-limit 100%%, or prune = \"delete\" and prune_limit = "+
			"\"100%%\" in Terraform)", i.namespace, i.imported)
	}
}

// failDoubtful fails the sync, because this may not be the fabric's cluster.
func (i *inventory) failDoubtful(format string, a ...any) {
	i.problem, i.countsDoubtful = fmt.Sprintf(format, a...), true
	i.keepGone()
}

// checkAbsentGroups fails the sync if the cluster serves no kind of an API group although
// NetBox has objects of it that came from a cluster. The cluster may have retired the
// version, or a proxy may answer instead, so the objects may still exist, and their counts
// are not stored. A single absent kind has no objects: they go with its CRD.
func (i *inventory) checkAbsentGroups() {
	served := map[string]bool{}
	for _, kind := range fabric.Kinds() {
		if !slices.Contains(i.absent, kind) {
			served[kind.Group] = true
		}
	}
	for _, kind := range i.absent {
		if served[kind.Group] || i.storedOfAbsent[kind.Group] == 0 {
			continue
		}
		i.problem = fmt.Sprintf("%s does not serve any kind of %s/%s, and NetBox has %d objects of them that came "+
			"from a cluster; check that the cluster still serves this version, and that no proxy answers instead, or "+
			"delete these objects in NetBox if Hedgehog has them no more", i.run.base.read.Fabric.KubernetesServer,
			kind.Group, kind.Version, i.storedOfAbsent[kind.Group])
		delete(i.counts, kind)
	}
	if i.problem != "" {
		i.keepGone()
	}
}

// warnOfAbsentKinds says which kinds the cluster does not serve, and what NetBox has of them.
func (i *inventory) warnOfAbsentKinds() {
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

// kindID returns a kind's name in Kubernetes, such as vpcs.vpc.githedgehog.com/v1beta1.
func kindID(kind fabric.Kind) string { return kind.Resource + "." + kind.Group + "/" + kind.Version }
