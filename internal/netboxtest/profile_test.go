package netboxtest

import (
	"fmt"
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

func TestVersion_defaultIsTheLatest(t *testing.T) {
	s := start(t, Options{})
	got := do(t, s, "GET", "/api/status/", "").must(t, 200)
	if s.Version() != V47 || V44.Minor() != "4.4" || got.key("netbox-version") != "4.7.3" ||
		got.header.Get("API-Version") != "4.7" {
		t.Errorf("version %s, body %s", s.Version(), got.raw)
	}
}

// TestVersion_differences is the table of what a client can tell apart.
func TestVersion_differences(t *testing.T) {
	type row struct {
		etag, cursor, addTags, v2, labelled, sparse bool
		staleMatch, unknownKey, oneBad, twice, gone int
	}
	for version, want := range map[Version]row{
		V47: {true, true, true, true, true, true, 412, 400, 400, 400, 400},
		V46: {true, true, true, true, false, true, 412, 400, 400, 500, 204},
		V45: {false, false, false, true, false, false, 200, 400, 400, 500, 204},
		V44: {false, false, false, false, false, false, 200, 200, 400, 500, 204},
	} {
		t.Run(string(version), func(t *testing.T) {
			s := start(t, Options{Version: version})
			s.AddTag("Lab", "lab")
			id := s.AddFabric(map[string]any{"name": "alpha"})
			s.AddCustomField(CustomField{Name: "tier", Type: "select", Choices: []Choice{{"gold", "Gold"}}})
			s.AddCustomField(CustomField{Name: "tiers", Type: "multiselect", ChoiceSet: "tier",
				Choices: []Choice{{"gold", "Gold"}}})
			path := fabricsPath + formatID(id) + "/"
			var got row
			first := do(t, s, "GET", path, "").must(t, 200)
			got.etag = first.header.Get("ETag") != ""
			data, _ := first.key("custom_field_data").(map[string]any)
			got.sparse = len(data) == 0
			got.cursor = do(t, s, "GET", fabricsPath+"?start=0", "").must(t, 200).key("count") == nil
			got.addTags = strings.Contains(do(t, s, "PATCH", path, `{"add_tags":[{"slug":"lab"}]}`).must(t, 200).raw,
				`"slug":"lab"`)
			got.v2 = do(t, s, "GET", path, "", "Authorization", "Bearer "+AdminTokenV2).status == 200
			shown := do(t, s, "PATCH", path, `{"custom_fields":{"tier":"gold","tiers":["gold"]}}`).must(t,
				200).key("custom_fields")
			form := string(encodeJSON(shown))
			got.labelled = form == `{"tier":{"label":"Gold","value":"gold"},"tiers":[{"label":"Gold","value":"gold"}]}`
			if !got.labelled && form != `{"tier":"gold","tiers":["gold"]}` {
				t.Errorf("custom_fields %s", form)
			}
			got.staleMatch = do(t, s, "PATCH", path, `{}`, "If-Match", `W/"2020-01-01T00:00:00+00:00"`).status
			got.unknownKey = do(t, s, "PATCH", path, `{"custom_fields":{"nope":1}}`).status
			got.oneBad = do(t, s, "POST", fabricsPath, `[{"name":"b"},{"name":""}]`).status
			got.twice = do(t, s, "POST", fabricsPath, `[{"name":"b"},{"name":"b"}]`).status
			got.gone = do(t, s, "DELETE", fabricsPath, `[{"id":99}]`).status
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			if len(s.Fabrics()) != 1 {
				t.Errorf("fabrics %v", s.Fabrics())
			}
		})
	}
}

// TestVersion_unknownKeyIsStoredOutOfSight is 4.4's way; the next write drops it.
func TestVersion_unknownKeyIsStoredOutOfSight(t *testing.T) {
	s := start(t, Options{Version: V44})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	got := do(t, s, "PATCH", path, `{"custom_fields":{"nope":1}}`).must(t, 200)
	if shown, data := string(encodeJSON(got.key("custom_fields"))),
		string(encodeJSON(got.key("custom_field_data"))); shown != "{}" || data != `{"nope":1}` {
		t.Errorf("custom_fields %s, custom_field_data %s", shown, data)
	}
	if got := do(t, s, "PATCH", path, `{}`).must(t, 200); string(encodeJSON(got.key("custom_field_data"))) != "{}" {
		t.Errorf("custom_field_data %v", got.key("custom_field_data"))
	}
}

// TestVersion_published is what the published plugin leaves of each NetBox.
func TestVersion_published(t *testing.T) {
	const all = "?fields=id,name,sync_interval"
	for _, version := range []Version{V47, V46, V45, V44} {
		t.Run(string(version), func(t *testing.T) {
			s := start(t, Options{Version: version, PublishedDisplayURL: true})
			id := s.AddFabric(map[string]any{"name": "alpha"})
			path := fabricsPath + formatID(id) + "/"
			usable, create, written := 200, 201, 7.0
			if version == V44 {
				usable, create, written = 500, 500, 300.0
			}
			do(t, s, "GET", path+"?omit=display_url", "").must(t, usable)
			do(t, s, "GET", fabricsPath+"?omit=display_url", "").must(t, usable)
			do(t, s, "GET", path+all, "").must(t, 200)
			do(t, s, "PATCH", path+"?omit=display_url", `{"sync_interval":7}`).must(t, usable)
			do(t, s, "PATCH", path+all, `{"sync_interval":7}`).must(t, usable)
			do(t, s, "PATCH", fabricsPath+all, fmt.Sprintf(`[{"id":%d,"sync_interval":7}]`, id)).must(t, usable)
			do(t, s, "POST", fabricsPath+all, `{"name":"bravo"}`).must(t, create)
			do(t, s, "POST", fabricsPath+all, `[{"name":"charlie"}]`).must(t, create)
			do(t, s, "DELETE", path+all, "").must(t, 500)
			do(t, s, "POST", fabricsPath, `{"name":"delta"}`).must(t, 500)
			f, _ := s.Fabric(id)
			if _, kept := s.FabricByName("delta"); f["sync_interval"] != written || kept != (version != V44) {
				t.Errorf("sync_interval %v, delta kept %v", f["sync_interval"], kept)
			}
			if n := len(s.Changelog()); version == V44 && n != 0 {
				t.Errorf("%d changes", n)
			}
		})
	}
}

func TestBulk_refusalsByVersion(t *testing.T) {
	for version, want := range map[Version][4]string{
		V47: {`{"detail":"2 of 3 objects could not be created.","errors":[{"errors":{"name":["Hedgehog Fabric with ` +
			`this name already exists."]},"index":1},{"errors":{"name":["This field is required."]},"index":2}]}`,
			`{"detail":"2 of 3 objects could not be updated.","errors":[{"errors":{"sync_interval":["A valid integer ` +
				`is required."]},"id":1},{"errors":{"name":["This field may not be blank."]},"id":2}]}`,
			`{"detail":"Expected a list of objects, but got dict."}`,
			`{"detail":"1 of 2 objects are listed more than once.","errors":[{"errors":{"id":["Each object may be ` +
				`specified only once; ID 1 is listed 2 times"]},"id":1}]}`},
		V45: {`[{},{"name":["Hedgehog Fabric with this name already exists."]},{"name":["This field is required."]}]`,
			`{"sync_interval":["A valid integer is required."]}`,
			`{"non_field_errors":["Expected a list of items but got type \"dict\"."]}`,
			`{"description":["Not a valid string."]}`},
	} {
		t.Run(string(version), func(t *testing.T) {
			s := start(t, Options{Version: version})
			for _, name := range []string{"alpha", "bravo", "charlie"} {
				s.AddFabric(map[string]any{"name": name})
			}
			for i, got := range []reply{
				do(t, s, "POST", fabricsPath, `[{"name":"delta"},{"name":"alpha"},{}]`),
				do(t, s, "PATCH", fabricsPath, `[{"id":3,"name":"z"},{"id":2,"name":""},{"id":1,"sync_interval":"x"}]`),
				do(t, s, "PATCH", fabricsPath, `{"id":1}`),
				do(t, s, "PATCH", fabricsPath, `[{"id":1,"description":"d"},{"id":1,"description":[]}]`),
			} {
				if got.must(t, 400).raw != want[i] {
					t.Errorf("%d: %s, want %s", i, got.raw, want[i])
				}
			}
			if _, there := s.FabricByName("charlie"); !there || len(s.Fabrics()) != 3 {
				t.Errorf("fabrics %v", s.Fabrics())
			}
			got := do(t, s, "PATCH", fabricsPath, `[{"id":3,"name":"a"},{"id":1,"name":"z"}]`).must(t, 200)
			if list, _ := got.body.([]any); len(list) != 2 || stringOf(list[0].(map[string]any)["name"]) != "a" {
				t.Errorf("body %s", got.raw)
			}
		})
	}
}

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
