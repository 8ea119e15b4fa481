package netboxtest

import (
	"encoding/json"
	"testing"
)

func numbered(f float64) *float64 { return &f }

// withCustomFields starts a server with one field of every type, named after the type.
func withCustomFields(t *testing.T) *Server {
	t.Helper()
	s := start(t, Options{})
	colours := []Choice{{"red", "Red"}, {"blue", "Blue"}}
	for _, kind := range []string{"text", "longtext", "integer", "decimal", "boolean", "date", "datetime", "url",
		"json",
		"select", "multiselect", "object", "multiobject"} {
		def := CustomField{Name: kind, Type: kind}
		switch kind {
		case "text":
			def.Regex = "[a-z]+$"
		case "integer":
			def.Minimum, def.Maximum = numbered(1), numbered(10)
		case "select", "multiselect":
			def.Choices = colours
		case "object", "multiobject":
			def.RelatedObjectType, def.RelatedObjects = "dcim.site", map[int64]string{5: "Berlin", 6: "Lyon"}
		}
		s.AddCustomField(def)
	}
	return s
}

func TestCustomFields_everyType(t *testing.T) {
	s := withCustomFields(t)
	s.AddFabric(map[string]any{"name": "alpha"})
	site := func(id, name string) string {
		return `{"display":"` + name + `","display_url":"` + s.URL() + `/dcim/sites/` + id + `/","id":` + id +
			`,"name":"` + name +
			`","url":"` + s.URL() + `/api/dcim/sites/` + id + `/"}`
	}
	invalid := func(name, text string) string {
		return `{"__all__":["Invalid value for custom field '` + name + `': ` + text + `"]}`
	}
	for _, c := range []struct{ name, sent, shown, refused string }{
		{"text", `"abc"`, `"abc"`, ""},
		{"text", `"ABC"`, "", invalid("text", "Value must match regex '[a-z]+$'")},
		{"text", `5`, "", invalid("text", "Value must be a string.")},
		{"longtext", `" a "`, `" a "`, ""},
		{"integer", `7`, `7`, ""},
		{"integer", `0`, "", invalid("integer", "Value must be at least 1.0000")},
		{"integer", `11`, "", invalid("integer", "Value must not exceed 10.0000")},
		{"integer", `7.0`, "", invalid("integer", "Value must be an integer.")},
		{"integer", `"7"`, "", invalid("integer", "Value must be an integer.")},
		{"decimal", `1.5`, `1.5`, ""},
		{"decimal", `"x"`, "", invalid("decimal", "Value must be a decimal.")},
		{"boolean", `true`, `true`, ""},
		{"boolean", `"yes"`, "", invalid("boolean", "Value must be true or false.")},
		{"date", `"2026-01-02"`, `"2026-01-02"`, ""},
		{"date", `"2026-02-30"`, "", invalid("date", "Date values must be in ISO 8601 format (YYYY-MM-DD).")},
		{"datetime", `"2026-01-02T03:04:05+00:00"`, `"2026-01-02T03:04:05Z"`, ""},
		{"datetime", `"2026-01-02T03:04:05+02:00"`, `"2026-01-02T03:04:05+02:00"`, ""},
		{"datetime", `"soon"`, "", invalid("datetime", "Date and time values must be in ISO 8601 format (YYYY-MM-DD "+
			"HH:MM:SS).")},
		{"url", `"https://example.com/"`, `"https://example.com/"`, ""},
		{"json", `{"a":[1,2.5,null]}`, `{"a":[1,2.5,null]}`, ""},
		{"select", `"red"`, `{"label":"Red","value":"red"}`, ""},
		{"multiselect", `["blue","red"]`, `[{"label":"Blue","value":"blue"},{"label":"Red","value":"red"}]`, ""},
		{"multiselect", `["green"]`, "", invalid("multiselect", "Invalid choice(s) (['green']) for choice set "+
			"multiselect.")},
		{"object", `5`, site("5", "Berlin"), ""},
		{"object", `{"id":6}`, site("6", "Lyon"), ""},
		{"object", `"6"`, site("6", "Lyon"), ""},
		{"object", `7`, "", `{"custom_fields":["Related object not found using the provided numeric ID: 7"]}`},
		{"object", `{"id":7}`, "", `{"custom_fields":["Related object not found using the provided attributes: ` +
			`{'id': 7}"]}`},
		{"multiobject", `[5,7]`, "", `{"custom_fields":["Related object not found using the provided numeric ID: 7"]}`},
		{"multiobject", `[6,5]`, `[` + site("6", "Lyon") + `,` + site("5", "Berlin") + `]`, ""},
		{"multiobject", `5`, "", `{"custom_fields":["Unknown related object(s): 5"]}`},
		{"object", `null`, `null`, ""},
	} {
		got := do(t, s, "PATCH", fabricsPath+"1/", `{"custom_fields":{"`+c.name+`":`+c.sent+`}}`)
		if c.refused != "" {
			if got.status != 400 || got.raw != c.refused {
				t.Errorf("%s = %s: got %d %s, want %s", c.name, c.sent, got.status, got.raw, c.refused)
			}
			continue
		}
		got.must(t, 200)
		var body struct {
			Shown map[string]json.RawMessage `json:"custom_fields"`
			Raw   map[string]json.RawMessage `json:"custom_field_data"`
		}
		if err := json.Unmarshal([]byte(got.raw), &body); err != nil {
			t.Fatal(err)
		}
		if string(body.Shown[c.name]) != c.shown {
			t.Errorf("%s = %s: got %s, want %s", c.name, c.sent, body.Shown[c.name], c.shown)
		}
		if c.name != "object" && string(body.Raw[c.name]) != c.sent {
			t.Errorf("%s = %s: got the raw value %s", c.name, c.sent, body.Raw[c.name])
		}
	}
}

func TestCustomFields_defaultsAndRequired(t *testing.T) {
	s := start(t, Options{})
	old := s.AddFabric(map[string]any{"name": "old"})
	s.AddCustomField(CustomField{Name: "tier", Type: "select", Choices: []Choice{{"gold", "Gold"}}, Default: "gold"})
	s.AddCustomField(CustomField{Name: "owner", Type: "text", Required: true})
	got := do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 400)
	if got.raw != `{"__all__":["Invalid value for custom field 'owner': Required field cannot be empty."]}` {
		t.Errorf("got %s", got.raw)
	}
	got = do(t, s, "POST", fabricsPath, `{"name":"alpha","custom_fields":{"owner":"me"}}`).must(t, 201)
	if data := string(encodeJSON(got.key("custom_field_data"))); data != `{"owner":"me","tier":"gold"}` {
		t.Errorf("got custom_field_data %s", data)
	}
	f, _ := s.Fabric(old)
	if shown := string(encodeJSON(f["custom_fields"])); shown != `{"owner":null,"tier":{"label":"Gold",`+
		`"value":"gold"}}` {
		t.Errorf("got custom_fields of the older fabric %s", shown)
	}
	set := do(t, s, "GET", "/api/extras/custom-field-choice-sets/1/", "").must(t, 200)
	if choices := string(encodeJSON(set.key("extra_choices"))); choices != `[["gold","Gold"]]` {
		t.Errorf("got extra_choices %s", choices)
	}
	if n := len(do(t, s, "GET", "/api/extras/custom-fields/?object_type=dcim.site", "").results()); n != 0 {
		t.Errorf("got %d custom fields of sites", n)
	}
}
