//go:build realnetbox && unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

type plan int

const (
	leaveOut plan = iota
	sendOnly
	compare
)

// replay has the differences between this run's NetBox and the recorded one.
type replay struct {
	published    bool
	objectFilter string
	offset       int               // of a fabric's id
	etags        map[string]string // recorded to live
}

// plan returns what to do with a step: some answers exist only in one form of the plugin.
func (r *replay) plan(name string) plan {
	form, filtered := strings.CutPrefix(name, "fixed-filter-")
	switch {
	case name == "custom-fields-list": // the seed data has more custom fields
		return leaveOut
	case filtered && r.objectFilter != objectFilterNone && strings.HasPrefix(form, "none-"),
		filtered && r.objectFilter != objectFilterFields && strings.HasPrefix(form, "fields-"),
		filtered && r.objectFilter != objectFilterSet && strings.HasPrefix(form, "set-"):
		return leaveOut
	case r.published && strings.HasPrefix(name, "fixed-"),
		!r.published && strings.HasSuffix(name, "-as-published"),
		!r.published && name == "get-with-display-url":
		return leaveOut
	case !r.published && name == "create-without-omit-commits-then-500":
		return sendOnly // later steps count its fabric
	}
	return compare
}

type answer struct {
	status int
	header http.Header
	body   any
}

func (r *replay) send(t *testing.T, step recording) answer {
	t.Helper()
	body := r.liveIDs(string(step.Request.Body))
	if body == "null" {
		body = ""
	}
	var raw string
	if json.Unmarshal([]byte(body), &raw) == nil { // a body that is not JSON was recorded as a string
		body = raw
	}
	request, err := http.NewRequestWithContext(t.Context(), step.Request.Method,
		os.Getenv("HEDGEHOG_ACC_SERVER_URL")+livePath(r.liveIDs(step.Request.Path)), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range step.Request.Headers {
		request.Header.Set(name, r.liveHeader(step.Name, name, value))
	}
	request.Close = true // NetBox soon closes an idle connection
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	received := answer{status: response.StatusCode, header: response.Header, body: string(text)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, &received.body); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	return received
}

// liveHeader replaces tokens, which recordings do not have, and recorded entity tags.
func (r *replay) liveHeader(step, name, value string) string {
	switch {
	case value == "Bearer REDACTED":
		return "Bearer " + os.Getenv("HEDGEHOG_ACC_API_TOKEN_V2")
	case value == "Token REDACTED" && strings.HasPrefix(step, "limited-"):
		return "Token " + os.Getenv("HEDGEHOG_ACC_LIMITED_TOKEN")
	case value == "Token REDACTED":
		return "Token " + os.Getenv("HEDGEHOG_ACC_API_TOKEN")
	case name == "If-Match" && r.etags[value] != "":
		return r.etags[value]
	}
	return value
}

var recordedFabricID = regexp.MustCompile(`\b10(08|09|10|11|12|15|16|17)\b`)

// liveIDs replaces the ids of recorded fabrics by those of this run. The difference is the same
// for all fabrics.
func (r *replay) liveIDs(text string) string {
	return recordedFabricID.ReplaceAllStringFunc(text, func(id string) string {
		number, _ := strconv.Atoi(id)
		return strconv.Itoa(number + r.offset)
	})
}

var recordedVPC = regexp.MustCompile(`/vpcs/(\d+)/`)

// livePath replaces the id of a recorded VPC by that of this run: on the recorded NetBox, one more
// was created before.
func livePath(path string) string {
	return recordedVPC.ReplaceAllStringFunc(path, func(found string) string {
		id, _ := strconv.Atoi(recordedVPC.FindStringSubmatch(found)[1])
		return fmt.Sprintf("/vpcs/%d/", id-1)
	})
}

func (r *replay) compare(t *testing.T, step recording) {
	t.Helper()
	received := r.send(t, step)
	if step.Name == "create-minimal" {
		r.learnOffset(t, step, received)
	}
	if received.status != step.Response.Status {
		t.Fatalf("got status %d, recorded %d; body %v", received.status, step.Response.Status, received.body)
	}
	for _, name := range []string{"Content-Type", "Allow", "API-Version", "Location"} {
		want := r.liveIDs(step.Response.Headers[name])
		got := strings.ReplaceAll(received.header.Get(name), os.Getenv("HEDGEHOG_ACC_SERVER_URL"),
			"http://netbox.example.com")
		if name == "Location" && !strings.Contains(want, "/fabrics/") {
			want, got = placeholder(want), placeholder(got)
		}
		if got != want {
			t.Errorf("%s: got %q, recorded %q", name, got, want)
		}
	}
	r.compareETag(t, step, received)
	if text, ok := step.Response.Body.(string); ok && strings.Contains(text, "<!DOCTYPE html>") {
		if page, ok := received.body.(string); !ok || !strings.Contains(page, "<!DOCTYPE html>") {
			t.Errorf("got the body %.100v, recorded an HTML page", received.body)
		}
		return
	}
	want, got := normalize(r.liveBody(t, step)), normalize(received.body)
	if step.Response.Status == http.StatusMovedPermanently {
		return // the recorded body was not kept
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got the body\n%s\nrecorded\n%s", indent(got), indent(want))
	}
}

func (r *replay) learnOffset(t *testing.T, step recording, received answer) {
	t.Helper()
	live, liveOK := received.body.(map[string]any)["id"].(float64)
	recorded, recordedOK := step.Response.Body.(map[string]any)["id"].(float64)
	if !liveOK || !recordedOK {
		t.Fatalf("got no id in %v", received.body)
	}
	r.offset = int(live) - int(recorded)
}

// compareETag checks that the answer has an entity tag if one was recorded, and that the tag is
// made from last_updated.
func (r *replay) compareETag(t *testing.T, step recording, received answer) {
	t.Helper()
	recorded, live := step.Response.Headers["ETag"], received.header.Get("ETag")
	if (recorded == "") != (live == "") {
		t.Errorf("got the ETag %q, recorded %q", live, recorded)
	}
	if recorded != "" {
		r.etags[recorded] = live
	}
	body, _ := received.body.(map[string]any)
	if updated, ok := body["last_updated"].(string); ok && received.status < 300 && live != "" {
		if want := `W/"` + strings.TrimSuffix(updated, "Z") + `+00:00"`; live != want {
			t.Errorf("got the ETag %q, want %q from last_updated", live, want)
		}
	}
}

// liveBody returns the recorded body with this run's ids.
func (r *replay) liveBody(t *testing.T, step recording) any {
	t.Helper()
	text, err := json.Marshal(step.Response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var body any
	if err := json.Unmarshal([]byte(r.liveIDs(string(text))), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

var (
	moment      = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)`)
	lastSegment = regexp.MustCompile(`/\d+/$`)
	// ofTheMachine are keys of an answer that depend on the server's installation.
	ofTheMachine = []string{"hostname", "python-version", "python_version", "django-version", "installed_apps",
		"rq-workers-running", branchingPackage}
	recordedKeys = []string{"owner", "rack_units", "tier"}
)

func placeholder(url string) string { return lastSegment.ReplaceAllString(url, "/ID/") }

// normalize removes from an answer what differs from run to run, and the custom fields that only
// the seed data has.
func normalize(value any) any {
	switch value := value.(type) {
	case string:
		value = strings.ReplaceAll(value, os.Getenv("HEDGEHOG_ACC_SERVER_URL"), "http://netbox.example.com")
		return moment.ReplaceAllString(value, "TIME")
	case []any:
		for i := range value {
			value[i] = normalize(value[i])
		}
	case map[string]any:
		if _, ok := value["url"].(string); ok {
			value["id"] = "ID"
		}
		for key, inner := range value {
			switch {
			case slices.Contains(ofTheMachine, key), slices.Contains(netboxtest.NewerFields(), key):
				delete(value, key)
			case key == "url" || key == "display_url":
				value[key] = placeholder(fmt.Sprint(normalize(inner)))
			case key == "custom_fields" || key == "custom_field_data":
				value[key] = normalize(onlyRecorded(inner))
			case key == "request_id":
				value[key] = "ID"
			default:
				value[key] = normalize(inner)
			}
		}
	}
	return value
}

func onlyRecorded(fields any) any {
	object, ok := fields.(map[string]any)
	if !ok {
		return fields
	}
	kept := map[string]any{}
	for key, value := range object {
		if _, failure := value.(string); slices.Contains(recordedKeys, key) || failure {
			kept[key] = value
		}
	}
	return kept
}

func indent(value any) string {
	text, _ := json.MarshalIndent(value, "", "  ")
	return string(text)
}
