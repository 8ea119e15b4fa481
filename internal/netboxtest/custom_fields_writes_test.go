package netboxtest

import (
	"strings"
	"testing"
)

const customFields = "/api/extras/custom-fields/"

func fabricField(more string) string {
	return `{"object_types":["netbox_hedgehog.hedgehogfabric"]` + more + `}`
}

func TestCustomFieldWrites_lifeOfADefinition(t *testing.T) {
	s := start(t, Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	data := func() string {
		return string(encodeJSON(do(t, s, "GET", path, "").must(t, 200).key("custom_field_data")))
	}
	created := do(t, s, "POST", customFields, fabricField(`,"name":"rack","type":"integer","default":4,`+
		`"validation_maximum":9,"weight":50,"changelog_message":"why"`)).must(t, 201)
	if created.key("url") != created.header.Get("Location") || created.header.Get("ETag") == "" ||
		stringOf(created.key("validation_maximum")) != "9.0" || stringOf(created.key("weight")) != "50" ||
		data() != `{"rack":4}` {
		t.Errorf("got %s, and the data %s", created.raw, data())
	}
	one := customFields + "1/"
	changed := do(t, s, "PATCH", one, `{"name":"racks","required":true,"validation_maximum":null,`+
		`"description":"d"}`).must(t, 200)
	if changed.key("required") != true || changed.key("validation_maximum") != nil ||
		changed.key("description") != "d" || data() != `{"racks":4}` {
		t.Errorf("got %s, and the data %s", changed.raw, data())
	}
	do(t, s, "PATCH", path, `{"custom_fields":{"racks":null}}`).must(t, 400)
	do(t, s, "PATCH", path, `{"custom_fields":{"racks":10}}`).must(t, 200)
	do(t, s, "DELETE", one, "").must(t, 204)
	do(t, s, "GET", one, "").must(t, 404)
	if data() != "{}" {
		t.Errorf("got the data %s after the definition was deleted", data())
	}
	var log []string
	for _, e := range s.Changelog() {
		log = append(log, e.Action+" "+e.ObjectType+" "+e.ObjectRepr+" "+e.Message)
	}
	if got := strings.Join(log, "; "); got != "create extras.customfield Rack why; update extras.customfield Racks ; "+
		"update netbox_hedgehog.hedgehogfabric alpha ; delete extras.customfield Racks " {
		t.Errorf("got the change log %s", got)
	}
}

func TestCustomFieldWrites_objectsKeepTheirTag(t *testing.T) {
	s := start(t, Options{})
	path := fabricsPath + formatID(s.AddFabric(map[string]any{"name": "alpha"})) + "/"
	before := do(t, s, "GET", path, "").header.Get("ETag")
	do(t, s, "POST", customFields, fabricField(`,"name":"rack","type":"integer","default":4`)).must(t, 201)
	do(t, s, "DELETE", customFields+"1/", "").must(t, 204)
	if after := do(t, s, "GET", path, "").header.Get("ETag"); after != before {
		t.Errorf("got the ETag %s, want %s", after, before)
	}
}

func TestCustomFieldWrites_refusals(t *testing.T) {
	s := start(t, Options{})
	s.AddCustomField(CustomField{Name: "tier", Type: "select", Choices: []Choice{{"gold", "Gold"}}})
	for body, want := range map[string]string{
		`{"type":"text"}`: `{"name":["This field is required."]}`,
		`{"name":"a"}`:    `{"object_types":["This field is required."]}`,
		fabricField(`,"name":"tier","type":"text"`): `{"name":["custom field with this name already exists."]}`,
		fabricField(`,"name":"a","type":"color"`):   `{"type":["color is not a valid choice."]}`,
		fabricField(`,"name":"a","type":"select"`): `{"choice_set":["Selection fields must ` +
			`specify a set of choices."]}`,
		fabricField(`,"name":"a","type":"object"`): `{"related_object_type":["Object fields ` +
			`must define an object type."]}`,
		fabricField(`,"name":"a","type":"select","choice_set":{"id":7}`): `{"choice_set":["Related object ` +
			`not found using the provided attributes: {'id': 7}"]}`,
		fabricField(`,"name":"a","type":"integer","default":"x"`): `{"default":["Invalid default ` +
			`value \"x\": Value must be an integer."]}`,
	} {
		if got := do(t, s, "POST", customFields, body).must(t, 400); got.raw != want {
			t.Errorf("%s: %s, want %s", body, got.raw, want)
		}
	}
	do(t, s, "POST", customFields, fabricField(`,"name":"b","type":"select","choice_set":1,"default":"gold"`)).must(t,
		201)
	do(t, s, "POST", customFields, `{}`, "Authorization", "Token "+LimitedToken).must(t, 403)
}

func TestCustomFieldWrites_uniqueIsEnforced(t *testing.T) {
	s := start(t, Options{})
	do(t, s, "POST", customFields, fabricField(`,"name":"serial","type":"text","unique":true`)).must(t, 201)
	do(t, s, "POST", fabricsPath, `{"name":"a","custom_fields":{"serial":"1"}}`).must(t, 201)
	do(t, s, "POST", fabricsPath, `{"name":"b","custom_fields":{"serial":null}}`).must(t, 201)
	got := do(t, s, "PATCH", fabricsPath+"2/", `{"custom_fields":{"serial":"1"}}`).must(t, 400)
	if got.raw != `{"__all__":["Custom field 'serial' must have a unique value."]}` {
		t.Errorf("body %s", got.raw)
	}
	do(t, s, "PATCH", fabricsPath+"1/", `{"custom_fields":{"serial":"1"}}`).must(t, 200)
}

func TestTagWrites(t *testing.T) {
	s := start(t, Options{})
	const tags = "/api/extras/tags/"
	s.AddTag("Prod", "prod")
	lab := s.AddTag("Lab", "lab")
	path := tags + formatID(lab) + "/"
	s.AddFabric(map[string]any{"name": "alpha", "tags": []string{"lab", "prod"}})
	before := do(t, s, "GET", fabricsPath+"1/", "").header.Get("ETag")
	for body, want := range map[string]string{
		`{"name":"Prod"}`: `{"name":["tag with this name already exists."]}`,
		`{"slug":"prod"}`: `{"slug":["tag with this slug already exists."]}`,
		`{"slug":"a b"}`: `{"slug":["Enter a valid \"slug\" consisting of Unicode letters, numbers, underscores, or ` +
			`hyphens."]}`,
		`{"name":""}`: `{"name":["This field may not be blank."]}`,
	} {
		if got := do(t, s, "PATCH", path, body).must(t, 400); got.raw != want {
			t.Errorf("%s: %s, want %s", body, got.raw, want)
		}
	}
	renamed := do(t, s, "PATCH", path, `{"name":"Labs","color":"ff0000","weight":7,"changelog_message":"why"}`).must(t,
		200)
	if renamed.key("slug") != "lab" || renamed.key("color") != "ff0000" || stringOf(renamed.key("weight")) != "7" ||
		stringOf(renamed.key("tagged_items")) != "1" {
		t.Errorf("got %s", renamed.raw)
	}
	if shown := do(t, s, "GET", fabricsPath+"1/", "").key("tags").([]any); len(shown) != 2 ||
		shown[0].(map[string]any)["name"] != "Labs" {
		t.Errorf("got the tags %v", shown)
	}
	do(t, s, "DELETE", path, `{"changelog_message":"gone"}`).must(t, 204)
	do(t, s, "GET", path, "").must(t, 404)
	after := do(t, s, "GET", fabricsPath+"1/", "")
	if list, _ := after.key("tags").([]any); len(list) != 1 || after.header.Get("ETag") != before {
		t.Errorf("got the tags %v and the ETag %s, want %s", list, after.header.Get("ETag"), before)
	}
	do(t, s, "DELETE", path, "", "Authorization", "Token "+LimitedToken).must(t, 403)
	log := s.Changelog()
	if len(log) != 2 || log[0].Message != "why" || log[0].ObjectRepr != "Labs" || log[1].Action != "delete" ||
		log[1].Message != "gone" {
		t.Errorf("got the change log %+v", log)
	}
}
