package fabric

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"
)

var syncTime = time.Date(2030, 5, 1, 12, 0, 0, 123456789, time.UTC)

func TestMaySync(t *testing.T) {
	for _, c := range []struct {
		server  string
		enabled bool
		want    Status
	}{
		{"https://k8s.example.com", true, ""},
		{"https://k8s.example.com", false, StatusDisabled},
		{" \t", true, StatusNotConfigured},
		{"", false, StatusNotConfigured},
	} {
		f := Fabric{KubernetesServer: c.server, SyncEnabled: c.enabled}
		err := f.MaySync()
		refused, ok := errors.AsType[*NotSyncableError](err)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: got %v", c, err)
		case c.want != "" && (!ok || refused.Status != c.want ||
			refused.Error() != SyncStatus(f.Facts(), syncTime).Reason):
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestSameCluster(t *testing.T) {
	f := Fabric{KubernetesServer: "https://a.example.com", KubernetesNamespace: "default", KubernetesToken: "one"}
	for _, c := range []struct {
		server, namespace string
		want              bool
	}{
		{"https://a.example.com", "default", true},
		{" https://a.example.com\n", "default", true},
		{"https://b.example.com", "default", false},
		{"https://a.example.com", "other", false},
		{"", "default", false},
	} {
		if got := f.SameCluster(&Fabric{KubernetesServer: c.server, KubernetesNamespace: c.namespace,
			KubernetesToken: "two"}); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}

// apply writes facts to a record, as a write to NetBox does.
func apply(t *testing.T, f Fabric, facts map[string]any) Fabric {
	t.Helper()
	for field, value := range facts {
		text, _ := value.(string)
		switch field {
		case "sync_status":
			f.StoredSyncStatus = text
		case "connection_status":
			f.ConnectionStatus = text
		case "sync_error":
			f.SyncError = text
		case "connection_error":
			f.ConnectionError = text
		case "last_sync":
			f.LastSync = nil
			if at, ok := value.(time.Time); ok {
				f.LastSync = &at
			}
		default:
			t.Errorf("unknown field %s", field)
		}
	}
	return f
}

// everyRecord returns records in every state of a fabric with a server, consistent or not, with
// all combinations of errors and a last sync.
func everyRecord() []Fabric {
	var all []Fabric
	earlier := syncTime.Add(-time.Hour)
	for _, server := range []string{"https://k8s.example.com", ""} {
		for _, stored := range append(StoredSyncStatuses(), "bogus") {
			for _, connection := range append(ConnectionStatuses(), "bogus") {
				for _, last := range []*time.Time{nil, &earlier} {
					for errs := range 4 {
						f := Fabric{
							KubernetesServer: server, SyncEnabled: true, Lifecycle: LifecycleActive,
							StoredSyncStatus: stored, ConnectionStatus: connection, LastSync: last,
						}
						if errs&1 != 0 {
							f.SyncError = "objects were refused"
						}
						if errs&2 != 0 {
							f.ConnectionError = "no route to host"
						}
						all = append(all, f)
					}
				}
			}
		}
	}
	return all
}

// After a sync has stored its facts, every record is consistent, whatever it was before.
func TestSyncFacts_leaveNoContradiction(t *testing.T) {
	for _, f := range everyRecord() {
		outcomes := map[string]map[string]any{
			"fresh": ResetFacts(),
		}
		if f.KubernetesServer != "" {
			maps.Copy(outcomes, map[string]map[string]any{
				"synced": SyncedFacts(syncTime), "failed": SyncFailedFacts("why"),
				"failed without a reason": SyncFailedFacts(" "),
				"disconnected":            ConnectionFailedFacts(ConnectionDisconnected, "why"),
				"connection error":        ConnectionFailedFacts(ConnectionError, ""),
			})
		}
		if f.ConnectionStatus != "bogus" { // what a sync has not found out stays as it is
			for _, before := range append(StoredSyncStatuses(), "bogus") {
				outcomes["unmarked, "+before] = f.UnlockedFacts(before)
			}
		}
		for name, facts := range outcomes {
			after := apply(t, f, facts)
			if found := after.Inconsistencies(syncTime); found != nil {
				t.Errorf("%s over %+v: %q", name, f, found)
			}
			if !after.Holds(facts) {
				t.Errorf("%s over %+v is not held", name, f)
			}
		}
	}
}

func TestUnlockedFacts_restoreWhatTheRecordBearsOut(t *testing.T) {
	marked := Fabric{KubernetesServer: "https://k8s.example.com", StoredSyncStatus: StoredSyncing,
		ConnectionStatus: ConnectionConnected, LastSync: &syncTime}
	never, failed := marked, marked
	never.LastSync, failed.SyncError = nil, "objects were refused"
	for _, c := range []struct {
		f            Fabric
		before, want string
	}{
		{marked, StoredInSync, StoredInSync},
		{marked, StoredOutOfSync, StoredOutOfSync},
		{marked, StoredError, StoredOutOfSync},
		{marked, StoredSyncing, StoredOutOfSync},
		{never, StoredNeverSynced, StoredNeverSynced},
		{never, StoredInSync, StoredNeverSynced},
		{failed, StoredError, StoredError},
		{failed, StoredInSync, StoredError},
	} {
		if got := c.f.UnlockedFacts(c.before); got["sync_status"] != c.want || len(got) != 1 {
			t.Errorf("%s before: %v, want %s", c.before, got, c.want)
		}
	}
}

func TestCountFacts(t *testing.T) {
	counts := map[Kind]int64{}
	for i, kind := range Kinds() {
		counts[kind] = int64(i + 1)
	}
	want := map[string]any{
		"vpcs_count": int64(1), "cached_vpc_count": int64(1), "connections_count": int64(8),
		"cached_connection_count": int64(8),
		"servers_count":           int64(9), "switches_count": int64(10), "cached_crd_count": int64(78),
	}
	if got := CountFacts(counts); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	delete(counts, Kinds()[8]) // the servers could not be read
	delete(want, "servers_count")
	delete(want, "cached_crd_count")
	if got := CountFacts(counts); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestHolds(t *testing.T) {
	at := syncTime.Truncate(time.Microsecond)
	f := Fabric{StoredSyncStatus: StoredInSync, LastSync: &at, Counts: Counts{VPCs: 3}}
	held := []map[string]any{
		nil, {"sync_status": "in_sync"}, {"last_sync": syncTime}, {"last_sync": at.In(time.FixedZone("", 3600))},
		{"vpcs_count": int64(3), "sync_error": " "},
	}
	others := []map[string]any{
		{"sync_status": "error"}, {"last_sync": nil}, {"last_sync": at.Add(time.Second)}, {"vpcs_count": int64(4)},
		{"name": ""},
		{"sync_status": "in_sync", "sync_error": "x"},
	}
	for i, facts := range slices.Concat(held, others) {
		if got := f.Holds(facts); got != (i < len(held)) {
			t.Errorf("%v: %t", facts, got)
		}
	}
	if f.LastSync = nil; f.Holds(map[string]any{"last_sync": at}) || !f.Holds(map[string]any{"last_sync": nil}) {
		t.Error("without a last sync")
	}
}
