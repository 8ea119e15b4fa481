package examplestest

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// observed is the time of the stand-in's stopped clock, so that no status and no age changes
// between an apply and the plan after it.
var observed = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// standin is a NetBox without fabrics, with the tags Prod and Lab and a custom
// field of every type.
func standin(t *testing.T) *netboxtest.Server {
	t.Helper()
	s := acctest.Standin(t, netboxtest.Options{}).Standin
	s.SetNow(observed)
	return s
}

// namesIn are the names of the fabrics that a NetBox has, in their order.
func namesIn(s *netboxtest.Server) []string {
	var names []string
	for _, f := range s.Fabrics() {
		names = append(names, f["name"].(string))
	}
	slices.Sort(names)
	return names
}

func (w *workspace) wantNames(s *netboxtest.Server, want ...string) {
	w.t.Helper()
	if got := namesIn(s); !slices.Equal(got, want) {
		w.t.Errorf("got the fabrics %q, want %q", got, want)
	}
}

// wantFields compares some fields and custom fields of a record, as encoding/json
// decodes them.
func (w *workspace) wantFields(s *netboxtest.Server, name string, want map[string]any) {
	w.t.Helper()
	record, there := s.FabricByName(name)
	if !there {
		w.t.Errorf("NetBox has no fabric %q", name)
		return
	}
	custom, _ := record["custom_fields"].(map[string]any)
	maps.Copy(record, custom)
	for field, value := range want {
		if !reflect.DeepEqual(record[field], value) {
			w.t.Errorf("fabric %q: %s is %#v, want %#v", name, field, record[field], value)
		}
	}
}
