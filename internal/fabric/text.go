package fabric

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxQuoted is how many characters of a foreign text a sentence quotes.
const maxQuoted = 300

// Trim removes surrounding white space as NetBox does (Python's str.strip: Go's white space
// and the four ASCII separators).
func Trim(s string) string { return strings.TrimFunc(s, isSpace) }

// Blank reports whether s is empty or only white space.
func Blank(s string) bool { return Trim(s) == "" }

// NormalText returns the form that all equal strings share: Unicode's normal form C, with LF
// line ends. Terraform keeps every string in form C. NetBox keeps what it gets, and its web
// forms write CRLF.
func NormalText(s string) string {
	return norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n"))
}

// SameText reports whether a and b are equal. All strings from NetBox and from a
// configuration are compared with it: names, tags, and the keys and values of custom
// fields. Surrounding white space counts here; see [Trim].
func SameText(a, b string) bool { return a == b || NormalText(a) == NormalText(b) }

// FindText returns the string in a list that equals the wanted string, as the list spells it. A
// string with exactly the same bytes comes first.
func FindText(texts []string, wanted string) (found string, ok bool) {
	if slices.Contains(texts, wanted) {
		return wanted, true
	}
	i := slices.IndexFunc(texts, func(s string) bool { return SameText(s, wanted) })
	if i < 0 {
		return "", false
	}
	return texts[i], true
}

// sameTexts compares lists of strings as sets.
func sameTexts(a, b []string) bool {
	missingIn := func(texts []string) func(string) bool {
		return func(s string) bool { _, found := FindText(texts, s); return !found }
	}
	return !slices.ContainsFunc(a, missingIn(b)) && !slices.ContainsFunc(b, missingIn(a))
}

// SimilarText reports whether two strings differ only in case or Unicode form. To NetBox,
// they are different strings.
func SimilarText(a, b string) bool {
	return strings.EqualFold(norm.NFKC.String(a), norm.NFKC.String(b))
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f) }

// sentence turns a foreign text into one line that ends with a period.
func sentence(s string) string {
	s = strings.Join(strings.FieldsFunc(s, isSpace), " ")
	if r := []rune(s); len(r) > maxQuoted {
		return string(r[:maxQuoted]) + "…"
	}
	return withStop(s)
}

// withStop ends a string with a period, unless it already ends like a sentence.
func withStop(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// Humanize writes a duration with its two largest units, such as "6 min 40 s".
func Humanize(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}
	for i, u := range units {
		if d < u.size && u.name != "s" {
			continue
		}
		text := fmt.Sprintf("%d %s", d/u.size, u.name)
		if i+1 < len(units) {
			if rest := d % u.size / units[i+1].size; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "0 s"
}

// ShortDuration writes a duration for a column, such as "6m40s", "3h" or "12d". It has a
// second unit only if there are fewer than ten of the first.
func ShortDuration(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}
	for i, u := range units[:len(units)-1] {
		if d < u.size {
			continue
		}
		n, next := d/u.size, units[i+1]
		if rest := d % u.size / next.size; n < 10 && rest > 0 {
			return fmt.Sprintf("%d%s%d%s", n, u.name, rest, next.name)
		}
		return fmt.Sprintf("%d%s", n, u.name)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// list writes quoted alternatives: "a", "b" or "c".
func list(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}
