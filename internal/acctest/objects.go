package acctest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// EmptyKind is the only kind without objects in Filled.
const EmptyKind = "ExternalPeering"

// Filled returns a new namespace with three objects of every kind but EmptyKind,
// named object-0 to object-2: 33 in all. The three SwitchGroups have an empty spec.
func (c *Cluster) Filled(t *testing.T) string {
	t.Helper()
	namespace := c.Namespace(t)
	for _, kind := range fabric.Kinds() {
		if kind.Name == EmptyKind {
			continue
		}
		for i := range 3 {
			c.Apply(t, kind, namespace, clustertest.Example(kind, fmt.Sprintf("object-%d", i)))
		}
	}
	return namespace
}

// ExistingOrFilled returns a namespace for a test that only reads: the one on the user's
// cluster, or a new one with objects.
func (c *Cluster) ExistingOrFilled(t *testing.T) string {
	t.Helper()
	if c.Existing != "" {
		return c.Existing
	}
	return c.Filled(t)
}

// CountObjects returns the number of a fabric's objects of a kind in NetBox.
//
// It does not request "display", which has the name of each object's fabric: NetBox answers
// 500 DoesNotExist if another test destroys a fabric at that moment.
func (n *NetBox) CountObjects(t *testing.T, kind fabric.Kind, fabricID int64) int {
	t.Helper()
	own := 0
	for _, object := range list(t, n, kind.Endpoint, "&fields=id,fabric") {
		if object["fabric"] == float64(fabricID) {
			own++
		}
	}
	return own
}

// list returns all objects of one of the plugin's lists.
func list(t *testing.T, n *NetBox, endpoint, query string) []map[string]any {
	t.Helper()
	all, err := n.all("plugins/hedgehog/"+endpoint+"/", query)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Objects returns a fabric's objects of a kind in NetBox.
func (n *NetBox) Objects(t *testing.T, kind fabric.Kind, fabricID int64) []map[string]any {
	t.Helper()
	const fields = "id,fabric,name,namespace,spec,labels,annotations,kubernetes_status,kubernetes_uid," +
		"kubernetes_resource_version"
	var own []map[string]any
	for _, object := range list(t, n, kind.Endpoint, "&fields="+fields) {
		if object["fabric"] == float64(fabricID) {
			own = append(own, object)
		}
	}
	return own
}

// ChangeObject changes an object in NetBox, as a user would by hand.
func (n *NetBox) ChangeObject(t *testing.T, kind fabric.Kind, id int64, fields map[string]any) {
	t.Helper()
	n.toObject(t, http.MethodPatch, kind, id, fields, http.StatusOK)
}

// DeleteObject deletes an object from NetBox, as a user would by hand.
func (n *NetBox) DeleteObject(t *testing.T, kind fabric.Kind, id int64) {
	t.Helper()
	n.toObject(t, http.MethodDelete, kind, id, nil, http.StatusNoContent)
}

func (n *NetBox) toObject(t *testing.T, method string, kind fabric.Kind, id int64, body any, want int) {
	t.Helper()
	url := fmt.Sprintf("%s/api/plugins/hedgehog/%s/%d/", n.URL, kind.Endpoint, id)
	resp, raw, err := n.ask(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != want {
		t.Fatalf("%s %s: status %d, want %d: %s", method, url, resp.StatusCode, want, raw)
	}
}
