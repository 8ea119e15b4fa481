package netboxtest

import (
	"strings"
	"testing"
)

func TestChoiceSets(t *testing.T) {
	s := start(t, Options{})
	choices := []Choice{{"gold", "Gold"}, {"tin", ""}}
	s.AddCustomField(CustomField{Name: "a", Type: "select", ChoiceSet: "tiers", Choices: choices})
	s.AddCustomField(CustomField{Name: "b", Type: "multiselect", ChoiceSet: "tiers", Choices: choices})
	const sets = "/api/extras/custom-field-choice-sets/"
	if list := do(t, s, "GET", sets+"?name=tiers", "").must(t, 200).results(); len(list) != 1 {
		t.Errorf("got the sets %v, want one for both fields", list)
	}
	one := do(t, s, "GET", sets+"1/", "").must(t, 200)
	if got := string(encodeJSON(one.key("extra_choices"))); got != `[["gold","Gold"],["tin","tin"]]` ||
		one.key("base_choices") != nil {
		t.Errorf("got the set %s", one.raw)
	}
	do(t, s, "GET", sets+"9/", "").must(t, 404)
	do(t, s, "POST", sets, `{}`).must(t, 400)
	do(t, s, "GET", sets, "", "Authorization", "Token "+LimitedToken).must(t, 403)
	for version, want := range map[Version]string{V47: "choice_colors owner", V46: "choice_colors owner",
		V45: "owner", V44: ""} {
		s := start(t, Options{Version: version})
		s.AddCustomField(CustomField{Name: "a", Type: "select", Choices: choices})
		body, _ := do(t, s, "GET", sets+"1/", "").must(t, 200).body.(map[string]any)
		var there []string
		for _, key := range []string{"choice_colors", "owner"} {
			if _, has := body[key]; has {
				there = append(there, key)
			}
		}
		if got := strings.Join(there, " "); got != want {
			t.Errorf("%s: got %q, want %q", version, got, want)
		}
	}
}

// A field has the choices of its set, including those added to the set later.
func TestChoiceSets_written(t *testing.T) {
	s := start(t, Options{})
	sets := "/api/extras/custom-field-choice-sets/"
	made := do(t, s, "POST", sets, `{"name":"grades","extra_choices":[["a","A"]]}`).must(t, 201)
	if stringOf(made.key("choices_count")) != "1" {
		t.Errorf("got the set %s", made.raw)
	}
	do(t, s, "POST", sets, `{"name":"grades","extra_choices":[["a","A"]]}`).must(t, 400)
	do(t, s, "POST", "/api/extras/custom-fields/", `{"name":"grade","type":"select","choice_set":{"name":"grades"},`+
		`"object_types":["netbox_hedgehog.hedgehogfabric"]}`).must(t, 201)
	do(t, s, "POST", fabricsPath, `{"name":"x","custom_fields":{"grade":"b"}}`).must(t, 400)
	do(t, s, "PATCH", sets+"1/", `{"extra_choices":[["a","A"],["b","B"]]}`).must(t, 200)
	do(t, s, "POST", fabricsPath, `{"name":"x","custom_fields":{"grade":"b"}}`).must(t, 201)
}

// NetBox refuses to delete a set that a field uses.
func TestChoiceSets_deleted(t *testing.T) {
	s := start(t, Options{})
	s.AddCustomField(CustomField{Name: "a", Type: "select", ChoiceSet: "tiers", Choices: []Choice{{"gold", ""}}})
	refused := do(t, s, "DELETE", "/api/extras/custom-field-choice-sets/1/", "").must(t, 409)
	if want := "Unable to delete object. 1 dependent objects were found: a (1)"; refused.key("detail") != want {
		t.Errorf("got %s, want %s", refused.raw, want)
	}
	do(t, s, "DELETE", "/api/extras/custom-fields/1/", "").must(t, 204)
	do(t, s, "DELETE", "/api/extras/custom-field-choice-sets/1/", "").must(t, 204)
	do(t, s, "GET", "/api/extras/custom-field-choice-sets/1/", "").must(t, 404)
}
