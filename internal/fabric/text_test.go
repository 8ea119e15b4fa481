package fabric

import (
	"testing"
	"time"
)

const (
	composed   = "caf\u00e9"
	decomposed = "cafe\u0301"
)

func TestSameText(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"the same":                {"lab", "lab", true},
		"normal forms":            {composed, decomposed, true},
		"a separate character":    {"\u212b", "\u00c5", true}, // angstrom sign
		"order of marks":          {"a\u0323\u0301", "a\u0301\u0323", true},
		"line ends":               {"a\r\nb\r\n", "a\nb\n", true},
		"mixed line ends":         {"a\nb\r\n", "a\r\nb\n", true},
		"both":                    {decomposed + "\r\n", composed + "\n", true},
		"mark across a line end":  {"e\r\n\u0301", "\u00e9\r\n", false},
		"compatibility character": {"\ufb01", "fi", false},
		"case":                    {"Lab", "lab", false},
		"white space":             {"lab ", "lab", false},
		"carriage return alone":   {"a\rb", "a\nb", false},
		"one line more":           {"a\r\n\r\nb", "a\nb", false},
	} {
		if SameText(c.a, c.b) != c.want || SameText(c.b, c.a) != c.want {
			t.Errorf("%s: SameText(%q, %q) is not %t", name, c.a, c.b, c.want)
		}
	}
}

func TestFindText_exactTextWins(t *testing.T) {
	for _, texts := range [][]string{{composed, decomposed}, {decomposed, composed}} {
		for _, wanted := range texts {
			if got, ok := FindText(texts, wanted); !ok || got != wanted {
				t.Errorf("FindText(%+q, %+q) = %+q, %t", texts, wanted, got, ok)
			}
		}
	}
	if got, ok := FindText([]string{"lab", decomposed}, composed); !ok || got != decomposed {
		t.Errorf("got %+q, %t", got, ok)
	}
	if got, ok := FindText([]string{"lab"}, "Lab"); ok {
		t.Errorf("got %q for a text in another case", got)
	}
}

func TestEqual_texts(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		a, b  any
		want  bool
	}{
		"name in another form":         {"name", composed, decomposed, true},
		"description with CRLF":        {"description", "a\nb\n", "a\r\nb", true},
		"certificate with CRLF":        {"kubernetes_ca_cert", "-----BEGIN\nx\n", "-----BEGIN\r\nx", true},
		"description with other words": {"description", "a\nb", "a\r\nc", false},
		"white space around":           {"kubernetes_namespace", " default\x1c", "default", true},
		"text and no text":             {"description", "", nil, false},
		"tags in another form":         {"tags", []string{composed, "lab"}, []string{decomposed, "lab"}, true},
		"tags in another order":        {"tags", []string{"lab", composed}, []string{decomposed, "lab"}, true},
		"two tags that are one here":   {"tags", []string{composed}, []string{decomposed, composed}, true},
		"a tag more":                   {"tags", []string{composed}, []string{decomposed, "lab"}, false},
		"a tag less":                   {"tags", []string{composed, "lab"}, []string{decomposed}, false},
		"tags in another case":         {"tags", []string{"Lab"}, []string{"lab"}, false},
		"no tags":                      {"tags", []string{}, []string{}, true},
		"truth values":                 {"sync_enabled", true, true, true},
		"numbers":                      {"sync_interval", int64(1), int64(2), false},
	} {
		if Equal(c.field, c.a, c.b) != c.want || Equal(c.field, c.b, c.a) != c.want {
			t.Errorf("%s: Equal(%q, %#v, %#v) is not %t", name, c.field, c.a, c.b, c.want)
		}
	}
}

func TestDifference_showsEachTag(t *testing.T) {
	d := Difference{Field: "tags", Before: []string{"a b"}, Planned: []string{"a b"}, Current: []string{"a", "b"}}
	if got, want := d.String(), `tags: expected ["a b"], is now ["a" "b"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSimilarText(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Prod", "prod", true}, {"CAF\u00c9", decomposed, true}, {"\ufb01ber", "Fiber", true}, {"prod", "prods", false},
	} {
		if SimilarText(c.a, c.b) != c.want {
			t.Errorf("SimilarText(%q, %q) is not %t", c.a, c.b, c.want)
		}
	}
}

func TestShortDuration_twoUnitsForFewOfTheFirst(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999 * time.Millisecond: "0s", 59 * time.Second: "59s", time.Minute: "1m", 61 * time.Second: "1m1s",
		9*time.Minute + 59*time.Second: "9m59s", 10*time.Minute + time.Second: "10m",
		59*time.Minute + 59*time.Second: "59m", time.Hour + 59*time.Second: "1h", 3*time.Hour + 2*time.Minute: "3h2m",
		23*time.Hour + 59*time.Minute: "23h", 26 * time.Hour: "1d2h", 12*24*time.Hour + time.Hour: "12d",
	} {
		if got := ShortDuration(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}
