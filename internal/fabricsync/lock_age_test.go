package fabricsync

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

// edit changes the record as a user would, with an entry in the change log.
func (w *world) edit(body string) {
	w.Helper()
	w.store("PATCH", "fabrics/1/?omit=display_url", body)
}

// A dead engine's lock goes stale on time, even if users edit the fabric often.
func TestLockAge_editsDoNotKeepADeadLockFresh(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.edit(`{"sync_status":"syncing"}`) // by an engine that then dies
	for _, description := range []string{"one", "two"} {
		w.advance(time.Minute)
		w.edit(`{"description":"` + description + `"}`)
	}
	w.advance(58 * time.Second)
	w.want(Busy, "it renewed its lock 2 min 57 s ago")
	w.edit(`{"description":"three"}`)
	w.netbox.ResetRequests()
	w.advance(3 * time.Second)
	w.sync()
	if n := w.netbox.Count("GET", "/api/core/object-changes/"); n != 1 {
		t.Errorf("got %d requests for the change log", n)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "three"})
}

// A script may edit the fabric more often than one page of the change log shows.
func TestLockAge_manyEdits(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.edit(`{"sync_status":"syncing"}`) // by an engine that then dies
	for i := range 90 {
		w.advance(2 * time.Second)
		w.edit(fmt.Sprintf(`{"description":"edit %d"}`, i))
	}
	w.advance(3 * time.Second) // NetBox has whole seconds
	w.sync()
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "edit 89"})
}

// A renewal shows the sync's progress in the change log, so that an edit does not hide it. After
// the sync, even a failed one, the progress is gone.
func TestLockAge_renewalBeforeAnEditCounts(t *testing.T) {
	for name, broken := range map[string]error{"synced": nil, "failed": clusterError(cluster.ClassOther, "no")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]any{"cached_crd_count": 40})
			a := w.engine(3)
			a.world.cluster.broken["Switch"] = broken
			a.renew(1)
			w.wantFabric(map[string]any{"sync_status": "syncing", "cached_crd_count": 3})
			w.netbox.Advance(140 * time.Second)
			w.edit(`{"description":"theirs"}`)
			w.want(Busy, "it renewed its lock 2 min 19 s ago")
			want := map[string]any{"sync_status": "in_sync", "cached_crd_count": 3}
			if broken != nil {
				want = map[string]any{"sync_status": "error", "cached_crd_count": 40}
			}
			if _, err := a.end(); err != nil {
				t.Error(err)
			}
			w.wantFabric(want)
		})
	}
}

// A sync without progress for minutes still renews its lock, and an edit does not hide that.
func TestLockAge_renewalsOfASyncWithoutProgress(t *testing.T) {
	w := newWorld(t)
	a := w.engine(3)
	a.renew(4)
	w.netbox.Advance(20 * time.Second)
	w.edit(`{"description":"theirs"}`)
	w.want(Busy, "it renewed its lock 19 s ago")
	if _, err := a.end(); err != nil {
		t.Error(err)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "cached_crd_count": 3})
}

// A stale lock that another engine has replaced is fresh.
func TestLockAge_staleLockThatWasReplaced(t *testing.T) {
	w := newWorld(t)
	w.edit(`{"sync_status":"syncing","connection_status":"connected"}`) // by an engine that then dies
	w.advance(4 * time.Minute)
	b := w.engine(3)
	w.advance(2 * time.Second)
	w.edit(`{"description":"theirs"}`)
	w.want(Busy, "")
	if _, err := b.end(); err != nil {
		t.Error(err)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "cached_crd_count": 3})
}

// If nothing differs, an edit of a record with a dead engine's lock does not count as another
// sync.
func TestLockAge_editWhileADeadEnginesFabricIsCompared(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.sync()
	w.edit(`{"sync_status":"syncing"}`) // by an engine that then dies
	w.advance(4 * time.Minute)
	w.cluster.during("Server", func(_ context.Context, n int) {
		if n == 1 {
			w.edit(`{"description":"theirs"}`)
		}
	})
	w.sync()
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "theirs"})
}

// If the token cannot view the change log, last_updated counts.
func TestLockAge_withoutTheChangeLog(t *testing.T) {
	for _, status := range []int{403, 404, 500} {
		w := newWorld(t)
		w.intercept("GET", "/object-changes/", func(x *exchange) { x.answer(status, `{"detail":"You may not."}`) })
		w.edit(`{"sync_status":"syncing"}`)
		w.advance(100 * time.Second)
		w.edit(`{"description":"theirs"}`)
		w.advance(100 * time.Second)
		w.want(Busy, "")
		w.advance(80 * time.Second)
		w.sync()
	}
}
