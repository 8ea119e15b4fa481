package netbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Timers have the same values as the whole records.
func TestTimers_areThoseOfTheWholeRecords(t *testing.T) {
	at := time.Date(2030, 5, 1, 12, 0, 0, 123456000, time.UTC)
	for _, version := range []netboxtest.Version{netboxtest.V44, netboxtest.V45, netboxtest.V46, netboxtest.V47} {
		t.Run(string(version), func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{Version: version, MaxPageSize: 7})
			for i := range 20 {
				s.AddFabric(map[string]any{
					"name": fmt.Sprintf("fabric-%d", i), "kubernetes_server": "https://k8s.example.com:6443",
					"kubernetes_token":   "secret-token",
					"kubernetes_ca_cert": "a certificate", "kubernetes_namespace": "fab", "sync_enabled": i%2 == 0,
					"sync_interval": 60 + i,
					"sync_status":   "error", "sync_error": "no objects", "connection_status": "connected",
					"connection_error": "refused",
					"last_sync":        at, "last_updated": at, "created": at,
				})
			}
			s.AddFabric(map[string]any{"name": "bare"})
			c := newClient(t, s.URL())
			whole := map[int64]*Read{}
			for read, err := range c.Fabrics().All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				whole[read.Fabric.ID] = read
			}
			s.ResetRequests()
			for timed, err := range c.Fabrics().ForSchedule(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got, want := timed.Fabric, whole[timed.Fabric.ID].Fabric
				if got.Facts() != factsLike(want.Facts(), got.Facts()) || !got.LastUpdated.Equal(want.LastUpdated) ||
					!got.Created.Equal(want.Created) ||
					got.Name != want.Name || !got.SameCluster(&want) || got.StoredSyncStatus != want.StoredSyncStatus ||
					got.ConnectionStatus != want.ConnectionStatus || timed.LocalClock || timed.ObservedAt.IsZero() {
					t.Errorf("got %+v\nof %+v", got, want)
				}
				delete(whole, got.ID)
			}
			if len(whole) != 0 {
				t.Errorf("the list lacks %d fabrics", len(whole))
			}
			for _, r := range s.Requests() {
				for _, costly := range []string{"kubernetes_token", "kubernetes_ca_cert", "tags", "custom_fields",
					"display_url"} {
					if fields := "," + r.Query.Get("fields") + ","; strings.Contains(fields, ","+costly+",") ||
						fields == ",," {
						t.Errorf("got the fields %q in the query", fields)
					}
				}
			}
		})
	}
}

// factsLike returns facts with the pointer to the last sync from other if the times are equal.
func factsLike(f, other fabric.Facts) fabric.Facts {
	if f.LastSync != nil && other.LastSync != nil && f.LastSync.Equal(*other.LastSync) {
		f.LastSync = other.LastSync
	}
	return f
}

// A thousand certificate bundles would not fit into one answer, so the list omits them.
func TestTimers_areReadInOneRequestWhateverFabricsHold(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	bundle := strings.Repeat("certificate ", 2500)
	for i := range 999 {
		s.AddFabric(map[string]any{"name": fmt.Sprintf("fabric-%04d", i), "kubernetes_ca_cert": bundle})
	}
	c := newClient(t, s.URL(), withoutCheck, answersUpTo(1<<20))
	n := 0
	for _, err := range c.Fabrics().ForSchedule(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if got := s.Count("GET", fabricsPath); n != 999 || got != 1 {
		t.Errorf("got %d fabrics in %d requests", n, got)
	}
}

func TestTimers_recordThatIsNoneIsNamed(t *testing.T) {
	for field, problem := range map[string]string{"sync_enabled": "is missing", "last_sync": "is missing",
		"created": "is missing"} {
		record := recordedFields(t)
		delete(record, field)
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"next": nil, "results": []any{record}})
		})
		c := newClient(t, s.URL, withoutCheck)
		for _, err := range c.Fabrics().ForSchedule(t.Context()) {
			if e := wantError[*rest.UnexpectedAnswerError](t, err); !strings.Contains(e.Problem, fmt.Sprintf("%q %s",
				field, problem)) {
				t.Errorf("%s: got the error %v", field, err)
			}
		}
	}
}

func TestPing_asksEachTime(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL())
	for want := 1; want <= 3; want++ {
		if err := c.Ping(t.Context()); err != nil || s.Count("GET", "/api/status/") != want {
			t.Fatalf("got %v after %d requests, want %d", err, s.Count("GET", "/api/status/"), want)
		}
	}
	s.Refuse()
	wantError[*rest.TransportError](t, c.Ping(t.Context()))
}
