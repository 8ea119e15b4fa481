package netboxtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestFaultSet_altersEveryObjectOfAnAnswer(t *testing.T) {
	s := start(t, Options{})
	for _, name := range []string{"alpha", "bravo"} {
		s.AddFabric(map[string]any{"name": name})
	}
	h := s.Fault(Fault{Kind: Set(map[string]any{
		"status": "on fire", "name": nil, "sync_interval": json.Number("9223372036854775808"), "sync_enabled": "yes",
	})})
	wrong := func(object any) {
		t.Helper()
		o, _ := object.(map[string]any)
		if o["status"] != "on fire" || o["name"] != nil || stringOf(o["sync_interval"]) != "9223372036854775808" ||
			o["sync_enabled"] != "yes" || o["sync_status"] != "never_synced" {
			t.Errorf("got the object %v", o)
		}
	}
	wrong(do(t, s, "GET", fabricsPath+"1/", "").must(t, 200).body)
	page := do(t, s, "GET", fabricsPath, "").must(t, 200)
	if len(page.results()) != 2 || page.key("status") != nil {
		t.Errorf("got the page %s", page.raw)
	}
	for _, o := range page.results() {
		wrong(o)
	}
	wrong(do(t, s, "PATCH", fabricsPath, `[{"id":1,"description":"d"}]`).must(t, 200).body.([]any)[0])
	if f, _ := s.Fabric(1); f["name"] != "alpha" || f["description"] != "d" || h.Name() != "other values of name "+
		"status sync_enabled sync_interval" {
		t.Errorf("got the fabric %v from the fault %q", f, h.Name())
	}
}

func TestFaultRewrite_leavesWhatIsNoJSON(t *testing.T) {
	s := start(t, Options{NoPlugin: true})
	s.Fault(Fault{Kind: Rewrite("list for an object", func(*http.Request, any) any { return []int{1} })})
	if got := do(t, s, "GET", "/api/status/", "").must(t, 200); got.raw != "[1]" {
		t.Errorf("got %s", got.raw)
	}
	if got := do(t, s, "GET", fabricsPath, "").must(t, 404); !strings.Contains(got.raw, "<!DOCTYPE html>") {
		t.Errorf("got %s", got.raw)
	}
}

func TestFaultNextRepeats(t *testing.T) {
	s := start(t, Options{})
	s.AddFabric(map[string]any{"name": "alpha"})
	const query = fabricsPath + "?fields=id&limit=2"
	s.Fault(Fault{Kind: NextRepeats()})
	if got := do(t, s, "GET", query, "").key("next"); got != s.URL()+query {
		t.Errorf("got the next links %v", got)
	}
}
