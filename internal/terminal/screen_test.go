package terminal

import (
	"regexp"
	"strings"
	"testing"
)

// A string with more lines than the screen would scroll it.
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
		{3, "a\nb\nc\n", "a b c"},
		{2, "a\nb\nc\n", "a b"},
		{0, "a\nb\n", "a"},
		{9, "", ""},
	} {
		lines = c.lines
		out.Reset()
		if err := screen.Draw(c.text); err != nil {
			t.Fatal(err)
		}
		drawn := out.String()
		if !strings.HasPrefix(drawn, home) {
			t.Errorf("got %q", drawn)
		}
		drawn = strings.ReplaceAll(regexp.MustCompile(`\x1b\[[A-Z]`).ReplaceAllString(drawn, ""), "\n", " ")
		if drawn != c.want {
			t.Errorf("got %q, want %q", drawn, c.want)
		}
	}
}
