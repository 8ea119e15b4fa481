package netboxtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"

	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// recordedHost is the server's name in the recordings.
const recordedHost = "netbox.example.com"

type replay struct {
	server *Server
	times  map[string]string // recorded time: the server's
	taken  map[string]string // the server's time: the recorded one
	chosen map[string]string // recorded id of a branch's schema or a job: the server's
}

func (p *replay) run(t *testing.T, file string) {
	t.Helper()
	rec := LoadRecording(t, file)
	p.server.SetPublishedDisplayURL(strings.HasSuffix(rec.Server, "as published"))
	p.server.SetObjectFilter(recordedFilter(rec.Server))
	if seen := rec.Response.Headers["API-Version"]; seen != "" && seen != p.server.Version().Minor() {
		t.Fatalf("the recording is from NetBox %s", seen)
	}
	response, body := p.send(t, &rec)
	if response.StatusCode != rec.Response.Status {
		t.Fatalf("got status %d, recorded %d; body %s", response.StatusCode, rec.Response.Status, body)
	}
	p.compareHeaders(t, &rec, response.Header)
	p.compareBody(t, &rec, body)
}

// recordedFilter returns how the plugin of a recording filters objects.
func recordedFilter(server string) ObjectFilter {
	switch {
	case strings.HasSuffix(server, "filterset_fields"):
		return FilterFields
	case strings.HasSuffix(server, "filter set"):
		return FilterSet
	}
	return NoFilter
}

func (p *replay) send(t *testing.T, rec *Recording) (*http.Response, []byte) {
	t.Helper()
	var body []byte
	if raw := string(rec.Request.Body); raw != "null" {
		body = rec.Request.Body
		var text string
		if json.Unmarshal(body, &text) == nil { // a body that is no JSON is recorded as a string
			body = []byte(text)
		}
	}
	r, err := http.NewRequest(rec.Request.Method, p.server.URL()+p.ours(rec.Request.Path), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = recordedHost
	for name, value := range rec.Request.Headers {
		r.Header.Set(name, p.header(rec, name, value))
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, answered
}

// header replaces recorded tokens and ETags by those of this server.
func (p *replay) header(rec *Recording, name, value string) string {
	switch {
	case value == "Token REDACTED" && strings.HasPrefix(rec.Name, "limited-"):
		return "Token " + LimitedToken
	case value == "Token REDACTED":
		return "Token " + AdminToken
	case value == "Bearer REDACTED":
		return "Bearer " + AdminTokenV2
	case name == branchHeader:
		return p.ours(value)
	case name == "If-Match":
		if ours, known := p.times[etagTime(value)]; known {
			return `W/"` + strings.Replace(ours, "Z", "+00:00", 1) + `"`
		}
	}
	return value
}

func etagTime(tag string) string {
	return strings.Replace(strings.TrimSuffix(strings.TrimPrefix(tag, `W/"`), `"`), "+00:00", "Z", 1)
}

var requestIDForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func (p *replay) compareHeaders(t *testing.T, rec *Recording, got http.Header) {
	t.Helper()
	for _, name := range []string{"Content-Type", "Allow", "Location", "API-Version"} {
		if got.Get(name) != rec.Response.Headers[name] {
			t.Errorf("%s: got %q, recorded %q", name, got.Get(name), rec.Response.Headers[name])
		}
	}
	if date, err := time.Parse(http.TimeFormat, got.Get("Date")); err != nil || time.Since(date).Abs() > time.Hour {
		t.Errorf("Date: got %q, want the server's time", got.Get("Date"))
	}
	if _, recorded := rec.Response.Headers["X-Request-ID"]; recorded != requestIDForm.MatchString(
		got.Get("X-Request-ID")) {
		t.Errorf("X-Request-ID: got %q, recorded %v", got.Get("X-Request-ID"), recorded)
	}
	recorded, has := rec.Response.Headers["ETag"]
	if has != (got.Get("ETag") != "") {
		t.Errorf("ETag: got %q, recorded %q", got.Get("ETag"), recorded)
	} else if has {
		p.sameTime(t, "ETag", etagTime(got.Get("ETag")), etagTime(recorded))
	}
}

func (p *replay) compareBody(t *testing.T, rec *Recording, body []byte) {
	t.Helper()
	if !strings.Contains(rec.Response.Headers["Content-Type"], "json") {
		var recorded string
		if err := json.Unmarshal(rec.Response.Body, &recorded); err != nil {
			t.Fatal(err)
		}
		isHTML := func(s string) bool { return strings.Contains(s, "<!DOCTYPE html>") }
		if isHTML(recorded) != isHTML(string(body)) || !isHTML(recorded) && recorded != string(body) {
			t.Errorf("got the body %q, recorded %.80q", body, recorded)
		}
		return
	}
	got, err := decodeJSON(body)
	if err != nil {
		t.Fatalf("got the body %q: %v", body, err)
	}
	want, err := decodeJSON(rec.Response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(rec.Request.Path, "/object-changes/") && rec.Response.Status == http.StatusOK {
		upward := strings.Contains(rec.Request.Path, "ordering=time")
		renumber(t, got, upward)
		renumber(t, want, upward)
	}
	p.compare(t, "body", got, want)
}

// renumber numbers the entries of a change log by their position. The original ids also count
// other writes to the database, and those rolled back.
func renumber(t *testing.T, body any, upward bool) {
	t.Helper()
	last := int64(math.MaxInt64)
	if upward {
		last = 0
	}
	for i, e := range body.(map[string]any)["results"].([]any) {
		entry := e.(map[string]any)
		id, _ := idOf(entry["id"])
		if upward != (id > last) {
			t.Errorf("entry %d comes after entry %d, want ascending ids: %t", id, last, upward)
		}
		for _, key := range []string{"url", "display_url"} {
			if address, shown := entry[key].(string); shown {
				entry[key] = strings.Replace(address, "/"+formatID(id)+"/", "/"+formatID(int64(i))+"/", 1)
			}
		}
		entry["id"], last = formatID(int64(i)), id
	}
}

// compare fails unless the values are equal. Times that the server sets and the machine's name
// may differ.
func (p *replay) compare(t *testing.T, at string, got, want any) {
	t.Helper()
	if reflect.TypeOf(got) != reflect.TypeOf(want) {
		t.Errorf("%s: got %v (%T), recorded %v (%T)", at, got, got, want, want)
		return
	}
	switch want := want.(type) {
	case map[string]any:
		p.compareObjects(t, at, got.(map[string]any), want)
	case []any:
		got := got.([]any)
		if len(got) != len(want) {
			t.Errorf("%s: got %d elements, recorded %d: %v", at, len(got), len(want), got)
			return
		}
		for i := range want {
			p.compare(t, fmt.Sprintf("%s[%d]", at, i), got[i], want[i])
		}
	default:
		if got != want {
			t.Errorf("%s: got %v, recorded %v", at, got, want)
		}
	}
}

func (p *replay) compareObjects(t *testing.T, at string, got, want map[string]any) {
	t.Helper()
	for key := range got {
		if _, recorded := want[key]; !recorded && !slices.Contains(NewerFields(), key) {
			t.Errorf("%s: got the key %q, which is not recorded", at, key)
		}
	}
	for key, value := range want {
		mine, has := got[key]
		path := at + "." + key
		switch {
		case !has:
			t.Errorf("%s is recorded, but missing", path)
		case p.chosenByServer(t, path, key, mine, value, want):
		case (key == "created" || key == "last_updated") && value != nil && mine != nil:
			p.sameTime(t, path, stringOf(mine), stringOf(value))
		case key == "time" && reflect.TypeOf(value) == reflect.TypeOf(""):
			if _, err := time.Parse("2006-01-02T15:04:05.999999Z", stringOf(mine)); err != nil {
				t.Errorf("%s: got %v, want a time", path, mine)
			}
		case key == "request_id":
			if !requestIDForm.MatchString(stringOf(mine)) {
				t.Errorf("%s: got %v, want a request id", path, mine)
			}
		case key == "hostname":
			if stringOf(mine) == "" {
				t.Errorf("%s: got %v, want a host name", path, mine)
			}
		default:
			p.compare(t, path, mine, value)
		}
	}
}

// sameTime fails unless a recorded time always becomes the same time of this server, in the same
// form.
func (p *replay) sameTime(t *testing.T, at, got, recorded string) {
	t.Helper()
	if _, err := time.Parse("2006-01-02T15:04:05.000000Z", got); err != nil {
		if _, err := time.Parse("2006-01-02T15:04:05Z", got); err != nil {
			t.Errorf("%s: got %q, want a time in NetBox's form", at, got)
		}
	}
	if ours, known := p.times[recorded]; known && ours != got {
		t.Errorf("%s: got %s for the recorded %s, want %s as before", at, got, recorded, ours)
	}
	if theirs, known := p.taken[got]; known && theirs != recorded {
		t.Errorf("%s: got %s for the recorded %s, which was %s before", at, got, recorded, theirs)
	}
	p.times[recorded], p.taken[got] = got, recorded
}
