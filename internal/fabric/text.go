package fabric

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// maxQuoted is how many characters of a foreign text a sentence repeats.
const maxQuoted = 300

// Trim removes surrounding white space as NetBox does (Python's str.strip: Go's
// white space and the four ASCII separators).
func Trim(s string) string { return strings.TrimFunc(s, isSpace) }

// Blank tells whether a text is empty or only white space.
func Blank(s string) bool { return Trim(s) == "" }

func isSpace(r rune) bool { return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f) }

// sentence folds a foreign text into one line that ends with a full stop.
func sentence(s string) string {
	s = strings.Join(strings.FieldsFunc(s, isSpace), " ")
	if r := []rune(s); len(r) > maxQuoted {
		return string(r[:maxQuoted]) + "…"
	}
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
