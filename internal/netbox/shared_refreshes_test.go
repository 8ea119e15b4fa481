package netbox

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// manyFabrics returns a NetBox with fabrics named fabric-0000 and so on, and a client.
func manyFabrics(t *testing.T, o netboxtest.Options, n int) (s *netboxtest.Server, c *Client, ids []int64) {
	t.Helper()
	s = startNetBox(t, o)
	for i := range n {
		ids = append(ids, s.AddFabric(map[string]any{"name": fmt.Sprintf("fabric-%04d", i)}))
	}
	return s, newClient(t, s.URL(), withoutCheck), ids
}

// together10 calls a function n times, ten at a time like Terraform.
func together10(n int, do func(i int)) {
	var all sync.WaitGroup
	slots := make(chan struct{}, 10)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	all.Wait()
}

func refreshAll(t *testing.T, c *Client, ids []int64) {
	t.Helper()
	together10(len(ids), func(i int) {
		read, err := c.Fabrics().Refresh(t.Context(), ids[i], Revision{})
		if err != nil || read.Fabric.ID != ids[i] {
			t.Errorf("fabric %d of %d: got %v, %v", i, len(ids), read, err)
		}
	})
}

func shuffled(ids []int64) []int64 {
	all := make([]int64, len(ids))
	for i, j := range rand.Perm(len(ids)) {
		all[i] = ids[j]
	}
	return all
}

// counts returns how many single and how many list requests there were.
func counts(s *netboxtest.Server) (single, list int) {
	for _, r := range s.Requests() {
		switch {
		case r.Method != http.MethodGet:
		case r.Path == fabricsPath:
			list++
		default:
			single++
		}
	}
	return single, list
}

func wantCounts(t *testing.T, s *netboxtest.Server, single, list int) {
	t.Helper()
	if gotSingle, gotList := counts(s); gotSingle != single || gotList != list {
		t.Errorf("got %d single and %d list requests, want %d and %d", gotSingle, gotList, single, list)
	}
}

func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, fabricsPath) }

func TestRefresh_manyFabricsSharePages(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 2500)
	refreshAll(t, c, ids)
	wantCounts(t, s, singleReads, 3)
}

func TestRefresh_fewFabricsAreReadAlone(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 20)
	refreshAll(t, c, ids[:singleReads])
	wantCounts(t, s, singleReads, 0)
}

// In any order and for any number of fabrics, each page is read once.
func TestRefresh_allFabricsInAnyOrderTakeEachPageOnce(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V45, netboxtest.V47} {
		s, c, ids := manyFabrics(t, netboxtest.Options{Version: version, MaxPageSize: 100}, 550)
		refreshAll(t, c, shuffled(ids))
		single, list := counts(s)
		if most := 6; list > most+1 || single+list > singleReads+most+spareRequests+10 {
			t.Errorf("%s: got %d single and %d list requests", version, single, list)
		}
	}
}

// Sharing never costs more than five requests more than single reads.
func TestRefresh_neverCostsMuchMoreThanSingleReads(t *testing.T) {
	const older, few = 372, 60
	choices := map[string]func(i int) int{
		"the newest":   func(i int) int { return older + i },
		"the oldest":   func(i int) int { return i },
		"spread":       func(i int) int { return i * (older + few) / few },
		"side by side": func(i int) int { return 200 + i },
	}
	for _, version := range []netboxtest.Version{netboxtest.V44, netboxtest.V45, netboxtest.V46, netboxtest.V47} {
		for _, size := range []int{1, 2, 7, 50, 1000} {
			s, admin, ids := manyFabrics(t, netboxtest.Options{Version: version, MaxPageSize: size}, older+few)
			for name, choose := range choices {
				for _, n := range []int{1, 4, 10, few} {
					t.Run(fmt.Sprintf("%s, pages of %d, %d %s", version, size, n, name), func(t *testing.T) {
						var wanted []int64
						for i := range n {
							wanted = append(wanted, ids[choose(i*few/n)])
						}
						s.ResetRequests()
						refreshAll(t, newClient(t, admin.ServerURL(), withoutCheck), shuffled(wanted))
						if single, list := counts(s); single+list > n+5 {
							t.Errorf("got %d single and %d list requests", single, list)
						}
					})
				}
			}
		}
	}
}

// An administrator may have lowered MAX_PAGE_SIZE.
func TestRefresh_pagesAreAsLargeAsNetBoxMakesThem(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{MaxPageSize: 100}, 1500)
	refreshAll(t, c, ids[1405:1415])
	wantCounts(t, s, singleReads, 2) // the first page, and theirs
}

// A page serves each of its fabrics once.
func TestRefresh_secondRefreshIsANewRequest(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 20)
	refreshAll(t, c, ids)
	s.UpdateFabric(ids[15], map[string]any{"description": "newer"})
	s.ResetRequests()
	if read, err := c.Fabrics().Refresh(t.Context(), ids[15], Revision{}); err != nil ||
		read.Fabric.Description != "newer" {
		t.Errorf("got %v, %v", read, err)
	}
	wantCounts(t, s, 1, 0)
}

// held returns how many records the client caches.
func held(c *Client) int {
	c.reads.mu.Lock()
	defer c.reads.mu.Unlock()
	if c.reads.pages == nil {
		return 0
	}
	return len(c.reads.pages.reads)
}

func TestRefresh_whatWasServedLeavesTheMemory(t *testing.T) {
	_, c, ids := manyFabrics(t, netboxtest.Options{}, 50)
	refreshAll(t, c, ids[:40])
	if got, want := held(c), 10+singleReads; got != want {
		t.Errorf("got %d cached records of 50, want %d", got, want)
	}
}

func TestRefresh_pagesEndWithTheirLife(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 50)
	var expire func()
	c.reads.after = func(d time.Duration, do func()) {
		if d != pageLife {
			t.Errorf("got a lifetime of %v for pages", d)
		}
		expire = do
	}
	refreshAll(t, c, ids[:20])
	s.UpdateFabric(ids[30], map[string]any{"description": "newer"})
	expire()
	if got := held(c); got != 0 {
		t.Errorf("got %d cached records after a minute", got)
	}
	if read, err := c.Fabrics().Refresh(t.Context(), ids[30], Revision{}); err != nil ||
		read.Fabric.Description != "newer" {
		t.Errorf("got %v, %v", read, err)
	}
}

func TestRefresh_whatIsWrittenIsReadAlone(t *testing.T) {
	_, c, ids := manyFabrics(t, netboxtest.Options{}, 20)
	refreshAll(t, c, ids[:10])
	if _, err := c.Fabrics().Update(t.Context(), Update{
		ID: ids[15], Before: fabric.Attributes{"description": ""}, Planned: fabric.Attributes{"description": "ours"},
		Set: map[string]any{"description": "ours"},
	}); err != nil {
		t.Fatal(err)
	}
	read, err := c.Fabrics().Refresh(t.Context(), ids[15], Revision{})
	if err != nil || read.Fabric.Description != "ours" {
		t.Errorf("got %v, %v", read, err)
	}
}

func TestRefresh_whatTheListDoesNotShowIsAskedFor(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 20)
	refreshAll(t, c, ids)
	hidden := s.AddFabric(map[string]any{"name": "made after the page"})
	if read, err := c.Fabrics().Refresh(t.Context(), hidden, Revision{}); err != nil || read.Fabric.ID != hidden {
		t.Errorf("got %v, %v", read, err)
	}
	s.ResetRequests()
	for _, id := range []int64{math.MaxInt64, math.MaxInt64 - 1, 999, 0, -1} {
		_, err := c.Fabrics().Refresh(t.Context(), id, Revision{})
		wantError[*rest.NotFoundError](t, err)
	}
	wantCounts(t, s, 2*5, 0) // a missing fabric must be missing in two single reads, not only in the list
}

// If a page does not arrive, half of the time is left for a single read.
func TestRefresh_slowListIsNotWaitedForToTheEnd(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 10)
	s.Fault(netboxtest.Fault{Path: fabricsPath + "*", When: isList, Kind: netboxtest.Hold()})
	refreshAll(t, c, ids[:singleReads])
	ctx, cancel := contextWithTimeout(t, 2*time.Second)
	defer cancel()
	if read, err := c.Fabrics().Refresh(ctx, ids[5], Revision{}); err != nil || read.Fabric.ID != ids[5] {
		t.Errorf("got %v, %v", read, err)
	}
	wantCounts(t, s, singleReads+1, 1)
}

func TestRefresh_aListThatFailsIsLeftAlone(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 30)
	refused := s.Fault(netboxtest.Fault{When: isList, Kind: netboxtest.Detail(403, "No.")})
	refreshAll(t, c, ids)
	if single, _ := counts(s); single != 30 || refused.Hits() != 1 {
		t.Errorf("got %d single and %d list requests, want 30 and 1", single, refused.Hits())
	}
}

// Fabrics of the first page come from the list, the others from single reads.
func TestRefresh_aListThatFailsAtItsSecondPageServesTheFirst(t *testing.T) {
	for name, test := range map[string]struct {
		version netboxtest.Version
		kind    netboxtest.Kind
	}{
		"refused":           {netboxtest.V47, netboxtest.Detail(403, "No.")},
		"refused by offset": {netboxtest.V45, netboxtest.Detail(403, "No.")},
		"cut":               {netboxtest.V47, netboxtest.CutJSON()},
	} {
		t.Run(name, func(t *testing.T) {
			s, c, ids := manyFabrics(t, netboxtest.Options{Version: test.version, MaxPageSize: 100}, 150)
			failing := s.Fault(netboxtest.Fault{Method: http.MethodGet, Kind: test.kind,
				When: func(r *http.Request) bool {
					q := r.URL.Query()
					return isList(r) && (q.Get("start") > "0" || q.Get("offset") > "0")
				}})
			refreshAll(t, c, ids)
			if single, _ := counts(s); failing.Hits() != 1 || single != singleReads+50 {
				t.Errorf("got %d single requests and %d failed pages, want %d and 1", single, failing.Hits(),
					singleReads+50)
			}
		})
	}
}

// Fabrics that the token can't see in the list are read one by one.
func TestRefresh_hiddenFabricsAreAskedForOneByOne(t *testing.T) {
	s, admin, ids := manyFabrics(t, netboxtest.Options{}, 30)
	for i := range 10 {
		ids = append(ids, s.AddFabric(map[string]any{"name": fmt.Sprintf("%s%d", netboxtest.LimitedPrefix, i)}))
	}
	c := newClient(t, admin.ServerURL(), withoutCheck, func(c *rest.Config) { c.APIToken = netboxtest.LimitedToken })
	together10(len(ids), func(i int) {
		read, err := c.Fabrics().Refresh(t.Context(), ids[i], Revision{})
		if _, missing := errors.AsType[*rest.NotFoundError](err); missing != (i < 30) ||
			(!missing && read.Fabric.ID != ids[i]) {
			t.Errorf("fabric %d: got %v, %v", ids[i], read, err)
		}
	})
	if single, list := counts(s); list != 1 || single < 2*30 || single > 2*30+singleReads {
		t.Errorf("got %d single and %d list requests, want two for each hidden fabric, and one", single, list)
	}
}

func TestHeldPages_pageSurelyHasTheFabricThatItIsReadFor(t *testing.T) {
	p := &cachedPages{scan: (&Client{}).scanRecords()}
	if got := p.startFor(11_500); got != 0 {
		t.Errorf("got the start %d for the first page", got)
	}
	p.spans = []rest.Span{{First: 0, Last: 1000}, {First: 5001, Last: 6200}}
	for id, want := range map[int64]int64{
		1001: 1001, 2000: 1001, 2001: 2001, 5000: 4001, 6201: 6201, 7200: 6201, 7201: 7201,
		math.MaxInt64: math.MaxInt64 - (math.MaxInt64-6201)%1000,
	} {
		if got := p.startFor(id); got != want || id-got >= 1000 {
			t.Errorf("fabric %d: got a page from %d, want %d", id, got, want)
		}
	}
}

// If a page is too large, the client reads smaller pages.
func TestRefresh_pagesThatAreTooLargeBecomeSmaller(t *testing.T) {
	s, c, ids := manyLarge(t)
	refreshAll(t, c, ids)
	if single, list := counts(s); single+list > len(ids)+5 || list < 3 {
		t.Errorf("got %d single and %d list requests", single, list)
	}
}

// manyLarge returns a NetBox with 60 fabrics of 32 kB, and a client that reads answers
// of 1 MiB.
func manyLarge(t *testing.T) (s *netboxtest.Server, c *Client, ids []int64) {
	t.Helper()
	s = startNetBox(t, netboxtest.Options{})
	for i := range 60 {
		ids = append(ids, s.AddFabric(map[string]any{
			"name": fmt.Sprintf("fabric-%04d", i), "description": strings.Repeat("x", 32<<10),
		}))
	}
	c = newClient(t, s.URL(), withoutCheck, answersUpTo(1<<20))
	return s, c, ids
}

func TestAll_pagesThatAreTooLargeBecomeSmaller(t *testing.T) {
	_, c, ids := manyLarge(t)
	if got, err := idsOf(t, c); err != nil || fmt.Sprint(got) != fmt.Sprint(ids) {
		t.Errorf("got %d fabrics, %v", len(got), err)
	}
}

func TestAll_aSingleRecordThatIsTooLargeIsAnError(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.AddFabric(map[string]any{"name": "large", "description": strings.Repeat("x", 1<<20)})
	c := newClient(t, s.URL(), withoutCheck, answersUpTo(1<<20))
	_, err := idsOf(t, c)
	wantError[*rest.TooLargeError](t, err)
}
