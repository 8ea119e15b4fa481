package rest

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestItemFaults_recordedShapes(t *testing.T) {
	for file, want := range map[string]string{
		"078-bulk-create-one-bad.json":         "1/0 name: Hedgehog Fabric with this name already exists.",
		"079-bulk-create-same-name-twice.json": "1/0 name: Hedgehog Fabric with this name already exists.",
		"081-bulk-patch-one-bad.json": "-1/1012 sync_interval: Ensure this value is greater than or equal " +
			"to 0.",
		"082-bulk-patch-one-missing.json":    "-1/99999999 id: Object with ID 99999999 does not exist",
		"083-bulk-patch-if-match.json":       "",
		"053-bad-two-fields.json":            "",
		"026-list-cursor-with-ordering.json": "",
	} {
		r := netboxtest.LoadRecording(t, filepath.Join(recordings, file))
		if got := faultsOf(t, string(r.Response.Body)); got != want {
			t.Errorf("%s: got %s", file, got)
		}
	}
	for body, want := range map[string]string{ // as NetBox 4.6 answers
		`[{},{"name":["taken"]},{"spec":["blank"],"__all__":["bad"]}]`: "1/0 name: taken, 2/0 bad; spec: blank",
		`{"sync_interval":["bad"]}`:                                    "",
		`{"errors":[{"index":1}]}`:                                     "",
		`{"errors":[{"errors":{"a":["b"]}}]}`:                          "",
		`{"errors":"none"}`:                                            "",
		`["bad"]`:                                                      "",
	} {
		if got := faultsOf(t, body); got != want {
			t.Errorf("%s: got %s", body, got)
		}
	}
}

func faultsOf(t *testing.T, body string) string {
	t.Helper()
	var decoded any
	if err := json.Unmarshal([]byte(body), &decoded); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, fault := range itemFaults(Request{}, decoded, newRedactor(Config{})) {
		all = append(all, fmt.Sprintf("%d/%d %s", fault.Index, fault.ID, fault.Err.Reason()))
	}
	return strings.Join(all, ", ")
}
