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

// kindOf is the result of one kind.
func kindOf(t *testing.T, r *Result, name string) *KindResult {
	t.Helper()
	for i := range r.Kinds {
		if r.Kinds[i].Kind.Name == name {
			return &r.Kinds[i]
		}
	}
	t.Fatalf("no result of %s", name)
	return nil
}

func TestInventory_touchesOnlyWhatChanged(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 5)
	w.sync()
	before := w.stored("vpcs")
	w.advance(time.Minute)
	w.cluster.change("VPC", 1, "7")
	deleting, recreated := *w.cluster.objects["VPC"][2], *w.cluster.objects["VPC"][3]
	deleting.Deleting, deleting.ResourceVersion = true, "8"
	recreated.UID = "another"
	w.cluster.objects["VPC"][2], w.cluster.objects["VPC"][3] = &deleting, &recreated
	w.netbox.ResetRequests()
	result := w.sync()
	w.wantWrites("PATCH fabrics/1", "PATCH vpcs", "PATCH fabrics/1")
	if vpc := kindOf(t, result, "VPC"); vpc.Updated != 3 || vpc.Unchanged != 2 || vpc.Created != 0 {
		t.Errorf("%+v", vpc)
	}
	after := w.stored("vpcs")
	for i, updated := range []bool{false, true, true, true, false} {
		if moved := after[i]["last_updated"] != before[i]["last_updated"]; moved != updated ||
			after[i]["id"] != before[i]["id"] {
			t.Errorf("%v: updated %t, want %t", after[i]["name"], moved, updated)
		}
	}
	if after[2]["kubernetes_status"] != "deleting" || after[3]["kubernetes_uid"] != "another" ||
		after[1]["last_synced"] != "2030-05-01T12:01:00Z" ||
		after[0]["last_synced"] != "2030-05-01T12:00:00Z" {
		t.Errorf("stored %v", after)
	}
	w.wantMirror()
}

func TestInventory_errorOfAnObjectIsCleared(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.sync()
	w.request("PATCH", "/api/plugins/hedgehog/vpcs/1/", `{"sync_error":"old","auto_sync":false}`, &map[string]any{})
	w.sync()
	if vpc := w.stored("vpcs")[0]; vpc["sync_error"] != "" || vpc["auto_sync"] != false {
		t.Errorf("stored %v", vpc)
	}
}

func TestInventory_emptySpecIsCountedAndNoError(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 3)
	w.cluster.objects["Server"][0].Spec = nil
	w.cluster.objects["Server"][1].Spec = map[string]any{}
	result := w.sync()
	if servers := kindOf(t, result, "Server"); servers.NotStorable != 2 || servers.Created != 1 ||
		servers.InCluster != 3 {
		t.Errorf("%+v", servers)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "servers_count": 3})
	if got := w.names("servers"); got != "server-3" {
		t.Errorf("stored %s", got)
	}
}

func TestInventory_specThatBecameEmptyIsMarkedAsOutdated(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 1)
	w.sync()
	emptied := *w.cluster.objects["Server"][0]
	emptied.Spec, emptied.ResourceVersion = nil, "2"
	w.cluster.objects["Server"][0] = &emptied
	for range 2 {
		w.netbox.ResetRequests()
		result := w.sync(prune)
		if servers := kindOf(t, result, "Server"); servers.NotStorable != 1 || servers.Updated != 0 ||
			servers.Deleted != 0 {
			t.Errorf("%+v", servers)
		}
	}
	w.wantWrites("PATCH fabrics/1") // it is marked once
	w.request("PATCH", "/api/plugins/hedgehog/servers/1/", `{"sync_error":""}`, &map[string]any{})
	w.sync()
	server := w.stored("servers")[0]
	if spec := server["spec"].(map[string]any); server["sync_error"] != outdatedSpec ||
		server["kubernetes_resource_version"] != "2" || spec["of"] != "server-1" {
		t.Errorf("stored %v", server)
	}
	w.cluster.change("Server", 0, "3")
	w.sync()
	w.wantMirror()
	if server := w.stored("servers")[0]; server["sync_error"] != "" {
		t.Errorf("stored %v", server)
	}
}

func TestInventory_oneBadObjectHoldsNothingBack(t *testing.T) {
	w := newWorld(t, map[string]any{"last_sync": testTime.Add(-time.Hour), "sync_status": "in_sync"})
	w.cluster.add("VPC", 250)
	w.cluster.add("Switch", 2)
	bad := object("bad")
	bad.UID = strings.Repeat("u", 37) // one too many for NetBox
	w.cluster.objects["VPC"][100] = bad
	result, err := w.run()
	if vpc := kindOf(t, result, "VPC"); err != nil || result.Outcome != Failed || vpc.Created != 249 ||
		vpc.Failed != 1 || vpc.InCluster != 250 {
		t.Errorf("%+v, %v", result, err)
	}
	if !strings.HasPrefix(result.Message, "VPC: NetBox did not store 1 of 250 objects: bad: ") {
		t.Errorf("message %q", result.Message)
	}
	w.wantFabric(map[string]any{
		"sync_status": "error", "sync_error": result.Message, "connection_status": "connected",
		"last_sync":  "2030-05-01T11:00:00Z",
		"vpcs_count": 250, "switches_count": 2, "cached_crd_count": 252,
	})
	w.wantConsistent()
	w.cluster.objects["VPC"][100] = object("good")
	w.sync()
	w.wantMirror()
}

func TestInventory_manyBadObjectsMakeABoundedMessage(t *testing.T) {
	w := newWorld(t)
	for i := range 300 {
		bad := object(fmt.Sprintf("%s-%d", strings.Repeat("n", 200), i))
		bad.UID = strings.Repeat("u", 37)
		w.cluster.objects["VPC"] = append(w.cluster.objects["VPC"], bad)
	}
	w.cluster.add("Server", 1)
	result, err := w.run()
	if vpc := kindOf(t, result, "VPC"); err != nil || vpc.Failed != 300 || len(vpc.Failures) != maxFailures {
		t.Errorf("%+v, %v", vpc, err)
	}
	if n := len([]rune(result.Message)); n > maxLine || !strings.Contains(result.Message, "NetBox did not store 300 "+
		"of 300 objects") {
		t.Errorf("%d characters: %s", n, result.Message)
	}
	if got := w.names("servers"); got != "server-1" {
		t.Errorf("stored %s", got)
	}
}

func TestInventory_refusedKindDoesNotHoldBackTheOthers(t *testing.T) {
	w := newWorld(t, map[string]any{"last_sync": testTime.Add(-time.Hour), "sync_status": "in_sync"})
	fill(w)
	w.sync()
	w.advance(time.Minute)
	w.cluster.objects["Server"] = nil // as a list looks that may not be read
	w.cluster.broken["Server"] = clusterError(cluster.ClassForbidden, "may not list servers")
	w.cluster.add("Switch", 1)
	result, err := w.run(prune)
	if err != nil || result.Outcome != Failed || result.Class != cluster.ClassForbidden ||
		kindOf(t, result, "Switch").Created != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	servers := kindOf(t, result, "Server")
	if servers.Listed || servers.Deleted != 0 || servers.Class != cluster.ClassForbidden ||
		result.Message != cluster.Forbids(testServer, namespace, fabric.Kinds()[8:9]).Error() {
		t.Errorf("%+v, %q", servers, result.Message)
	}
	if n := len(w.stored("servers")); n != 5 {
		t.Errorf("%d servers are left", n)
	}
	// What could not be counted keeps its count, and so does the total.
	w.wantFabric(map[string]any{"sync_status": "error", "connection_status": "connected", "servers_count": 5,
		"switches_count": 3, "cached_crd_count": 17,
		"last_sync": "2030-05-01T12:00:00Z"})
	w.wantConsistent()
}

func TestInventory_listThatBreaksOffIsNotAllThereIs(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 5)
	w.sync()
	w.cluster.objects["VPC"] = w.cluster.objects["VPC"][:2]
	w.cluster.change("VPC", 0, "2")
	w.cluster.broken["VPC"] = clusterError(cluster.ClassOther, "the list is not complete")
	result, err := w.run(prune)
	if vpc := kindOf(t, result, "VPC"); err != nil || result.Outcome != Failed || vpc.Deleted != 0 ||
		vpc.Updated != 1 || len(w.stored("vpcs")) != 5 {
		t.Errorf("%+v, %v", vpc, err)
	}
	w.wantFabric(map[string]any{"vpcs_count": 5, "sync_status": "error"})
}

func TestInventory_clusterLostMidwayEndsTheSync(t *testing.T) {
	w := newWorld(t, map[string]any{"last_sync": testTime.Add(-time.Hour), "sync_status": "in_sync"})
	fill(w)
	w.cluster.broken["Connection"] = clusterError(cluster.ClassUnreachable, "connection refused")
	result, err := w.run()
	if err != nil || result.Outcome != Failed || result.Class != cluster.ClassUnreachable || len(result.Kinds) != 8 {
		t.Errorf("%d kinds, %+v, %v", len(result.Kinds), result, err)
	}
	if n := len(w.stored("connections")); n != 4 {
		t.Errorf("%d connections of those that came were stored", n)
	}
	w.wantFabric(map[string]any{"connection_status": "disconnected", "connection_error": testServer +
		": connection refused", "sync_status": "error",
		"last_sync": "2030-05-01T11:00:00Z"})
	w.wantConsistent()
}

func TestInventory_listWithAnObjectTwice(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 2)
	w.cluster.objects["VPC"] = append(w.cluster.objects["VPC"], w.cluster.objects["VPC"][0])
	for _, want := range []string{"created", "unchanged"} {
		result := w.sync()
		if vpc := kindOf(t, result, "VPC"); vpc.InCluster != 2 || vpc.summary() != "VPC: 2 in the cluster, 2 "+want {
			t.Errorf("%+v", vpc)
		}
	}
}

// gone fills NetBox and then takes two VPCs and all servers out of the cluster.
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
		t.Errorf("%+v", totals)
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
		w.request("POST", "/api/plugins/hedgehog/vpcs/", body, &map[string]any{})
	}
	result := w.sync(prune)
	if vpc, servers := kindOf(t, result, "VPC"), kindOf(t, result, "Server"); vpc.Deleted != 2 || vpc.Kept != 2 ||
		servers.Deleted != 5 {
		t.Errorf("%+v, %+v", vpc, servers)
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
		t.Errorf("%+v", servers)
	}
	if len(result.Warnings) != 1 || result.Warnings[0] !=
		"The cluster does not serve 1 of the twelve kinds of Hedgehog: servers.wiring.githedgehog.com/v1beta1. "+
			"The 5 objects of them in NetBox were left as they are." {
		t.Errorf("%q", result.Warnings)
	}
}

func TestPrune_thatThePublishedPluginCannot(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("External", 2)
	w.cluster.add("VPC", 2)
	w.sync()
	w.cluster.objects["External"], w.cluster.objects["VPC"] = w.cluster.objects["External"][:1],
		w.cluster.objects["VPC"][:1]
	w.netbox.SetPublishedDisplayURL(true)
	result := w.sync(prune)
	external := kindOf(t, result, "External")
	if external.Deleted != 0 || external.Kept != 1 || !strings.Contains(external.PruneError, "display_url = None") ||
		kindOf(t, result, "VPC").Deleted != 1 {
		t.Errorf("%+v", result)
	}
	if len(result.Warnings) != 1 || !strings.HasPrefix(result.Warnings[0], "External: 1 of 1 objects that have gone "+
		"from the cluster were not removed from NetBox: ") {
		t.Errorf("warnings %q", result.Warnings)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync"})
}

func TestPrune_looksAtTheFabricBefore(t *testing.T) {
	for name, locked := range map[string]bool{"without a lock": false, "under the lock": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			gone(w)
			if locked {
				w.cluster.add("External", 1)
			}
			w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
				if kind.Name == "VLANNamespace" { // the last
					w.netbox.UpdateFabric(1, map[string]any{"sync_enabled": false})
				}
			}
			result, err := w.run(prune)
			if locked {
				wantError[*SupersededError](t, err)
			} else {
				wantError[*fabric.SyncRefusedError](t, err)
			}
			if totals := result.Totals(); totals.Deleted != 0 || len(w.stored("vpcs")) != 3 {
				t.Errorf("%+v", totals)
			}
			w.wantFabric(map[string]any{"sync_status": "in_sync", "sync_enabled": false})
		})
	}
}

func TestInventory_rightToWriteAKindIsMissing(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 500)
	w.cluster.add("Switch", 1)
	w.intercept("POST", "/servers/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("API-Version", "4.7")
		rw.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(rw, `{"detail":"You do not have permission to perform this action."}`)
	})
	result, err := w.run()
	servers := kindOf(t, result, "Server")
	if err != nil || result.Outcome != Failed || servers.Failed != 500 || !strings.Contains(servers.Error,
		"permission") || kindOf(t, result, "Switch").Created != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	if n := w.netbox.Count("POST", "/api/plugins/hedgehog/servers/"); n != 1 {
		t.Errorf("%d attempts", n)
	}
	w.wantConsistent()
}

func TestInventory_forbiddenKindsAreToldInOneSentence(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 2)
	w.sync()
	for _, kind := range []string{"Server", "Switch"} {
		w.cluster.broken[kind] = clusterError(cluster.ClassForbidden, "may not list "+kind)
	}
	result, err := w.run()
	want := cluster.Forbids(testServer, namespace, fabric.Kinds()[8:10]).Error()
	if err != nil || result.Outcome != Failed || result.Message != want || kindOf(t, result, "VPC").Unchanged != 2 {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"connection_status": "connected", "connection_error": "", "sync_status": "error",
		"sync_error": want})
}

func TestInventory_noteOnAnOutdatedObjectFailsNoSync(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 2)
	w.sync()
	emptied := *w.cluster.objects["Server"][0]
	emptied.Spec, emptied.ResourceVersion = nil, "2"
	w.cluster.objects["Server"][0] = &emptied
	for _, status := range []int{400, 403, 500} {
		remove := w.intercept("PATCH", "/servers/", func(_ int, _ http.Handler, rw http.ResponseWriter,
			_ *http.Request) {
			answerJSON(rw, status, `{"detail":"no"}`)
		})
		if servers := kindOf(t, w.sync(), "Server"); servers.NotStorable != 1 || servers.Unchanged != 1 ||
			servers.Failed != 0 || servers.Error != "" {
			t.Errorf("%d: %+v", status, servers)
		}
		remove()
	}
}
