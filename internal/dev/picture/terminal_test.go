package picture

import (
	"slices"
	"testing"
)

// What a command writes again over its progress is seen once, where it was written last.
func TestTerminal_showsWhatATerminalShows(t *testing.T) {
	d := Terminal("", 10, "$ run\nalpha  1\nbeta  1\n\x1b[2A\r\x1b[Ja long line\nalpha  2\n"+
		"\x1b[31mred\x1b[0m \x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\\n")
	type seen struct {
		text      string
		row       int
		column    int
		color     Color
		underline bool
	}
	var got []seen
	for _, s := range d.shapes[1:] {
		row, column := (s.y-windowEdge-cellSize)/cellHeight, (s.x-windowEdge)/cellWidth
		got = append(got, seen{s.text, int(row + 0.5), int(column + 0.5), s.style.Color, s.style.Under})
	}
	want := []seen{
		{"$ run", 0, 0, Ink, false}, {"a long lin", 1, 0, Ink, false}, {"e", 2, 0, Ink, false},
		{"alpha  2", 3, 0, Ink, false}, {"red", 4, 0, Red, false}, {"link", 4, 4, Ink, true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	if problems := d.Problems(); len(problems) > 0 {
		t.Error(problems)
	}
}
