package netbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// fuzzSecret is the token that no error may hold, whatever repeats it.
const fuzzSecret = "opensesame-opensesame-opensesame"

// answered is what a server answers with, headers and all.
type answered struct {
	status      int
	contentType string
	body        []byte
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answeredBy returns a client whose every request is answered by give, without a
// network in between, and the context of an operation, which ends when the client
// has asked often enough.
func answeredBy(t testing.TB, enough int32, give func(*http.Request) answered) (*Client, context.Context) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var requests atomic.Int32
	answers := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		n := requests.Add(1)
		if n == enough {
			cancel()
		}
		if n > enough+100 {
			t.Error("the client asks and asks")
			return nil, errors.New("enough")
		}
		a := give(r)
		header := http.Header{"Content-Type": {a.contentType}, "Api-Version": {"4.7"},
			"Date": {"Mon, 23 Nov 2026 21:23:25 GMT"}}
		return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(bytes.NewReader(a.body)),
			Request: r}, nil
	})
	c, err := New(rest.Config{
		ServerURL: "https://netbox.example.com", APIToken: fuzzSecret, SkipVersion: true, RetryWait: time.Nanosecond,
		RequestTimeout: time.Minute, WrapTransport: func(http.RoundTripper) http.RoundTripper { return answers },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, ctx
}

// always gives the same answer to every request.
func always(status int, contentType string, body []byte) func(*http.Request) answered {
	return func(*http.Request) answered { return answered{status, contentType, body} }
}

// recordedBodies hands over the answers to the paths that hold a text, of every
// recorded NetBox, each different one once.
func recordedBodies(f *testing.F, path string, add func(status int, body []byte)) {
	f.Helper()
	seen := map[string]bool{}
	for _, set := range []string{"netbox-4.4.10", "netbox-4.5.10", "netbox-4.6.8", "netbox-4.7.3"} {
		files, err := filepath.Glob(filepath.Join(filepath.Dir(recordings), set, "*.json"))
		if err != nil || len(files) == 0 {
			f.Fatalf("no recordings of %s (%v)", set, err)
		}
		for _, file := range files {
			r := netboxtest.LoadRecording(f, file)
			if body := string(r.Response.Body); strings.Contains(r.Request.Path, path) && !seen[body] &&
				len(body) < 20_000 {
				seen[body] = true
				add(r.Response.Status, r.Response.Body)
			}
		}
	}
}

// oddBodies are what no NetBox answers.
func oddBodies() [][]byte {
	var all [][]byte
	for _, body := range []string{
		"", "null", "[]", "{}", "7", `"x"`, `[null]`, `{"results":null}`, `{"results":[null]}`,
		`{"results":[{}],"next":7}`, `{"detail":null}`, `{"detail":{"a":[1,{"b":` + `"` + fuzzSecret + `"}]}}`,
		`{"errors":[{"index":1e300,"errors":{"name":[]}},{"id":-1,"errors":{}},7]}`,
		`{"custom_fields":{"a":{"b":[null]}},"__all__":{"c":1e400}}`, `[{},{"name":["x"]},null]`,
		`{"tags":["{'name': '\\x'}"]}`, "<html>" + fuzzSecret + "</html>", "\xff\xfe", `{"exception":7,"error":["a"],` +
			`"detail":false}`,
	} {
		all = append(all, []byte(body))
	}
	return all
}

// wantPresentable checks that an error can be shown to a person.
func wantPresentable(t *testing.T, err error) {
	t.Helper()
	switch text := err.Error(); {
	case text == "":
		t.Errorf("%T says nothing", err)
	case strings.Contains(text, fuzzSecret):
		t.Errorf("%T holds the token: %s", err, text)
	}
}

// What the list of fabrics gives is what stands in the answer, or an error.
func FuzzFabricList(f *testing.F) {
	recordedBodies(f, fabricsPath, func(_ int, body []byte) { f.Add("application/json", body) })
	for _, body := range oddBodies() {
		f.Add("application/json", body)
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		c, ctx := answeredBy(t, 2*1000, always(http.StatusOK, contentType, body))
		var reads []*Read
		for read, err := range c.Fabrics().All(ctx) {
			if err != nil {
				wantPresentable(t, err)
				return
			}
			if reads = append(reads, read); len(reads) > 10_000 {
				t.Fatal("the list does not end")
			}
		}
		var shown struct{ Results []map[string]json.RawMessage }
		if err := json.Unmarshal(body, &shown); err != nil {
			t.Fatalf("read from what is no list: %v", err)
		}
		if len(reads) != len(shown.Results) {
			t.Fatalf("%d fabrics read from a list of %d", len(reads), len(shown.Results))
		}
		for i, read := range reads {
			wantAsShown(t, &read.Fabric, shown.Results[i])
		}
	})
}

// wantAsShown compares a fabric with the JSON that it was read from.
func wantAsShown(t *testing.T, f *fabric.Fabric, shown map[string]json.RawMessage) {
	t.Helper()
	for field, got := range map[string]any{
		"id": f.ID, "name": f.Name, "sync_enabled": f.SyncEnabled, "sync_interval": f.SyncInterval,
		"description": f.Description,
	} {
		raw := shown[field]
		if string(raw) == "null" && got == "" {
			continue // as NetBox means it
		}
		want, _ := json.Marshal(got)
		var a, b any
		if json.Unmarshal(raw, &a) != nil || json.Unmarshal(want, &b) != nil || a != b {
			t.Errorf("%s is %v, answered %s", field, got, raw)
		}
	}
}

// Definitions of custom fields, and the sets of their choices, are read or refused,
// and a definition judges any value without a panic.
func FuzzCustomFields(f *testing.F) {
	set := []byte(`{"next":null,"results":[{"id":1,"url":"u","display":"d","name":"n","extra_choices":[["gold",` +
		`"Gold"],[],["silver"]]}]}`)
	recordedBodies(f, customFieldsPath, func(_ int, body []byte) { f.Add(body, set, `"gold"`) })
	for _, body := range oddBodies() {
		f.Add(body, set, `"gold"`)
	}
	const all = `{"next":null,"results":[{"name":"a","type":{"value":"select","label":"Selection"},"object_types":["` +
		fabricObjectType +
		`"],"choice_set":{"id":1},"validation_minimum":1e308,"validation_maximum":-0.0,"required":true}]}`
	for _, value := range []string{`"gold"`, `7`, `1e400`, `[null,{}]`, `{"a":1}`, `"2026-01-31"`, `null`, `true`} {
		f.Add([]byte(all), set, value)
	}
	for _, body := range oddBodies() {
		f.Add([]byte(all), body, `"gold"`)
	}
	f.Fuzz(func(t *testing.T, fields, choices []byte, value string) {
		c, ctx := answeredBy(t, 2*1000, func(r *http.Request) answered {
			if r.URL.Path == choiceSetsPath {
				return answered{http.StatusOK, "application/json", choices}
			}
			return answered{http.StatusOK, "application/json", fields}
		})
		definitions, err := c.CustomFields(ctx, anyTime)
		if err != nil {
			wantPresentable(t, err)
			return
		}
		for key, d := range definitions {
			if d.Key != key {
				t.Errorf("the field %q is under %q", d.Key, key)
			}
			if p := d.Validate(plainJSON(json.RawMessage(value))); p != nil && (p.Summary == "" || p.Detail == "") {
				t.Errorf("an empty problem of %q", value)
			}
		}
	})
}

// A write ends with the fabric that was asked for, or an error, whatever is
// answered to it and to the reads that settle it.
func FuzzWrite(f *testing.F) {
	recordedBodies(f, fabricsPath, func(status int, body []byte) {
		f.Add(500, []byte(`{"exception":"ImproperlyConfigured"}`), status, body)
	})
	for _, body := range oddBodies() {
		f.Add(201, body, 200, body)
		f.Add(400, []byte(`{"name":["already exists"]}`), 200, body)
		f.Add(412, body, 200, []byte(recordedFabric(f)))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, readStatus int, read []byte) {
		if status < 200 || status > 599 || readStatus < 200 || readStatus > 599 {
			return
		}
		give := func(r *http.Request) answered {
			if r.Method == http.MethodGet {
				return answered{readStatus, "application/json", read}
			}
			return answered{status, "application/json", body}
		}
		before := &Read{Fabric: fabric.Fabric{ID: 7, Created: recordedTime, LastUpdated: recordedTime}}
		for _, write := range []func(context.Context, *Fabrics) (*Read, error){
			func(ctx context.Context, f *Fabrics) (*Read, error) { return f.Create(ctx, alphaCreate()) },
			func(ctx context.Context, f *Fabrics) (*Read, error) {
				return f.Update(ctx, changeOf(before, "description", "new"))
			},
			func(ctx context.Context, f *Fabrics) (*Read, error) {
				_, err := f.Delete(ctx, deleteOf(before))
				return before, err
			},
		} {
			c, ctx := answeredBy(t, 15, give)
			made, err := write(ctx, c.Fabrics())
			wantOutcome(t, made, err)
		}
	})
}

func wantOutcome(t *testing.T, made *Read, err error) {
	t.Helper()
	switch {
	case err != nil:
		wantPresentable(t, err)
	case made == nil:
		t.Error("neither a fabric nor an error")
	}
}

// The address of the next page is the server's text: the walk asks its own server
// only, goes on or stops, and ends.
func FuzzNextPage(f *testing.F) {
	for _, next := range []string{
		"https://netbox.example.com" + fabricsPath + "?start=8", "https://elsewhere.example.com/?start=9", "?start=1",
		"?start=-1", "", "?start=99999999999999999999", "?start=8&start=9", "://", "?offset=1000", "\x00", "?start=%zz",
	} {
		f.Add(next, false)
		f.Add(next, true)
	}
	fields := recordedFields(f)
	f.Fuzz(func(t *testing.T, next string, counted bool) {
		asked := 0
		c, ctx := answeredBy(t, 100, func(r *http.Request) answered {
			if r.URL.Host != "netbox.example.com" || r.URL.Path != fabricsPath {
				t.Errorf("asked %s", r.URL)
			}
			asked++
			page := map[string]any{"next": next, "results": []any{fields}}
			if counted {
				page["count"] = 5000
			}
			raw, err := json.Marshal(page)
			if err != nil {
				t.Fatal(err)
			}
			return answered{http.StatusOK, "application/json", raw}
		})
		for _, err := range c.Fabrics().All(ctx) {
			if err != nil {
				wantPresentable(t, err)
			}
		}
		if asked > 3 { // the same page again leads no further
			t.Errorf("asked %d times by %q", asked, url.QueryEscape(next))
		}
	})
}
