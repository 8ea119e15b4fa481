package terminal

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Width returns how many columns a string takes: two for a wide character, zero for a
// combining one.
func Width(text string) (n int) {
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Fit cuts a string to a number of columns.
func Fit(text string, columns int) string {
	if columns < 1 || Width(text) <= columns {
		return text
	}
	used := 0
	for i, r := range text {
		if used += runeWidth(r); used > columns-1 { // the ellipsis takes one
			return text[:i] + "…"
		}
	}
	return text
}

// pad pads a string with spaces to a number of columns.
func pad(text string, columns int, right bool) string {
	spaces := strings.Repeat(" ", max(0, columns-Width(text)))
	if right {
		return spaces + text
	}
	return text + spaces
}

// Wrap breaks a string into lines that fit the columns, between words if possible.
func Wrap(text string, columns int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && Width(line)+1+Width(word) <= columns {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = word
		for Width(line) > columns { // a word that is longer than a line
			head := []rune(line)
			n, used := 0, 0
			for n < len(head) && (n == 0 || used+runeWidth(head[n]) <= columns) {
				used += runeWidth(head[n])
				n++
			}
			lines, line = append(lines, string(head[:n])), string(head[n:])
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
