package terminal

import (
	"strings"
	"testing"
)

// A row is worth more than a message: what does not fit the height is cut from the end.
func TestTable_height(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{20, 0, `NAME  N
a     1
    one two three
      four
    five
bb    2
    six seven eight
    nine
c     3
`},
		{20, 9, `NAME  N
a     1
    one two three
      four
    five
bb    2
    six seven eight
    nine
c     3
`},
		{20, 8, `NAME  N
a     1
    one two three
      four
    five
bb    2
    six seven eight…
c     3
`},
		{20, 7, `NAME  N
a     1
    one two three
      four
    five
bb    2  …
c     3
`},
		{20, 6, `NAME  N
a     1
    one two three
      four …
bb    2  …
c     3
`},
		{20, 4, "NAME  N\na     1  …\nbb    2  …\nc     3\n"},
		{20, 3, "NAME  N\na     1  …\n… 2 more things\n"},
		{20, 2, "NAME  N\n… 3 more things\n"},
		{80, 4, "NAME  N  MESSAGE\na     1  one two three four …\nbb    2  six seven eight nine\nc     3\n"},
		{80, 5, "NAME  N  MESSAGE\na     1  one two three four\n         five\n" +
			"bb    2  six seven eight nine\nc     3\n"},
	} {
		table := Table{Columns: []Column{{Title: "NAME", Keep: true}, {Title: "N", Keep: true}}, Width: c.width,
			Height: c.height, Things: "things", Rows: []Row{
				{Cells: []Cell{{Text: "a"}, {Text: "1"}}, Messages: []string{"one two three four", "five"}},
				{Cells: []Cell{{Text: "bb"}, {Text: "2"}}, Messages: []string{"six seven eight nine"}},
				{Cells: []Cell{{Text: "c"}, {Text: "3"}}},
			}}
		got := table.String()
		if got != c.want {
			t.Errorf("%d x %d: got\n%swant\n%s", c.width, c.height, got, c.want)
		}
		for line := range strings.Lines(got) {
			if Width(strings.TrimSuffix(line, "\n")) > c.width {
				t.Errorf("%d x %d: too wide: %s", c.width, c.height, line)
			}
		}
	}
}
