package rest

import (
	"bytes"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
)

// redacted replaces a secret in a string.
const redacted = "(redacted)"

// shortestSecret is the length, in bytes, below which a string does not count as a secret:
// replacing it would garble messages.
const shortestSecret = 4

// secretIndex finds the spellings of secrets in a string. The cost depends on the length of
// the string, and little on the number of spellings.
type secretIndex struct {
	sorted []string
	// uses counts the secrets that have a spelling: two may share one.
	uses map[string]int
	// starts counts the spellings with the same first bytes.
	starts map[[shortestSecret]byte]int
}

func newSecretIndex() *secretIndex {
	return &secretIndex{uses: map[string]int{}, starts: map[[shortestSecret]byte]int{}}
}

// addAll adds every spelling of a secret.
func (x *secretIndex) addAll(secret string) {
	for _, spelling := range spellings(secret) {
		x.add(spelling)
	}
}

// removeAll undoes addAll.
func (x *secretIndex) removeAll(secret string) {
	for _, spelling := range spellings(secret) {
		x.remove(spelling)
	}
}

func startOf(text string) [shortestSecret]byte {
	return [shortestSecret]byte([]byte(text[:shortestSecret]))
}

func (x *secretIndex) add(spelling string) {
	x.uses[spelling]++
	if x.uses[spelling] > 1 {
		return
	}
	at, _ := slices.BinarySearch(x.sorted, spelling)
	x.sorted = slices.Insert(x.sorted, at, spelling)
	x.starts[startOf(spelling)]++
}

func (x *secretIndex) remove(spelling string) {
	x.uses[spelling]--
	if x.uses[spelling] > 0 {
		return
	}
	delete(x.uses, spelling)
	at, _ := slices.BinarySearch(x.sorted, spelling)
	x.sorted = slices.Delete(x.sorted, at, at+1)
	start := startOf(spelling)
	if x.starts[start]--; x.starts[start] == 0 {
		delete(x.starts, start)
	}
}

// mask masks all spellings in a string. If two overlap, one replacement covers both.
func (x *secretIndex) mask(text string) string {
	var masked strings.Builder
	kept, from, to := 0, -1, -1 // text up to kept is written; from..to is covered
	cover := func() {
		if from >= 0 {
			masked.WriteString(text[kept:from] + redacted)
			kept = to
		}
	}
	for i := 0; i+shortestSecret <= len(text); i++ {
		if x.starts[startOf(text[i:])] == 0 {
			continue
		}
		n := x.longestAt(text[i:])
		switch {
		case n == 0:
		case from >= 0 && i < to:
			to = max(to, i+n)
		default:
			cover()
			from, to = i, i+n
		}
	}
	if from < 0 {
		return text
	}
	cover()
	masked.WriteString(text[kept:])
	return masked.String()
}

// longestAt returns the length of the longest spelling at the start of a string, or 0.
//
// In sort order, every spelling at the start of the string is not after the string. The last
// spelling that is not after the string is either the answer, or shares some first bytes with
// the string, and the answer is not longer than those.
func (x *secretIndex) longestAt(text string) int {
	for len(text) >= shortestSecret {
		at, found := slices.BinarySearch(x.sorted, text)
		if found {
			return len(text)
		}
		if at == 0 {
			return 0
		}
		before := x.sorted[at-1]
		shared := sharedBytes(before, text)
		if shared == len(before) {
			return shared
		}
		text = text[:shared]
	}
	return 0
}

func sharedBytes(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// spellings returns the ways in which an answer may repeat a string: in JSON, in HTML, in a
// URL, and JSON within those.
func spellings(s string) []string {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string can always be encoded
	inJSON := strings.TrimSpace(plain.String())
	escaped, _ := json.Marshal(s)
	var all []string
	for _, form := range []string{s, inJSON[1 : len(inJSON)-1], string(escaped[1 : len(escaped)-1])} {
		inHTML := html.EscapeString(form)
		python := strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(inHTML)
		for _, spelling := range []string{form, inHTML, python, url.QueryEscape(form), url.PathEscape(form)} {
			if !slices.Contains(all, spelling) {
				all = append(all, spelling)
			}
		}
	}
	return all
}
