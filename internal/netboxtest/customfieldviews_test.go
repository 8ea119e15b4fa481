package netboxtest

import (
	"strings"
	"testing"
)

// TestCustomFieldDefinitions_tellWhatAPlanNeeds goes through every type.
func TestCustomFieldDefinitions_tellWhatAPlanNeeds(t *testing.T) {
	s := withCustomFields(t)
	rows := map[string]map[string]any{}
	for _, e := range do(t, s, "GET",
		"/api/extras/custom-fields/?limit=1000&object_type=netbox_hedgehog.hedgehogfabric", "").must(t, 200).results() {
		row := e.(map[string]any)
		rows[stringOf(row["name"])] = row
	}
	for name, want := range map[string]string{
		"text": `["string",{"label":"Text","value":"text"},null,null,null,"[a-z]+$",null]`,
		// NetBox renders its decimal columns as floats.
		"integer":     `["integer",{"label":"Integer","value":"integer"},null,1.0,10.0,"",null]`,
		"longtext":    `["string",{"label":"Text (long)","value":"longtext"},null,null,null,"",null]`,
		"decimal":     `["decimal",{"label":"Decimal","value":"decimal"},null,null,null,"",null]`,
		"boolean":     `["boolean",{"label":"Boolean","value":"boolean"},null,null,null,"",null]`,
		"date":        `["string",{"label":"Date","value":"date"},null,null,null,"",null]`,
		"datetime":    `["string",{"label":"Date & time","value":"datetime"},null,null,null,"",null]`,
		"url":         `["string",{"label":"URL","value":"url"},null,null,null,"",null]`,
		"json":        `["object",{"label":"JSON","value":"json"},null,null,null,"",null]`,
		"select":      `["string",{"label":"Selection","value":"select"},null,null,null,"",1]`,
		"multiselect": `["array",{"label":"Multiple selection","value":"multiselect"},null,null,null,"",2]`,
		"object":      `["object",{"label":"Object","value":"object"},"dcim.site",null,null,"",null]`,
		"multiobject": `["array",{"label":"Multiple objects","value":"multiobject"},"dcim.site",null,null,"",null]`,
	} {
		row := rows[name]
		set, _ := row["choice_set"].(map[string]any)
		got := string(encodeJSON([]any{row["data_type"], row["type"], row["related_object_type"],
			row["validation_minimum"],
			row["validation_maximum"], row["validation_regex"], set["id"]}))
		if got != want || row["required"] != false ||
			string(encodeJSON(row["object_types"])) != `["netbox_hedgehog.hedgehogfabric"]` {
			t.Errorf("%s: %s, want %s; row %v", name, got, want, row)
		}
	}
	if len(rows) != 13 {
		t.Errorf("%d definitions", len(rows))
	}
}

func TestChoiceSets(t *testing.T) {
	s := start(t, Options{})
	choices := []Choice{{"gold", "Gold"}, {"tin", ""}}
	s.AddCustomField(CustomField{Name: "a", Type: "select", ChoiceSet: "tiers", Choices: choices})
	s.AddCustomField(CustomField{Name: "b", Type: "multiselect", ChoiceSet: "tiers", Choices: choices})
	const sets = "/api/extras/custom-field-choice-sets/"
	if list := do(t, s, "GET", sets+"?name=tiers", "").must(t, 200).results(); len(list) != 1 {
		t.Errorf("two fields share a set, but there are %v", list)
	}
	one := do(t, s, "GET", sets+"1/", "").must(t, 200)
	if got := string(encodeJSON(one.key("extra_choices"))); got != `[["gold","Gold"],["tin","tin"]]` ||
		one.key("base_choices") != nil {
		t.Errorf("body %s", one.raw)
	}
	for query, want := range map[string]string{
		"":                  `[{"display":"Gold","id":"gold"},{"display":"tin","id":"tin"}]`,
		"?q=GOL":            `[{"display":"Gold","id":"gold"}]`,
		"?limit=1&offset=1": `[{"display":"tin","id":"tin"}]`,
	} {
		if got := string(encodeJSON(do(t, s, "GET", sets+"1/choices/"+query, "").must(t, 200).results())); got != want {
			t.Errorf("choices%s: %s, want %s", query, got, want)
		}
	}
	do(t, s, "GET", sets+"9/", "").must(t, 404)
	do(t, s, "GET", sets+"9/choices/", "").must(t, 404)
	do(t, s, "GET", "/api/extras/tags/1/choices/", "").must(t, 404)
	do(t, s, "POST", sets, `{}`).must(t, 405)
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
			t.Errorf("%s has %q, want %q", version, got, want)
		}
	}
}
