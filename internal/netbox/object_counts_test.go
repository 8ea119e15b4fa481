package netbox

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// counted returns a NetBox with four fabrics, three of them with objects, and a client.
func counted(t *testing.T, filter netboxtest.ObjectFilter, vpcs int) (*netboxtest.Server, *Client) {
	t.Helper()
	s := startNetBox(t, netboxtest.Options{ObjectFilter: filter})
	for _, name := range []string{"delta", "alpha", "gamma", "beta"} {
		s.AddFabric(map[string]any{"name": name})
	}
	for i, n := range []int{3, vpcs, 1} { // and none of the fourth
		s.AddObjects("vpcs", n, func(k int) map[string]any {
			return map[string]any{"fabric": i + 1, "name": fmt.Sprint("o-", k), "spec": map[string]any{"a": 1}}
		})
	}
	s.AddObjects("servers", 2, func(k int) map[string]any {
		return map[string]any{"fabric": 3, "name": fmt.Sprint("s-", k), "spec": map[string]any{"a": 1}}
	})
	return s, newClient(t, s.URL(), withoutCheck)
}

func wantCount(t *testing.T, c *Client, fabricID, want int64) {
	t.Helper()
	if got, err := c.StoredObjects(t.Context(), fabricID); err != nil || got != want {
		t.Errorf("fabric %d: got %d objects, %v, want %d", fabricID, got, err, want)
	}
}

func TestStoredObjects_areCountedByNetBoxWhereItFilters(t *testing.T) {
	for _, filter := range []netboxtest.ObjectFilter{netboxtest.FilterFields, netboxtest.FilterSet} {
		s, c := counted(t, filter, maxCounted+1)
		for fabricID, requests := range map[int64]int{1: 13, 2: 13, 3: 13} {
			s.ResetRequests()
			if wantCount(t, c, fabricID, map[int64]int64{1: 3, 2: maxCounted + 1, 3: 3}[fabricID]); len(
				s.Requests()) != requests {
				t.Errorf("%s, fabric %d: got %d requests, want %d", filter, fabricID, len(s.Requests()), requests)
			}
			for _, r := range s.Requests() {
				if r.Query.Get("limit") != "1" {
					t.Errorf("got the query %s", r.Query.Encode())
				}
			}
		}
		wantCount(t, c, 4, 0) // after it has shown that they are too many to read
		s.ResetRequests()
		if wantCount(t, c, 1, 3); len(s.Requests()) != 13 {
			t.Errorf("%s: got %d requests afterwards", filter, len(s.Requests()))
		}
	}
}

// Many fabrics are counted together as long as that takes fewer requests.
func TestStoredObjects_ofManyFabrics(t *testing.T) {
	for _, filter := range []netboxtest.ObjectFilter{netboxtest.NoFilter, netboxtest.FilterFields,
		netboxtest.FilterSet} {
		s, c := counted(t, filter, 1500)
		for range 10 {
			for fabricID, want := range map[int64]int64{1: 3, 2: 1500, 3: 3, 4: 0} {
				wantCount(t, c, fabricID, want)
			}
		}
		if n := len(s.Requests()); n > singleCounts*13+13 {
			t.Errorf("%s: got %d requests", filter, n)
		}
	}
}

func TestStoredObjects_tooManyWithoutAFilter(t *testing.T) {
	s, c := counted(t, netboxtest.NoFilter, maxCounted)
	for range 3 {
		if _, err := c.StoredObjects(t.Context(), 2); !errors.Is(err, errTooManyObjects) {
			t.Errorf("got %v", err)
		}
	}
	if n := len(s.Requests()); n > 30 {
		t.Errorf("got %d requests", n)
	}
}

// If one fabric has all objects, a list without a filter has the same objects.
func TestStoredObjects_ofTheOnlyFabric(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, numbered(40)...)
	s.ResetRequests()
	if wantCount(t, o.client, 1, 40); len(s.Requests()) != 13 {
		t.Errorf("got %d requests", len(s.Requests()))
	}
}

func TestStoredObjects_errors(t *testing.T) {
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 403, `{"detail":"No."}`) })
	_, err := newClient(t, s.URL, withoutCheck).StoredObjects(t.Context(), 1)
	wantError[*rest.ForbiddenError](t, err)
	s = startServer(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 400, unknownFabric) })
	_, err = newClient(t, s.URL, withoutCheck).StoredObjects(t.Context(), 1)
	wantError[*rest.NotFoundError](t, err)
}

// If NetBox filters by fabric, a fabric with 500 objects takes one page of each kind, however many
// objects the other fabrics have.
func TestObjects_ofAFabricAmongManyWhereNetBoxFilters(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V46, netboxtest.V45, netboxtest.V44} {
		for _, filter := range []netboxtest.ObjectFilter{netboxtest.FilterFields, netboxtest.FilterSet} {
			s := startNetBox(t, netboxtest.Options{Version: version, ObjectFilter: filter})
			s.AddFabric(map[string]any{"name": "alpha"})
			s.AddFabric(map[string]any{"name": "beta"})
			c := newClient(t, s.URL(), withoutCheck)
			for _, kind := range fabric.Kinds() {
				for i, n := range []int{42, 1100} {
					s.AddObjects(kind.Endpoint, n, func(k int) map[string]any {
						return map[string]any{"fabric": i + 1, "name": fmt.Sprint("o-", k),
							"spec": map[string]any{"a": 1}}
					})
				}
				if got := allObjects(t, c.Objects(kind), 1); len(got) != 42 {
					t.Errorf("%s: got %d objects", kind.Name, len(got))
				}
			}
			if n := len(s.Requests()); n != 12 {
				t.Errorf("%s, %s: got %d pages", version, filter, n)
			}
			for _, err := range c.Objects(fabric.Kinds()[0]).All(t.Context(), 3) {
				wantError[*rest.NotFoundError](t, err)
			}
		}
	}
}
