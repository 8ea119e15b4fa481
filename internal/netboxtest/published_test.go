package netboxtest

import (
	"strings"
	"testing"
)

// TestPublished_whatBreaksAndWhatIsKept follows a write's data past its 500.
func TestPublished_whatBreaksAndWhatIsKept(t *testing.T) {
	s := start(t, Options{PublishedDisplayURL: true})
	const omit = "?omit=display_url"
	broken := func(r reply) {
		t.Helper()
		if r.must(t, 500).key("exception") != "ImproperlyConfigured" || r.header.Get("Allow") != "" {
			t.Errorf("body %s, Allow %q", r.raw, r.header.Get("Allow"))
		}
	}
	broken(do(t, s, "POST", fabricsPath, `{"name":"alpha"}`))
	broken(do(t, s, "POST", fabricsPath, `[{"name":"bravo"},{"name":"charlie"}]`))
	if n := len(s.Fabrics()); n != 3 {
		t.Fatalf("%d fabrics, want the 3 of the broken answers", n)
	}
	alpha, _ := s.FabricByName("alpha")
	id := int64(alpha["id"].(float64))
	path := fabricsPath + formatID(id) + "/"
	broken(do(t, s, "PATCH", path, `{"sync_interval":7}`))
	broken(do(t, s, "PATCH", fabricsPath, `[{"id":`+formatID(id)+`,"description":"d"}]`))
	broken(do(t, s, "GET", fabricsPath, ""))
	broken(do(t, s, "GET", fabricsPath+"?start=0", ""))
	broken(do(t, s, "GET", path+"?fields=id,display_url", ""))
	if f, _ := s.Fabric(id); f["sync_interval"] != 7.0 || f["description"] != "d" {
		t.Errorf("sync_interval %v, description %v", f["sync_interval"], f["description"])
	}
	do(t, s, "GET", path+omit, "").must(t, 200)
	do(t, s, "GET", path+"?fields=id", "").must(t, 200)
	do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 400)
	changes := len(s.Changelog())
	broken(do(t, s, "DELETE", path+omit, ""))
	broken(do(t, s, "DELETE", fabricsPath+omit, `[{"id":`+formatID(id)+`}]`))
	if len(s.Fabrics()) != 3 || len(s.Changelog()) != changes {
		t.Errorf("%d fabrics, %d changes after the failed deletes", len(s.Fabrics()), len(s.Changelog())-changes)
	}
	do(t, s, "DELETE", path, "", "If-Match", `W/"x"`).must(t, 412)
	s.SetPublishedDisplayURL(false)
	if got := do(t, s, "GET", path, "").must(t, 200); strings.Contains(got.raw, "display_url") {
		t.Errorf("body %s", got.raw)
	}
	do(t, s, "DELETE", path, "").must(t, 204)
}

func TestAddFabric_storesWhatTheServerWouldRefuse(t *testing.T) {
	s := start(t, Options{})
	s.AddTag("Lab 1", "lab-1")
	id := s.AddFabric(map[string]any{"name": " old ", "sync_status": "synced", "kubernetes_server": "k8s",
		"tags": []string{"lab-1"}, "vpcs_count": 3, "id": 40})
	if id != 40 || s.AddFabric(map[string]any{"name": "next"}) != 41 {
		t.Errorf("id %d", id)
	}
	got := do(t, s, "GET", fabricsPath+"40/", "").must(t, 200)
	if got.key("sync_status") != "synced" || got.key("kubernetes_server") != "k8s" || got.key("name") != " old " {
		t.Errorf("body %s", got.raw)
	}
	// A write that does not name the field does not mind its value.
	do(t, s, "PATCH", fabricsPath+"40/", `{"description":"d"}`).must(t, 200)
	do(t, s, "PATCH", fabricsPath+"40/", `{"sync_status":"synced"}`).must(t, 400)
	stored, _ := s.Fabric(40)
	if stored["sync_status"] != "synced" || stored["vpcs_count"] != 3.0 || len(stored["tags"].([]any)) != 1 {
		t.Errorf("stored %v", stored)
	}
	s.DeleteFabric(40)
	if _, there := s.Fabric(40); there {
		t.Error("still there")
	}
	if len(s.Changelog()) != 1 {
		t.Errorf("changelog %+v", s.Changelog())
	}
}

func TestUpdateFabric_makesAnETagStale(t *testing.T) {
	s := start(t, Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	tag := do(t, s, "GET", path, "").header.Get("ETag")
	do(t, s, "PATCH", path, `{}`, "If-Match", `"other", `+tag).must(t, 200)
	tag = do(t, s, "GET", path, "").header.Get("ETag")
	// NetBox compares the whole tag
	do(t, s, "PATCH", path, `{}`, "If-Match", strings.TrimPrefix(tag, "W/")).must(t, 412)
	s.UpdateFabric(id, map[string]any{"sync_status": "in_sync"})
	got := do(t, s, "DELETE", path, "", "If-Match", tag).must(t, 412)
	if current := do(t, s, "GET", path, "").header.Get("ETag"); got.header.Get("ETag") != current || current == tag {
		t.Errorf("ETag %s, current %s, before %s", got.header.Get("ETag"), current, tag)
	}
}

func TestBulk_allOrNothing(t *testing.T) {
	s := start(t, Options{})
	do(t, s, "POST", fabricsPath, `[{"name":"a","changelog_message":"bulk made"},{"name":"b"}]`).must(t, 201)
	got := do(t, s, "POST", fabricsPath, `[{"name":"c"},{"name":""},{"name":"a"}]`).must(t, 400)
	want := `{"detail":"2 of 3 objects could not be created.","errors":[` +
		`{"errors":{"name":["This field may not be blank."]},"index":1},` +
		`{"errors":{"name":["Hedgehog Fabric with this name already exists."]},"index":2}]}`
	if got.raw != want {
		t.Errorf("body %s", got.raw)
	}
	do(t, s, "PATCH", fabricsPath, `[{"id":1,"name":"z"},{"id":2,"sync_interval":-1}]`).must(t, 400)
	do(t, s, "DELETE", fabricsPath, `[{"id":1},{"id":99}]`).must(t, 400)
	if got := do(t, s, "DELETE", fabricsPath, `[1]`).must(t, 400); got.raw !=
		`{"detail":"1 of 1 objects failed validation.","errors":[{"errors":{"non_field_errors":["Invalid data. `+
			`Expected a dictionary, but got int."]},"index":0}]}` {
		t.Errorf("body %s", got.raw)
	}
	if f, _ := s.Fabric(1); f["name"] != "a" || len(s.Fabrics()) != 2 {
		t.Errorf("fabrics %v", s.Fabrics())
	}
	do(t, s, "DELETE", fabricsPath, `[{"id":1,"changelog_message":"bulk gone"}]`, "If-Match", `W/"x"`).must(t, 412)
	do(t, s, "DELETE", fabricsPath, `[{"id":1,"changelog_message":"bulk gone"}]`).must(t, 204)
	// The refused creation used ids up, as a database's sequence does.
	if got := do(t, s, "POST", fabricsPath, `{"name":"d"}`).must(t, 201); stringOf(got.key("id")) != "4" {
		t.Errorf("id %v", got.key("id"))
	}
	var log []string
	for _, e := range s.Changelog() {
		log = append(log, e.Action+" "+e.ObjectRepr+" "+e.Message)
	}
	if got := strings.Join(log, "; "); got != "create a bulk made; create b ; delete a bulk gone; create d " {
		t.Errorf("changelog %s", got)
	}
}

func TestChangelog(t *testing.T) {
	s := start(t, Options{})
	created := do(t, s, "POST", fabricsPath, `{"name":"alpha","changelog_message":" why "}`).must(t, 201)
	path := fabricsPath + "1/"
	do(t, s, "PATCH", path, `{"sync_interval":300,"changelog_message":"nothing changed"}`).must(t, 200)
	do(t, s, "PATCH", path, `{"name":"bravo"}`).must(t, 200)
	do(t, s, "DELETE", path, `{"changelog_message":"gone"}`).must(t, 204)
	log := s.Changelog()
	if len(log) != 3 {
		t.Fatalf("changelog %+v", log)
	}
	first := log[0]
	if first.Action != "create" || first.Message != "why" || first.User != "admin" || first.ObjectID != 1 ||
		first.ObjectType != "netbox_hedgehog.hedgehogfabric" || first.ObjectRepr != "alpha" ||
		first.RequestID != created.header.Get("X-Request-ID") || first.Time.IsZero() {
		t.Errorf("entry %+v", first)
	}
	if log[1].Action != "update" || log[1].ObjectRepr != "bravo" || log[2].Action != "delete" ||
		log[2].Message != "gone" {
		t.Errorf("changelog %+v", log)
	}
}
