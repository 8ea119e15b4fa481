package netbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// manyFabrics returns a NetBox with fabrics, and a client whose time for shared
// reads the test sets.
func manyFabrics(t *testing.T, n int) (s *netboxtest.Server, c *Client, ids []int64, later func(time.Duration)) {
	t.Helper()
	return manyFabricsOf(t, netboxtest.Options{}, n)
}

func manyFabricsOf(t *testing.T, o netboxtest.Options, n int) (s *netboxtest.Server, c *Client, ids []int64, later func(time.Duration)) {
	t.Helper()
	s = startNetBox(t, o)
	for i := range n {
		ids = append(ids, s.AddFabric(map[string]any{"name": fmt.Sprintf("fabric-%04d", i)}))
	}
	c = newClient(t, s.URL(), withoutCheck)
	waitLong(c)
	var mu sync.Mutex
	now := time.Now()
	c.reads.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	return s, c, ids, func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
}

// waitLong lets reads wait for a page however slow the machine is.
func waitLong(c *Client) { c.reads.after = func(time.Duration) <-chan time.Time { return nil } }

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

// Those who wait for the page go alone together, and nobody waits after them.
func TestRefresh_listThatIsSlowIsGivenUpOnce(t *testing.T) {
	s, c, ids, later := manyFabrics(t, 30)
	held := s.Fault(netboxtest.Fault{Path: fabricsPath + "*", When: isList, Kind: netboxtest.Hold()})
	var waits atomic.Int64
	tooLong := make(chan time.Time)
	c.reads.after = func(time.Duration) <-chan time.Time { waits.Add(1); return tooLong }
	all := make(chan struct{})
	go func() {
		defer close(all)
		readAllByID(t, c, ids)
	}()
	if err := held.WaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	later(walkPatience + time.Second)
	tooLong <- time.Now()
	<-all
	want := func(single, list int) {
		t.Helper()
		if gotSingle, gotList := counts(s); gotSingle != single || gotList != list || waits.Load() != int64(list) {
			t.Fatalf("%d single and %d list requests with %d waits, want %d and %d", gotSingle, gotList, waits.Load(), single, list)
		}
	}
	want(30, 1)
	later(readsPause + time.Second) // also the next row of reads
	readAllByID(t, c, ids)
	want(60, 1)
	held.Remove()
	held.Release()
	later(walkLife) // from its beginning on
	readAllByID(t, c, ids)
	want(60+singleReads, 2)
}

// Where every answer is slow, a page that is slow too still saves requests.
func TestRefresh_waitsForAPageAsLongAsManySingleReadsTake(t *testing.T) {
	for _, c := range []struct{ single, want time.Duration }{
		{50 * time.Millisecond, walkPatience},
		{200 * time.Millisecond, 10 * time.Second},
		{time.Second, walkLimit},
	} {
		t.Run(c.single.String(), func(t *testing.T) {
			s, client, ids, later := manyFabrics(t, 30)
			s.Fault(netboxtest.Fault{Path: fabricsPath, When: func(r *http.Request) bool {
				if !isList(r) {
					later(c.single)
				}
				return false
			}, Kind: netboxtest.Hold()})
			held := s.Fault(netboxtest.Fault{Path: fabricsPath + "*", When: isList, Kind: netboxtest.Hold()})
			defer held.Release()
			for _, id := range ids[:singleReads] {
				if _, err := client.Fabrics().Refresh(t.Context(), id, Mark{}); err != nil {
					t.Fatal(err)
				}
			}
			var waited atomic.Int64
			passed := make(chan time.Time)
			close(passed)
			client.reads.after = func(d time.Duration) <-chan time.Time { waited.Add(int64(d)); return passed }
			readAllByID(t, client, ids[singleReads:])
			if got := time.Duration(waited.Load()); got != c.want {
				t.Errorf("waited for %v, want %v", got, c.want)
			}
		})
	}
}

func TestRefresh_slowPageStillServesOnceItHasCome(t *testing.T) {
	s, c, ids, _ := manyFabrics(t, 30)
	held := s.Fault(netboxtest.Fault{Path: fabricsPath + "*", When: isList, Kind: netboxtest.Hold()})
	tooLong := make(chan time.Time)
	close(tooLong)
	c.reads.after = func(time.Duration) <-chan time.Time { return tooLong }
	readAllByID(t, c, ids)
	w := c.reads.walk
	c.reads.mu.Lock()
	come := w.changed
	c.reads.mu.Unlock()
	held.Release()
	<-come
	s.ResetRequests()
	readAllByID(t, c, ids)
	if single, list := counts(s); single+list != 0 {
		t.Errorf("%d single and %d list requests", single, list)
	}
}

// A read that was waited for keeps the row going: what follows is no new one.
func TestRefresh_aLongWaitIsNoPause(t *testing.T) {
	s, c, ids, later := manyFabrics(t, 10)
	held := s.Fault(netboxtest.Fault{Path: fabricsPath + "*", When: isList, Times: 1, Kind: netboxtest.Hold()})
	readAllByID(t, c, ids[:singleReads])
	served := make(chan struct{})
	go func() {
		defer close(served)
		readAllByID(t, c, ids[singleReads:singleReads+1])
	}()
	if err := held.WaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	later(readsPause + time.Second)
	held.Release()
	<-served
	later(time.Second)
	readAllByID(t, c, ids)
	if single, list := counts(s); single != singleReads || list != 1 {
		t.Errorf("%d single and %d list requests, want %d and 1", single, list, singleReads)
	}
}

func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, fabricsPath) }

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

// What was read before is good, and the rest is read by itself.
func TestRefresh_aListThatFailsAtItsSecondPageServesTheFirst(t *testing.T) {
	for name, test := range map[string]struct {
		version netboxtest.Version
		kind    netboxtest.Kind
	}{
		"refused":           {netboxtest.V47, netboxtest.Detail(403, "No.")},
		"refused by offset": {netboxtest.V45, netboxtest.Detail(403, "No.")},
		"cut":               {netboxtest.V47, netboxtest.CutJSON()},
		"too long a wait":   {netboxtest.V47, netboxtest.RetryAfter(503, "3600")},
	} {
		t.Run(name, func(t *testing.T) {
			s, c, ids, _ := manyFabricsOf(t, netboxtest.Options{Version: test.version, MaxPageSize: 100}, 150)
			failing := s.Fault(netboxtest.Fault{Method: http.MethodGet, Kind: test.kind, When: func(r *http.Request) bool {
				q := r.URL.Query()
				return isList(r) && (q.Get("start") > "0" || q.Get("offset") > "0")
			}})
			readAllByID(t, c, ids)
			want := singleReads + 50
			if single, _ := counts(s); failing.Hits() != 1 || single != want {
				t.Errorf("%d single requests, %d pages failed, want %d and 1", single, failing.Hits(), want)
			}
		})
	}
}

// A token that sees a part of the list is asked of each of the others.
func TestRefresh_manyHiddenFabricsAreAskedForOneByOne(t *testing.T) {
	s, admin, ids, _ := manyFabrics(t, 30)
	for i := range 10 {
		ids = append(ids, s.AddFabric(map[string]any{"name": fmt.Sprintf("%s%d", netboxtest.LimitedPrefix, i)}))
	}
	c := newClient(t, admin.ServerURL(), withoutCheck, func(c *Config) { c.APIToken = netboxtest.LimitedToken })
	waitLong(c)
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			read, err := c.Fabrics().Refresh(t.Context(), id, Mark{})
			if _, missing := asError[*NotFoundError](err); missing != (i < 30) || (!missing && read.Fabric.ID != id) {
				t.Errorf("fabric %d: %v, %v", id, read, err)
			}
		})
	}
	all.Wait()
	if single, list := counts(s); list != 1 || single < 2*30 || single > 2*30+singleReads {
		t.Errorf("%d single and %d list requests, want two for each that is hidden, and one", single, list)
	}
}
