package fabric

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSyncTimer(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		facts Facts
		due   bool
		next  *time.Time
	}{
		"not configured":            {synced(time.Hour, server(" ")), false, nil},
		"disabled":                  {synced(time.Hour, off), false, nil},
		"no interval":               {synced(time.Hour, every(0)), false, nil},
		"negative interval":         {synced(time.Hour, every(-1)), false, nil},
		"no interval, never synced": {synced(0, never, every(0)), false, nil},
		"never synced":              {synced(0, never), true, nil},
		"just before the interval":  {synced(300*s - 1), false, ago(-1)},
		"exactly the interval":      {synced(300 * s), true, ago(0)},
		"long past":                 {synced(time.Hour), true, ago(55 * time.Minute)},
		"errors do not stop the syncs": {synced(time.Hour, syncError("x"), connectError("y")), true,
			ago(55 * time.Minute)},
		"failed within the interval": {synced(time.Minute, syncError("x")), true, nil},
		"no cluster within it":       {synced(time.Minute, connectError("x")), true, nil},
		"blank errors": {synced(time.Minute, syncError(" "), connectError("\n")), false,
			ago(-4 * time.Minute)},
		"failed and never synced":        {synced(0, never, syncError("x")), true, nil},
		"failed, disabled":               {synced(time.Minute, syncError("x"), off), false, nil},
		"failed, no interval":            {synced(time.Minute, syncError("x"), every(0)), false, nil},
		"failed exactly at the interval": {synced(300*s, syncError("x")), true, ago(0)},
		"last sync ahead":                {synced(-time.Minute), false, ago(-6 * time.Minute)},
		"largest interval, not due":      {synced(2147483647*s-1, every(2147483647)), false, ago(-1)},
		"largest interval, due":          {synced(2147483647*s, every(2147483647)), true, ago(0)},
	} {
		got := SyncTimer(c.facts, noon)
		if got.Due != c.due || (got.Next == nil) != (c.next == nil) || (got.Next != nil && !got.Next.Equal(*c.next)) {
			t.Errorf("%s: got due %t, next %v; want %t, %v", name, got.Due, got.Next, c.due, c.next)
		}
	}
}

// record returns a consistent record: connected, and synced a minute ago.
func record(change func(*Fabric)) *Fabric {
	f := &Fabric{
		Lifecycle: LifecycleActive, KubernetesServer: "https://k8s.example.com", SyncEnabled: true, SyncInterval: 300,
		StoredSyncStatus: StoredInSync, ConnectionStatus: ConnectionConnected, LastSync: ago(time.Minute),
		LastUpdated: noon,
	}
	change(f)
	return f
}

func TestFabric_inconsistencies(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Fabric)
		want   []string // a part of each sentence
	}{
		"consistent":           {func(*Fabric) {}, nil},
		"very old":             {func(f *Fabric) { f.LastSync = ago(9999 * time.Hour) }, nil},
		"sync off and in_sync": {func(f *Fabric) { f.SyncEnabled = false }, nil},
		"5 s ahead":            {func(f *Fabric) { f.LastSync = ago(-5 * time.Second) }, nil},
		"6 s ahead":            {func(f *Fabric) { f.LastSync = ago(-6 * time.Second) }, []string{"is 6 s ahead"}},
		"no server": {func(f *Fabric) { f.KubernetesServer = "\t" }, []string{`sync status "in_sync", but ` +
			`no Kubernetes server`, `connection status "connected", but no Kubernetes server`}},
		"out_of_sync, no server": {func(f *Fabric) {
			f.KubernetesServer, f.StoredSyncStatus, f.ConnectionStatus = "", StoredOutOfSync, ConnectionUnknown
		}, []string{`"out_of_sync", but no Kubernetes server`}},
		"syncing, no server": {func(f *Fabric) {
			f.KubernetesServer, f.StoredSyncStatus, f.ConnectionStatus = "", StoredSyncing, ConnectionUnknown
		}, []string{`"syncing", but no Kubernetes server`}},
		"error, no server": {func(f *Fabric) {
			f.KubernetesServer, f.StoredSyncStatus, f.ConnectionStatus, f.SyncError = "", StoredError,
				ConnectionUnknown, "x"
		}, []string{`"error", but no Kubernetes server`}},
		"never synced, no server": {func(f *Fabric) {
			f.KubernetesServer, f.StoredSyncStatus, f.ConnectionStatus, f.LastSync = "", StoredNeverSynced,
				ConnectionUnknown, nil
		}, nil},
		"in_sync, sync error": {func(f *Fabric) { f.SyncError = "quota" },
			[]string{"together with a sync error: quota."}},
		"in_sync, connection error": {func(f *Fabric) { f.ConnectionError = "refused" },
			[]string{"together with a connection error: refused."}},
		"in_sync, blank error":  {func(f *Fabric) { f.SyncError = " \n" }, nil},
		"in_sync, no last sync": {func(f *Fabric) { f.LastSync = nil }, []string{"no last sync time"}},
		"error without text": {func(f *Fabric) { f.StoredSyncStatus = StoredError },
			[]string{`sync status "error", but no error text`}},
		"error with text": {func(f *Fabric) { f.StoredSyncStatus, f.SyncError = StoredError, "x" }, nil},
		"connection error, no text": {func(f *Fabric) { f.ConnectionStatus = ConnectionError },
			[]string{`connection status "error", but no error text`}},
		"disconnected, no text": {func(f *Fabric) { f.ConnectionStatus = ConnectionDisconnected },
			[]string{`connection status "disconnected", but no error text`}},
		"never_synced with last sync": {func(f *Fabric) { f.StoredSyncStatus = StoredNeverSynced },
			[]string{`"never_synced", but also a last sync, at 2026-11-23T11:59:00Z`}},
		"off the lists": {func(f *Fabric) {
			f.StoredSyncStatus, f.ConnectionStatus,
				f.Lifecycle = "synced", "up", "live"
		}, []string{`status "live", which is not one of "planned", "active", "maintenance" or "decommissioned"`,
			`sync status "synced"`, `connection status "up"`}},
	} {
		got := record(c.change).Inconsistencies(noon)
		ok := len(got) == len(c.want)
		for i := 0; ok && i < len(got); i++ {
			ok = strings.Contains(got[i], c.want[i]) && strings.HasSuffix(got[i], ".")
		}
		if !ok {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

func TestFabric_syncInProgress(t *testing.T) {
	locked := func(age time.Duration, change func(*Fabric)) *Fabric {
		return record(func(f *Fabric) { f.StoredSyncStatus, f.LastUpdated = StoredSyncing, *ago(age); change(f) })
	}
	none := func(*Fabric) {}
	for name, c := range map[string]struct {
		f    *Fabric
		want bool
	}{
		"fresh lock":     {locked(179*time.Second, none), true},
		"stale lock":     {locked(180*time.Second, none), false},
		"no server":      {locked(0, func(f *Fabric) { f.KubernetesServer = " " }), false},
		"another status": {locked(0, func(f *Fabric) { f.StoredSyncStatus = StoredInSync }), false},
	} {
		if got := c.f.SyncInProgress(noon); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	before := Attributes{"name": "a", "sync_interval": int64(300), "kubernetes_token": "old", "tags": []string{"x"}}
	planned := Attributes{"name": "a", "sync_interval": int64(600), "kubernetes_token": "new",
		"tags": []string{"x", "y"}}
	with := func(base Attributes, field string, v any) Attributes {
		c := Attributes{}
		for k, x := range base {
			c[k] = x
		}
		c[field] = v
		return c
	}
	for name, c := range map[string]struct {
		current Attributes
		want    Verdict
		text    string
	}{
		"as planned":                    {planned, AsPlanned, ""},
		"as planned but for blanks":     {with(planned, "name", " a\n"), AsPlanned, ""},
		"as before":                     {before, NotYet, ""},
		"another user did a part of it": {with(before, "sync_interval", int64(600)), NotYet, ""},
		"changed by another user": {with(before, "sync_interval", int64(900)), Conflict, "sync_interval: was 300, " +
			"planned 600, is now 900"},
		"changed what we left alone": {with(planned, "name", "b"), Conflict, `name: expected "a", is now "b"`},
		"a secret is not shown": {with(before, "kubernetes_token", "s3cret"), Conflict,
			"kubernetes_token: changed to another value (not shown)"},
		"another type is no equal": {with(before, "name", int64(1)), Conflict, `name: expected "a", is now 1`},
		"gone":                     {with(before, "name", nil), Conflict, `name: expected "a", is now not set`},
	} {
		verdict, differences := Compare(before, planned, c.current)
		got := make([]string, len(differences))
		for i, d := range differences {
			got[i] = d.String()
		}
		if verdict != c.want || strings.Join(got, "; ") != c.text {
			t.Errorf("%s: got %v %q, want %v %q", name, verdict, got, c.want, c.text)
		}
	}
}

func TestFacts(t *testing.T) {
	f := record(func(f *Fabric) { f.SyncError, f.ConnectionError = "a", "b" })
	want := Facts{"https://k8s.example.com", true, 300, ago(time.Minute), "a", "b"}
	if got := f.Facts(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestHumanize(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 999 * time.Millisecond: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s",
		time.Hour: "1 h", 25*time.Hour + time.Minute: "1 d 1 h", 90 * time.Minute: "1 h 30 min",
	} {
		if got := Humanize(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestChangesCluster(t *testing.T) {
	before := Attributes{"kubernetes_server": "https://k8s.example.com", "kubernetes_namespace": "fab", "name": "lab"}
	for field, c := range map[string]struct {
		value   string
		changes bool
	}{
		"kubernetes_server": {"https://k8s-2.example.com", true}, "kubernetes_namespace": {"other", true},
		"name": {"berlin", false},
	} {
		planned := maps.Clone(before)
		planned[field] = c.value
		if got := ChangesCluster(before, planned); got != c.changes {
			t.Errorf("another %s: changes the cluster %t", field, got)
		}
	}
}
