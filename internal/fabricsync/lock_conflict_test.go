package fabricsync

import (
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func TestMark_isNotSetOnWhatHasChangedMeanwhile(t *testing.T) {
	meanwhile := func(change map[string]any) (*world, *Result, error) {
		w := newWorld(t)
		w.cluster.add("VPC", 1)
		w.intercept("PATCH", "/fabrics/1/", func(n int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
			if n == 1 {
				w.netbox.UpdateFabric(1, change)
			}
			next.ServeHTTP(rw, r)
		})
		result, err := w.run()
		return w, result, err
	}
	w, result, err := meanwhile(map[string]any{"sync_enabled": false, "description": "theirs"})
	wantError[*fabric.SyncRefusedError](t, err)
	if result.Outcome != Skipped || result.Status != fabric.Disabled || len(w.stored("vpcs")) != 0 {
		t.Errorf("%+v", result)
	}
	w.wantFabric(map[string]any{"sync_status": "never_synced", "description": "theirs"})
	// Another cluster is synced from its beginning.
	w, result, err = meanwhile(map[string]any{"kubernetes_server": "https://other.example.com"})
	if err != nil || result.Outcome != Synced || len(w.cluster.configs) != 2 ||
		w.cluster.configs[1].Server != "https://other.example.com" {
		t.Errorf("%+v, %v, connected with %+v", result, err, w.cluster.configs)
	}
	// A person's other change is no reason to compare again.
	w, result, err = meanwhile(map[string]any{"description": "theirs"})
	if err != nil || result.Outcome != Synced || len(w.cluster.configs) != 1 {
		t.Errorf("%+v, %v, connected with %+v", result, err, w.cluster.configs)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "description": "theirs"})
}

// Before NetBox 4.6 somebody's change may come between our look and our write.
func TestMark_changeOfTheClusterInTheWindowBefore46(t *testing.T) {
	for n := 1; n <= 2; n++ { // lock, outcome
		w := newWorld(t)
		w.cluster.add("VPC", 1)
		asBefore46(w)
		patches := 0
		w.intercept("PATCH", "/fabrics/1/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
			if patches++; patches == n {
				w.netbox.UpdateFabric(1, map[string]any{"kubernetes_namespace": "other"})
			}
			next.ServeHTTP(rw, r)
		})
		result, err := w.run()
		wantError[*SupersededError](t, err)
		w.wantFabric(another)
		if w.wantFabric(map[string]any{"kubernetes_namespace": "other"}); result.Outcome != Superseded ||
			patches != n+1 {
			t.Errorf("write %d: %+v after %d writes", n, result, patches)
		}
	}
}
