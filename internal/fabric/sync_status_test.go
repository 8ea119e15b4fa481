package fabric

import (
	"math"
	"strings"
	"testing"
	"testing/quick"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) *time.Time { t := noon.Add(-d); return &t }

// synced are the facts of a fabric that is configured and was synced that long ago.
func synced(age time.Duration, change ...func(*Facts)) Facts {
	f := Facts{KubernetesServer: "https://k8s.example.com:6443", SyncEnabled: true, SyncInterval: 300,
		LastSync: ago(age)}
	for _, c := range change {
		c(&f)
	}
	return f
}

func every(seconds int64) func(*Facts)      { return func(f *Facts) { f.SyncInterval = seconds } }
func server(s string) func(*Facts)          { return func(f *Facts) { f.KubernetesServer = s } }
func off(f *Facts)                          { f.SyncEnabled = false }
func never(f *Facts)                        { f.LastSync = nil }
func syncError(text string) func(*Facts)    { return func(f *Facts) { f.SyncError = text } }
func connectError(text string) func(*Facts) { return func(f *Facts) { f.ConnectionError = text } }

func TestSyncStatus_rule(t *testing.T) {
	const s, min, hour = time.Second, time.Minute, time.Hour
	for _, c := range []struct {
		name  string
		facts Facts
		want  Status
		rule  int
	}{
		{"1 no server", synced(0, server("")), StatusNotConfigured, 1},
		{"1 server of blanks", synced(0, server(" \t\r\n\u00a0\u2003\x1c")), StatusNotConfigured, 1},
		{"1 before 2", synced(0, server(""), off), StatusNotConfigured, 1},
		{"1 before 3", synced(0, server(""), connectError("refused")), StatusNotConfigured, 1},
		{"2 sync off", synced(0, off), StatusDisabled, 2},
		{"2 before 3", synced(0, off, connectError("refused")), StatusDisabled, 2},
		{"3 connection error", synced(0, connectError("refused")), StatusError, 3},
		{"3 before 4", synced(0, connectError("refused"), syncError("bad")), StatusError, 3},
		{"3 before 5", synced(0, connectError("refused"), never), StatusError, 3},
		{"3 not for a blank error", synced(0, connectError("\t\n ")), StatusInSync, 7},
		{"4 sync error", synced(0, syncError("bad")), StatusError, 4},
		{"4 before 5", synced(0, syncError("bad"), never), StatusError, 4},
		{"4 not for a blank error", synced(0, syncError(" \n")), StatusInSync, 7},
		{"5 never synced", synced(0, never), StatusNeverSynced, 5},
		{"5 never synced, no interval", synced(0, never, every(0)), StatusNeverSynced, 5},
		{"7 age exactly the interval", synced(300 * s), StatusInSync, 7},
		{"8 just past the interval", synced(300*s + 1), StatusInSync, 8},
		{"8 age exactly twice the interval", synced(600 * s), StatusInSync, 8},
		{"6 just past twice the interval", synced(600*s + 1), StatusOutOfSync, 6},
		{"6 although younger than an hour", synced(11 * min), StatusOutOfSync, 6},
		{"7 although older than an hour", synced(2*hour, every(7200)), StatusInSync, 7},
		{"9 between once and twice a long interval", synced(2*hour+s, every(7200)), StatusOutOfSync, 9},
		{"9 exactly twice a long interval", synced(4*hour, every(7200)), StatusOutOfSync, 9},
		{"6 past twice a long interval", synced(4*hour+1, every(7200)), StatusOutOfSync, 6},
		{"8 3600 s without an interval", synced(3600*s, every(0)), StatusInSync, 8},
		{"9 3601 s without an interval", synced(3601*s, every(0)), StatusOutOfSync, 9},
		{"9 3600 s and a nanosecond without an interval", synced(3600*s+1, every(0)), StatusOutOfSync, 9},
		{"8 3600 s, interval 3599", synced(3600*s, every(3599)), StatusInSync, 8},
		{"8 a negative interval is no interval", synced(time.Minute, every(-5)), StatusInSync, 8},
		{"7 last_sync 5 s ahead", synced(-5 * s), StatusInSync, 7},
		{"7 last_sync 6 s ahead", synced(-6 * s), StatusInSync, 7},
		{"7 last_sync ahead, interval 1", synced(-hour, every(1)), StatusInSync, 7},
		{"7 largest interval", synced(2147483647*s, every(2147483647)), StatusInSync, 7},
		{"9 past the largest interval", synced(2147483648*s, every(2147483647)), StatusOutOfSync, 9},
		{"9 twice the largest interval", synced(2*2147483647*s, every(2147483647)), StatusOutOfSync, 9},
		{"6 past twice the largest interval", synced(2*2147483647*s+1, every(2147483647)), StatusOutOfSync, 6},
		{"7 an interval past all limits", synced(200*365*24*hour, every(math.MaxInt64)), StatusInSync, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := SyncStatus(c.facts, noon)
			if got.Status != c.want || got.Rule != c.rule {
				t.Errorf("got %s by rule %d (%s), want %s by rule %d", got.Status, got.Rule, got.Reason, c.want, c.rule)
			}
			if !strings.HasSuffix(got.Reason, ".") || strings.Contains(got.Reason, "\n") {
				t.Errorf("the reason is not one sentence: %q", got.Reason)
			}
		})
	}
}

func TestStatus_displayAndBadge(t *testing.T) {
	want := map[Status][2]string{
		StatusNotConfigured: {"Not Configured", "bg-secondary text-white"},
		StatusDisabled:      {"Sync Disabled", "bg-secondary text-white"},
		StatusError:         {"Sync Error", "bg-danger text-white"},
		StatusNeverSynced:   {"Never Synced", "bg-warning text-dark"},
		StatusOutOfSync:     {"Out of Sync", "bg-danger text-white"},
		StatusInSync:        {"In Sync", "bg-success text-white"},
	}
	if len(Statuses()) != len(want) {
		t.Fatalf("%d statuses, want %d", len(Statuses()), len(want))
	}
	for _, s := range Statuses() {
		if s.Display() != want[s][0] || s.Badge() != want[s][1] {
			t.Errorf("%s: %q %q, want %q", s, s.Display(), s.Badge(), want[s])
		}
	}
}

func TestSyncStatus_reason(t *testing.T) {
	for want, f := range map[string]Facts{
		"No Kubernetes server is configured, so there is nothing to sync with.": synced(0, server("")),
		"Sync is switched off for this fabric (sync_enabled is false).":         synced(0, off),
		"The last sync could not use the Kubernetes cluster: dial tcp: refused.": synced(0,
			connectError("dial tcp:\n refused\n")),
		"The last sync failed: quota exceeded.": synced(0,
			syncError("quota exceeded.")),
		"The fabric is configured and has never been synced.": synced(0, never),
		"The last sync was 10 min 1 s ago, more than twice the interval of 5 min.": synced(
			601 * time.Second),
		"The last sync was 4 min ago, within the interval of 5 min.": synced(
			4 * time.Minute),
		"The last sync was 8 min ago. A new one is due, but the last one is at most an hour old.": synced(
			8 * time.Minute),
		"The last sync was 2 min ago. Without an interval, a fabric counts as in sync for an hour.": synced(
			2*time.Minute, every(0)),
		"The last sync was 3 h ago, more than the interval of 2 h and more than an hour.": synced(3*time.Hour,
			every(7200)),
		"The last sync was 2 d 3 h ago. Without an interval, a fabric counts as in sync for only an hour.": synced(
			51*time.Hour, every(0)),
	} {
		if got := SyncStatus(f, noon).Reason; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	long := SyncStatus(synced(0, syncError(strings.Repeat("é", 5000))), noon).Reason
	if n := len([]rune(long)); n > 400 {
		t.Errorf("a reason of %d characters", n)
	}
}

// No input results in in_sync if the server is blank, sync is disabled or an error is stored,
// and no input results in an unknown status.
func TestSyncStatus_neverContradictsTheConfiguration(t *testing.T) {
	blanks := []string{"", " ", "\t\n", "\u00a0", "x", "https://a.example.com"}
	property := func(server, connection, sync uint8, enabled bool, interval int64, age int64, hasSync bool) bool {
		f := Facts{
			KubernetesServer: blanks[int(server)%len(blanks)], SyncEnabled: enabled, SyncInterval: interval,
			ConnectionError: blanks[int(connection)%len(blanks)], SyncError: blanks[int(sync)%len(blanks)],
		}
		if hasSync {
			f.LastSync = ago(time.Duration(age))
		}
		got := SyncStatus(f, noon)
		known := false
		for _, s := range Statuses() {
			known = known || got.Status == s
		}
		bad := strings.TrimSpace(f.KubernetesServer) == "" || !f.SyncEnabled || f.LastSync == nil ||
			strings.TrimSpace(f.ConnectionError) != "" || strings.TrimSpace(f.SyncError) != ""
		return known && got.Rule >= 1 && got.Rule <= 9 && (got.Status != StatusInSync || !bad)
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 50000}); err != nil {
		t.Error(err)
	}
}
