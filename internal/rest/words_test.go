package rest

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// refusalsOf returns NetBox's messages in each recorded refusal, by its name.
func refusalsOf(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordings, "..", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	refusals := map[string][]string{}
	for _, file := range files {
		r := loadRecording(t, file)
		if r.Response.Status < 400 || r.Response.Status >= 500 {
			continue
		}
		var body any
		if err := json.Unmarshal(r.Response.Body, &body); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if _, page := body.(string); !page {
			refusals[r.Name] = append(refusals[r.Name], messagesIn(body)...)
		}
	}
	return refusals
}

func messagesIn(v any) []string {
	var all []string
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			all = append(all, messagesIn(x)...)
		}
	case map[string]any:
		for _, x := range v {
			all = append(all, messagesIn(x)...)
		}
	}
	return all
}

// Each pattern finds these recorded refusals and no other.
func TestWords_areHeldByRecordings(t *testing.T) {
	refusals := refusalsOf(t)
	for words, want := range map[*regexp.Regexp][]string{
		tokenWords: {"status-bad-v1-token", "status-bad-v2-token", "status-no-token", "status-v2-token"},
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
