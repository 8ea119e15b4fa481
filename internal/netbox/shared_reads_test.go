package netbox

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// manyFabrics returns a NetBox with fabrics, and a client whose time for shared
// reads the test sets.
func manyFabrics(t *testing.T, n int) (s *netboxtest.Server, c *Client, ids []int64, later func(time.Duration)) {
	t.Helper()
	s = startNetBox(t, netboxtest.Options{})
	for i := range n {
		ids = append(ids, s.AddFabric(map[string]any{"name": fmt.Sprintf("fabric-%04d", i)}))
	}
	c = newClient(t, s.URL(), withoutCheck)
	var mu sync.Mutex
	now := time.Now()
	c.reads.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	return s, c, ids, func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
}

func readAllByID(t *testing.T, c *Client, ids []int64) {
	t.Helper()
	var all sync.WaitGroup
	slots := make(chan struct{}, 10) // as many as Terraform reads at once
	for i, id := range ids {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			read, err := c.Fabrics().Refresh(t.Context(), id, Mark{})
			if err != nil || read.Fabric.ID != id {
				t.Errorf("fabric %d of %d: %v, %v", i, len(ids), read, err)
			}
		})
	}
	all.Wait()
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

func TestRefresh_manyFabricsShareOneWalk(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 2500)
	readAllByID(t, c, ids)
	if single, list := counts(s); single > singleReads || list != 3 {
		t.Errorf("%d single and %d list requests for 2500 fabrics, want at most %d and 3", single, list, singleReads)
	}
}

func TestRefresh_fewFabricsAreReadAlone(t *testing.T) {
	s, c, ids, later := manyFabrics(t, 20)
	for i := range 4 {
		readAllByID(t, c, ids[:singleReads])
		later(readsPause + time.Second)
		if single, list := counts(s); single != (i+1)*singleReads || list != 0 {
			t.Fatalf("round %d: %d single and %d list requests", i, single, list)
		}
	}
}

func TestRefresh_walkIsNotUsedAfterAPauseOrItsLife(t *testing.T) {
	s, c, ids, later := manyFabrics(t, 20)
	readAllByID(t, c, ids)
	s.UpdateFabric(ids[0], map[string]any{"description": "newer"})
	later(readsPause + time.Second)
	if read, err := c.Fabrics().Refresh(t.Context(), ids[0], Mark{}); err != nil || read.Fabric.Description != "newer" {
		t.Errorf("after a pause: %v, %v", read, err)
	}
	readAllByID(t, c, ids)
	for range 20 { // reads that keep arriving do not keep an old answer alive
		later(4 * time.Second)
		if _, err := c.Fabrics().Refresh(t.Context(), ids[1], Mark{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, list := counts(s); list != 3 {
		t.Errorf("%d walks, want 3: one before the pause, one after it, and one when that was a minute old", list)
	}
}

func TestRefresh_whatIsWrittenIsReadAlone(t *testing.T) {
	_, c, ids, _ := manyFabrics(t, 20)
	readAllByID(t, c, ids)
	_, err := c.Fabrics().Update(t.Context(), Update{
		ID: ids[5], Before: fabric.Attributes{"description": ""}, Planned: fabric.Attributes{"description": "ours"}, Set: map[string]any{"description": "ours"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if read, err := c.Fabrics().Refresh(t.Context(), ids[5], Mark{}); err != nil || read.Fabric.Description != "ours" {
		t.Errorf("%v, %v", read, err)
	}
	if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0005"); err != nil || read.Fabric.Description != "ours" {
		t.Errorf("by name: %v, %v", read, err)
	}
}

func TestRefresh_whatTheListDoesNotShowIsAskedFor(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 20)
	readAllByID(t, c, ids)
	hidden := s.AddFabric(map[string]any{"name": "made after the walk"})
	if read, err := c.Fabrics().Refresh(t.Context(), hidden, Mark{}); err != nil || read.Fabric.ID != hidden {
		t.Errorf("%v, %v", read, err)
	}
	_, err := c.Fabrics().Refresh(t.Context(), 999, Mark{})
	wantError[*NotFoundError](t, err)
	if single, _ := counts(s); single < 3 {
		t.Errorf("%d single requests: that a fabric is gone was believed of the list", single)
	}
}

func TestRefresh_aListThatFailsIsLeftAlone(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 30)
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == fabricsPath {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"detail":"You do not have permission to perform this action."}`))
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	readAllByID(t, c, ids)
	if single, list := counts(s); single != 30 || list != 1 {
		t.Errorf("%d single and %d list requests, want 30 and 1", single, list)
	}
}

func TestReadByName_manyShareOneWalk(t *testing.T) {
	s, c, _, _ := manyFabrics(t, 50)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			name := fmt.Sprintf("fabric-%04d", i)
			if read, err := c.Fabrics().ReadByName(t.Context(), name); err != nil || read.Fabric.Name != name {
				t.Errorf("%s: %v, %v", name, read, err)
			}
		})
	}
	all.Wait()
	if single, list := counts(s); single != 0 || list != 1 {
		t.Errorf("%d single and %d list requests, want one list", single, list)
	}
	_, err := c.Fabrics().ReadByName(t.Context(), "nobody")
	wantError[*NotFoundError](t, err)
}
