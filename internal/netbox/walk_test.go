package netbox

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func shuffled(ids []int64) []int64 {
	for i, j := range rand.Perm(len(ids)) {
		ids[i], ids[j] = ids[j], ids[i]
	}
	return ids
}

// Ten of many fabrics are not worth a page each, let alone all pages.
func TestRefresh_fewFabricsAmongManyTakeFewPages(t *testing.T) {
	const all, few = 600, 10
	for version, can := range profiles {
		if version == netboxtest.V44 || version == netboxtest.V46 {
			continue // as V45 and V47
		}
		s, admin, ids, _ := manyFabricsOf(t, netboxtest.Options{Version: version, MaxPageSize: 100}, all)
		for name, test := range map[string]struct {
			choose func(i int) int
			pages  int // by cursor
		}{
			"spread":       {func(i int) int { return i*all/few + 30 }, pagesOnTrust},
			"the newest":   {func(i int) int { return all - 1 - i }, 2},
			"the oldest":   {func(i int) int { return i }, 1},
			"side by side": {func(i int) int { return all/2 + i }, 2},
		} {
			if name != "spread" && !can.cursors {
				continue // whatever they are, pages by offset begin at the first
			}
			t.Run(string(version)+" "+name, func(t *testing.T) {
				var wanted []int64
				for i := range few {
					wanted = append(wanted, ids[test.choose(i)])
				}
				s.ResetRequests()
				c := newClient(t, admin.ServerURL(), withoutCheck)
				waitLong(c)
				readAllByID(t, c, shuffled(wanted))
				most := test.pages
				if !can.cursors {
					most = pagesOnTrust + 1 // the first page is asked for twice
				}
				if single, list := counts(s); list > most || single > few || (can.cursors && single+list > few+pagesOnTrust) {
					t.Errorf("%d single and %d list requests, want at most %d lists", single, list, most)
				}
			})
		}
	}
}

// However many there are and in whatever order they are read: each page once.
func TestRefresh_allFabricsInAnyOrderTakeEachPageOnce(t *testing.T) {
	for version, can := range profiles {
		if version == netboxtest.V44 || version == netboxtest.V46 {
			continue // as V45 and V47
		}
		s, c, ids, _ := manyFabricsOf(t, netboxtest.Options{Version: version, MaxPageSize: 100}, 550)
		readAllByID(t, c, shuffled(ids))
		want := 6
		if !can.cursors {
			want++ // the first page is asked for twice
		}
		if single, list := counts(s); single != singleReads || list != want {
			t.Errorf("%s: %d single and %d list requests, want %d and %d", version, single, list, singleReads, want)
		}
	}
}

// An administrator may have lowered MAX_PAGE_SIZE.
func TestRefresh_pagesAreAsLargeAsNetBoxMakesThem(t *testing.T) {
	s, c, ids, _ := manyFabricsOf(t, netboxtest.Options{MaxPageSize: 100}, 1500)
	readAllByID(t, c, ids[1405:1415])
	if _, list := counts(s); list != 2 {
		t.Errorf("%d list requests for ten fabrics on one page, want the first and theirs", list)
	}
}

func TestWalk_pageSurelyHasTheFabricThatItIsReadFor(t *testing.T) {
	w := &walk{}
	if got := w.pageOf(11_500); got != 0 {
		t.Errorf("the first page begins at %d", got)
	}
	w.parts = []stretch{{0, 1000}, {5001, 6200}}
	for id, want := range map[int64]int64{
		1001: 1001, 2000: 1001, 2001: 2001, 5000: 4001, 6201: 6201, 7200: 6201, 7201: 7201,
		math.MaxInt64: math.MaxInt64 - (math.MaxInt64-6201)%1000,
	} {
		if got := w.pageOf(id); got != want || id-got >= pageSize {
			t.Errorf("%d: page from %d, want %d", id, got, want)
		}
	}
}

func TestRefresh_idsThatNobodyHas(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 10)
	readAllByID(t, c, ids)
	for _, id := range []int64{math.MaxInt64, math.MaxInt64 - 1, 999} {
		_, err := c.Fabrics().Refresh(t.Context(), id, Mark{})
		wantError[*NotFoundError](t, err)
	}
	for _, id := range []int64{0, -1} {
		if _, err := c.Fabrics().Refresh(t.Context(), id, Mark{}); err == nil {
			t.Errorf("there is a fabric %d", id)
		}
	}
	if single, list := counts(s); single != singleReads+2*5 || list != 1 {
		t.Errorf("%d single and %d list requests", single, list)
	}
}
