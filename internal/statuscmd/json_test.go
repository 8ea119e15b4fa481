package statuscmd

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestJSON_aFabricAndTheCounts(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.netbox.AddTag("Prod", "prod")
	s.add("berlin", synced(90*time.Second), map[string]any{"status": "active", "tags": []any{"Prod"},
		"kubernetes_namespace": "fabric", "connection_error": "refused <here>"})
	s.want(cli.ExitFailure, "--output", "json", "berlin", "no-such", "name:5")
	var got map[string]any
	if err := json.Unmarshal(s.stdout.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	contradiction := `NetBox stores the sync status "in_sync" together with a connection error: refused <here>.`
	want := map[string]any{
		"branch": nil, "missing": []any{"no-such", "5"},
		"counts_by_sync_status": map[string]any{"not_configured": 0.0, "disabled": 0.0, "error": 1.0,
			"never_synced": 0.0, "out_of_sync": 0.0, "in_sync": 0.0},
		"fabrics": []any{map[string]any{
			"failing": true, "id": 1.0, "name": "berlin",
			"url":     s.netbox.URL() + "/api/plugins/hedgehog/fabrics/1/",
			"web_url": s.netbox.URL() + "/plugins/hedgehog/fabrics/1/", "status": "active", "tags": []any{"Prod"},
			"kubernetes_server": "https://10.0.0.5:6443", "kubernetes_namespace": "fabric",
			"sync_enabled": true, "sync_interval": 300.0, "sync_status": "error", "sync_status_display": "Sync Error",
			"sync_status_badge":  "bg-danger text-white",
			"sync_status_reason": "The last sync could not use the Kubernetes cluster: refused <here>.",
			"stored_sync_status": "in_sync", "consistent": false, "inconsistencies": []any{contradiction},
			"connection_status": "connected", "connection_error": "refused <here>", "sync_error": "",
			"sync_in_progress": false, "sync_due": true, "next_sync_at": nil,
			"last_sync": "2030-05-01T11:58:30Z", "last_sync_age": 90.0, "observed_at": "2030-05-01T12:00:00Z",
			"created": "2030-04-30T12:00:00Z", "last_updated": "2030-04-30T12:00:00Z",
			"health": nil, "health_error": nil,
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	if strings.Contains(s.stdout.String(), "token-of-a-cluster") {
		t.Error("it has a token")
	}
}

// Each attribute of a fabric in the data source is a key of the JSON, unless it does not
// concern the sync status. Only the result of the check and the health are keys of their own.
func TestJSON_keysAreAttributesOfTheDataSource(t *testing.T) {
	other := []string{"counts", "custom_fields_json", "description", "kubernetes_ca_cert", "kubernetes_token_set"}
	own := []string{"failing", "health", "health_error"}
	raw, err := os.ReadFile("../../docs/data-sources/fabrics.md")
	if err != nil {
		t.Fatal(err)
	}
	_, fabrics, _ := strings.Cut(string(raw), "### Nested Schema for `fabrics`\n")
	fabrics, _, _ = strings.Cut(fabrics, "### ")
	want := own
	for _, match := range regexp.MustCompile("(?m)^- `(\\w+)` ").FindAllStringSubmatch(fabrics, -1) {
		if !slices.Contains(other, match[1]) {
			want = append(want, match[1])
		}
	}
	var keys []string
	for field := range reflect.TypeFor[record]().Fields() {
		keys = append(keys, field.Tag.Get("json"))
	}
	slices.Sort(keys)
	slices.Sort(want)
	if !slices.Equal(keys, want) || len(want) < 25 {
		t.Errorf("the keys are\n%q, want\n%q", keys, want)
	}
}

func TestJSON_nothingThatIsKnown(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.want(cli.ExitUnknown, "--output", "json")
	wantText(t, s.stdout.String(), `"fabrics": [],`, `"missing": []`)
	s.add("berlin")
	s.run("--output", "json")
	wantText(t, s.stdout.String(), `"last_sync": null`, `"last_sync_age": null`, `"next_sync_at": null`,
		`"sync_due": true`, `"inconsistencies": []`, `"tags": []`)
}
