package netbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// A full read may take longer than the default time of an operation.
func TestInventory_eachPageHasATimeOfItsOwn(t *testing.T) {
	deadlines := map[time.Time]bool{}
	k := newInventoryTest(t, netboxtest.Options{MaxPageSize: 7}, func(c *rest.Config) {
		c.ObserveExchange = func(ctx context.Context, _ rest.Exchange) {
			deadline, _ := ctx.Deadline()
			deadlines[deadline] = true
		}
	})
	mustStore(t, k.other, 1, numbered(20)...)
	k.readings()
	k.known(t, 1)
	if pages := len(k.Requests()); pages != 4 || len(deadlines) != pages {
		t.Errorf("got %d pages with %d deadlines", pages, len(deadlines))
	}
}

func TestInventory_manyChanges(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	k.known(t, 1)
	k.later(10 * time.Minute)
	k.known(t, 1)
	mustStore(t, k.other, 2, numbered(2600)...)
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "many", "changes times times times changes changes changes")
	k.wantTrue(t, "many")
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "as long as the overlap lasts", "changes times times times")
	late := allObjects(t, k.other, 2)[1300].LastUpdated
	k.UpdateObject("vpcs", 1000, map[string]any{"sync_error": "x", "last_updated": late})
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "one among them", "changes times times times changes changes")
	k.wantTrue(t, "one among them")
	k.later(10 * time.Minute)
	k.known(t, 2)
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "after the overlap", "changes")
}

// An unknown object that disappears does not cause a search among all objects.
func TestInventory_changedObjectThatVanishes(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{MaxPageSize: 10})
	mustStore(t, k.other, 1, numbered(100)...)
	k.known(t, 1)
	k.later(10 * time.Minute)
	k.known(t, 1)
	mustStore(t, k.other, 2, numbered(30)...)
	recent := allObjects(t, k.other, 2)
	vanish := sync.OnceFunc(func() { mustDelete(t, k.other, recent[5]) })
	k.readings()
	k.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if q := r.URL.Query(); q.Get("fields") == objectIDs && q.Get("offset") == "27" {
				vanish()
			}
		})
	})
	k.known(t, 2)
	k.wantReadings(t, "one has vanished", "changes times times times times changes changes changes changes "+
		"changes times times times times changes changes changes changes") // twice, for the count
	k.wantTrue(t, "one has vanished")
}

// A proxy's clock may be ahead, or NetBox's clock was when it wrote an object.
func TestInventory_clocksThatAreWrong(t *testing.T) {
	t.Run("date", func(t *testing.T) {
		k := newInventoryTest(t, netboxtest.Options{})
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", k.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
				next.ServeHTTP(headerKeeper{w, w.Header().Get("Date")}, r)
			})
		})
		k.wantKeptTrue(t)
	})
	t.Run("stamp", func(t *testing.T) {
		k := newInventoryTest(t, netboxtest.Options{})
		now := k.Now()
		k.SetNow(now.Add(24 * time.Hour))
		mustStore(t, k.other, 1, "future")
		k.SetNow(now)
		k.wantKeptTrue(t)
	})
	t.Run("no date", func(t *testing.T) {
		k := newInventoryTest(t, netboxtest.Options{})
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(headerKeeper{w, ""}, r)
			})
		})
		k.wantKeptTrue(t)
	})
	t.Run("here", func(t *testing.T) {
		k := newInventoryTest(t, netboxtest.Options{})
		k.now = k.now.Add(-1000 * time.Hour)
		k.wantKeptTrue(t)
	})
}

// headerKeeper replaces an answer's Date, or removes it for "".
type headerKeeper struct {
	http.ResponseWriter
	date string
}

func (h headerKeeper) WriteHeader(status int) {
	if h.Header()["Date"] = nil; h.date != "" {
		h.Header().Set("Date", h.date)
	}
	h.ResponseWriter.WriteHeader(status)
}

func (k *inventoryTest) wantKeptTrue(t *testing.T) {
	t.Helper()
	mustStore(t, k.other, 1, "a", "b")
	k.wantTrue(t, "filled")
	for i := range 5 {
		k.later(4 * time.Minute)
		mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[i%2], fmt.Sprint(i)))
		k.wantTrue(t, "kept")
	}
}

// The test changes NetBox in many ways, for each version of NetBox.
func TestInventory_isWhatNetBoxHas(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V46, netboxtest.V45, netboxtest.V44} {
		for _, size := range []int{7, 1000} {
			k := newInventoryTest(t, netboxtest.Options{Version: version, MaxPageSize: size})
			r := rand.New(rand.NewPCG(7, 11))
			next := 0
			for range 60 {
				client := []*Objects{k.own, k.other}[r.IntN(2)]
				all := allObjects(t, k.other, 1)
				some := all[:0:0]
				if n := len(all); n > 0 {
					from := r.IntN(n)
					some = all[from:min(n, from+1+r.IntN(10))]
				}
				switch n := r.IntN(6); {
				case n < 2 || len(some) == 0:
					names := make([]string, 1+r.IntN(15))
					for i := range names {
						next++
						names[i] = fmt.Sprint("o-", next)
					}
					mustStore(t, client, 1, names...)
				case n == 2:
					mustDelete(t, client, some...)
				case n == 3:
					k.patch(t, fmt.Sprintf("/api/plugins/hedgehog/vpcs/%d/", some[0].ID), `{"fabric":2}`)
				default:
					for _, stored := range some {
						mustUpdate(t, client, changed(stored, fmt.Sprint(r.IntN(5))))
					}
				}
				if k.later(time.Duration(r.IntN(200)) * time.Second); r.IntN(3) == 0 {
					k.wantTrue(t, fmt.Sprintf("%s, pages of %d", version, size))
				}
			}
		}
	}
}

// Objects before the next page are added, deleted, and moved to the front.
func TestInventory_listThatShiftsWhileItIsRead(t *testing.T) {
	for what, change := range map[string]func(k *inventoryTest, all []StoredObject){
		"created": func(k *inventoryTest, _ []StoredObject) { mustStore(t, k.other, 2, numbered(30)...) },
		"removed": func(k *inventoryTest, all []StoredObject) { mustDelete(t, k.other, all[50:60]...) },
		"updated": func(k *inventoryTest, all []StoredObject) {
			for _, stored := range all[20:40] {
				mustUpdate(t, k.other, changed(stored, "y"))
			}
		},
	} {
		k := newInventoryTest(t, netboxtest.Options{MaxPageSize: 10})
		mustStore(t, k.other, 1, numbered(60)...)
		k.known(t, 1)
		k.later(10 * time.Minute)
		k.known(t, 1)
		all := allObjects(t, k.other, 1)
		for _, stored := range all {
			mustUpdate(t, k.other, changed(stored, "x"))
		}
		n := 0
		k.readings()
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && r.URL.Query().Get("ordering") != "id" {
					if n++; n == 4 {
						change(k, all)
					}
				}
				next.ServeHTTP(w, r)
			})
		})
		got := map[int64]StoredObject{}
		for _, stored := range k.known(t, 1) {
			got[stored.ID] = stored
		}
		if n < 4 {
			t.Fatalf("%s: got %d pages", what, n)
		}
		for _, stored := range all {
			about := what == "removed" && stored.ID > 50 || what == "updated" && stored.ID > 20 && stored.ID <= 40
			if !about && got[stored.ID].Content != ContentOf(map[string]any{"changed": "x"}, nil, nil) {
				t.Errorf("%s: the inventory does not have object %d", what, stored.ID)
			}
		}
		k.wantTrue(t, what)
	}
}
