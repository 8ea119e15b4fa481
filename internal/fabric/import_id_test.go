package fabric

import (
	"strings"
	"testing"
)

func TestParseImportID(t *testing.T) {
	for text, want := range map[string]struct {
		id      int64
		name    string
		problem string // "" for none
	}{
		"7":                         {id: 7},
		"007":                       {id: 7},
		"9223372036854775807":       {id: 9223372036854775807},
		"lab":                       {name: "lab"},
		"lab 7":                     {name: "lab 7"},
		"-7":                        {name: "-7"},
		"7.0":                       {name: "7.0"},
		"٧":                         {name: "٧"}, // a digit, but of no id
		"name:2026":                 {name: "2026"},
		"name:name:2026":            {name: "name:2026"},
		"names:2026":                {name: "names:2026"},
		"0":                         {problem: `"0" is not a valid id`},
		"000":                       {problem: `"000" is not a valid id`},
		"9223372036854775808":       {problem: `"9223372036854775808" is not a valid id`},
		"":                          {problem: `The id "" is blank`},
		" \n":                       {problem: "is blank"},
		"name:":                     {problem: `The name "" is blank`},
		" 7":                        {problem: "begins or ends with white space"},
		"name: lab":                 {problem: "begins or ends with white space"},
		strings.Repeat("x", 101):    {problem: "has 101 characters"},
		"name:" + "a\x00b":          {problem: "null character"},
		strings.Repeat("0", 30):     {problem: "is not a valid id"},
		"name:" + long(100):         {name: long(100)},
		"name:" + "https://a.b/c?d": {name: "https://a.b/c?d"},
	} {
		id, name, p := ParseImportID(text)
		if id != want.id || name != want.name || (p == nil) != (want.problem == "") {
			t.Errorf("%q: id %d, name %q, problem %v", text, id, name, p)
		}
		if p != nil && !strings.Contains(p.Detail, want.problem) {
			t.Errorf("%q: got %v, want %q", text, p, want.problem)
		}
	}
}

func long(n int) string { return strings.Repeat("n", n) }

func TestImportID_isReadAsTheName(t *testing.T) {
	for name, want := range map[string]string{
		"berlin": "berlin", "2026": "name:2026", "2026a": "2026a", "name:x": "name:name:x",
	} {
		got := ImportID(name)
		if id, read, problem := ParseImportID(got); got != want || id != 0 || read != name || problem != nil {
			t.Errorf("%s: got %s, want %s; it is read as %d, %q, %v", name, got, want, id, read, problem)
		}
	}
}
