package fabric

import (
	"strconv"
	"strings"
	"testing"
)

// A string is an id, a name or a problem, and no part of it gets lost.
func FuzzParseImportID(f *testing.F) {
	for _, text := range []string{"", "7", "007", "0", "-1", "lab", "name:", "name:7", "name:name:7",
		"9223372036854775807", "9223372036854775808",
		" lab", "lab\n", "\xff", "a\x00b", strings.Repeat("x", 101), "١٢", "1e3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, name, p := ParseImportID(text)
		switch {
		case p != nil:
			if id != 0 || name != "" || p.Summary == "" || p.Detail == "" {
				t.Errorf("%q: id %d and name %q together with %v", text, id, name, p)
			}
		case id != 0:
			if name != "" || id < 1 || strings.TrimLeft(text, "0") != strconv.FormatInt(id, 10) {
				t.Errorf("%q: id %d, name %q", text, id, name)
			}
		case ValidateName(name) != nil || text != name && text != "name:"+name:
			t.Errorf("%q: name %q", text, name)
		}
		if ValidateName(text) == nil { // every name can be given
			if again, same, p := ParseImportID("name:" + text); again != 0 || same != text || p != nil {
				t.Errorf("name:%q: id %d, name %q, %v", text, again, same, p)
			}
		}
	})
}
