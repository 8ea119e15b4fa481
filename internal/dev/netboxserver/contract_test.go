//go:build realnetbox && unix

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

const recordingsFolder = "../../../internal/netboxtest/testdata/netbox-" + defaultVersion

// recording is one request to a live NetBox and its answer.
type recording struct {
	Name    string `json:"name"`
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"response"`
}

// TestContract_recordings replays the recorded steps, in order, on the NetBox of this run, which
// starts without fabrics. The answers must be the recorded ones.
func TestContract_recordings(t *testing.T) {
	// In the recordings of older versions, fabrics have small ids. liveIDs could not tell them
	// from other numbers.
	if version := os.Getenv("HEDGEHOG_ACC_NETBOX_VERSION"); version != defaultVersion {
		t.Skipf("the recordings are from NetBox %s, and this is %s", defaultVersion, version)
	}
	files, err := filepath.Glob(filepath.Join(recordingsFolder, "*.json"))
	if err != nil || len(files) < 128 {
		t.Fatalf("got %d recordings, %v", len(files), err)
	}
	slices.Sort(files)
	if _, list := call(t, http.MethodGet, fabricsPath+"?fields=id", ""); list["count"] != 0.0 {
		t.Fatalf("this test needs a NetBox without fabrics; this one has %v", list["count"])
	}
	defer removeFabrics(t)
	// A recording needs this field, which the seed data does not have.
	acctest.Start(t).CustomField(t, acctest.CustomField{Name: "asset", Type: "text", Unique: true})
	replay := &replay{published: os.Getenv("HEDGEHOG_ACC_DISPLAY_URL") == displayURLPublished,
		objectFilter: cmp.Or(os.Getenv("HEDGEHOG_ACC_OBJECT_FILTER"), objectFilterNone), etags: map[string]string{}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var step recording
		if err := json.Unmarshal(text, &step); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		switch replay.plan(step.Name) {
		case leaveOut:
		case sendOnly:
			replay.send(t, step)
		case compare:
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { replay.compare(t, step) })
		}
	}
}

// call sends a request as the administrator and returns status and JSON body.
func call(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	step := recording{}
	step.Request.Method, step.Request.Path, step.Request.Body = method, path, json.RawMessage(body)
	step.Request.Headers = map[string]string{"Authorization": "Token REDACTED", "Content-Type": "application/json"}
	received := (&replay{}).send(t, step)
	object, _ := received.body.(map[string]any)
	return received.status, object
}

// removeFabrics deletes all fabrics. With the published plugin, they stay.
func removeFabrics(t *testing.T) {
	t.Helper()
	_, list := call(t, http.MethodGet, fabricsPath+"?fields=id&limit=1000", "")
	fabrics, _ := list["results"].([]any)
	for _, f := range fabrics {
		call(t, http.MethodDelete, fmt.Sprintf("%s%.0f/", fabricsPath, f.(map[string]any)["id"]), "")
	}
}

// newFabric creates a fabric and returns its id. The end of the test deletes it.
func newFabric(t *testing.T, name string) int {
	t.Helper()
	return int(acctest.Start(t).Create(t, map[string]any{"name": name}))
}

// TestContract_displayURLOfCustomResources checks that the kinds with a page in the web interface
// can be written without omit=display_url, and no others.
func TestContract_displayURLOfCustomResources(t *testing.T) {
	published := os.Getenv("HEDGEHOG_ACC_DISPLAY_URL") == displayURLPublished
	fabric := newFabric(t, "custom-resources")
	for endpoint, page := range map[string]string{
		"vpcs": "vpcs", "ipv4-namespaces": "ipv4namespaces", "connections": "connections", "servers": "servers",
		"switches": "switches", "switch-groups": "switch-groups", "vlan-namespaces": "vlan-namespaces",
		"externals": "", "external-attachments": "", "external-peerings": "", "vpc-attachments": "", "vpc-peerings": "",
	} {
		t.Run(endpoint, func(t *testing.T) {
			status, object := call(t, http.MethodPost, "/api/plugins/hedgehog/"+endpoint+"/",
				fmt.Sprintf(`{"fabric":%d,"name":"one","spec":{"a":1}}`, fabric))
			if published && page == "" {
				if status != http.StatusInternalServerError || object["exception"] != "ImproperlyConfigured" {
					t.Errorf("got status %d, %v", status, object)
				}
				return
			}
			if status != http.StatusCreated {
				t.Fatalf("got status %d, %v", status, object)
			}
			want := any(nil)
			if published {
				want = fmt.Sprintf("%s/plugins/hedgehog/%s/%v/", os.Getenv("HEDGEHOG_ACC_SERVER_URL"),
					page, object["id"])
			}
			if object["display_url"] != want {
				t.Errorf("got display_url %v, want %v", object["display_url"], want)
			}
		})
	}
}

// refusedByTheDatabase reports whether the database refuses an object whose name is taken. Before
// 4.5, NetBox checks the name itself.
func refusedByTheDatabase() bool { return since(os.Getenv("HEDGEHOG_ACC_NETBOX_VERSION"), "4.5.0") }

// TestContract_customResourceNames checks what the recordings don't show: a name is a DNS-1123
// label, and a duplicate is an error of the database, not of validation.
func TestContract_customResourceNames(t *testing.T) {
	fabric, taken, complaint := newFabric(t, "custom-resource-names"), http.StatusInternalServerError, "exception"
	if !refusedByTheDatabase() {
		taken, complaint = http.StatusBadRequest, "__all__"
	}
	for _, test := range []struct {
		name, namespace string
		status          int
		field           string
	}{
		{"one", "default", http.StatusCreated, ""},
		{"one", "other", http.StatusCreated, ""},
		{"one", "default", taken, complaint},
		{"A_b", "default", http.StatusBadRequest, "name"},
		{"a.b", "default", http.StatusBadRequest, "name"},
		{"two", "A_b", http.StatusBadRequest, "namespace"},
	} {
		status, object := call(t, http.MethodPost, "/api/plugins/hedgehog/vpcs/?omit=display_url",
			fmt.Sprintf(`{"fabric":%d,"name":%q,"namespace":%q,"spec":{"a":1}}`, fabric, test.name, test.namespace))
		if status != test.status || (test.field != "" && object[test.field] == nil) {
			t.Errorf("%s/%s: got status %d, %v, want %d", test.namespace, test.name, status, object, test.status)
		}
		if test.field == "exception" && object["exception"] != "IntegrityError" {
			t.Errorf("%s/%s again: got %v, want an IntegrityError", test.namespace, test.name, object)
		}
	}
}

// TestContract_customResourceTwiceInBulk checks what happens if a sync creates objects that another
// sync has just created: the database reports an error, and the whole request is rolled back.
func TestContract_customResourceTwiceInBulk(t *testing.T) {
	fabric := newFabric(t, "custom-resource-twice")
	const path = "/api/plugins/hedgehog/vpcs/?omit=display_url"
	object := func(name string) string { return fmt.Sprintf(`{"fabric":%d,"name":%q,"spec":{"a":1}}`, fabric, name) }
	if status, first := call(t, http.MethodPost, path, object("one")); status != http.StatusCreated {
		t.Fatalf("got status %d, %v", status, first)
	}
	bodies := []string{"[" + object("three") + "," + object("three") + "]"}
	taken := "[" + object("two") + "," + object("one") + "]"
	if refusedByTheDatabase() {
		bodies = append(bodies, taken)
	} else if status, _ := call(t, http.MethodPost, path, taken); status != http.StatusBadRequest {
		t.Errorf("%s: got status %d, want %d", taken, status, http.StatusBadRequest)
	}
	for _, body := range bodies {
		status, answer := call(t, http.MethodPost, path, body)
		if status != http.StatusInternalServerError || answer["exception"] != "IntegrityError" {
			t.Errorf("%s: got status %d, %v, want an IntegrityError", body, status, answer)
		}
	}
	_, list := call(t, http.MethodGet, path+"&ordering=id&limit=1000", "")
	names := []any{}
	for _, one := range list["results"].([]any) {
		if one := one.(map[string]any); one["fabric"] == float64(fabric) {
			names = append(names, one["name"])
		}
	}
	if !reflect.DeepEqual(names, []any{"one"}) {
		t.Errorf("got the names %v, want only one", names)
	}
}

// TestContract_unchangedPatchMovesLastUpdated checks that a PATCH without a change updates
// last_updated, which is how a sync renews its lock.
func TestContract_unchangedPatchMovesLastUpdated(t *testing.T) {
	path := fmt.Sprintf("%s%d/?omit=display_url", fabricsPath, newFabric(t, "renewed"))
	before := any(nil)
	for range 3 {
		status, fabric := call(t, http.MethodPatch, path, `{"sync_status":"syncing"}`)
		if status != http.StatusOK || fabric["sync_status"] != "syncing" || fabric["last_updated"] == before {
			t.Errorf("got status %d, last_updated %v; before it was %v", status, fabric["last_updated"], before)
		}
		before = fabric["last_updated"]
	}
}

// TestSeed_customFields writes and reads a custom field of every type.
func TestSeed_customFields(t *testing.T) {
	path := fmt.Sprintf("%s%d/?omit=display_url", fabricsPath, newFabric(t, "custom-fields"))
	written := `{"owner":"netops","rack_units":4,"tier":"gold","notes":"two\nlines","power_draw":1.5,"in_service":true,
		"installed_on":"2026-01-02","reviewed_at":"2026-01-02T03:04:05Z","runbook":"https://example.com/",
		"facts":{"a":[1]},"colours":["red","blue"],"home_site":1,"other_sites":[1]}`
	status, fabric := call(t, http.MethodPatch, path, `{"custom_fields":`+written+`}`)
	if status != http.StatusOK {
		t.Fatalf("got status %d, %v", status, fabric)
	}
	var want any
	if err := json.Unmarshal([]byte(written), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fabric["custom_field_data"], want) {
		t.Errorf("got the custom fields %s, want %s", indent(fabric["custom_field_data"]), indent(want))
	}
}
