package netbox

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// recordedTime is the date of the recordings.
var recordedTime = time.Date(2026, 11, 23, 21, 23, 24, 0, time.UTC)

// recordedFields returns the fields of a fabric in an answer of NetBox 4.7.3.
func recordedFields(t testing.TB) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(recordedFabric(t)), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func recordedFabric(t testing.TB) string {
	t.Helper()
	return string(netboxtest.LoadRecording(t, filepath.Join(recordings, "015-get.json")).Response.Body)
}

func decodeFabric(raw string) (fabric.Fabric, error) {
	var record fabricRecord
	err := record.UnmarshalJSON([]byte(raw))
	return fabric.Fabric(record), err
}

func TestFabricRecord_recordedAnswer(t *testing.T) {
	f, err := decodeFabric(recordedFabric(t))
	if err != nil {
		t.Fatal(err)
	}
	attributes := AttributesOf(&f)
	for field, want := range map[string]any{
		"name": "bravo", "description": "Lab fabric", "status": "active",
		"kubernetes_server": "https://k8s.example.com:6443",
		"kubernetes_token":  "sa-token", "kubernetes_namespace": "hedgehog", "sync_enabled": true,
		"sync_interval":      int64(600),
		"kubernetes_ca_cert": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
	} {
		if attributes[field] != want {
			t.Errorf("%s: got %v, want %v", field, attributes[field], want)
		}
	}
	if f.ID != 1010 || f.LastSync != nil || f.StoredSyncStatus != "never_synced" || f.ConnectionStatus != "unknown" ||
		!f.Created.Equal(recordedTime.Add(870886*time.Microsecond)) ||
		!f.LastUpdated.Equal(recordedTime.Add(870898*time.Microsecond)) ||
		len(f.CustomFields) != 3 || len(f.Tags) != 0 {
		t.Errorf("got %+v", f)
	}
}

func TestFabricRecord_everyRecordedFabricIsReadable(t *testing.T) {
	n := 0
	for _, file := range netboxtest.RecordingFiles(t, recordings, "*.json") {
		r := netboxtest.LoadRecording(t, file)
		var object struct {
			Created    *string
			SyncStatus *string `json:"sync_status"`
		}
		if r.Response.Status >= 300 || strings.Contains(r.Request.Path, "fields=") || json.Unmarshal(r.Response.Body,
			&object) != nil ||
			object.Created == nil || object.SyncStatus == nil {
			continue
		}
		n++
		if _, err := decodeFabric(string(r.Response.Body)); err != nil {
			t.Errorf("%s: got the error %v", r.Name, err)
		}
	}
	if n < 15 {
		t.Errorf("got only %d recorded fabrics", n)
	}
}

// errMissing in a table removes a field from the record.
var errMissing = errors.New("missing")

func TestFabricRecord_unreadableFieldsAreNamed(t *testing.T) {
	for _, test := range []struct {
		field   string
		value   any
		problem string
	}{
		{"id", errMissing, "is missing"},
		{"id", nil, "is null"},
		{"id", "7", "is not an integer of 64 bits"},
		{"id", json.Number("9223372036854775808"), "is not an integer of 64 bits"},
		{"id", json.Number("1.5"), "is not an integer of 64 bits"},
		{"name", errMissing, "is missing"},
		{"name", nil, "is null"},
		{"name", 5, "is not a string"},
		{"description", errMissing, "is missing"},
		{"description", []string{"x"}, "is not a string"},
		{"status", errMissing, "is missing"},
		{"status", 5, "is not a string"},
		{"status", map[string]any{"label": "Active"}, "is not a string"},
		{"kubernetes_server", errMissing, "is missing"},
		{"kubernetes_token", false, "is not a string"},
		{"kubernetes_ca_cert", map[string]any{}, "is not a string"},
		{"kubernetes_namespace", errMissing, "is missing"},
		{"sync_enabled", errMissing, "is missing"},
		{"sync_enabled", nil, "is null"},
		{"sync_enabled", "true", "is not a boolean"},
		{"sync_enabled", 1, "is not a boolean"},
		{"sync_interval", errMissing, "is missing"},
		{"sync_interval", nil, "is null"},
		{"sync_interval", json.Number("-9223372036854775809"), "is not an integer of 64 bits"},
		{"sync_interval", json.Number("1e400"), "is not an integer of 64 bits"},
		{"sync_interval", "300", "is not an integer of 64 bits"},
		{"sync_status", errMissing, "is missing"},
		{"connection_status", errMissing, "is missing"},
		{"last_sync", errMissing, "is missing"},
		{"last_sync", "yesterday", "is not a time in RFC 3339 form"},
		{"last_sync", 1764000000, "is not a string"},
		{"sync_error", errMissing, "is missing"},
		{"connection_error", errMissing, "is missing"},
		{"created", errMissing, "is missing"},
		{"created", nil, "is null"},
		{"created", "2026-11-23", "is not a time in RFC 3339 form"},
		{"last_updated", errMissing, "is missing"},
		{"last_updated", "", "is not a time in RFC 3339 form"},
		{"vpcs_count", json.Number("99999999999999999999"), "is not an integer of 64 bits"},
		{"switches_count", "2", "is not an integer of 64 bits"},
		{"tags", "prod", "is not a list of tags"},
		{"tags", []any{nil}, "has a tag without a name"},
		{"tags", []any{map[string]any{"name": "Prod"}, map[string]any{"id": 1}}, "has a tag without a name"},
		{"tags", []any{map[string]any{"id": 1, "name": nil}}, "has a tag without a name"},
		{"tags", []any{7}, "is not a list of tags"},
		{"custom_fields", []string{}, "is not an object"},
	} {
		fields := recordedFields(t)
		if fields[test.field] = test.value; test.value == any(errMissing) {
			delete(fields, test.field)
		}
		raw, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		_, err = decodeFabric(string(raw))
		if e := wantError[*rest.FieldError](t, err); e.Field != test.field || e.Problem != test.problem {
			t.Errorf("%s = %v: got the error %v", test.field, test.value, err)
		}
	}
}

func TestFabricRecord_toleratesWhatOlderDataAndVersionsHold(t *testing.T) {
	fields := recordedFields(t)
	for field, value := range map[string]any{
		"sync_status": "synced", "connection_status": nil, "description": nil, "kubernetes_server": nil,
		"kubernetes_namespace": nil,
		"status":               map[string]any{"value": "retired", "label": "Retired"}, "sync_error": nil,
		"connection_error": nil,
		"kubernetes_token": nil,
		"tags":             []any{map[string]any{"id": 3, "name": "Prod", "slug": "prod", "color": "aa1409"}},
		"last_updated":     nil,
		"custom_fields":    nil,
		"vpcs_count":       nil, "sync_interval": -5, "last_sync": "2026-11-23T22:23:24+01:00", "unheard_of": []int{1},
	} {
		fields[field] = value
	}
	for _, optional := range []string{"kubernetes_ca_cert", "cached_crd_count", "url", "display"} {
		delete(fields, optional)
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	f, err := decodeFabric(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	if f.StoredSyncStatus != "synced" || f.ConnectionStatus != "" || f.Lifecycle != "retired" ||
		f.KubernetesServer != "" ||
		f.SyncInterval != -5 || !f.LastUpdated.IsZero() || len(f.Tags) != 1 ||
		f.Tags[0] != (fabric.Tag{ID: 3, Name: "Prod", Slug: "prod"}) ||
		f.LastSync == nil || !f.LastSync.Equal(recordedTime) {
		t.Errorf("got %+v", f)
	}
}

func TestGet_unreadableRecordsAreUnexpectedAnswers(t *testing.T) {
	for body, problem := range map[string]string{
		"":                              "the JSON cannot be read (it is empty or cut off)",
		recordedFabric(t)[:150]:         "the JSON cannot be read (it is empty or cut off)",
		"{id: 1}":                       "the JSON cannot be read (it is not valid JSON)",
		"null":                          `the answer, or a record in it, is not a JSON object`,
		"[]":                            `the answer, or a record in it, is not a JSON object`,
		`"fabric"`:                      `the answer, or a record in it, is not a JSON object`,
		`{"id": 18446744073709551616}`:  `the field "id" is not an integer of 64 bits`,
		`{"id": 1, "name": {"en":"x"}}`: `the field "name" is not a string`,
	} {
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		})
		_, err := newClient(t, s.URL, withoutCheck).Fabrics().Get(t.Context(), 1)
		e := wantError[*rest.UnexpectedAnswerError](t, err)
		if e.Problem != problem || e.Status != 200 || e.ContentType != "application/json" {
			t.Errorf("%.40q: got %v, want %s", body, err, problem)
		}
	}
}

func FuzzFabricRecord(f *testing.F) {
	recordedBodies(f, fabricsPath, func(_ int, body []byte) { f.Add(body) })
	for _, seed := range []string{"", "null", "[]", "{}", `{"id":1e3}`, `{"id":-0,"name":"\ud800"}`,
		`{"status":{"value":null}}`,
		`{"status":{"value":"a","value":7}}`, `{"tags":[null,{"id":null}],"custom_fields":{"a":NaN}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var record fabricRecord
		err := record.UnmarshalJSON(raw)
		field, ofField := errors.AsType[*rest.FieldError](err)
		switch {
		case err == nil:
			if !json.Valid(raw) {
				t.Errorf("got a fabric from text that is not JSON")
			}
			_ = Revision{LastUpdated: record.LastUpdated}.EntityTag()
			_ = RevisionOf((*fabric.Fabric)(&record)).Matches((*fabric.Fabric)(&record))
		case !ofField || field.Field == "" || field.Problem == "":
			t.Errorf("got the error %T %v, which names no field", err, err)
		}
	})
}

// An error about one field's value never names another field.
func FuzzFabricRecord_oneField(f *testing.F) {
	valid := recordedFields(f)
	for name := range valid {
		for _, value := range []string{"null", "true", "7", "1e400", `"x"`, "[]", "[null]", `[{"id":1}]`,
			`{"value":"a"}`, `{"a":[{"b":1}]}`} {
			f.Add(name, []byte(value))
		}
	}
	f.Fuzz(func(t *testing.T, name string, value []byte) {
		if _, known := valid[name]; !known || !json.Valid(value) {
			return
		}
		fields := maps.Clone(valid)
		fields[name] = json.RawMessage(value)
		raw, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := decodeFabric(string(raw))
		if err != nil {
			if e := wantError[*rest.FieldError](t, err); e.Field != name || e.Problem == "" {
				t.Errorf("%s = %s: got the error %v", name, value, err)
			}
			return
		}
		if slices.Contains(tagNames(decoded.Tags), "") {
			t.Errorf("%s = %s: got the tags %+v", name, value, decoded.Tags)
		}
		if verdict, wrong := fabric.Compare(AttributesOf(&decoded), AttributesOf(&decoded),
			AttributesOf(&decoded)); verdict != fabric.AsPlanned {
			t.Errorf("%s = %s: got differences from itself: %v", name, value, wrong)
		}
	})
}

// An error about unexpected JSON names its place, and never its value.
func TestUnexpectedAnswer_whatIsWrongWithTheJSON(t *testing.T) {
	get := func(c *Client) error { _, err := c.Fabrics().Get(t.Context(), 1); return err }
	find := func(c *Client) error { _, err := c.Fabrics().FindByName(t.Context(), "alpha"); return err }
	fields := func(c *Client) error { _, err := c.CustomFields(t.Context(), time.Time{}); return err }
	for body, want := range map[string]map[string][]func(*Client) error{
		`[]`: {"the answer, or a record in it, is not a JSON object": {get, fields}},
		`7`:  {"the answer, or a record in it, is not a JSON object": {find}},
		`{"results": 7, "count": "x"}`: {`the field "id" is missing`: {get},
			`the field "results" is not a list`: {fields, find}},
		`{"results": [], "count": "x"}`: {`the field "count" is not an integer of 64 bits`: {fields, find}},
		`{"id": 1`:                      {"the JSON cannot be read (it is empty or cut off)": {get}},
		`{id}`:                          {"the JSON cannot be read (it is not valid JSON)": {get, find}},
	} {
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, body) })
		for problem, calls := range want {
			for _, call := range calls {
				e := wantError[*rest.UnexpectedAnswerError](t, call(newClient(t, s.URL, withoutCheck)))
				if e.Problem != problem {
					t.Errorf("%s: got %s, want %s", body, e.Problem, problem)
				}
			}
		}
	}
}
