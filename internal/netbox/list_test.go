package netbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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

// asBefore46 makes the stand-in one that knows neither cursors nor entity tags.
// lists starts a server that answers fabric lists with these pages in turn, the
// last of them for ever.
func lists(t *testing.T, pages ...map[string]any) (c *Client, queries *[]url.Values) {
	t.Helper()
	queries = &[]url.Values{}
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		page := pages[min(len(*queries), len(pages)-1)]
		*queries = append(*queries, r.URL.Query())
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(page)
	})
	return newClient(t, s.URL, withoutCheck), queries
}

// pageOf is a page with fabrics of these ids, each named after its id.
func pageOf(t *testing.T, count, next any, ids ...int64) map[string]any {
	t.Helper()
	results := []any{}
	for _, id := range ids {
		record := recordedFields(t)
		record["id"], record["name"] = id, fmt.Sprintf("fabric-%d", id)
		results = append(results, record)
	}
	return map[string]any{"count": count, "next": next, "previous": nil, "results": results}
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
			t.Errorf("%s: %+v, %v", name, read, err)
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
			t.Errorf("request %d: %v, want a page by cursor from %s", i, r.Query, want)
		}
	}
	if got := s.Count("GET", fabricsPath); got != 4 {
		t.Errorf("%d requests for 2 searches of 2 pages", got)
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
		t.Errorf("from the list %+v, single %+v", read, single)
	}
}

// An administrator may have lowered MAX_PAGE_SIZE.
func TestAll_pagesAreAsLargeAsNetBoxMakesThem(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V45, netboxtest.V47} {
		for _, n := range []int{98, 100} { // on a last page that is full, and on one that is not
			s := startNetBox(t, netboxtest.Options{Version: version, MaxPageSize: 7})
			addFabrics(s, n)
			c := newClient(t, s.URL())
			if ids, err := idsOf(t, c); err != nil || len(ids) != n || ids[n-1] != int64(n) {
				t.Errorf("%s: %d fabrics of %d, %v", version, len(ids), n, err)
			}
			_, err := c.Fabrics().FindByName(t.Context(), "no such")
			wantError[*rest.NotFoundError](t, err)
		}
	}
}

func TestAll_stopsAskingWhenTheCallerStops(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	addFabrics(s, 1001)
	for range newClient(t, s.URL()).Fabrics().All(t.Context()) {
		break
	}
	if got := s.Count("GET", fabricsPath); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

func TestAll_nextOnAnotherHostIsReadFromTheOwn(t *testing.T) {
	other := startServer(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s with Authorization %q reached another host", r.Method, r.URL, r.Header.Get("Authorization"))
	}).URL
	c, queries := lists(t,
		pageOf(t, nil, other+"/elsewhere/?start=8&limit=1", 7),
		pageOf(t, nil, nil, 8))
	ids, err := idsOf(t, c)
	if err != nil || fmt.Sprint(ids) != "[7 8]" {
		t.Fatalf("ids %v, %v", ids, err)
	}
	if second := (*queries)[1]; second.Get("start") != "8" || second.Get("limit") != "1000" ||
		second.Get("omit") != "display_url" {
		t.Errorf("second page asked for with %v", second)
	}
}

func TestAll_nextThatLeadsNowhereIsAPagingError(t *testing.T) {
	for name, next := range map[string]any{
		"same page":        "https://netbox.example.com/?start=0",
		"its own last":     "https://netbox.example.com/?start=7",
		"backwards":        "https://netbox.example.com/?start=-5",
		"no start":         "https://netbox.example.com/?offset=1",
		"no number":        "https://netbox.example.com/?start=next",
		"past 64 bits":     "https://netbox.example.com/?start=9223372036854775808",
		"no URL":           "http://[::1",
		"an empty address": "",
	} {
		t.Run(name, func(t *testing.T) {
			c, queries := lists(t, pageOf(t, nil, next, 6, 7), pageOf(t, nil, next, 6, 7))
			ids, err := idsOf(t, c)
			wantError[*PagingError](t, err)
			if fmt.Sprint(ids) != "[6 7]" || len(*queries) != 1 {
				t.Errorf("ids %v in %d requests, want those of the first page", ids, len(*queries))
			}
		})
	}
}

func TestAll_nextThatRepeatsLaterIsAPagingError(t *testing.T) {
	next := "https://netbox.example.com/?start=8"
	c, _ := lists(t, pageOf(t, nil, next, 7), pageOf(t, nil, next))
	ids, err := idsOf(t, c)
	if wantError[*PagingError](t, err); fmt.Sprint(ids) != "[7]" {
		t.Errorf("ids %v", ids)
	}
}

// A list that always leads on is told by the number of its pages, and by that of
// its fabrics.
func TestAll_listWithoutAnEndIsAPagingError(t *testing.T) {
	record, asked := recordedFields(t), 0
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		start, _ := strconv.Atoi(r.URL.Query().Get("start"))
		record["id"] = start + 1
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"next": fmt.Sprintf("https://netbox.example.com/?start=%d", start+2), "results": []any{record},
		})
	})
	c := newClient(t, s.URL, withoutCheck)
	ids, err := idsOf(t, c)
	if wantError[*PagingError](t, err); asked != maxListPages || len(ids) != maxListPages {
		t.Errorf("%d fabrics on %d pages", len(ids), asked)
	}
	p := newScan(c, wholeRecords)
	p.far.objects = maxListed - 1
	if _, _, err := p.page(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	_, _, err = p.page(t.Context(), 2)
	wantError[*PagingError](t, err)
}

func TestAll_nextOfAnotherTypeIsRefused(t *testing.T) {
	c, _ := lists(t, pageOf(t, nil, 17, 7))
	_, err := idsOf(t, c)
	if e := wantError[*rest.UnexpectedAnswerError](t, err); !strings.Contains(e.Problem, `"next"`) {
		t.Errorf("%v", err)
	}
}

func TestAll_before46PagesOverlapByOne(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{Version: netboxtest.V45})
	addFabrics(s, 1500)
	c := newClient(t, s.URL())
	if read, err := c.Fabrics().FindByName(t.Context(), "fabric-1400"); err != nil || read.Fabric.ID != 1400 {
		t.Fatalf("%+v, %v", read, err)
	}
	requests := s.Requests()[1:]
	if len(requests) != 3 {
		t.Fatalf("%d list requests, want the probe and two pages", len(requests))
	}
	for i, offset := range []string{"0", "999"} {
		if q := requests[i+1].Query; q.Get("offset") != offset || q.Get("ordering") != "id" || q.Has("start") {
			t.Errorf("page %d: %v", i+1, q)
		}
	}
}

func TestAll_before46NoticesARemovalBetweenPages(t *testing.T) {
	for name, remove := range map[string]int64{"of an earlier fabric": 5, "of the last one read": 1000} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{Version: netboxtest.V45})
			addFabrics(s, 1100)
			intercept(s, "GET", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("offset") == "999" {
					s.DeleteFabric(remove)
				}
				next.ServeHTTP(w, r)
			})
			_, err := idsOf(t, newClient(t, s.URL()))
			if e := wantError[*PagingError](t, err); !strings.Contains(e.Problem, "removed") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAll_before46BadPagesAreErrors(t *testing.T) {
	next := "https://netbox.example.com/?offset=1"
	for name, pages := range map[string][]map[string]any{
		"not in order":          {pageOf(t, 3, next, 9), pageOf(t, 3, next, 9, 8)},
		"the same for ever":     {pageOf(t, 3, next, 9), pageOf(t, 3, next, 9)},
		"empty but not at last": {pageOf(t, 3, next), pageOf(t, 3, next)},
		"empty after the first": {pageOf(t, 3, next, 1), pageOf(t, 3, next, 1, 2), pageOf(t, 3, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			c, queries := lists(t, pages...)
			_, err := idsOf(t, c)
			wantError[*PagingError](t, err)
			if len(*queries) > 4 {
				t.Errorf("%d requests", len(*queries))
			}
		})
	}
}
