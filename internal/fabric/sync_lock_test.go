package fabric

import (
	"testing"
	"time"
)

func TestLockRenewed(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	ago := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	record := func(more map[string]any) map[string]any {
		all := map[string]any{"name": "alpha", "sync_status": StoredSyncing, "description": "", "cached_crd_count": 5.0,
			"tags": []any{"a"}}
		for field, value := range more {
			all[field] = value
		}
		return all
	}
	change := func(seconds int, before, after map[string]any) Change {
		return Change{Time: ago(seconds), Before: record(before), After: record(after)}
	}
	taken := func(seconds int) Change { return change(seconds, map[string]any{"sync_status": StoredInSync}, nil) }
	edit := func(seconds int) Change { return change(seconds, nil, map[string]any{"description": "theirs"}) }
	progress := func(seconds int) Change { return change(seconds, nil, map[string]any{"cached_crd_count": 7.0}) }
	for name, c := range map[string]struct {
		updated int // seconds ago
		changes []Change
		want    int
	}{
		"nothing is known":                    {30, nil, 30},
		"taken":                               {30, []Change{taken(30)}, 30},
		"a renewal without a trace came last": {30, []Change{edit(60), taken(300)}, 30},
		"an edit came last":                   {30, []Change{edit(30), taken(300)}, 300},
		"edits came last":                     {30, []Change{edit(30), edit(90), edit(200), taken(300)}, 300},
		"a renewal before the edit":           {30, []Change{edit(30), progress(80), edit(90), taken(300)}, 80},
		"a renewal came last":                 {30, []Change{progress(30), edit(40), taken(300)}, 30},
		"made with the lock":                  {30, []Change{edit(30), {Time: ago(200), After: record(nil)}}, 200},
		"taken over from a stale lock":        {30, []Change{edit(30), progress(50), taken(900)}, 50},
		"the log goes back no further":        {30, []Change{edit(30), edit(190)}, 190},
		"another status": {30,
			[]Change{change(30, nil, map[string]any{"sync_status": StoredError})}, 30},
		"tags are an edit": {30, []Change{change(30, nil, map[string]any{"tags": []any{"b"}}),
			taken(300)}, 300},
	} {
		f := Fabric{StoredSyncStatus: StoredSyncing, LastUpdated: ago(c.updated).Add(-5 * time.Millisecond)}
		if got := now.Sub(f.LockRenewed(c.changes)).Round(time.Second); got != time.Duration(c.want)*time.Second {
			t.Errorf("%s: renewed %s ago, want %d s", name, got, c.want)
		}
	}
}

func TestWithoutProgress(t *testing.T) {
	before, now := &Fabric{Counts: Counts{CachedCRDs: 40}}, &Fabric{Counts: Counts{CachedCRDs: 3}}
	facts := map[string]any{"sync_status": StoredError}
	if got := now.WithoutProgress(facts, before); len(got) != 2 || got["cached_crd_count"] != int64(40) ||
		len(facts) != 1 {
		t.Errorf("got %v, given %v", got, facts)
	}
	counted := map[string]any{"cached_crd_count": int64(9)}
	if got := now.WithoutProgress(counted, before); len(got) != 1 || got["cached_crd_count"] != int64(9) {
		t.Errorf("got %v", got)
	}
	if got := before.WithoutProgress(facts, before); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}
