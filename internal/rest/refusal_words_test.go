package rest

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Each pattern matches exactly these recorded refusals.
func TestWords_areHeldByRecordings(t *testing.T) {
	refusals := netboxtest.RecordedRefusals(t, recordings, "..", "*", "*.json")
	for words, want := range map[*regexp.Regexp][]string{
		tokenWords: {"no-token-ready-branch", "status-bad-v1-token", "status-bad-v2-token", "status-no-token",
			"status-v2-token"},
		customFieldWords: {"bad-custom-field-choice", "bad-custom-field-type",
			"bad-custom-field-unknown", "words-boolean-text", "words-integer-text", "words-multiselect-text",
			"words-unique-taken"},
	} {
		var in []string
		for _, name := range slices.Sorted(maps.Keys(refusals)) {
			if slices.ContainsFunc(refusals[name], words.MatchString) {
				in = append(in, name)
			}
		}
		if !slices.Equal(in, want) {
			t.Errorf("%s: in %q, want %q", words, in, want)
		}
	}
}
