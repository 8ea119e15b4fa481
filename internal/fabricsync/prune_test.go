package fabricsync

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// gone fills NetBox and then deletes two VPCs and all servers from the cluster.
func gone(w *world) {
	fill(w)
	w.sync()
	w.cluster.objects["VPC"] = w.cluster.objects["VPC"][:1]
	w.cluster.objects["Server"] = nil
	w.netbox.ResetRequests()
}

func TestPrune_keepsByDefault(t *testing.T) {
	w := newWorld(t)
	gone(w)
	result := w.sync()
	if totals := result.Totals(); totals.Kept != 7 || totals.Deleted != 0 || len(w.stored("vpcs")) != 3 {
		t.Errorf("got %+v", totals)
	}
	w.wantFabric(map[string]any{"vpcs_count": 1, "servers_count": 0, "cached_crd_count": 10})
}

func TestPrune_deletesWhatHasGone(t *testing.T) {
	w := newWorld(t)
	gone(w)
	w.netbox.AddFabric(map[string]any{"name": "beta"})
	for _, body := range []string{
		`{"fabric":2,"name":"vpc-9","namespace":"hedgehog","spec":{"a":1},"kubernetes_uid":"u"}`, // of another fabric
		// of a namespace that was not read
		`{"fabric":1,"name":"vpc-9","namespace":"other","spec":{"a":1},"kubernetes_uid":"u"}`,
		`{"fabric":1,"name":"draft","namespace":"hedgehog","spec":{"a":1}}`, // never in a cluster
	} {
		w.store("POST", "vpcs/", body)
	}
	result := w.sync(prune)
	if vpc, servers := kindOf(t, result, "VPC"), kindOf(t, result, "Server"); vpc.Deleted != 2 || vpc.Kept != 2 ||
		servers.Deleted != 5 {
		t.Errorf("got %+v, %+v", vpc, servers)
	}
	if got := w.names("vpcs") + "," + w.names("servers"); got != "draft vpc-1 vpc-9 vpc-9," {
		t.Errorf("stored %s", got)
	}
}

func TestPrune_ofAKindThatIsNotServedIsNotDone(t *testing.T) {
	w := newWorld(t)
	gone(w)
	w.cluster.absent = map[string]bool{"Server": true}
	result := w.sync(prune)
	if servers := kindOf(t, result, "Server"); servers.Deleted != 0 || servers.Kept != 5 || !servers.Absent ||
		len(w.stored("servers")) != 5 {
		t.Errorf("got %+v", servers)
	}
	if len(result.Warnings) != 1 || result.Warnings[0] !=
		"The cluster does not serve 1 of the twelve kinds of Hedgehog: servers.wiring.githedgehog.com/v1beta1. "+
			"The 5 objects of these kinds in NetBox were left unchanged." {
		t.Errorf("got %q", result.Warnings)
	}
}

func TestPrune_thatThePublishedPluginCannot(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("External", 2)
	w.cluster.add("VPC", 2)
	w.sync()
	for _, kind := range []string{"External", "VPC"} {
		w.cluster.objects[kind] = w.cluster.objects[kind][:1]
	}
	w.netbox.SetPublishedDisplayURL(true)
	result := w.sync(prune)
	external := kindOf(t, result, "External")
	if external.Deleted != 0 || external.Kept != 1 || !strings.Contains(external.PruneError, "display_url = None") ||
		kindOf(t, result, "VPC").Deleted != 1 {
		t.Errorf("got %+v", result)
	}
	if len(result.Warnings) != 1 || !strings.HasPrefix(result.Warnings[0], "External: 1 of 1 objects that are no "+
		"longer in the cluster were not deleted in NetBox: ") {
		t.Errorf("warnings %q", result.Warnings)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync"})
}

func TestPrune_readsTheFabricBefore(t *testing.T) {
	for name, locked := range map[string]bool{"without a lock": false, "under the lock": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			gone(w)
			if locked {
				w.cluster.add("External", 1)
			}
			w.cluster.during("VLANNamespace", func(context.Context, int) { // the last kind
				w.netbox.UpdateFabric(1, map[string]any{"sync_enabled": false})
			})
			result, err := w.run(prune)
			if locked {
				w.wantSuperseded(result, err)
			} else {
				wantError[*fabric.NotSyncableError](w, Skipped, result, err)
			}
			if totals := result.Totals(); totals.Deleted != 0 || len(w.stored("vpcs")) != 3 {
				t.Errorf("got %+v", totals)
			}
			w.wantFabric(map[string]any{"sync_status": "in_sync", "sync_enabled": false})
		})
	}
}

// The fabric counts as deleted only after a second answer.
func TestPrune_fabricThatIsNotFound(t *testing.T) {
	for answers, deleted := range map[int]int{1: 7, 2: 0} {
		w := newWorld(t)
		gone(w)
		w.cluster.add("External", 1)                                   // a change, so the sync locks the fabric
		w.cluster.during("VLANNamespace", func(context.Context, int) { // the last kind
			w.intercept("GET", "/fabrics/1/", func(x *exchange) {
				if x.n <= answers {
					x.answer(404, `{"detail":"Not found."}`)
					return
				}
				x.pass()
			})
		})
		result, err := w.run(prune)
		if result.Totals().Deleted != deleted || (err == nil) != (deleted > 0) {
			t.Errorf("not found %d times: %+v, %v", answers, result, err)
		}
	}
}

// Before a sync deletes objects, it reads the whole list again under the lock. Objects that
// another sync has written since the comparison stay.
func TestPrune_leavesWhatHasChangedSinceTheComparison(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.sync()
	w.cluster.objects["VPC"] = nil
	lists := 0
	w.intercept("GET", "/vpcs/", func(x *exchange) {
		if lists = x.n; lists == 2 {
			w.store("PATCH", "vpcs/", `[{"id":2,"kubernetes_resource_version":"9"},`+
				`{"id":3,"kubernetes_uid":"another"}]`)
		}
		x.pass()
	})
	result := w.sync(prune)
	if vpc := kindOf(t, result, "VPC"); vpc.Deleted != 1 || vpc.Kept != 2 || lists != 2 {
		t.Errorf("got %+v after %d lists", vpc, lists)
	}
	if names := w.names("vpcs"); names != "vpc-2 vpc-3" {
		t.Errorf("left %s", names)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync"})
}

// A prune does not rely on an inventory.
func TestPrune_readsTheWholeListAlsoWithAnInventory(t *testing.T) {
	w := newWorld(t)
	w.client.KeepInventory(w.clock.Now)
	gone(w)
	w.sync(prune)
	lists := 0
	for _, r := range w.netbox.Requests() {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/vpcs/") && r.Query.Get("ordering") == "id" {
			lists++
		}
	}
	if lists != 1 || w.names("vpcs") != "vpc-1" {
		t.Errorf("%d whole lists, left %s", lists, w.names("vpcs"))
	}
}

// doubled makes NetBox show every VPC twice, with an id above 1000, until that is deleted.
func doubled(w *world) (deleted *string) {
	deleted = new(string)
	w.intercept("GET", "/vpcs/", func(x *exchange) {
		x.change(func(_ http.Header, body []byte) []byte {
			var page map[string]any
			_ = json.Unmarshal(body, &page)
			results, _ := page["results"].([]any)
			for _, one := range results {
				if *deleted == "" {
					duplicate := maps.Clone(one.(map[string]any))
					duplicate["id"] = duplicate["id"].(float64) + 1000
					results = append(results, duplicate)
				}
			}
			page["results"] = results
			body, _ = json.Marshal(page)
			return body
		})
	})
	w.intercept("DELETE", "/vpcs/", func(x *exchange) {
		*deleted = x.body()
		x.rw.WriteHeader(http.StatusNoContent)
	})
	return deleted
}

// A database without the plugin's constraint may have an object twice.
func TestPrune_duplicatesAreReportedAndPruned(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 2)
	w.sync()
	deleted := doubled(w)
	result := w.sync()
	if vpc := kindOf(t, result, "VPC"); vpc.Unchanged != 2 || vpc.Kept != 2 || len(result.Warnings) != 1 ||
		result.Warnings[0] != "VPC: NetBox has duplicate objects (2), such as vpc-1; a sync with --prune "+
			"delete (prune = \"delete\" in Terraform) deletes the newer ones." {
		t.Errorf("got %+v, %q", vpc, result.Warnings)
	}
	result = w.sync(prune)
	if vpc := kindOf(t, result, "VPC"); vpc.Deleted != 2 || vpc.Kept != 0 || len(result.Warnings) != 0 {
		t.Errorf("got %+v, %q", vpc, result.Warnings)
	}
	if !strings.Contains(*deleted, `"id":1001`) || !strings.Contains(*deleted, `"id":1002`) ||
		strings.Count(*deleted, `"id":`) != 2 {
		t.Errorf("deleted %s", *deleted)
	}
}
