package fabricsync

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// empty removes everything from the cluster. NetBox has 16 objects.
func empty(w *world) {
	fill(w)
	w.sync()
	w.cluster.objects = map[string][]*cluster.Object{}
	w.advance(time.Minute)
	w.netbox.ResetRequests()
}

// absentAll makes the cluster serve no kind of an API group; "" is all groups.
func absentAll(w *world, group string) {
	w.cluster.absent = map[string]bool{}
	for _, kind := range fabric.Kinds() {
		w.cluster.absent[kind.Name] = group == "" || kind.Group == group
	}
}

// With a wrong address, namespace or cluster there are no objects. That must not look like a
// successful sync.
func TestEmptyCluster_isAFailedSync(t *testing.T) {
	none := "the cluster has 0 objects of the twelve kinds in namespace \"hedgehog\", and NetBox has 16 that came " +
		"from a cluster; check kubernetes_namespace and kubernetes_server, or delete these objects with a sync that " +
		"prunes with a limit of 100% (prune = \"delete\" and prune_limit = \"100%\")"
	missing := "the namespace \"hedgehog\" does not exist in the cluster " + testServer + "; check kubernetes_namespace"
	foreign := testServer + " serves none of the twelve kinds of Hedgehog (vpcs.vpc.githedgehog.com/v1beta1, and so " +
		"on); check kubernetes_server, and that Hedgehog is installed there in a version that serves them"
	for name, c := range map[string]struct {
		prepare func(*world)
		want    string
	}{
		"no kind is served":                    {func(w *world) { empty(w); absentAll(w, "") }, foreign},
		"no kind is served, nothing in NetBox": {func(w *world) { absentAll(w, "") }, foreign},
		"the namespace is not there": {func(w *world) { empty(w); w.cluster.noNamespace = true },
			missing},
		"no namespace, nothing in NetBox": {func(w *world) { w.cluster.noNamespace = true }, missing},
		"an empty cluster":                {empty, none},
		"an empty cluster, of unknown namespaces": {func(w *world) {
			empty(w)
			w.cluster.namespaceProblem = errors.New("403")
		}, none},
		"an empty cluster, and one kind is absent": {func(w *world) {
			empty(w)
			w.cluster.absent = map[string]bool{"VPC": true}
		}, none},
	} {
		for _, change := range []func(*Options){func(*Options) {}, prune} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				c.prepare(w)
				before := w.fabric()
				result := w.want(Failed, c.want, change)
				if result.Message != c.want || result.Status != fabric.StatusError || result.Totals().Deleted != 0 {
					t.Errorf("got %+v", result)
				}
				// The counts and times stay, since this may be another cluster.
				w.wantFabric(map[string]any{
					"sync_status": "error", "sync_error": c.want, "connection_status": "connected",
					"last_sync": before["last_sync"], "vpcs_count": before["vpcs_count"],
					"cached_crd_count": before["cached_crd_count"],
				})
				w.wantConsistent()
				w.wantWrites("PATCH fabrics/1")
				w.want(Failed, c.want, change)
				w.wantWrites("PATCH fabrics/1") // the record says so already
			})
		}
	}
}

func TestEmptyCluster_ofANewFabricIsSyncedWithAWarning(t *testing.T) {
	w := newWorld(t)
	result := w.sync()
	if len(result.Warnings) != 1 || result.Warnings[0] != `The cluster has no objects of the twelve kinds in `+
		`namespace "hedgehog".` {
		t.Errorf("got %q", result.Warnings)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "cached_crd_count": 0})
}

func TestEmptyCluster_emptiesNetBoxWithoutALimit(t *testing.T) {
	w := newWorld(t)
	empty(w)
	result := w.sync(prune, noLimit)
	if totals := result.Totals(); totals.Deleted != 16 || len(result.Warnings) != 1 || result.Warnings[0] != `The `+
		`cluster `+
		`has no objects of the twelve kinds in namespace "hedgehog", so pruning deletes the 16 that NetBox has.` {
		t.Errorf("got %+v, %q", totals, result.Warnings)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "cached_crd_count": 0})
	if left := w.names("vpcs") + w.names("servers"); left != "" {
		t.Errorf("left %s", left)
	}
}

// A sync does not delete objects of the fabric's previous namespace.
func TestEmptyCluster_andObjectsOfOtherNamespaces(t *testing.T) {
	w := newWorld(t)
	empty(w)
	w.netbox.UpdateFabric(1, map[string]any{"kubernetes_namespace": "other"})
	want := "the cluster has 0 objects of the twelve kinds in namespace \"other\", and NetBox has 16 that came from " +
		"a cluster, all from other namespaces; check kubernetes_namespace, and if it is right, delete these objects " +
		"in NetBox"
	for _, change := range []func(*Options){func(*Options) {}, prune} {
		if result := w.want(Failed, want, change); result.Message != want {
			t.Errorf("got %+v", result)
		}
	}
	result := w.sync(prune, noLimit)
	if len(result.Warnings) != 1 || result.Warnings[0] != `The cluster has no objects of the twelve kinds in `+
		`namespace "other". NetBox has 16 objects from other namespaces of a cluster, which were kept.` ||
		result.Totals().Kept != 16 {
		t.Errorf("got %+v", result)
	}
}

func TestEmptyCluster_someKindsAreOneWarning(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.cluster.absent = map[string]bool{"Server": true, "ExternalPeering": true}
	result := w.sync()
	want := "The cluster does not serve 2 of the twelve kinds of Hedgehog: " +
		"externalpeerings.vpc.githedgehog.com/v1beta1, servers.wiring.githedgehog.com/v1beta1."
	if len(result.Warnings) != 1 || result.Warnings[0] != want {
		t.Errorf("got %q", result.Warnings)
	}
	if kind := kindOf(t, result, "Server"); !kind.Absent || !kind.Listed || kind.summary() != "Server: not served by "+
		"the cluster" {
		t.Errorf("%+v: got %s", kind, kind.summary())
	}
	if kindOf(t, result, "VPC").Absent || !result.ListedAll() {
		t.Errorf("got %+v", result)
	}
}

// If a cluster serves no kind of a group any more, the group's version may have been removed, or
// a proxy may answer instead. The objects may still exist.
func TestEmptyCluster_ofAGroupThatNetBoxHasObjectsOf(t *testing.T) {
	for group, c := range map[string]struct {
		objects int
		left    []string // counts that the cluster does not show
	}{
		"vpc.githedgehog.com": {4, []string{"vpcs_count", "cached_vpc_count"}},
		"wiring.githedgehog.com": {12, []string{"servers_count", "switches_count", "connections_count",
			"cached_connection_count"}},
	} {
		t.Run(group, func(t *testing.T) {
			w := newWorld(t)
			fill(w)
			w.sync()
			before := w.fabric()
			absentAll(w, group)
			w.advance(time.Minute)
			for _, change := range []func(*Options){func(*Options) {}, prune} {
				want := fmt.Sprintf("%s does not serve any kind of %s/v1beta1, and NetBox has %d objects of these "+
					"kinds that came from a cluster; check that the cluster still serves this version, and that no "+
					"proxy answers instead, or delete these objects in NetBox if Hedgehog no longer has them",
					testServer, group, c.objects)
				if result := w.want(Failed, want, change); result.Message != want || result.Warnings != nil ||
					result.Totals().Kept != c.objects {
					t.Errorf("got %+v", result)
				}
				w.wantFabric(map[string]any{
					"sync_status": "error", "sync_error": want, "connection_status": "connected",
					"last_sync": before["last_sync"], "cached_crd_count": before["cached_crd_count"],
				})
				for _, field := range c.left {
					w.wantFabric(map[string]any{field: before[field]})
				}
				w.wantConsistent()
			}
			w.cluster.absent = nil
			w.sync()
		})
	}
}

func TestEmptyCluster_ofAGroupThatNetBoxHasNothingOf(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Switch", 1)
	absentAll(w, "vpc.githedgehog.com")
	if result := w.sync(); len(result.Warnings) != 1 {
		t.Errorf("got %q", result.Warnings)
	}
	w.wantFabric(map[string]any{"vpcs_count": 0, "cached_crd_count": 1})
}

// A cluster that answers every list with an error is unusable. A single kind that fails is not
// enough.
func TestEmptyCluster_clusterThatAnswersNothing(t *testing.T) {
	w := newWorld(t)
	w.cluster.problem = clusterError(cluster.ClassOther, "overloaded")
	if w.want(Failed, "overloaded"); len(w.cluster.configs) != 1 {
		t.Errorf("%d connections", len(w.cluster.configs))
	}
	w.wantFabric(map[string]any{"connection_status": "error", "connection_error": testServer + ": overloaded",
		"sync_error": ""})
	if n := w.netbox.Count("GET", plugin+"vpcs/"); n != 0 {
		t.Errorf("NetBox was asked %d times for objects", n)
	}
}
