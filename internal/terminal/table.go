package terminal

import (
	"slices"
	"strings"
)

const (
	gap         = "  "
	indentBelow = "    " // of a message below its row
	// leastMessage is how many columns a message needs beside the cells, to be readable.
	leastMessage = 40
	// leastName is how far the first column is cut, at most.
	leastName = 12
)

// Table lays rows out in columns, with a message at the end of each row or below it.
type Table struct {
	Columns []Column
	Rows    []Row
	// Width of the lines. 0 means any, and all columns: a program may pick them by number.
	Width int
}

// Column is a column of a table.
type Column struct {
	Title string
	Right bool // aligned to the right
	Count bool // of objects: left out where no row has any
	Keep  bool // is never left out
	Rank  int  // of those that may be left out to fit, the one with the lowest goes first
	size  int  // columns of the terminal that it takes
}

// Row is a row of a table.
type Row struct {
	Cells   []Cell
	Message string
}

// Cell is a text and the sequence of its color; "" for none.
type Cell struct{ Text, Color string }

// String returns the lines, without spaces at their ends.
func (t *Table) String() string {
	t.leaveOut(func(i int) bool {
		return t.Width > 0 && t.Columns[i].Count && !slices.ContainsFunc(t.Rows,
			func(r Row) bool { return strings.Trim(r.Cells[i].Text, "0-") != "" })
	})
	t.measure()
	for t.Width > 0 && t.total() > t.Width && t.leaveOutLowest() {
	}
	if first := &t.Columns[0]; t.Width > 0 && t.total() > t.Width {
		first.size = max(leastName, first.size-(t.total()-t.Width))
	}
	beside := t.Width == 0 || t.Width-t.total()-len(gap) >= min(leastMessage, t.longestMessage())
	var b strings.Builder
	b.WriteString(t.header(beside && t.longestMessage() > 0))
	for _, row := range t.Rows {
		t.write(&b, row, beside)
	}
	return b.String()
}

func (t *Table) leaveOut(which func(int) bool) {
	for i := len(t.Columns) - 1; i >= 0; i-- {
		if which(i) {
			t.remove(i)
		}
	}
}

func (t *Table) remove(i int) {
	t.Columns = slices.Delete(t.Columns, i, i+1)
	for r := range t.Rows {
		t.Rows[r].Cells = slices.Delete(t.Rows[r].Cells, i, i+1)
	}
}

// leaveOutLowest removes the column of the lowest rank, and reports whether there was one.
func (t *Table) leaveOutLowest() bool {
	least := -1
	for i, c := range t.Columns {
		if !c.Keep && (least < 0 || c.Rank <= t.Columns[least].Rank) {
			least = i
		}
	}
	if least < 0 {
		return false
	}
	t.remove(least)
	return true
}

func (t *Table) measure() {
	for i := range t.Columns {
		t.Columns[i].size = Width(t.Columns[i].Title)
		for _, row := range t.Rows {
			t.Columns[i].size = max(t.Columns[i].size, Width(row.Cells[i].Text))
		}
	}
}

// total is how many columns of the terminal the cells take.
func (t *Table) total() int {
	n := (len(t.Columns) - 1) * len(gap)
	for _, c := range t.Columns {
		n += c.size
	}
	return n
}

func (t *Table) longestMessage() (n int) {
	for _, row := range t.Rows {
		n = max(n, Width(row.Message))
	}
	return n
}

func (t *Table) header(message bool) string {
	var cells []string
	for _, c := range t.Columns {
		cells = append(cells, pad(c.Title, c.size, c.Right))
	}
	if message {
		cells = append(cells, "MESSAGE")
	}
	return strings.TrimRight(strings.Join(cells, gap), " ") + "\n"
}

func (t *Table) write(b *strings.Builder, row Row, beside bool) {
	line := ""
	for i, c := range t.Columns {
		if i > 0 {
			line += gap
		}
		text := pad(Fit(row.Cells[i].Text, c.size), c.size, c.Right)
		if color := row.Cells[i].Color; color != "" {
			bare := strings.TrimSpace(text)
			text = strings.Replace(text, bare, color+bare+Reset, 1)
		}
		line += text
	}
	var message []string
	switch {
	case row.Message == "":
	case t.Width == 0:
		message = []string{row.Message}
	case beside:
		message = wrap(row.Message, t.Width-t.total()-len(gap))
	default:
		message = wrap(row.Message, t.Width-len(indentBelow))
	}
	if beside && len(message) > 0 {
		line += gap + message[0]
		message = message[1:]
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	indent := indentBelow
	if beside {
		indent = strings.Repeat(" ", t.total()) + gap
	}
	for _, more := range message {
		b.WriteString(indent + more + "\n")
	}
}
