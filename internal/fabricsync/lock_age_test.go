package fabricsync

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// edit changes the record as a person would, with an entry in the change log.
func (w *world) edit(body string) {
	w.Helper()
	if status := w.status("PATCH", "/api/plugins/hedgehog/fabrics/1/?omit=display_url", body); status != http.StatusOK {
		w.Fatalf("status %d", status)
	}
}

// The lock of an engine that has died goes stale on time, however often somebody edits
// the fabric.
func TestLockAge_editsDoNotKeepADeadLockFresh(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.edit(`{"sync_status":"syncing"}`) // by an engine that dies then
	for _, description := range []string{"one", "two"} {
		w.advance(time.Minute)
		w.edit(`{"description":"` + description + `"}`)
	}
	w.advance(58 * time.Second)
	result, err := w.run()
	if err != nil || result.Outcome != Busy || !strings.Contains(result.Message, "it last renewed NetBox's record 2 "+
		"min 57 s ago") {
		t.Errorf("%+v, %v", result, err)
	}
	w.edit(`{"description":"three"}`)
	w.netbox.ResetRequests()
	w.advance(3 * time.Second)
	w.sync()
	if n := w.netbox.Count("GET", "/api/core/object-changes/"); n != 1 {
		t.Errorf("%d requests for the change log", n)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "three"})
}

// Edits of a script may be more than one page of the change log has.
func TestLockAge_manyEdits(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.edit(`{"sync_status":"syncing"}`) // by an engine that dies then
	for i := range 90 {
		w.advance(2 * time.Second)
		w.edit(fmt.Sprintf(`{"description":"edit %d"}`, i))
	}
	w.advance(3 * time.Second) // NetBox tells whole seconds
	w.sync()
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "edit 89"})
}

// A renewal shows in the change log how far the sync has come, so that an edit does not
// hide it. What it shows is gone after the sync, also after one that failed.
func TestLockAge_renewalBeforeAnEditCounts(t *testing.T) {
	for name, broken := range map[string]error{"synced": nil, "failed": clusterError(cluster.ClassOther, "no")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]any{"cached_crd_count": 40})
			a := w.engine(3)
			a.cluster.broken["Switch"] = broken
			<-a.clock.arrived
			w.netbox.Advance(renewAfter)
			a.clock.advance(renewAfter)
			<-a.clock.arrived // the next renewal, so this one is done
			w.wantFabric(map[string]any{"sync_status": "syncing", "cached_crd_count": 3})
			w.netbox.Advance(140 * time.Second)
			w.edit(`{"description":"theirs"}`)
			result, err := w.run()
			if err != nil || result.Outcome != Busy || !strings.Contains(result.Message, "it last renewed NetBox's "+
				"record 2 min 19 s ago") {
				t.Errorf("%+v, %v", result, err)
			}
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

// A sync that reads nothing more for minutes renews its lock all the same, and an edit
// does not hide that.
func TestLockAge_renewalsOfASyncThatStandsStill(t *testing.T) {
	w := newWorld(t)
	a := w.engine(3)
	<-a.clock.arrived
	for range 4 {
		w.netbox.Advance(renewAfter)
		a.clock.advance(renewAfter)
		<-a.clock.arrived // the next renewal, so this one is done
	}
	w.netbox.Advance(20 * time.Second)
	w.edit(`{"description":"theirs"}`)
	result, err := w.run()
	if err != nil || result.Outcome != Busy || !strings.Contains(result.Message, "it last renewed NetBox's record 19 "+
		"s ago") {
		t.Errorf("%+v, %v", result, err)
	}
	if _, err := a.end(); err != nil {
		t.Error(err)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "cached_crd_count": 3})
}

// The lock of a dead engine that another one has taken over is as fresh as any.
func TestLockAge_lockThatWasTakenOver(t *testing.T) {
	w := newWorld(t)
	w.edit(`{"sync_status":"syncing","connection_status":"connected"}`) // by an engine that dies then
	w.advance(4 * time.Minute)
	b := w.engine(3)
	w.advance(2 * time.Second)
	w.edit(`{"description":"theirs"}`)
	if result, err := w.run(); err != nil || result.Outcome != Busy {
		t.Errorf("%+v, %v", result, err)
	}
	if _, err := b.end(); err != nil {
		t.Error(err)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "cached_crd_count": 3})
}

// Where nothing differs, an edit of the record with a dead engine's lock is not taken for
// another sync.
func TestLockAge_editWhileADeadEnginesFabricIsCompared(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.sync()
	w.edit(`{"sync_status":"syncing"}`) // by an engine that dies then
	w.advance(4 * time.Minute)
	edited := false
	w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
		if kind.Name == "Server" && !edited {
			edited = true
			w.edit(`{"description":"theirs"}`)
		}
	}
	w.sync()
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "theirs"})
}

// Where the token may not view the change log, last_updated has to do.
func TestLockAge_withoutTheChangeLog(t *testing.T) {
	for _, status := range []int{403, 404, 500} {
		w := newWorld(t)
		w.intercept("GET", "/object-changes/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
			answerJSON(rw, status, `{"detail":"You do not have permission to perform this action."}`)
		})
		w.edit(`{"sync_status":"syncing"}`)
		w.advance(100 * time.Second)
		w.edit(`{"description":"theirs"}`)
		w.advance(100 * time.Second)
		if result, err := w.run(); err != nil || result.Outcome != Busy {
			t.Errorf("%d: %+v, %v", status, result, err)
		}
		w.advance(80 * time.Second)
		w.sync()
	}
}
