package netbox

import (
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A fabric whose name has another Unicode form is another fabric, even for a create whose first
// attempt did not arrive.
func TestCreate_nameInAnotherNormalFormExists(t *testing.T) {
	for name, others := range map[string][]string{
		"one":     {decomposed + "\u0323"},
		"several": {decomposed + "\u0323", "cafe\u0323\u0301"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			for _, other := range others {
				s.AddFabric(map[string]any{"name": other})
			}
			s.Fault(netboxtest.Fault{Method: http.MethodPost, Times: 1, Kind: netboxtest.Status(http.StatusBadGateway)})
			create := alphaCreate()
			wanted := "caf\u1eb9\u0301" // form C of the others
			create.Set["name"], create.Planned["name"] = wanted, wanted
			read, err := newClient(t, s.URL()).Fabrics().Create(t.Context(), create)
			if err != nil || read.Fabric.Name != wanted || len(s.Fabrics()) != len(others)+1 {
				t.Errorf("got %v, %v", read, err)
			}
		})
	}
}
