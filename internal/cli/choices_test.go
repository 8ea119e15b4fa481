package cli

import "testing"

func TestNotOneOf_suggestsWhatIsMuchLikeIt(t *testing.T) {
	for given, want := range map[string]string{
		"jsn":  "it must be table or json; did you mean json?",
		"JSON": "it must be table or json; did you mean json?",
		"ta":   "it must be table or json; did you mean table?",
		"xml":  "it must be table or json",
	} {
		if got := NotOneOf(given, "table", "json").Error(); got != want {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
}
