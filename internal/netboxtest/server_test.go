package netboxtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

var start = Start

const fabricsPath = "/api/plugins/hedgehog/fabrics/"

// reply is an answer with its body decoded.
type reply struct {
	status int
	header http.Header
	raw    string
	body   any
}

// key returns a value of a JSON object.
func (r reply) key(name string) any {
	m, _ := r.body.(map[string]any)
	return m[name]
}

// results returns the elements of a list.
func (r reply) results() []any {
	list, _ := r.key("results").([]any)
	return list
}

// do sends a request as the administrator. headers are pairs of a name and a value.
func do(t testing.TB, s *Server, method, url, body string, headers ...string) reply {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		url = s.URL() + url
	}
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+AdminToken)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := reply{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&answer.body); err != nil {
			t.Fatalf("%s %s: %v in %q", method, url, err, raw)
		}
	}
	return answer
}

// must fails the test unless the answer has this status.
func (r reply) must(t testing.TB, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("got status %d, want %d; body %s", r.status, status, r.raw)
	}
	return r
}

func TestClock_frozenMovesStampsByMicroseconds(t *testing.T) {
	s := start(t, Options{})
	noon := time.Date(2030, 5, 1, 12, 0, 0, 999_000_000, time.FixedZone("", 7200))
	s.SetNow(noon)
	first := do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 201)
	if date := first.header.Get("Date"); date != "Wed, 01 May 2030 10:00:00 GMT" {
		t.Errorf("got the Date %q", date)
	}
	if got := first.key("created"); got != "2030-05-01T10:00:00.999000Z" {
		t.Errorf("got created %v", got)
	}
	path := fabricsPath + first.key("id").(interface{ String() string }).String() + "/"
	last := first.key("last_updated").(string)
	for range 3 {
		next := do(t, s, "PATCH", path, `{}`).must(t, 200)
		updated := next.key("last_updated").(string)
		if updated <= last {
			t.Errorf("got last_updated %s after %s", updated, last)
		}
		if want := `W/"` + strings.TrimSuffix(updated, "Z") + `+00:00"`; next.header.Get("ETag") != want {
			t.Errorf("got the ETag %s, want %s", next.header.Get("ETag"), want)
		}
		last = updated
	}
	if !s.Now().Equal(noon) {
		t.Errorf("got the time %s, want a frozen clock", s.Now())
	}
	s.Advance(time.Hour)
	if !s.Now().Equal(noon.Add(time.Hour)) {
		t.Errorf("got the time %s", s.Now())
	}
	if got := do(t, s, "GET", "/api/status/", "").header.Get("Date"); got != "Wed, 01 May 2030 11:00:00 GMT" {
		t.Errorf("got the Date %q", got)
	}
}

func TestClock_wholeSecondHasNoFraction(t *testing.T) {
	s := start(t, Options{})
	at := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	id := s.AddFabric(map[string]any{"name": "alpha", "created": at, "last_updated": at, "last_sync": at})
	got := do(t, s, "GET", fabricsPath+formatID(id)+"/", "").must(t, 200)
	for _, key := range []string{"created", "last_updated", "last_sync"} {
		if got.key(key) != "2030-05-01T12:00:00Z" {
			t.Errorf("%s: got %v", key, got.key(key))
		}
	}
	if tag := got.header.Get("ETag"); tag != `W/"2030-05-01T12:00:00+00:00"` {
		t.Errorf("got the ETag %s", tag)
	}
}

func TestPaging_cursorLeadsOnFromAFullPage(t *testing.T) {
	s := start(t, Options{MaxPageSize: 3})
	for i := range 3 {
		s.AddFabric(map[string]any{"name": fmt.Sprintf("f%d", i)})
	}
	full := do(t, s, "GET", fabricsPath+"?start=0&limit=1000", "").must(t, 200)
	if want := s.URL() + fabricsPath + "?limit=3&start=4"; len(full.results()) != 3 || full.key("next") != want {
		t.Errorf("got %d fabrics and the next link %v, want %s", len(full.results()), full.key("next"), want)
	}
	if rest := do(t, s, "GET", fabricsPath+"?start=4&limit=3", "").must(t, 200); len(rest.results()) != 0 ||
		rest.key("next") != nil {
		t.Errorf("got %s for the page past the end", rest.raw)
	}
	s.AddFabric(map[string]any{"name": "f3"})
	if first := do(t, s, "GET", fabricsPath, "").must(t, 200); len(first.results()) != 3 {
		t.Errorf("got %d fabrics on a page without a limit", len(first.results()))
	}
}

func TestRequests_pathHasNoPrefix(t *testing.T) {
	s := start(t, Options{PathPrefix: "netbox/"})
	if !strings.HasSuffix(s.URL(), "/netbox") {
		t.Errorf("got the URL %s", s.URL())
	}
	do(t, s, "GET", fabricsPath+"?omit=display_url", "").must(t, 200)
	log := s.Requests()
	if len(log) != 1 || log[0].Path != fabricsPath || log[0].Query.Get("omit") != "display_url" ||
		log[0].Status != 200 {
		t.Errorf("got the log %+v", log)
	}
	if s.Count("GET", fabricsPath) != 1 || s.Count("POST", "") != 0 || s.Count("", "/api/") != 1 {
		t.Error("Count is wrong")
	}
	outside := strings.TrimSuffix(s.URL(), "/netbox") + fabricsPath
	do(t, s, "GET", outside, "").must(t, 404)
	created := do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 201)
	if created.key("url") != created.header.Get("Location") || created.key("url") != s.URL()+fabricsPath+"1/" {
		t.Errorf("got the url %v and the Location %s", created.key("url"), created.header.Get("Location"))
	}
}
