package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// EmptyKind is the kind of which Filled makes no object.
const EmptyKind = "ExternalPeering"

// Filled returns a new namespace with three objects of every kind but EmptyKind,
// named object-0 to object-2: 33 in all, of which three SwitchGroups have an empty
// spec.
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

// AsItIs returns a namespace for a test that only reads: that of a cluster that
// exists, or one that is filled for it.
func (c *Cluster) AsItIs(t *testing.T) string {
	t.Helper()
	if c.Existing != "" {
		return c.Existing
	}
	return c.Filled(t)
}

// CountObjects returns how many objects of a kind NetBox has of a fabric.
//
// It asks for no "display": that names each object's fabric, and where one of another
// test is being destroyed in that moment, NetBox answers 500 DoesNotExist.
func (n *NetBox) CountObjects(t *testing.T, kind fabric.Kind, fabricID int64) int {
	t.Helper()
	own := 0
	for offset := 0; ; offset += 1000 {
		var page struct {
			Next    *string `json:"next"`
			Results []struct {
				Fabric int64 `json:"fabric"`
			} `json:"results"`
		}
		n.get(t, fmt.Sprintf("/api/plugins/hedgehog/%s/?fields=id,fabric&ordering=id&limit=1000&offset=%d", kind.Endpoint, offset), &page)
		for _, object := range page.Results {
			if object.Fabric == fabricID {
				own++
			}
		}
		if page.Next == nil {
			return own
		}
	}
}

func (n *NetBox) get(t *testing.T, path string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, n.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token "+n.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("GET %s: status %d: %s", path, resp.StatusCode, body)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
