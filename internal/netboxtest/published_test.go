package netboxtest

import (
	"strings"
	"testing"
)

func TestAddFabric_storesWhatTheServerWouldRefuse(t *testing.T) {
	s := start(t, Options{})
	s.AddTag("Lab 1", "lab-1")
	id := s.AddFabric(map[string]any{"name": " old ", "sync_status": "synced", "kubernetes_server": "k8s",
		"tags": []string{"lab-1"}, "vpcs_count": 3, "id": 40})
	if id != 40 || s.AddFabric(map[string]any{"name": "next"}) != 41 {
		t.Errorf("got the id %d", id)
	}
	got := do(t, s, "GET", fabricsPath+"40/", "").must(t, 200)
	if got.key("sync_status") != "synced" || got.key("kubernetes_server") != "k8s" || got.key("name") != " old " {
		t.Errorf("got %s", got.raw)
	}
	// NetBox does not check the value of a field that a write leaves out.
	do(t, s, "PATCH", fabricsPath+"40/", `{"description":"d"}`).must(t, 200)
	do(t, s, "PATCH", fabricsPath+"40/", `{"sync_status":"synced"}`).must(t, 400)
	stored, _ := s.Fabric(40)
	if stored["sync_status"] != "synced" || stored["vpcs_count"] != 3.0 || len(stored["tags"].([]any)) != 1 {
		t.Errorf("got the fabric %v", stored)
	}
	s.DeleteFabric(40)
	if _, there := s.Fabric(40); there {
		t.Error("the fabric is still there after the deletion")
	}
	if len(s.Changelog()) != 1 {
		t.Errorf("got the change log %+v", s.Changelog())
	}
}

func TestUpdateFabric_makesAnETagStale(t *testing.T) {
	s := start(t, Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	tag := do(t, s, "GET", path, "").header.Get("ETag")
	do(t, s, "PATCH", path, `{}`, "If-Match", `"other", `+tag).must(t, 200)
	tag = do(t, s, "GET", path, "").header.Get("ETag")
	// NetBox compares the whole tag.
	do(t, s, "PATCH", path, `{}`, "If-Match", strings.TrimPrefix(tag, "W/")).must(t, 412)
	s.UpdateFabric(id, map[string]any{"sync_status": "in_sync"})
	got := do(t, s, "DELETE", path, "", "If-Match", tag).must(t, 412)
	if current := do(t, s, "GET", path, "").header.Get("ETag"); got.header.Get("ETag") != current || current == tag {
		t.Errorf("got the ETag %s, want the current %s; before it was %s", got.header.Get("ETag"), current, tag)
	}
}
