package netbox

import (
	"fmt"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// addFabrics stores fabrics named fabric-0001 and so on, with these ids.
func addFabrics(s *netboxtest.Server, n int) {
	for i := 1; i <= n; i++ {
		s.AddFabric(map[string]any{"name": fmt.Sprintf("fabric-%04d", i)})
	}
}

func idsOf(t *testing.T, c *Client) (ids []int64, err error) {
	t.Helper()
	for read, err := range c.Fabrics().All(t.Context()) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, read.Fabric.ID)
	}
	return ids, nil
}

func TestFindByName_exactAndOverPages(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	addFabrics(s, 1500)
	s.AddFabric(map[string]any{"name": "FABRIC-1400"})
	c := newClient(t, s.URL())
	for name, id := range map[string]int64{"fabric-1000": 1000, "fabric-1001": 1001, "FABRIC-1400": 1501} {
		read, err := c.Fabrics().FindByName(t.Context(), name)
		if err != nil || read.Fabric.ID != id || read.Fabric.Name != name {
			t.Errorf("%s: got %+v, %v", name, read, err)
		}
	}
	s.ResetRequests()
	for _, name := range []string{"fabric-140", "Fabric-1400"} {
		_, err := c.Fabrics().FindByName(t.Context(), name)
		wantError[*rest.NotFoundError](t, err)
	}
	for i, r := range s.Requests() {
		want := []string{"0", "1001"}[i%2]
		if r.Query.Get("start") != want || r.Query.Get("limit") != "1000" || r.Query.Has("offset") ||
			r.Query.Has("ordering") {
			t.Errorf("request %d: got the query %v, want a page by cursor from %s", i, r.Query, want)
		}
	}
	if got := s.Count("GET", fabricsPath); got != 4 {
		t.Errorf("got %d requests for 2 searches of 2 pages", got)
	}
}

func TestFindByName_tagIsGoodForIfMatch(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	addFabrics(s, 1)
	c := newClient(t, s.URL())
	read, err := c.Fabrics().FindByName(t.Context(), "fabric-0001")
	if err != nil {
		t.Fatal(err)
	}
	if single := mustGet(t, c, 1); tagOf(read) == "" || tagOf(read) != tagOf(single) || read.LocalClock ||
		read.ObservedAt.IsZero() {
		t.Errorf("got %+v from the list, want %+v", read, single)
	}
}

// An administrator may have lowered MAX_PAGE_SIZE.
func TestAll_pagesAreAsLargeAsNetBoxMakesThem(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V45, netboxtest.V47} {
		for _, n := range []int{98, 100} { // with a full and with a partial last page
			s := startNetBox(t, netboxtest.Options{Version: version, MaxPageSize: 7})
			addFabrics(s, n)
			c := newClient(t, s.URL())
			ids, err := idsOf(t, c)
			if err != nil || len(ids) != n {
				t.Errorf("%s: got %d fabrics of %d, %v", version, len(ids), n, err)
			}
			for i, id := range ids { // each once, in order
				if id != int64(i+1) {
					t.Fatalf("%s: got fabric %d at position %d", version, id, i)
				}
			}
			_, err = c.Fabrics().FindByName(t.Context(), "no such")
			wantError[*rest.NotFoundError](t, err)
		}
	}
}

func TestAll_before46PagesOverlapByOne(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{Version: netboxtest.V45})
	addFabrics(s, 1500)
	c := newClient(t, s.URL())
	if read, err := c.Fabrics().FindByName(t.Context(), "fabric-1400"); err != nil || read.Fabric.ID != 1400 {
		t.Fatalf("got %+v, %v", read, err)
	}
	requests := s.Requests()[1:]
	if len(requests) != 3 {
		t.Fatalf("got %d list requests, want the probe and two pages", len(requests))
	}
	for i, offset := range []string{"0", "999"} {
		if q := requests[i+1].Query; q.Get("offset") != offset || q.Get("ordering") != "id" || q.Has("start") {
			t.Errorf("page %d: got the query %v", i+1, q)
		}
	}
}
