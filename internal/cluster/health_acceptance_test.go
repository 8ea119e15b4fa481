package cluster_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func TestHealth_ofACluster(t *testing.T) {
	k := acctest.Kubernetes(t)
	namespace := k.Namespace(t)
	var names []string
	for i := range 30 { // more than a page
		names = append(names, fmt.Sprintf("leaf-%02d", i))
	}
	k.MakeHealthy(t, namespace, names...)
	k.Apply(t, fabric.UnstoredKinds()[1], namespace, clustertest.Object{Name: "gpu", Spec: map[string]any{}})
	c := connect(t, k, cluster.Config{Namespace: namespace, Token: k.HealthToken})
	h := c.Health(t.Context())
	if healthy, known := h.Healthy(); !healthy || !known || len(h.Reasons) != 0 {
		t.Fatalf("got %+v, agents %+v, fabricator %+v", h, h.Agents, h.Fabricator)
	}
	if h.Agents.Total != 30 || h.Agents.Versions["v0.99.0"] != 30 || h.Unstored["ServerProfile"] != 1 {
		t.Errorf("%+v of %v", h.Agents, h.Unstored)
	}
	if text := fmt.Sprintf("%+v %+v %+v", h, h.Agents, h.Fabricator); strings.Contains(text, clustertest.Secret) {
		t.Errorf("a secret of a spec is in %s", text)
	}

	// A change of the spec is a new generation, which the switch has not applied.
	changed := clustertest.Agent("leaf-07", 1, time.Now(), "v0.99.0")
	changed.Spec["description"] = "in rack 7"
	k.Apply(t, fabric.AgentKind(), namespace, changed)
	k.Apply(t, fabric.AgentKind(), namespace, clustertest.Agent("leaf-08", 1, time.Now().Add(-time.Hour), "v0.99.0"))
	k.Apply(t, fabric.AgentKind(), namespace, clustertest.Agent("leaf-30", 0, time.Time{}, ""))
	a := c.Health(t.Context()).Agents
	if a == nil || a.Total != 31 || a.Ready != 28 || a.Pending != 2 || a.Silent != 2 || len(a.NotReady) != 3 {
		t.Fatalf("got %+v", a)
	}
	if got := a.NotReady[0]; got.Name != "leaf-07" || got.Generation != 2 || got.Applied != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestHealth_partsThatAreMissing(t *testing.T) {
	k := acctest.Kubernetes(t)
	namespace := k.Namespace(t)
	k.MakeHealthy(t, namespace, "leaf-01")
	want := func(h *fabric.Health, reasons map[string]string) {
		t.Helper()
		if len(h.Reasons) != len(reasons) {
			t.Errorf("reasons %v", h.Reasons)
		}
		for part, words := range reasons {
			if !strings.Contains(h.Reasons[part], words) {
				t.Errorf("%s: got %q, want %q in it", part, h.Reasons[part], words)
			}
		}
	}
	forSyncs := connect(t, k, cluster.Config{Namespace: namespace})
	want(forSyncs.Health(t.Context()), map[string]string{
		fabric.HealthAgents:     `list agents.agent.githedgehog.com in namespace "` + namespace + `"; the Role`,
		fabric.HealthFabricator: `list fabricators.fabricator.githedgehog.com in namespace "fab"; the Role`,
		fabric.HealthUnstored:   "list switchprofiles.wiring.githedgehog.com, serverprofiles.",
	})
	c := connect(t, k, cluster.Config{Namespace: namespace, Token: k.HealthToken})
	k.StopServing(t, fabric.AgentKind())
	k.StopServing(t, fabric.FabricatorKind())
	h := c.Health(t.Context())
	want(h, map[string]string{
		fabric.HealthAgents:     "does not serve agents.agent.githedgehog.com/v1beta1",
		fabric.HealthFabricator: "does not serve fabricators.fabricator.githedgehog.com/v1beta1",
	})
	if h.Agents != nil || h.Fabricator != nil || len(h.Unstored) != len(fabric.UnstoredKinds()) {
		t.Errorf("got %+v", h)
	}
}
