package terminal

import (
	"regexp"
	"strings"
	"testing"
)

// What does not fit is cut, and what stays below it is not.
func TestScreen_drawingFitsItsLines(t *testing.T) {
	lines := 5
	var out strings.Builder
	screen, err := (&Terminal{Height: func() int { return lines }}).Open(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lines int
		text  string
		want  string
	}{
		{5, "a\nb\nc\n", "a b c end last"},
		{5, "a\nb\nc\nd\n", "a b … 2 more lines end last"},
		{3, "a\nb\nc\nd\n", "… 4 more lines end last"},
		{9, "", " end last"},
	} {
		lines = c.lines
		out.Reset()
		if err := screen.Draw(c.text, "end\nlast\n"); err != nil {
			t.Fatal(err)
		}
		drawn := out.String()
		if !strings.HasPrefix(drawn, home) {
			t.Errorf("%q", drawn)
		}
		drawn = strings.ReplaceAll(regexp.MustCompile(`\x1b\[[A-Z]`).ReplaceAllString(drawn, ""), "\n", " ")
		if drawn != c.want {
			t.Errorf("%q, want %q", drawn, c.want)
		}
	}
}
