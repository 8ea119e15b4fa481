package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// records is the list of the stand-in's records.
func records(c *Client) *List[*record] {
	return &List[*record]{
		Client: c, Path: recordsPath, Query: url.Values{"omit": {"display_url"}},
		Decode: func(_ *Answer, raw []byte) (*record, error) {
			r := &record{}
			return r, r.UnmarshalJSON(raw)
		},
	}
}

func idOf(r *record) int64 { return r.ID }

// addFabrics stores fabrics named fabric-0001 and so on, with these ids.
func addFabrics(s *netboxtest.Server, n int) {
	for i := 1; i <= n; i++ {
		s.AddFabric(map[string]any{"name": fmt.Sprintf("fabric-%04d", i)})
	}
}

// lists starts a server that answers lists with these pages in turn, and then always with the
// last one.
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

// pageOf returns a page with records of these ids, each named after its id.
func pageOf(t *testing.T, count, next any, ids ...int64) map[string]any {
	t.Helper()
	results := []any{}
	for _, id := range ids {
		record := map[string]any{"name": "alpha"}
		record["id"], record["name"] = id, fmt.Sprintf("fabric-%d", id)
		results = append(results, record)
	}
	return map[string]any{"count": count, "next": next, "previous": nil, "results": results}
}

func idsOf(t *testing.T, c *Client) (ids []int64, err error) {
	t.Helper()
	for one, err := range records(c).Scan(idOf).All(t.Context()) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, one.ID)
	}
	return ids, nil
}

func TestScan_stopsAskingWhenTheCallerStops(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	addFabrics(s, 1001)
	for range records(newClient(t, s.URL())).Scan(idOf).All(t.Context()) {
		break
	}
	if got := s.Count("GET", recordsPath); got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
}

func TestScan_nextOnAnotherHostIsReadFromTheOwn(t *testing.T) {
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

func TestScan_nextThatLeadsNowhereIsAPagingError(t *testing.T) {
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

func TestScan_nextThatRepeatsLaterIsAPagingError(t *testing.T) {
	next := "https://netbox.example.com/?start=8"
	c, _ := lists(t, pageOf(t, nil, next, 7), pageOf(t, nil, next))
	ids, err := idsOf(t, c)
	if wantError[*PagingError](t, err); fmt.Sprint(ids) != "[7]" {
		t.Errorf("ids %v", ids)
	}
}

// The client detects an endless list by its number of pages and by its number of fabrics.
func TestScan_listWithoutAnEndIsAPagingError(t *testing.T) {
	record, asked := map[string]any{"name": "alpha"}, 0
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
	p := records(c).Scan(idOf)
	p.far.records = maxListed - 1
	if _, _, err := p.Page(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	_, _, err = p.Page(t.Context(), 2)
	wantError[*PagingError](t, err)
}

func TestScan_nextOfAnotherTypeIsRefused(t *testing.T) {
	c, _ := lists(t, pageOf(t, nil, 17, 7))
	_, err := idsOf(t, c)
	if e := wantError[*UnexpectedAnswerError](t, err); !strings.Contains(e.Problem, `"next"`) {
		t.Errorf("got %v", err)
	}
}

func TestScan_before46NoticesARemovalBetweenPages(t *testing.T) {
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
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestScan_before46BadPagesAreErrors(t *testing.T) {
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
				t.Errorf("got %d requests", len(*queries))
			}
		})
	}
}
