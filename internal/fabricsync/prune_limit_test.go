package fabricsync

import (
	"fmt"
	"strings"
	"testing"
)

func TestPruneLimit_stopsBeforeTooMuchIsRemoved(t *testing.T) {
	for _, c := range []struct {
		have, left int
		limit      PruneLimit
		removed    int
	}{
		{10, 5, PruneLimit{}, 5},           // no more than half
		{10, 4, PruneLimit{}, 0},           // more than half
		{9, 2, PruneLimit{}, 7},            // of too few
		{10, 2, PruneLimit{Share: 100}, 8}, // no limit
		{10, 4, PruneLimit{60, 10}, 6},
		{10, 3, PruneLimit{60, 10}, 0},
		{4, 3, PruneLimit{Share: 20}, 0}, // of any number
		{250, 120, PruneLimit{50, 10}, 0},
		{250, 120, PruneLimit{50, 251}, 130},
	} {
		t.Run(fmt.Sprintf("%d of %d, %s", c.have-c.left, c.have, c.limit), func(t *testing.T) {
			w := newWorld(t)
			w.cluster.add("VPC", c.have-2)
			w.cluster.add("Switch", 2)
			w.sync()
			w.store("POST", "vpcs/", `{"fabric":1,"name":"draft","namespace":"hedgehog","spec":{"a":1}}`)
			w.cluster.objects["VPC"] = w.cluster.objects["VPC"][:c.left-2]
			w.cluster.add("External", 1) // which is stored anyway
			result, err := w.run(prune, func(o *Options) { o.PruneLimit = c.limit })
			totals := result.Totals()
			if err != nil || totals.Deleted != c.removed || totals.Created != 1 ||
				totals.Deleted+totals.Kept != c.have-c.left+1 {
				t.Errorf("got %+v, %v", totals, err)
			}
			if n := len(w.stored("vpcs")) + len(w.stored("switches")); n != c.have+1-c.removed {
				t.Errorf("%d objects are left", n)
			}
			if c.removed > 0 {
				w.wantFabric(map[string]any{"sync_status": "in_sync"})
				return
			}
			share := c.limit.Share
			if share == 0 {
				share = 50
			}
			want := fmt.Sprintf("nothing was deleted: %d of %d objects in NetBox are no longer in the cluster, which "+
				"is more than the prune limit of %d%%; check kubernetes_server, kubernetes_namespace and the cluster; "+
				"if these objects are really gone, sync once with a higher limit (prune_limit)", c.have-c.left,
				c.have, share)
			if result.Outcome != Failed || result.Message != want {
				t.Errorf("got %+v", result)
			}
			w.wantFabric(map[string]any{"sync_status": "error", "sync_error": want, "cached_crd_count": c.left + 1,
				"last_sync": testTime})
			w.wantConsistent()
		})
	}
}

func TestPruneLimit_text(t *testing.T) {
	for text, want := range map[string]PruneLimit{
		"50%,10": {50, 10}, "100%": {100, 10}, "1%,0": {1, 0}, "20% , 7": {20, 7},
	} {
		if got, err := ParsePruneLimit(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
		if again, err := ParsePruneLimit(want.String()); err != nil || again != want {
			t.Errorf("%s: got %v, %v", want, again, err)
		}
	}
	for _, text := range []string{"", "50", "0%", "101%", "-1%", "50%,", "50%,-1", "50%,x", "x%", "50%,1,2", "5.5%"} {
		if got, err := ParsePruneLimit(text); err == nil || !strings.Contains(err.Error(), "SHARE%") {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}
