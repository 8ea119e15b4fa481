package acctest

import (
	"context"
	"fmt"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// MakeHealthy adds the agents of switches in a namespace, and a Fabricator that is ready. The
// heartbeats are an hour ahead, so that they don't get too old during a test. The secrets in
// specs count as secrets of the run.
func (c *Cluster) MakeHealthy(t *testing.T, namespace string, switches ...string) {
	t.Helper()
	used.add("", clustertest.Secret)
	for _, name := range switches {
		c.Apply(t, fabric.AgentKind(), namespace, clustertest.Agent(name, 1, time.Now().Add(time.Hour), "v0.99.0"))
	}
	c.needAdmin(t)
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": fabric.FabricatorNamespace},
	}}
	_, err := c.admin.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).
		Create(t.Context(), made, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	c.Apply(t, fabric.FabricatorKind(), fabric.FabricatorNamespace, clustertest.Fabricator("v0.46.0",
		map[string]string{"Applied": "True", "Ready": "True", "GatewayReady": "True"}))
}

// StopServing makes the cluster stop serving a kind's version until the test ends, like a
// cluster with another version of the CRD.
func (c *Cluster) StopServing(t *testing.T, kind fabric.Kind) {
	t.Helper()
	c.needAdmin(t)
	c.serve(t, kind, false)
	t.Cleanup(func() { c.serve(t, kind, true) })
}

func (c *Cluster) serve(t *testing.T, kind fabric.Kind, served bool) {
	t.Helper()
	if c.Standin != nil {
		c.Standin.SetInstalled(kind, served)
		return
	}
	ctx := unlogged(context.Background()) // the test's own context may have ended
	patch := fmt.Sprintf(`[{"op": "replace", "path": "/spec/versions/0/served", "value": %t}]`, served)
	definitions := c.admin.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1",
		Resource: "customresourcedefinitions"})
	if _, err := definitions.Patch(ctx, kind.Resource+"."+kind.Group, types.JSONPatchType, []byte(patch),
		metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(50 * time.Millisecond) // the server needs a moment
	defer ticker.Stop()
	for range 600 {
		_, err := c.admin.Resource(resource(kind)).Namespace("default").List(ctx, metav1.ListOptions{Limit: 1})
		if served && err == nil || !served && apierrors.IsNotFound(err) {
			return
		}
		<-ticker.C
	}
	t.Fatalf("%s.%s: served %t takes too long", kind.Resource, kind.Group, served)
}
