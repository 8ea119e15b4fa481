package netbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestInventory_isFilledOnceAndThenKept(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(1200)...)
	mustStore(t, k.other, 2, "x", "y")
	k.later(10 * time.Minute)
	k.ResetRequests()
	if got := knownAsOf(t, k.own, 1, time.Time{}); len(got) != 1200 {
		t.Errorf("got %d objects", len(got))
	}
	k.wantReadings(t, "filled", "whole whole")
	k.later(inventoryLife)
	if got := namesOf(knownAsOf(t, k.own, 2, time.Time{})); got != "x y" {
		t.Errorf("beta: got %s", got)
	}
	k.wantReadings(t, "young enough", "")
	k.later(time.Second)
	for _, fabricID := range []int64{1, 2, 3} {
		knownAsOf(t, k.own, fabricID, time.Time{})
	}
	request := k.Requests()[0].Query
	if request.Get("limit") != "100" || request.Get("fields") != objectContents || request.Has("fabric") {
		t.Errorf("got the query %s", request.Encode())
	}
	k.wantReadings(t, "too old", "changes")
	k.wantTrue(t, "in the end")
}

// A kind without an inventory is read like All.
func TestKnown_withoutAnInventory(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, "a")
	s.ResetRequests()
	if got := namesOf(knownAsOf(t, o, 1, time.Now())); got != "a" || s.Requests()[0].Query.Get("fabric") != "1" {
		t.Errorf("got %s from the query %s", got, s.Requests()[0].Query.Encode())
	}
}

func TestInventory_whatOthersChangeIsSeenWithOneRequest(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a", "b", "c")
	k.wantTrue(t, "filled")
	k.later(10 * time.Minute)
	k.readings()
	for what, change := range map[string]func(){
		"created": func() { mustStore(t, k.other, 2, "d", "e") },
		"edited":  func() { mustUpdate(t, k.other, changed(k.known(t, 1)[0], "x")) },
		"moved to another fabric": func() {
			k.patch(t, "/api/plugins/hedgehog/vpcs/2/", `{"fabric":2}`)
		},
		"renamed": func() { k.patch(t, "/api/plugins/hedgehog/vpcs/1/", `{"name":"z","sync_error":"bad"}`) },
	} {
		k.known(t, 1)
		k.readings()
		change()
		k.readings()
		got := k.known(t, 2)
		k.wantReadings(t, what, "changes")
		if want := allObjects(t, k.other, 2); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v", what, got)
		}
		k.wantTrue(t, what)
	}
}

func TestInventory_whatOthersRemoveIsSeenByTheCount(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(20)...)
	k.wantTrue(t, "filled")
	k.later(10 * time.Minute)
	k.known(t, 1)
	k.readings()
	mustDelete(t, k.other, allObjects(t, k.other, 1)[3:5]...)
	k.readings()
	if got := k.known(t, 1); len(got) != 18 {
		t.Errorf("got %d objects", len(got))
	}
	k.wantReadings(t, "removed", "changes changes ids")
	mustDelete(t, k.other, allObjects(t, k.other, 1)[:2]...)
	for _, name := range []string{"n-1", "n-2"} {
		mustStore(t, k.other, 1, name)
		k.later(20 * time.Minute)
	}
	k.readings()
	k.known(t, 1)
	k.wantReadings(t, "removed, and others created", "changes changes ids")
	k.wantTrue(t, "removed, and others created")
	k.DeleteFabric(1)
	k.wantTrue(t, "the fabric is gone")
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "after it", "changes")
}

// A large transaction sets last_updated long before its objects become visible.
func TestInventory_objectsThatWereCommittedLate(t *testing.T) {
	for _, dated := range []bool{true, false} {
		k := newInventoryTest(t, netboxtest.Options{})
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !dated {
					w = headerKeeper{w, ""}
				}
				next.ServeHTTP(w, r)
			})
		})
		k.SetNow(recordedTime.Add(-time.Hour))
		mustStore(t, k.other, 1, "a", "b")
		k.SetNow(recordedTime)
		k.wantTrue(t, "filled")
		k.later(10 * time.Minute)
		mustStore(t, k.other, 2, "newest")
		k.wantTrue(t, "kept")
		now := k.Now()
		k.SetNow(now.Add(30*time.Second - inventoryOverlap))
		mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[0], "x"))
		k.SetNow(now)
		k.wantTrue(t, fmt.Sprint("later, with dates: ", dated))
	}
}

// A refresh misses changes that are older than the overlap. If the number of objects differs, the
// client notices at once, otherwise at the next full read.
func TestInventory_wholeReadings(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	k.SetNow(recordedTime.Add(-time.Hour))
	mustStore(t, k.other, 1, "a", "b")
	k.SetNow(recordedTime)
	mustStore(t, k.other, 2, "newest")
	k.wantTrue(t, "filled")
	k.later(10 * time.Minute)
	k.known(t, 1)
	k.readings()
	late := func(write func()) {
		now := k.Now()
		k.SetNow(recordedTime.Add(-time.Minute))
		write()
		k.SetNow(now)
		k.readings()
	}
	late(func() { mustStore(t, k.other, 1, "c") })
	if got := namesOf(k.known(t, 1)); got != "a b c" {
		t.Errorf("got %s", got)
	}
	k.wantReadings(t, "one more", "changes changes ids whole")
	k.later(5 * time.Hour)
	late(func() { mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[0], "x")) })
	k.known(t, 1)
	k.wantReadings(t, "too late a change", "changes")
	k.later(wholeReading - 5*time.Hour)
	k.known(t, 1)
	k.wantReadings(t, "after six hours", "whole")
	k.wantTrue(t, "in the end")
}

// Kinds that were filled at the same time have their full reads at different times.
func TestInventory_wholeReadingsAreSpread(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	read := func() (whole int) {
		for _, kind := range fabric.Kinds() {
			knownAsOf(t, k.own.client.Objects(kind), 1, k.clock())
		}
		return strings.Count(k.readings(), "whole")
	}
	if n := read(); n != 12 {
		t.Errorf("got %d full reads, want one for each kind", n)
	}
	for hour := range 12 {
		k.later(time.Hour)
		if n := read(); n != 2 && (hour > 0 || n != 1) && (hour != 6 || n != 3) {
			t.Errorf("hour %d: got full reads of %d kinds", hour+1, n)
		}
	}
}

// NetBox lists objects without a last_updated before the newest ones.
func TestInventory_objectsWithoutATimeOfChange(t *testing.T) {
	for _, dated := range []bool{true, false} {
		k := newInventoryTest(t, netboxtest.Options{MaxPageSize: 10})
		if !dated {
			k.Intercept(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(headerKeeper{w, ""}, r)
				})
			})
		}
		mustStore(t, k.other, 1, numbered(40)...)
		for id := range int64(28) { // which end with a page
			k.UpdateObject("vpcs", id+1, map[string]any{"last_updated": nil})
		}
		k.known(t, 1)
		k.readings()
		k.known(t, 1)
		if got := k.readings(); strings.Contains(got, "ids") || strings.Contains(got, "whole") {
			t.Errorf("got the readings %s, although nothing has changed", got)
		}
		k.wantTrue(t, "filled")
		k.later(time.Hour)
		mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[35], "x"))
		k.UpdateObject("vpcs", 7, map[string]any{"last_updated": nil, "name": "renamed"})
		k.UpdateObject("vpcs", 38, map[string]any{"last_updated": nil, "fabric": 2})
		k.wantTrue(t, "kept")
		k.later(time.Hour)
		mustDelete(t, k.other, allObjects(t, k.other, 1)[20:30]...)
		k.wantTrue(t, "removed")
		for _, stored := range append(allObjects(t, k.other, 1), allObjects(t, k.other, 2)...) {
			k.UpdateObject("vpcs", stored.ID, map[string]any{"last_updated": nil, "sync_error": "x"})
		}
		k.wantTrue(t, "nothing but such")
	}
}

// A NetBox that was restored from a backup has older versions of as many objects.
func TestInventory_netBoxThatWasRestored(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(300)...)
	old := allObjects(t, k.other, 1)
	k.known(t, 1)
	k.later(time.Hour)
	mustUpdate(t, k.other, append(changed(old[7], "x"), changed(old[8], "y")...))
	k.wantTrue(t, "kept")
	for _, stored := range old[7:9] {
		k.UpdateObject("vpcs", stored.ID, map[string]any{"last_updated": stored.LastUpdated,
			"spec": map[string]any{"restored": true}})
	}
	k.wantTrue(t, "restored")
	k.later(time.Hour)
	k.readings()
	k.known(t, 1)
	k.wantReadings(t, "afterwards", "changes")
}

// A permission may show other objects than before, and none of a kind.
func TestInventory_permissionsThatChange(t *testing.T) {
	const object = `{"id":%d,"fabric":1,"name":"o-%d","namespace":"n","kubernetes_status":"live","kubernetes_uid":"",` +
		`"kubernetes_resource_version":"",` +
		`"sync_error":"","last_updated":"2026-11-23T21:23:25.949311Z","spec":{},"labels":{},"annotations":{}}`
	shown := []int{2, 3}
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		list := slices.Clone(shown)
		if r.URL.Query().Get("ordering") != "id" {
			slices.Reverse(list)
		}
		var objects []string
		for _, id := range list {
			objects = append(objects, fmt.Sprintf(object, id, id))
		}
		w.Header().Set("Date", time.Date(2026, 11, 28, 1, 0, 0, 0, time.UTC).Format(http.TimeFormat))
		answerJSON(w, 200, fmt.Sprintf(`{"count":%d,"next":null,"results":[%s]}`, len(list),
			strings.Join(objects, ",")))
	})
	c := newClient(t, s.URL, withoutCheck)
	now := time.Now()
	c.KeepInventory(func() time.Time { now = now.Add(time.Hour); return now })
	o := c.Objects(fabric.Kinds()[0])
	for _, want := range [][]int{{2, 3}, {1, 2, 3, 4}, {4}, {}, {5}} {
		shown = want
		var got []int
		for _, stored := range knownAsOf(t, o, 1, time.Time{}) {
			got = append(got, int(stored.ID))
		}
		if !slices.Equal(got, want) {
			t.Errorf("known are %v, want %v", got, want)
		}
	}
}
