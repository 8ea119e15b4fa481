package netbox

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

// readByName reads the fabrics of manyFabrics from one number on to before another.
func readByName(t *testing.T, c *Client, from, to int) {
	t.Helper()
	together10(to-from, func(i int) {
		name := fmt.Sprintf("fabric-%04d", from+i)
		if read, err := c.Fabrics().ReadByName(t.Context(), name); err != nil || read.Fabric.Name != name {
			t.Errorf("%s: got %v, %v", name, read, err)
		}
	})
}

func rename(t *testing.T, c *Client, id int64, from, to string) {
	t.Helper()
	if _, err := c.Fabrics().Update(t.Context(), Update{
		ID: id, Before: fabric.Attributes{"name": from}, Planned: fabric.Attributes{"name": to},
		Set: map[string]any{"name": to},
	}); err != nil {
		t.Fatal(err)
	}
}

func TestReadByName_manyShareTheIndex(t *testing.T) {
	for version, most := range map[netboxtest.Version]int{netboxtest.V45: 1, netboxtest.V47: 1} {
		s, c, _ := manyFabrics(t, netboxtest.Options{Version: version}, 600)
		readByName(t, c, 0, 100)
		wantCounts(t, s, 100, most)
	}
	s, c, _ := manyFabrics(t, netboxtest.Options{}, 1200)
	readByName(t, c, 0, 100)
	wantCounts(t, s, 100, 1) // and no page that is not needed
	readByName(t, c, 1100, 1200)
	wantCounts(t, s, 200, 2)
}

func TestPosition_past(t *testing.T) {
	from := position{round: 2, start: 500}
	for to, want := range map[position]bool{
		{2, 900}: false, {3, 499}: false, {3, 500}: true, {4, 0}: true,
	} {
		if got := to.past(from); got != want {
			t.Errorf("%v past %v: got %t", to, from, got)
		}
	}
}

// The index reads only ids and names.
func TestReadByName_indexHasIDsAndNamesOnly(t *testing.T) {
	s, c, _ := manyFabrics(t, netboxtest.Options{}, 3)
	readByName(t, c, 0, 3)
	for _, r := range s.Requests() {
		if r.Path == fabricsPath && r.Query.Get("fields") != "id,name" {
			t.Errorf("got the query %v", r.Query)
		}
	}
}

// A read returns values from after the question, even if another client has just changed them.
func TestReadByName_isNeverOlderThanTheQuestion(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 20)
	readByName(t, c, 0, 20)
	s.UpdateFabric(ids[3], map[string]any{"description": "newer"})
	if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0003"); err != nil ||
		read.Fabric.Description != "newer" {
		t.Errorf("after a change: got %v, %v", read, err)
	}
	s.UpdateFabric(ids[4], map[string]any{"name": "elsewhere"})
	s.UpdateFabric(ids[5], map[string]any{"name": "fabric-0004"})
	if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0004"); err != nil || read.Fabric.ID != ids[5] {
		t.Errorf("after the name moved: got %v, %v", read, err)
	}
	_, err := c.Fabrics().ReadByName(t.Context(), "fabric-0005")
	wantError[*rest.NotFoundError](t, err)
	s.DeleteFabric(ids[6])
	_, err = c.Fabrics().ReadByName(t.Context(), "fabric-0006")
	wantError[*rest.NotFoundError](t, err)
	made := s.AddFabric(map[string]any{"name": "fabric-0006"})
	if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0006"); err != nil || read.Fabric.ID != made {
		t.Errorf("after it was created again: got %v, %v", read, err)
	}
}

// A page that was requested before the question may lack the fabric, so a later page is read.
func TestReadByName_pageThatBeganBeforeTheQuestionProvesNothing(t *testing.T) {
	s, c, _ := manyFabrics(t, netboxtest.Options{}, 3)
	hold := s.Fault(netboxtest.Fault{When: isList, Times: 1, AfterCommit: true, Kind: netboxtest.Hold()})
	first := make(chan error)
	go func() {
		_, err := c.Fabrics().ReadByName(t.Context(), "fabric-0000")
		first <- err
	}()
	if err := hold.WaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	made := s.AddFabric(map[string]any{"name": "made meanwhile"})
	second := make(chan error)
	asked := make(chan struct{})
	go func() {
		search := c.names.search("made meanwhile")
		_, complete, _ := search.result()
		close(asked)
		read, err := c.Fabrics().ReadByName(t.Context(), "made meanwhile")
		if complete || err == nil && read.Fabric.ID != made {
			t.Errorf("the search is complete: %v; it found %v", complete, read)
		}
		second <- err
	}()
	<-asked
	hold.Release()
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
}

// Lookups of names cost at most five requests more than reading the list for each, whether the
// fabrics exist or not, and whatever the page size.
func TestReadByName_neverCostsMuchMoreThanSingleReads(t *testing.T) {
	const all = 432
	for _, version := range []netboxtest.Version{netboxtest.V45, netboxtest.V47} {
		for _, size := range []int{1, 7, 1000} {
			s, admin, _ := manyFabrics(t, netboxtest.Options{Version: version, MaxPageSize: size}, all)
			for name, wanted := range map[string][]string{
				"the first":            {"fabric-0000"},
				"the last":             {"fabric-0431"},
				"none":                 {"nobody"},
				"the first, then none": {"fabric-0000", "nobody"},
				"some and some not": {"fabric-0000", "nobody", "fabric-0100", "fabric-0430", "somebody",
					"fabric-0001"},
			} {
				t.Run(fmt.Sprintf("%s, pages of %d, %s", version, size, name), func(t *testing.T) {
					find := func(read func(*Client, string) (*Read, error)) int {
						s.ResetRequests()
						c := newClient(t, admin.ServerURL(), withoutCheck)
						for _, name := range wanted {
							_, _ = read(c, name)
						}
						single, list := counts(s)
						return single + list
					}
					shared := find(func(c *Client, n string) (*Read, error) {
						return c.Fabrics().ReadByName(t.Context(),
							n)
					})
					alone := find(func(c *Client, n string) (*Read, error) {
						return c.Fabrics().FindByName(t.Context(),
							n)
					})
					if shared > alone+5 {
						t.Errorf("got %d requests, and %d for single reads", shared, alone)
					}
				})
			}
		}
	}
}

func TestReadByName_ofWhatThisClientHasWrittenTakesNoPage(t *testing.T) {
	s, c, ids := manyFabrics(t, netboxtest.Options{}, 20)
	readByName(t, c, 0, 1)
	if _, err := c.Fabrics().Create(t.Context(), alphaCreate()); err != nil {
		t.Fatal(err)
	}
	rename(t, c, ids[3], "fabric-0003", "renamed")
	s.ResetRequests()
	for _, name := range []string{"alpha", "renamed"} {
		if _, err := c.Fabrics().ReadByName(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	wantCounts(t, s, 2, 0)
	_, err := c.Fabrics().ReadByName(t.Context(), "fabric-0003")
	wantError[*rest.NotFoundError](t, err)
}

func TestReadByName_exactNameWinsOverAnotherForm(t *testing.T) {
	for name, find := range map[string]func(*Client, string) (*Read, error){
		"read": func(c *Client, n string) (*Read, error) { return c.Fabrics().ReadByName(t.Context(), n) },
		"find": func(c *Client, n string) (*Read, error) { return c.Fabrics().FindByName(t.Context(), n) },
	} {
		for _, size := range []int{1, 1000} {
			t.Run(fmt.Sprintf("%s, pages of %d", name, size), func(t *testing.T) {
				s, c, _ := manyFabrics(t, netboxtest.Options{MaxPageSize: size}, 3)
				other := s.AddFabric(map[string]any{"name": decomposed})
				if read, err := find(c, composed); err != nil || read.Fabric.ID != other {
					t.Errorf("the only fabric: got %v, %v", read, err)
				}
				exact := s.AddFabric(map[string]any{"name": composed})
				c = newClient(t, s.URL(), withoutCheck)
				for want, n := range map[int64]string{other: decomposed, exact: composed} {
					if read, err := find(c, n); err != nil || read.Fabric.ID != want {
						t.Errorf("%+q: got %v, %v", n, read, err)
					}
				}
				_, err := find(c, "Lab-caf\u00e9") // case counts
				wantError[*rest.NotFoundError](t, err)
			})
		}
	}
}

// A name is ambiguous if two fabrics have other forms of it, and none has exactly this one.
func TestReadByName_severalFormsAndNoneExactIsAnError(t *testing.T) {
	s, c, _ := manyFabrics(t, netboxtest.Options{}, 1)
	s.AddFabric(map[string]any{"name": "\u1ec7"})        // e with circumflex and dot below
	s.AddFabric(map[string]any{"name": "e\u0323\u0302"}) // the same, decomposed
	for name, err := range map[string]error{
		"read": func() error { _, err := c.Fabrics().ReadByName(t.Context(), "\u00ea\u0323"); return err }(),
		"find": func() error { _, err := c.Fabrics().FindByName(t.Context(), "\u00ea\u0323"); return err }(),
	} {
		if e := wantError[*AmbiguousNameError](t, err); fmt.Sprint(e.IDs) != "[2 3]" {
			t.Errorf("%s: got %v", name, e)
		}
	}
}

func TestReadByName_slowListIsWaitedForTogether(t *testing.T) {
	s, c, _ := manyFabrics(t, netboxtest.Options{}, 20)
	hold := s.Fault(netboxtest.Fault{When: isList, Times: 1, Kind: netboxtest.Hold()})
	all := make(chan struct{})
	go func() {
		defer close(all)
		readByName(t, c, 0, 20)
	}()
	if err := hold.WaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	hold.Release()
	<-all
	wantCounts(t, s, 20, 1)
}

// A failure is returned to all callers that are waiting, but not to later ones.
func TestReadByName_listThatFailsIsAskedForAgain(t *testing.T) {
	s, c, _ := manyFabrics(t, netboxtest.Options{MaxPageSize: 7}, 20)
	readByName(t, c, 0, 1)
	s.Fault(netboxtest.Fault{When: isList, Times: 1, Kind: netboxtest.Detail(403, "No.")})
	_, err := c.Fabrics().ReadByName(t.Context(), "fabric-0019")
	wantError[*rest.ForbiddenError](t, err)
	readByName(t, c, 0, 20)
}

// With pages by offset, a fabric that is removed between two pages shifts the others.
func TestReadByName_before46RemovalsBetweenPages(t *testing.T) {
	for _, size := range []int{1, 7} {
		s, c, ids := manyFabrics(t, netboxtest.Options{Version: netboxtest.V45, MaxPageSize: size}, 30)
		var lists atomic.Int64
		intercept(s, http.MethodGet, func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
			if isList(r) && lists.Add(1) == 3 {
				s.DeleteFabric(ids[0])
			}
			next.ServeHTTP(w, r)
		})
		if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0029"); err != nil || read.Fabric.ID != ids[29] {
			t.Errorf("pages of %d: got %v, %v", size, read, err)
		}
	}
}

// Other clients may create, delete or rename fabrics at any time. The answer is true after the
// question, for other forms of a name too.
func TestReadByName_otherFormsAreNeverOlderThanTheQuestion(t *testing.T) {
	s, c, _ := manyFabrics(t, netboxtest.Options{}, 3)
	want := func(name string, id int64) {
		t.Helper()
		if read, err := c.Fabrics().ReadByName(t.Context(), name); err != nil || read.Fabric.ID != id {
			t.Errorf("%+q: got %v, %v", name, read, err)
		}
	}
	other := s.AddFabric(map[string]any{"name": decomposed})
	want(composed, other)
	exact := s.AddFabric(map[string]any{"name": composed})
	want(composed, exact) // made later
	s.UpdateFabric(exact, map[string]any{"name": "elsewhere"})
	want(composed, other)
	s.UpdateFabric(exact, map[string]any{"name": composed})
	want(composed, exact)
	s.DeleteFabric(exact)
	want(composed, other)

	first := s.AddFabric(map[string]any{"name": "\u1ec7"})
	second := s.AddFabric(map[string]any{"name": "e\u0323\u0302"})
	_, err := c.Fabrics().ReadByName(t.Context(), "\u00ea\u0323")
	wantError[*AmbiguousNameError](t, err)
	s.DeleteFabric(first)
	want("\u00ea\u0323", second)
}
