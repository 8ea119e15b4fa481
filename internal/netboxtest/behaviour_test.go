package netboxtest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestClock_frozenMovesStampsByMicroseconds(t *testing.T) {
	s := start(t, Options{})
	noon := time.Date(2030, 5, 1, 12, 0, 0, 999_000_000, time.FixedZone("", 7200))
	s.SetNow(noon)
	first := do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 201)
	if date := first.header.Get("Date"); date != "Wed, 01 May 2030 10:00:00 GMT" {
		t.Errorf("Date %q", date)
	}
	if got := first.key("created"); got != "2030-05-01T10:00:00.999000Z" {
		t.Errorf("created %v", got)
	}
	path := fabricsPath + first.key("id").(interface{ String() string }).String() + "/"
	last := first.key("last_updated").(string)
	for range 3 {
		next := do(t, s, "PATCH", path, `{}`).must(t, 200)
		updated := next.key("last_updated").(string)
		if updated <= last {
			t.Errorf("last_updated %s after %s", updated, last)
		}
		if want := `W/"` + strings.TrimSuffix(updated, "Z") + `+00:00"`; next.header.Get("ETag") != want {
			t.Errorf("ETag %s, want %s", next.header.Get("ETag"), want)
		}
		last = updated
	}
	if !s.Now().Equal(noon) {
		t.Errorf("the clock moved to %s", s.Now())
	}
	s.Advance(time.Hour)
	if !s.Now().Equal(noon.Add(time.Hour)) {
		t.Errorf("Now is %s", s.Now())
	}
	if got := do(t, s, "GET", "/api/status/", "").header.Get("Date"); got != "Wed, 01 May 2030 11:00:00 GMT" {
		t.Errorf("Date %q", got)
	}
}

func TestClock_wholeSecondHasNoFraction(t *testing.T) {
	s := start(t, Options{})
	at := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	id := s.AddFabric(map[string]any{"name": "alpha", "created": at, "last_updated": at, "last_sync": at})
	got := do(t, s, "GET", fabricsPath+formatID(id)+"/", "").must(t, 200)
	for _, key := range []string{"created", "last_updated", "last_sync"} {
		if got.key(key) != "2030-05-01T12:00:00Z" {
			t.Errorf("%s %v", key, got.key(key))
		}
	}
	if tag := got.header.Get("ETag"); tag != `W/"2030-05-01T12:00:00+00:00"` {
		t.Errorf("ETag %s", tag)
	}
}

func TestPaging_nextLinksReachEveryFabricOnce(t *testing.T) {
	s := start(t, Options{PathPrefix: "/netbox"})
	const n = 1_234
	for i := range n {
		s.AddFabric(map[string]any{"name": fmt.Sprintf("f%04d", (i*7)%n)})
	}
	for query, pages := range map[string]int{"limit=500": 3, "limit=0": 2, "": 25, "limit=5000": 2,
		"start=0&limit=500": 3, "start=1&limit=1000": 2} {
		seen, got, previous := map[string]bool{}, 0, ""
		url := fabricsPath + "?fields=id,name&" + query
		for url != "" {
			page := do(t, s, "GET", url, "").must(t, 200)
			got++
			if cursor := strings.HasPrefix(query, "start"); cursor != (page.key("count") == nil) {
				t.Errorf("%s: count %v", query, page.key("count"))
			} else if !cursor && stringOf(page.key("count")) != "1234" {
				t.Errorf("%s: count %v", query, page.key("count"))
			}
			for _, e := range page.results() {
				name := e.(map[string]any)["name"].(string)
				if seen[name] || !strings.HasPrefix(query, "start") && name < previous {
					t.Fatalf("%s: %s comes twice or out of order", query, name)
				}
				seen[name], previous = true, name
			}
			url, _ = page.key("next").(string)
			if url != "" && !strings.HasPrefix(url, s.URL()+fabricsPath) {
				t.Fatalf("%s: next is %s", query, url)
			}
		}
		if len(seen) != n || got != pages {
			t.Errorf("%s: %d fabrics on %d pages, want %d on %d", query, len(seen), got, n, pages)
		}
	}
	if got := do(t, s, "GET", fabricsPath+"?limit=10&offset=10", "").key("previous"); got != s.URL()+
		fabricsPath+"?limit=10" {
		t.Errorf("previous %v", got)
	}
	do(t, s, "GET", fabricsPath+"?start=0&offset=1", "").must(t, 400)
}

func TestPaging_cursorLeadsOnFromAFullPage(t *testing.T) {
	s := start(t, Options{MaxPageSize: 3})
	for i := range 3 {
		s.AddFabric(map[string]any{"name": fmt.Sprintf("f%d", i)})
	}
	full := do(t, s, "GET", fabricsPath+"?start=0&limit=1000", "").must(t, 200)
	if want := s.URL() + fabricsPath + "?limit=3&start=4"; len(full.results()) != 3 || full.key("next") != want {
		t.Errorf("%d fabrics, then %v, want %s", len(full.results()), full.key("next"), want)
	}
	if rest := do(t, s, "GET", fabricsPath+"?start=4&limit=3", "").must(t, 200); len(rest.results()) != 0 ||
		rest.key("next") != nil {
		t.Errorf("the page past the end: %s", rest.raw)
	}
	s.AddFabric(map[string]any{"name": "f3"})
	if first := do(t, s, "GET", fabricsPath, "").must(t, 200); len(first.results()) != 3 {
		t.Errorf("%d fabrics on a page without a limit", len(first.results()))
	}
}

func TestConcurrency_ifMatchLetsOneWriterWin(t *testing.T) {
	s := start(t, Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	tag := do(t, s, "GET", path, "").header.Get("ETag")
	statuses := make([]int, 16)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() {
			r, _ := http.NewRequest("PATCH", s.URL()+path, strings.NewReader(fmt.Sprintf(`{"sync_interval":%d}`, i)))
			r.Header.Set("Authorization", "Bearer "+AdminTokenV2)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("If-Match", tag)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			response.Body.Close()
			statuses[i] = response.StatusCode
			s.Fabrics()
			s.UpdateFabric(id, map[string]any{"vpcs_count": i})
			s.Requests()
			s.Advance(time.Second)
		})
	}
	wg.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	// The first PATCH matches, since an UpdateFabric only follows an answer; it moves the tag for all others.
	if count[200] != 1 || count[412] != len(statuses)-1 {
		t.Errorf("statuses %v", count)
	}
	if n := s.Count("PATCH", path); n != len(statuses) {
		t.Errorf("%d requests logged", n)
	}
}

func TestConcurrency_uniqueNameLetsOneCreateWin(t *testing.T) {
	s := start(t, Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r, _ := http.NewRequest("POST", s.URL()+fabricsPath, strings.NewReader(`{"name":"alpha"}`))
			r.Header.Set("Authorization", "Token "+AdminToken)
			r.Header.Set("Content-Type", "application/json")
			if response, err := http.DefaultClient.Do(r); err == nil {
				response.Body.Close()
			}
		})
	}
	wg.Wait()
	created := 0
	for _, r := range s.Requests() {
		created += btoi(r.Status == 201)
	}
	if created != 1 || len(s.Fabrics()) != 1 {
		t.Errorf("%d creates succeeded, %d fabrics", created, len(s.Fabrics()))
	}
}

func TestLimitedToken(t *testing.T) {
	s := start(t, Options{})
	hidden := s.AddFabric(map[string]any{"name": "alpha"})
	visible := s.AddFabric(map[string]any{"name": LimitedPrefix + "a"})
	as := []string{"Authorization", "Token " + LimitedToken}
	list := do(t, s, "GET", fabricsPath, "", as...).must(t, 200)
	if len(list.results()) != 1 || stringOf(list.key("count")) != "1" {
		t.Errorf("list %s", list.raw)
	}
	do(t, s, "GET", fabricsPath+formatID(visible)+"/", "", as...).must(t, 200)
	do(t, s, "GET", fabricsPath+formatID(hidden)+"/", "", as...).must(t, 404)
	for _, method := range []string{"PATCH", "PUT", "DELETE"} {
		do(t, s, method, fabricsPath+formatID(visible)+"/", `{}`, as...).must(t, 403)
		do(t, s, method, fabricsPath, `[]`, as...).must(t, 403)
	}
	do(t, s, "GET", "/api/extras/tags/", "", as...).must(t, 403)
	do(t, s, "GET", "/api/plugins/hedgehog/vpcs/?ordering=id", "", as...).must(t, 403)
	do(t, s, "GET", "/api/status/", "", as...).must(t, 200)
}

func TestRevokeToken(t *testing.T) {
	s := start(t, Options{})
	v2 := []string{"Authorization", "Bearer " + AdminTokenV2}
	do(t, s, "GET", fabricsPath, "", v2...).must(t, 200)
	s.RevokeToken(AdminToken)
	s.RevokeToken(AdminTokenV2)
	if got := do(t, s, "GET", fabricsPath, "").must(t, 403); got.key("detail") != "Invalid v1 token" {
		t.Errorf("body %s", got.raw)
	}
	if got := do(t, s, "GET", fabricsPath, "", v2...).must(t, 403); got.key("detail") != "Invalid v2 token" {
		t.Errorf("body %s", got.raw)
	}
}

func TestIntercept_wrapsAndUnwraps(t *testing.T) {
	s := start(t, Options{})
	commitThenFail := s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(discard{header: http.Header{}}, r)
			w.WriteHeader(http.StatusBadGateway)
		})
	})
	do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 502)
	if _, stored := s.FabricByName("alpha"); !stored {
		t.Error("the write behind the fault did not happen")
	}
	removeOuter := s.Intercept(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	})
	do(t, s, "GET", fabricsPath, "").must(t, http.StatusTeapot)
	removeOuter()
	commitThenFail()
	do(t, s, "GET", fabricsPath, "").must(t, 200)
	var statuses []int
	for _, r := range s.Requests() {
		statuses = append(statuses, r.Status)
	}
	if got := fmt.Sprint(statuses); got != "[502 418 200]" {
		t.Errorf("logged statuses %s", got)
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func TestIntercept_cutConnection(t *testing.T) {
	s := start(t, Options{})
	defer s.Intercept(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	})()
	response, err := http.Post(s.URL()+fabricsPath, "application/json", strings.NewReader(`{"name":"alpha"}`))
	if err == nil {
		response.Body.Close()
		t.Fatalf("status %d from a cut connection", response.StatusCode)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want an end of file", err)
	}
	log := s.Requests()
	if len(log) != 1 || log[0].Status != 0 || string(log[0].Body) != `{"name":"alpha"}` {
		t.Errorf("log %+v", log)
	}
	s.ResetRequests()
	if n := s.Count("", "/"); n != 0 {
		t.Errorf("%d requests after the reset", n)
	}
}

func TestRequests_pathHasNoPrefix(t *testing.T) {
	s := start(t, Options{PathPrefix: "netbox/"})
	if !strings.HasSuffix(s.URL(), "/netbox") {
		t.Errorf("URL %s", s.URL())
	}
	do(t, s, "GET", fabricsPath+"?omit=display_url", "").must(t, 200)
	log := s.Requests()
	if len(log) != 1 || log[0].Path != fabricsPath || log[0].Query.Get("omit") != "display_url" ||
		log[0].Status != 200 {
		t.Errorf("log %+v", log)
	}
	if s.Count("GET", fabricsPath) != 1 || s.Count("POST", "") != 0 || s.Count("", "/api/") != 1 {
		t.Error("Count is wrong")
	}
	outside := strings.TrimSuffix(s.URL(), "/netbox") + fabricsPath
	do(t, s, "GET", outside, "").must(t, 404)
	created := do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 201)
	if created.key("url") != created.header.Get("Location") || created.key("url") != s.URL()+fabricsPath+"1/" {
		t.Errorf("url %v, Location %s", created.key("url"), created.header.Get("Location"))
	}
}

func TestNoPlugin(t *testing.T) {
	s := start(t, Options{NoPlugin: true})
	for _, path := range []string{"/api/plugins/hedgehog/", fabricsPath, fabricsPath + "1/",
		strings.TrimSuffix(fabricsPath, "/")} {
		got := do(t, s, "GET", path, "").must(t, 404)
		if !strings.Contains(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: Content-Type %s", path, got.header.Get("Content-Type"))
		}
	}
	if got := do(t, s, "GET", "/api/status/", "").must(t, 200); string(encodeJSON(got.key("plugins"))) != "{}" {
		t.Errorf("plugins %v", got.key("plugins"))
	}
	s.SetNoPlugin(false)
	do(t, s, "GET", fabricsPath, "").must(t, 200)
}
