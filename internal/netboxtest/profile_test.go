package netboxtest

import (
	"strings"
	"testing"
)

func TestVersion_unknownIsRefused(t *testing.T) {
	s, err := New(Options{Version: "4.3.7"})
	if err == nil {
		s.Close()
		t.Fatal("there is no such profile")
	}
	if !strings.Contains(err.Error(), `no NetBox "4.3.7"`) || !strings.Contains(err.Error(), "4.4.10") {
		t.Errorf("error %v", err)
	}
}

// TestVersion_differences is the table of what a client can tell apart.
// TestVersion_unknownKeyIsStoredOutOfSight is 4.4's way; the next write drops it.
// TestVersion_published is what the published plugin leaves of each NetBox.
func TestBrief(t *testing.T) {
	s := start(t, Options{PublishedDisplayURL: true})
	s.AddTag("Lab", "lab")
	s.AddFabric(map[string]any{"name": "alpha"})
	s.AddCustomField(CustomField{Name: "tier", Type: "select", Choices: []Choice{{"gold", "Gold"}}})
	for path, want := range map[string]string{
		"/api/extras/tags/1/": `{"color":"9e9e9e","description":"",` +
			`"display":"Lab","id":1,"name":"Lab","slug":"lab","url":"` + s.URL() + `/api/extras/tags/1/"}`,
		"/api/extras/custom-fields/1/": `{"description":"","display":"Tier","id":1,` +
			`"name":"tier","url":"` + s.URL() + `/api/extras/custom-fields/1/"}`,
		"/api/extras/custom-field-choice-sets/1/": `{"choices_count":1,"description":"",` +
			`"display":"tier","id":1,"name":"tier","url":"` + s.URL() + `/api/extras/custom-field-choice-sets/1/"}`,
		"/api/extras/tags/1/?fields=slug":                           `{"slug":"lab"}`,
		"/api/extras/tags/1/?omit=" + allButSlug:                    `{"slug":"lab"}`,
		"/api/plugins/hedgehog/fabrics/1/?fields=name&display_url=": `{"name":"alpha"}`,
	} {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		if got := do(t, s, "GET", path+join+"brief=true", "").must(t, 200); got.raw != want {
			t.Errorf("%s: %s, want %s", path, got.raw, want)
		}
	}
	if got := do(t, s, "GET", "/api/extras/tags/?brief=1", ""); len(got.results()[0].(map[string]any)) != 7 {
		t.Errorf("body %s", got.raw)
	}
	// The plugin has no brief form: all is rendered, and breaks.
	do(t, s, "GET", fabricsPath+"1/?brief=true", "").must(t, 500)
	if got := do(t, s, "POST", "/api/extras/tags/?brief=true", `{"name":"B","slug":"b"}`).must(t,
		201); got.key("weight") == nil {
		t.Errorf("body %s", got.raw)
	}
}

const allButSlug = "id,url,display_url,display,name,color,description,weight,object_types,tagged_items," +
	"created,last_updated"
