package terminal

import (
	"fmt"
	"slices"
	"strings"
)

const (
	gap         = "  "
	indentBelow = "    " // of a message below its row
	// leastMessage is how many columns a message needs next to the cells to be readable.
	leastMessage = 40
	// leastName is the smallest width to which the first column is cut.
	leastName = 12
)

// Table is a table with messages at the end of each row or below it.
type Table struct {
	Columns []Column
	Rows    []Row
	// Width is the width of the lines. 0 means no limit, and all columns: a program may
	// pick them by number.
	Width int
	// Height is the largest number of lines; 0 means no limit. If there are more, messages
	// are cut first, those of the last rows first, and then rows.
	Height int
	Things string // what the rows are, such as "fabrics", for the line that replaces cut rows
}

// Column is a column of a table.
type Column struct {
	Title string
	Right bool // align to the right
	Count bool // it counts objects: left out if no row has any
	Keep  bool // never left out
	Rank  int  // the column with the lowest rank is left out first to fit the width
	size  int  // its width on the terminal
}

// Row is a row of a table.
type Row struct {
	Cells    []Cell
	Messages []string // each starts a new line if the table has a width
}

// Cell is the text of a column in a row.
type Cell struct {
	Text  string
	Color string // the sequence of its color; "" for none
	Link  string // the URL that the text leads to; "" for none
}

// shown returns the padded text with the cell's color and link. Their sequences take no
// columns.
func (c Cell) shown(padded string) string {
	bare := strings.TrimSpace(padded)
	whole := bare
	if c.Color != "" {
		whole = c.Color + whole + Reset
	}
	if c.Link != "" {
		whole = linkTo + c.Link + endOfSequence + whole + linkTo + endOfSequence
	}
	if bare == "" || whole == bare {
		return padded
	}
	return strings.Replace(padded, bare, whole, 1)
}

// Sequences of links (OSC 8).
const (
	linkTo        = "\x1b]8;;"
	endOfSequence = "\x1b\\"
)

// String returns the lines, without trailing spaces.
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
	rows, more := t.Rows, ""
	if room := max(1, t.Height-1); t.Height > 0 && len(rows) > room {
		rows, more = rows[:room-1], Fit(fmt.Sprintf("… %d more %s", len(rows)-room+1, t.Things), t.Width)+"\n"
	}
	spare := max(0, t.Height-1-len(t.Rows)) // lines for messages
	for _, row := range rows {
		spare -= t.write(&b, row, beside, spare)
	}
	return b.String() + more
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

// leaveOutLowest removes the column with the lowest rank, and reports whether there was
// one.
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

// total returns the width of all columns.
func (t *Table) total() int {
	n := (len(t.Columns) - 1) * len(gap)
	for _, c := range t.Columns {
		n += c.size
	}
	return n
}

func (t *Table) longestMessage() (n int) {
	for _, row := range t.Rows {
		for _, message := range row.Messages {
			n = max(n, Width(message))
		}
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

// write writes a row, and returns how many lines it took below the first. If the table has
// a height, it takes at most spare lines.
func (t *Table) write(b *strings.Builder, row Row, beside bool, spare int) (below int) {
	line := ""
	for i, c := range t.Columns {
		if i > 0 {
			line += gap
		}
		line += row.Cells[i].shown(pad(Fit(row.Cells[i].Text, c.size), c.size, c.Right))
	}
	columns := t.Width - len(indentBelow)
	if beside {
		columns = t.Width - t.total() - len(gap)
	}
	message := t.lines(row.Messages, columns)
	if beside { // the first line has room for one
		spare++
	}
	if t.Height > 0 && len(message) > spare {
		if message = message[:spare]; spare > 0 {
			message[spare-1] = Fit(message[spare-1]+" …", columns)
		} else if t.total()+len(gap) < t.Width {
			line += gap + "…"
		}
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
	return len(message)
}

// lines breaks messages into lines of the given width.
func (t *Table) lines(messages []string, columns int) (all []string) {
	if t.Width == 0 {
		return []string{strings.Join(messages, " ")}
	}
	hanging := "" // shows where each of several messages begins
	if len(messages) > 1 {
		hanging = "  "
	}
	for _, message := range messages {
		for i, line := range Wrap(message, columns-len(hanging)) {
			if i > 0 {
				line = hanging + line
			}
			all = append(all, line)
		}
	}
	return all
}
