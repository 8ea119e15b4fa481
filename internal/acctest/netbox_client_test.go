package acctest

import (
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// NetBox soon closes idle connections, and a write on such a connection would be lost.
func TestNetBox_keepsNoConnection(t *testing.T) {
	n := Standin(t, netboxtest.Options{})
	n.Tag(t, Name("tag"))
	n.Delete(t, n.CreateKept(t, map[string]any{"name": Name("fabric")}))
	asked := n.Standin.Requests()
	if len(asked) < 3 {
		t.Errorf("asked %d times", len(asked))
	}
	for _, r := range asked {
		if r.Header.Get("Connection") != "close" {
			t.Errorf("%s %s leaves its connection open", r.Method, r.Path)
		}
	}
}
