package fabric

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzSyncStatus compares the rule with tableRule, whose numbers cannot overflow, and checks
// what must be true for every sync status.
func FuzzSyncStatus(f *testing.F) {
	const server = "https://k8s.example.com:6443"
	for _, age := range []int64{-6, 0, 299, 300, 301, 600, 601, 3600, 3601, 7200, 1 << 32, -1 << 40} {
		for _, interval := range []int64{0, 300, 3599, 7200, 1, 2147483647, -5, 1 << 62} {
			f.Add(server, true, interval, true, age, uint32(1), "", "")
		}
	}
	f.Add(server, true, int64(300), false, int64(0), uint32(0), "", "")
	f.Add(server, false, int64(300), true, int64(10), uint32(0), "refused", "bad")
	f.Add(server, true, int64(300), true, int64(10), uint32(0), "refused\nby host", "")
	f.Add(server, true, int64(300), true, int64(10), uint32(999_999_999), " \t", strings.Repeat("é", 400))
	f.Add(" \u00a0\x1c", true, int64(300), true, int64(10), uint32(0), "", "")
	f.Fuzz(func(t *testing.T, server string, enabled bool, interval int64, synced bool, age int64, nanos uint32,
		connectionError, syncError string) {
		facts := Facts{KubernetesServer: server, SyncEnabled: enabled, SyncInterval: interval,
			ConnectionError: connectionError, SyncError: syncError}
		if synced {
			last := noon.Add(-time.Duration(nanos % uint32(time.Second))).Add(-shortened(age))
			facts.LastSync = &last
		}
		got := SyncStatus(facts, noon)
		if status, rule := tableRule(facts, noon); got.Status != status || got.Rule != rule {
			t.Errorf("%+v is %s by rule %d, the table says %s by %d", facts, got.Status, got.Rule, status, rule)
		}
		wantSound(t, facts, got)
	})
}

// shortened returns seconds, limited to the range of a Duration.
func shortened(seconds int64) time.Duration {
	const limit = int64(250 * 365 * 24 * time.Hour / time.Second)
	return time.Duration(seconds%limit) * time.Second
}

// tableRule implements the table of DESIGN.md, row by row.
func tableRule(f Facts, now time.Time) (Status, int) {
	switch {
	case Blank(f.KubernetesServer):
		return StatusNotConfigured, 1
	case !f.SyncEnabled:
		return StatusDisabled, 2
	case !Blank(f.ConnectionError):
		return StatusError, 3
	case !Blank(f.SyncError):
		return StatusError, 4
	case f.LastSync == nil:
		return StatusNeverSynced, 5
	}
	second := big.NewInt(int64(time.Second))
	age := new(big.Int).Mul(big.NewInt(now.Unix()-f.LastSync.Unix()), second)
	age.Add(age, big.NewInt(int64(now.Nanosecond()-f.LastSync.Nanosecond())))
	if age.Sign() < 0 {
		age.SetInt64(0)
	}
	interval := new(big.Int).Mul(big.NewInt(f.SyncInterval), second)
	older := func(than *big.Int) bool { return age.Cmp(than) > 0 }
	switch {
	case interval.Sign() > 0 && older(new(big.Int).Lsh(interval, 1)):
		return StatusOutOfSync, 6
	case interval.Sign() > 0 && !older(interval):
		return StatusInSync, 7
	case !older(new(big.Int).Mul(big.NewInt(3600), second)):
		return StatusInSync, 8
	}
	return StatusOutOfSync, 9
}

// wantSound checks what is true for every sync status.
func wantSound(t *testing.T, facts Facts, got DerivedStatus) {
	t.Helper()
	if !slices.Contains(Statuses(), got.Status) || got.Status.Display() == string(got.Status) ||
		got.Status.Badge() == "" {
		t.Errorf("%q is not a status", got.Status)
	}
	if got.Reason == "" || strings.ContainsAny(got.Reason, "\r\n") || !slices.ContainsFunc([]string{".", "!", "?", "…"},
		func(end string) bool {
			return strings.HasSuffix(got.Reason, end)
		}) {
		t.Errorf("the reason is no sentence: %q", got.Reason)
	}
	if status, decided := facts.ConfiguredStatus(); decided != (got.Rule <= 2) || decided && status != got.Status {
		t.Errorf("%+v: the plan promises %q, the rule says %q", facts, status, got.Status)
	}
	if timer := SyncTimer(facts, noon); timer.Due && got.Rule <= 2 {
		t.Errorf("%+v: a sync is due of what is %s", facts, got.Status)
	} else if got.Status == StatusError && timer.Due != (facts.SyncInterval > 0) {
		t.Errorf("%+v: due is %t for what is in error", facts, timer.Due)
	}
	// White space around the server makes no difference, and neither does the hour.
	moved := facts
	moved.KubernetesServer = "\t" + facts.KubernetesServer + "\n"
	by := 12345 * time.Hour
	if facts.LastSync != nil {
		last := facts.LastSync.Add(by)
		moved.LastSync = &last
	}
	if again := SyncStatus(moved, noon.Add(by)); again != got {
		t.Errorf("%+v is %+v, and moved by %s %+v", facts, got, by, again)
	}
	// Waiting never brings a fabric in sync.
	if later := SyncStatus(facts, noon.Add(by)); got.Status != StatusInSync && later.Status != got.Status {
		t.Errorf("%+v is %s, and %s later %s", facts, got.Status, by, later.Status)
	}
}
