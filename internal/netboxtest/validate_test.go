package netboxtest

import (
	"strings"
	"testing"
)

// TestPatch_values goes beyond the recordings: one field, what it takes and
// what NetBox then stores or says.
func TestPatch_values(t *testing.T) {
	s := start(t, Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	for _, c := range []struct{ field, sent, stored, refused string }{
		{"name", `"\u00a0 bravo\t\n"`, `"bravo"`, ""},
		{"name", `17`, `"17"`, ""},
		{"name", `true`, "", msgNotString},
		{"name", `["a"]`, "", msgNotString},
		{"name", `null`, "", msgNull},
		{"name", `"  "`, "", msgBlank},
		{"name", `"` + strings.Repeat("ü", 100) + `"`, `"` + strings.Repeat("ü", 100) + `"`, ""},
		{"name", `"a\u0000b"`, "", "Null characters are not allowed."},
		{"description", `"  "`, `""`, ""},
		{"kubernetes_ca_cert", `"a\nb\n"`, `"a\nb"`, ""},
		{"kubernetes_token", `" t "`, `"t"`, ""},
		{"kubernetes_namespace", `"` + strings.Repeat("n", 254) + `"`, "", "Ensure this field has no more than 253 " +
			"characters."},
		{"kubernetes_server", `null`, "", msgNull},
		{"kubernetes_server", `"https://k8s.example.com "`, `"https://k8s.example.com"`, ""},
		{"status", `"active"`, `"active"`, ""},
		{"status", `""`, "", `"" is not a valid choice.`},
		{"status", `null`, "", msgNull},
		{"connection_status", `"up"`, "", `"up" is not a valid choice.`},
		{"sync_enabled", `"off"`, `false`, ""},
		{"sync_enabled", `1`, `true`, ""},
		{"sync_enabled", `2`, "", "Must be a valid boolean."},
		{"sync_enabled", `null`, "", msgNull},
		{"sync_enabled", `{}`, "", "Must be a valid boolean."},
		{"sync_interval", `"60"`, `60`, ""},
		{"sync_interval", `60.0`, `60`, ""},
		{"sync_interval", `60.5`, "", "A valid integer is required."},
		{"sync_interval", `true`, "", "A valid integer is required."},
		{"sync_interval", `0`, `0`, ""},
		{"sync_interval", `2147483647`, `2147483647`, ""},
		{"sync_interval", `99999999999999999999999`, "", "Ensure this value is less than or equal to 2147483647."},
		{"vpcs_count", `-1`, "", "Ensure this value is greater than or equal to 0."},
		{"last_sync", `"2026-01-02T03:04:05.5+02:00"`, `"2026-01-02T01:04:05.500000Z"`, ""},
		{"last_sync", `"yesterday"`, "", "Datetime has wrong format. Use one of these formats instead: " +
			"YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."},
	} {
		got := do(t, s, "PATCH", path, `{"`+c.field+`":`+c.sent+`}`)
		if c.refused != "" {
			list, _ := got.key(c.field).([]any)
			if got.status != 400 || len(list) != 1 || list[0] != c.refused {
				t.Errorf("%s = %s: %d %s, want %q", c.field, c.sent, got.status, got.raw, c.refused)
			}
			continue
		}
		got.must(t, 200)
		if stored := string(encodeJSON(got.key(c.field))); stored != c.stored {
			t.Errorf("%s = %s: stored %s, want %s", c.field, c.sent, stored, c.stored)
		}
	}
}

func TestPatch_readOnlyFieldsStay(t *testing.T) {
	s := start(t, Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	before, _ := s.Fabric(id)
	do(t, s, "PATCH", fabricsPath+formatID(id)+"/",
		`{"id":77,"url":"x","display":"x","created":"2000-01-01T00:00:00Z",`+
			`"last_updated":"2000-01-01T00:00:00Z"}`).must(t, 200)
	after, _ := s.Fabric(id)
	for _, key := range []string{"id", "url", "display", "created"} {
		if before[key] != after[key] {
			t.Errorf("%s changed from %v to %v", key, before[key], after[key])
		}
	}
	if before["last_updated"] == after["last_updated"] {
		t.Error("last_updated did not move")
	}
}

func TestPut_needsTheRequiredFieldsAndKeepsTheOthers(t *testing.T) {
	s := start(t, Options{})
	id := s.AddFabric(map[string]any{"name": "alpha", "description": "kept", "sync_interval": 5})
	path := fabricsPath + formatID(id) + "/"
	if got := do(t, s, "PUT", path, `{"sync_interval":6}`).must(t, 400); got.raw != `{"name":["This field is `+
		`required."]}` {
		t.Errorf("body %s", got.raw)
	}
	got := do(t, s, "PUT", path, `{"name":"bravo"}`).must(t, 200)
	if got.key("name") != "bravo" || got.key("description") != "kept" || stringOf(got.key("sync_interval")) != "5" {
		t.Errorf("body %s", got.raw)
	}
}

func TestWrite_fieldsAndOmitLimitWhatIsWritten(t *testing.T) {
	s := start(t, Options{PublishedDisplayURL: true})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	do(t, s, "PATCH", path+"?fields=id,name", `{"sync_interval":8,"changelog_message":"kept"}`).must(t, 200)
	do(t, s, "PATCH", path+"?omit=display_url,sync_interval", `{"sync_interval":9,"description":"d",`+
		`"changelog_message":"kept"}`).must(t, 200)
	f, _ := s.Fabric(id)
	if f["sync_interval"] != 300.0 || f["description"] != "d" {
		t.Errorf("sync_interval %v, description %v", f["sync_interval"], f["description"])
	}
	if log := s.Changelog(); len(log) != 1 || log[0].Message != "kept" {
		t.Errorf("changelog %+v", log)
	}
	created := do(t, s, "POST", fabricsPath+"?fields=id,name", `{"name":"bravo","sync_interval":9}`).must(t, 201)
	if created.header.Get("Location") != "" || created.header.Get("ETag") == "" {
		t.Errorf("Location %q, ETag %q", created.header.Get("Location"), created.header.Get("ETag"))
	}
	if f, _ := s.FabricByName("bravo"); f["sync_interval"] != 300.0 {
		t.Errorf("sync_interval %v was written", f["sync_interval"])
	}
}

func TestWrite_malformedBodies(t *testing.T) {
	s := start(t, Options{})
	for body, want := range map[string]string{
		`{"name":"a"`:  `JSON parse error - Expecting ',' delimiter: line 1 column 12 (char 11)`,
		`{"name":}`:    `JSON parse error - Expecting value: line 1 column 9 (char 8)`,
		`{"name" "a"}`: `JSON parse error - Expecting ':' delimiter: line 1 column 9 (char 8)`,
		"{\n\"a\":1,\n b": `JSON parse error - Expecting property name enclosed in double quotes: line 3 column 2 ` +
			`(char 10)`,
		`{} x`:    `JSON parse error - Extra data: line 1 column 4 (char 3)`,
		`nothing`: `JSON parse error - Expecting value: line 1 column 1 (char 0)`,
	} {
		if got := do(t, s, "POST", fabricsPath, body); got.status != 400 || got.key("detail") != want {
			t.Errorf("%q: %d %s, want %s", body, got.status, got.raw, want)
		}
	}
	got := do(t, s, "POST", fabricsPath, `5`).must(t, 400)
	if got.raw != `{"non_field_errors":["Invalid data. Expected a dictionary, but got int."]}` {
		t.Errorf("body %s", got.raw)
	}
	do(t, s, "POST", fabricsPath, `name=a`, "Content-Type", "text/plain").must(t, 415)
	if n := len(s.Fabrics()); n != 0 {
		t.Errorf("%d fabrics were made", n)
	}
}
