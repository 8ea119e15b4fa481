package netbox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

var (
	oddBodies       = netboxtest.OddBodies
	wantPresentable = netboxtest.WantPresentable
)

func recordedBodies(f *testing.F, path string, add func(status int, body []byte)) {
	f.Helper()
	netboxtest.RecordedBodies(f, filepath.Dir(recordings), path, add)
}

// answeredBy returns a client whose requests are answered by give, and the context of an
// operation, which ends after enough requests.
func answeredBy(t testing.TB, enough int32, give func(*http.Request) netboxtest.Answered) (*Client,
	context.Context) {
	t.Helper()
	answers, ctx := netboxtest.AnsweredBy(t, enough, give)
	c, err := New(rest.Config{
		ServerURL: "https://netbox.example.com", APIToken: netboxtest.FuzzSecret, SkipVersion: true,
		RetryWait: time.Nanosecond, RequestTimeout: time.Minute,
		WrapTransport: func(http.RoundTripper) http.RoundTripper { return answers },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, ctx
}

// The list of fabrics returns the values in the answer, or an error.
func FuzzFabricList(f *testing.F) {
	recordedBodies(f, fabricsPath, func(_ int, body []byte) { f.Add("application/json", body) })
	for _, body := range oddBodies() {
		f.Add("application/json", body)
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		c, ctx := answeredBy(t, 2*1000, netboxtest.Always(http.StatusOK, contentType, body))
		var reads []*Read
		for read, err := range c.Fabrics().All(ctx) {
			if err != nil {
				wantPresentable(t, err)
				return
			}
			if reads = append(reads, read); len(reads) > 10_000 {
				t.Fatal("the list never ends")
			}
		}
		var shown struct{ Results []map[string]json.RawMessage }
		if err := json.Unmarshal(body, &shown); err != nil {
			t.Fatalf("got fabrics from an answer that is not a list: %v", err)
		}
		if len(reads) != len(shown.Results) {
			t.Fatalf("got %d fabrics from a list of %d", len(reads), len(shown.Results))
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
			t.Errorf("%s: got %v, want %s", field, got, raw)
		}
	}
}

// The client reads or refuses definitions of custom fields and sets of choices, and a definition
// checks any value without a panic.
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
		c, ctx := answeredBy(t, 2*1000, func(r *http.Request) netboxtest.Answered {
			if r.URL.Path == choiceSetsPath {
				return netboxtest.Answering(http.StatusOK, "application/json", choices)
			}
			return netboxtest.Answering(http.StatusOK, "application/json", fields)
		})
		definitions, err := c.CustomFields(ctx, anyTime)
		if err != nil {
			wantPresentable(t, err)
			return
		}
		for key, d := range definitions {
			if d.Key != key {
				t.Errorf("got the field %q under the key %q", d.Key, key)
			}
			if p := d.Validate(plainJSON(json.RawMessage(value))); p != nil && (p.Summary == "" || p.Detail == "") {
				t.Errorf("%q: got an empty problem", value)
			}
		}
	})
}

// A write ends with the requested fabric or an error, whatever NetBox answers to it and to the
// reads that verify it.
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
		give := func(r *http.Request) netboxtest.Answered {
			if r.Method == http.MethodGet {
				return netboxtest.Answering(readStatus, "application/json", read)
			}
			return netboxtest.Answering(status, "application/json", body)
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
		t.Error("got neither a fabric nor an error")
	}
}

// The address of the next page comes from the server. A scan sends requests only to its own
// server, and always ends.
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
		c, ctx := answeredBy(t, 100, func(r *http.Request) netboxtest.Answered {
			if r.URL.Host != "netbox.example.com" || r.URL.Path != fabricsPath {
				t.Errorf("got a request to %s", r.URL)
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
			return netboxtest.Answering(http.StatusOK, "application/json", raw)
		})
		for _, err := range c.Fabrics().All(ctx) {
			if err != nil {
				wantPresentable(t, err)
			}
		}
		if asked > 3 { // the same page again ends the scan
			t.Errorf("%q: got %d requests", url.QueryEscape(next), asked)
		}
	})
}
