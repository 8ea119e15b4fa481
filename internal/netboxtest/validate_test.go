package netboxtest

import (
	"strings"
	"testing"
)

// TestPatch_values goes beyond the recordings: which values each field accepts, and what NetBox
// stores or answers.
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
				t.Errorf("%s = %s: got %d %s, want %q", c.field, c.sent, got.status, got.raw, c.refused)
			}
			continue
		}
		got.must(t, 200)
		if stored := string(encodeJSON(got.key(c.field))); stored != c.stored {
			t.Errorf("%s = %s: got %s, want %s", c.field, c.sent, stored, c.stored)
		}
	}
}
