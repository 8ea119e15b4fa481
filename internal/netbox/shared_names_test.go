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

func readAllByName(t *testing.T, c *Client, from, to int) {
	t.Helper()
	var all sync.WaitGroup
	slots := make(chan struct{}, 10) // as many as Terraform reads at once
	for i := from; i < to; i++ {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			name := fmt.Sprintf("fabric-%04d", i)
			if read, err := c.Fabrics().ReadByName(t.Context(), name); err != nil || read.Fabric.Name != name {
				t.Errorf("%s: %v, %v", name, read, err)
			}
		})
	}
	all.Wait()
}

func wantCounts(t *testing.T, s *netboxtest.Server, single, list int) {
	t.Helper()
	if gotSingle, gotList := counts(s); gotSingle != single || gotList != list {
		t.Errorf("%d single and %d list requests, want %d and %d", gotSingle, gotList, single, list)
	}
}

func TestReadByName_manyShareOneWalk(t *testing.T) {
	s, c, _, _ := manyFabrics(t, 1200)
	readAllByName(t, c, 0, 300)
	wantCounts(t, s, 0, 1) // and no page that nobody needs
	readAllByName(t, c, 900, 1200)
	wantCounts(t, s, 0, 2)
}

func TestReadByName_whatTheListDoesNotShowIsSearchedForAnew(t *testing.T) {
	s, c, _, _ := manyFabrics(t, 20)
	readAllByName(t, c, 0, 20)
	made := s.AddFabric(map[string]any{"name": "made after the walk"})
	if read, err := c.Fabrics().ReadByName(t.Context(), "made after the walk"); err != nil || read.Fabric.ID != made {
		t.Errorf("%v, %v", read, err)
	}
	_, err := c.Fabrics().ReadByName(t.Context(), "nobody")
	wantError[*NotFoundError](t, err)
	wantCounts(t, s, 0, 3)
}

func TestReadByName_isExactButForItsUnicodeForm(t *testing.T) {
	s, c, _, _ := manyFabrics(t, 0)
	id := s.AddFabric(map[string]any{"name": "M\u00fcnchen"})
	if read, err := c.Fabrics().ReadByName(t.Context(), "Mu\u0308nchen"); err != nil || read.Fabric.ID != id {
		t.Errorf("%v, %v", read, err)
	}
	_, err := c.Fabrics().ReadByName(t.Context(), "m\u00fcnchen")
	wantError[*NotFoundError](t, err)
}

func TestReadByName_isNotServedAfterAPauseOrItsLife(t *testing.T) {
	s, c, ids, later := manyFabrics(t, 20)
	readAllByName(t, c, 0, 20)
	s.UpdateFabric(ids[0], map[string]any{"description": "newer"})
	later(readsPause + time.Second)
	if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0000"); err != nil || read.Fabric.Description != "newer" {
		t.Errorf("after a pause: %v, %v", read, err)
	}
	for range 20 { // reads that keep arriving do not keep an old answer alive
		later(4 * time.Second)
		readAllByName(t, c, 0, 1)
	}
	wantCounts(t, s, 0, 3)
}

// Names move with writes: only a walk that began after them knows the names.
func TestReadByName_afterAWriteIsServedByALaterWalkOnly(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 20)
	readAllByName(t, c, 0, 20)
	rename := func(id int64, from, to string) {
		t.Helper()
		_, err := c.Fabrics().Update(t.Context(), Update{
			ID: id, Before: fabric.Attributes{"name": from}, Planned: fabric.Attributes{"name": to}, Set: map[string]any{"name": to},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rename(ids[3], "fabric-0003", "fabric-0099")
	rename(ids[4], "fabric-0004", "fabric-0003")
	s.ResetRequests()
	if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0003"); err != nil || read.Fabric.ID != ids[4] {
		t.Errorf("%v, %v", read, err)
	}
	readAllByName(t, c, 5, 20)
	wantCounts(t, s, 0, 2) // one for all, and one for what is this client's own
	if _, err := c.Fabrics().Create(t.Context(), alphaCreate()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Fabrics().ReadByName(t.Context(), "alpha"); err != nil {
		t.Error(err)
	}
}

// A walk that began while a write was under way may have seen what was before.
func TestReadByName_afterAWriteIsNotServedByAWalkFromDuringIt(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 20)
	held := s.Fault(netboxtest.Fault{Method: http.MethodPatch, Kind: netboxtest.Hold()})
	written := make(chan error)
	go func() {
		_, err := c.Fabrics().Update(t.Context(), Update{
			ID: ids[3], Before: fabric.Attributes{"name": "fabric-0003"}, Planned: fabric.Attributes{"name": "renamed"}, Set: map[string]any{"name": "renamed"},
		})
		written <- err
	}()
	if err := held.WaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	readAllByName(t, c, 0, 20)
	held.Release()
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if read, err := c.Fabrics().ReadByName(t.Context(), "fabric-0003"); err == nil {
		t.Errorf("the old name is still served: %+v", read.Fabric)
	}
}

// There is nothing else to ask for a name: whoever waits for the list goes on to.
func TestReadByName_slowListIsWaitedForTogether(t *testing.T) {
	s, c, _, _ := manyFabrics(t, 20)
	held := s.Fault(netboxtest.Fault{When: isList, Times: 1, Kind: netboxtest.Hold()})
	slow := make(chan time.Time)
	c.reads.after = func(time.Duration) <-chan time.Time { return slow }
	all := make(chan struct{})
	go func() {
		defer close(all)
		readAllByName(t, c, 0, 20)
	}()
	if err := held.WaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	slow <- time.Now()
	held.Release()
	<-all
	wantCounts(t, s, 0, 1)
}

func TestReadByName_listThatFailsIsAskedForAgain(t *testing.T) {
	s, c, _, _ := manyFabrics(t, 1)
	s.Fault(netboxtest.Fault{When: isList, Times: 1, Kind: netboxtest.Page(200)})
	readAllByName(t, c, 0, 1)
	wantCounts(t, s, 0, 2)
}

func TestReadByID_sharesTheWalkOfRefreshes(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 50)
	readAllByID(t, c, ids)
	for _, id := range ids {
		if read, err := c.Fabrics().ReadByID(t.Context(), id); err != nil || read.Fabric.ID != id {
			t.Errorf("%v, %v", read, err)
		}
	}
	readAllByName(t, c, 0, 50)
	wantCounts(t, s, singleReads, 1)
}

func TestReadByID_ofWhatIsNotThereAsksOnce(t *testing.T) {
	s, c, _, _ := manyFabrics(t, 1)
	_, err := c.Fabrics().ReadByID(t.Context(), 999)
	wantError[*NotFoundError](t, err)
	wantCounts(t, s, 1, 0)
}

// A fabric of our own is read by itself from its creation on.
func TestReadByID_ofAFabricThatThisClientHasMade(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 20)
	made, err := c.Fabrics().Create(t.Context(), alphaCreate())
	if err != nil {
		t.Fatal(err)
	}
	readAllByID(t, c, ids)
	s.UpdateFabric(made.Fabric.ID, map[string]any{"description": "newer"})
	if read, err := c.Fabrics().ReadByID(t.Context(), made.Fabric.ID); err != nil || read.Fabric.Description != "newer" {
		t.Errorf("%v, %v", read, err)
	}
}
