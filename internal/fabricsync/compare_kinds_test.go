package fabricsync

import (
	"fmt"
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
	w.cluster.edit("VPC", 2, func(o *cluster.Object) { o.Deleting, o.ResourceVersion = true, "8" })
	w.cluster.edit("VPC", 3, func(o *cluster.Object) { o.UID = "another" })
	w.netbox.ResetRequests()
	result := w.sync()
	w.wantWrites("PATCH fabrics/1", "PATCH vpcs", "PATCH fabrics/1")
	if vpc := kindOf(t, result, "VPC"); vpc.Updated != 3 || vpc.Unchanged != 2 || vpc.Created != 0 {
		t.Errorf("got %+v", vpc)
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

func TestInventory_emptySpecIsCountedAndNoError(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 3)
	w.cluster.objects["Server"][0].Spec = nil
	w.cluster.objects["Server"][1].Spec = map[string]any{}
	result := w.sync()
	if servers := kindOf(t, result, "Server"); servers.NotStorable != 2 || servers.Created != 1 ||
		servers.InCluster != 3 || servers.NotStorableNames[0] != "server-1: "+emptySpec || result.Warnings != nil {
		t.Errorf("got %+v, %q", servers, result.Warnings)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "servers_count": 3})
	if got := w.names("servers"); got != "server-3" {
		t.Errorf("stored %s", got)
	}
}

func TestInventory_specThatBecameEmptyIsNotedAsOutdated(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 1)
	w.sync()
	w.cluster.edit("Server", 0, func(o *cluster.Object) { o.Spec, o.ResourceVersion = nil, "2" })
	for range 2 {
		w.netbox.ResetRequests()
		result := w.sync(prune)
		if servers := kindOf(t, result, "Server"); servers.NotStorable != 1 || servers.Updated != 0 ||
			servers.Deleted != 0 {
			t.Errorf("got %+v", servers)
		}
	}
	w.wantWrites("PATCH fabrics/1") // it is noted once
	w.store("PATCH", "servers/1/", `{"sync_error":""}`)
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

func TestInventory_oneBadObjectStopsNothingElse(t *testing.T) {
	w := newWorld(t, synced(time.Hour))
	w.cluster.add("VPC", 250)
	w.cluster.add("Switch", 2)
	bad := object("bad")
	bad.UID = strings.Repeat("u", 37) // one too many for NetBox
	w.cluster.objects["VPC"][100] = bad
	result := w.want(Failed, "VPC: NetBox did not store 1 of 250 objects: bad: ")
	if vpc := kindOf(t, result, "VPC"); vpc.Created != 249 || vpc.Failed != 1 || vpc.InCluster != 250 {
		t.Errorf("got %+v", vpc)
	}
	w.wantFabric(map[string]any{
		"sync_status": "error", "sync_error": result.Message, "connection_status": "connected",
		"last_sync": testTime.Add(-time.Hour), "vpcs_count": 250, "switches_count": 2, "cached_crd_count": 252,
	})
	w.wantConsistent()
	w.cluster.objects["VPC"][100] = object("good")
	w.sync()
	w.wantMirror()
}

func TestInventory_manyBadObjectsMakeAShortMessage(t *testing.T) {
	w := newWorld(t)
	for i := range 300 {
		bad := object(fmt.Sprintf("%s-%d", strings.Repeat("n", 200), i))
		bad.UID = strings.Repeat("u", 37)
		w.cluster.objects["VPC"] = append(w.cluster.objects["VPC"], bad)
	}
	w.cluster.add("Server", 1)
	result := w.want(Failed, "NetBox did not store 300 of 300 objects")
	if vpc := kindOf(t, result, "VPC"); vpc.Failed != 300 || len(vpc.Failures) != maxFailures {
		t.Errorf("got %+v", vpc)
	}
	if n := len([]rune(result.Message)); n > maxLine {
		t.Errorf("got %d characters: %s", n, result.Message)
	}
	if got := w.names("servers"); got != "server-1" {
		t.Errorf("stored %s", got)
	}
}

// Kinds that the token cannot list do not stop the others. One sentence names them all.
func TestInventory_forbiddenKinds(t *testing.T) {
	for _, kinds := range [][]fabric.Kind{fabric.Kinds()[8:9], fabric.Kinds()[8:10]} {
		w := newWorld(t, synced(time.Hour))
		fill(w)
		w.sync()
		w.advance(time.Minute)
		for _, kind := range kinds {
			w.cluster.objects[kind.Name] = nil // as a forbidden list looks
			w.cluster.broken[kind.Name] = clusterError(cluster.ClassForbidden, "may not list "+kind.Name)
		}
		w.cluster.add("VPC", 1)
		want := cluster.Forbids(testServer, namespace, kinds).Error()
		result := w.want(Failed, "", prune)
		servers := kindOf(t, result, "Server")
		if result.Message != want || result.Class != cluster.ClassForbidden || kindOf(t, result, "VPC").Created != 1 ||
			servers.Listed || servers.Deleted != 0 || servers.Class != cluster.ClassForbidden {
			t.Errorf("got %+v", result)
		}
		if n := len(w.stored("servers")); n != 5 {
			t.Errorf("%d servers are left", n)
		}
		// What could not be counted keeps its count, and so does the total.
		w.wantFabric(map[string]any{"sync_status": "error", "sync_error": want, "connection_status": "connected",
			"connection_error": "", "servers_count": 5, "vpcs_count": 4, "cached_crd_count": 17, "last_sync": testTime})
		w.wantConsistent()
	}
}

func TestInventory_listThatIsNotComplete(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 5)
	w.sync()
	w.cluster.objects["VPC"] = w.cluster.objects["VPC"][:2]
	w.cluster.change("VPC", 0, "2")
	w.cluster.broken["VPC"] = clusterError(cluster.ClassOther, "the list is not complete")
	if vpc := kindOf(t, w.want(Failed, "", prune), "VPC"); vpc.Deleted != 0 || vpc.Updated != 1 ||
		len(w.stored("vpcs")) != 5 {
		t.Errorf("got %+v", vpc)
	}
	w.wantFabric(map[string]any{"vpcs_count": 5, "sync_status": "error"})
}

func TestInventory_clusterLostMidwayEndsTheSync(t *testing.T) {
	w := newWorld(t, synced(time.Hour))
	fill(w)
	w.cluster.broken["Connection"] = clusterError(cluster.ClassUnreachable, "connection refused")
	if result := w.want(Failed, "refused"); result.Class != cluster.ClassUnreachable || len(result.Kinds) != 8 {
		t.Errorf("got %d kinds, %+v", len(result.Kinds), result)
	}
	if n := len(w.stored("connections")); n != 4 {
		t.Errorf("%d connections of those that came were stored", n)
	}
	w.wantFabric(map[string]any{"connection_status": "disconnected", "connection_error": testServer +
		": connection refused", "sync_status": "error",
		"last_sync": testTime.Add(-time.Hour)})
	w.wantConsistent()
}

func TestInventory_listWithAnObjectTwice(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 2)
	w.cluster.objects["VPC"] = append(w.cluster.objects["VPC"], w.cluster.objects["VPC"][0])
	for _, want := range []string{"created", "unchanged"} {
		result := w.sync()
		if vpc := kindOf(t, result, "VPC"); vpc.InCluster != 2 || vpc.summary() != "VPC: 2 in the cluster, 2 "+want {
			t.Errorf("got %+v", vpc)
		}
	}
}

func TestInventory_rightToWriteAKindIsMissing(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 500)
	w.cluster.add("Switch", 1)
	w.intercept("POST", "/servers/", func(x *exchange) {
		x.answer(403, `{"detail":"You do not have permission to perform this action."}`)
	})
	result := w.want(Failed, "")
	servers := kindOf(t, result, "Server")
	if servers.Failed != 500 || !strings.Contains(servers.Error, "permission") ||
		kindOf(t, result, "Switch").Created != 1 {
		t.Errorf("got %+v", result)
	}
	if n := w.netbox.Count("POST", plugin+"servers/"); n != 1 {
		t.Errorf("got %d attempts", n)
	}
	w.wantConsistent()
}

func TestInventory_noteOnAnOutdatedObjectFailsNoSync(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("Server", 2)
	w.sync()
	w.cluster.edit("Server", 0, func(o *cluster.Object) { o.Spec, o.ResourceVersion = nil, "2" })
	for _, status := range []int{400, 403, 500} {
		remove := w.intercept("PATCH", "/servers/", func(x *exchange) { x.answer(status, `{"detail":"no"}`) })
		if servers := kindOf(t, w.sync(), "Server"); servers.NotStorable != 1 || servers.Unchanged != 1 ||
			servers.Failed != 0 || servers.Error != "" {
			t.Errorf("%d: got %+v", status, servers)
		}
		remove()
	}
}
