package synccmd

import (
	"slices"
	"strings"
)

const (
	gridGap    = "  "
	gridIndent = "    " // of a message below its row
	// leastMessage is how many columns a message needs beside the cells, to be readable.
	leastMessage = 40
	// leastName is how far the first column is cut, at most.
	leastName = 12
)

// grid lays rows out in columns, with a message at the end of each row or below it.
type grid struct {
	columns []column
	rows    []gridRow
	width   int // of the lines; 0 means any, and all columns: somebody may pick them by their number
}

type column struct {
	title string
	right bool // aligned to the right
	count bool // of objects: left out where no row has any
	keep  bool // is never left out
	least int  // of those that may be left out to fit, the one with the least goes first
	size  int  // columns of the terminal that it takes
}

type gridRow struct {
	cells   []cell
	message string
}

type cell struct{ text, color string }

// String returns the lines, without spaces at their ends.
func (g *grid) String() string {
	g.leaveOut(func(i int) bool {
		return g.width > 0 && g.columns[i].count && !slices.ContainsFunc(g.rows,
			func(r gridRow) bool { return strings.Trim(r.cells[i].text, "0-") != "" })
	})
	g.measure()
	for g.width > 0 && g.total() > g.width && g.leaveOutLeast() {
	}
	if first := &g.columns[0]; g.width > 0 && g.total() > g.width {
		first.size = max(leastName, first.size-(g.total()-g.width))
	}
	beside := g.width == 0 || g.width-g.total()-len(gridGap) >= min(leastMessage, g.longestMessage())
	var b strings.Builder
	b.WriteString(g.header(beside && g.longestMessage() > 0))
	for _, row := range g.rows {
		g.write(&b, row, beside)
	}
	return b.String()
}

func (g *grid) leaveOut(which func(int) bool) {
	for i := len(g.columns) - 1; i >= 0; i-- {
		if which(i) {
			g.remove(i)
		}
	}
}

func (g *grid) remove(i int) {
	g.columns = slices.Delete(g.columns, i, i+1)
	for r := range g.rows {
		g.rows[r].cells = slices.Delete(g.rows[r].cells, i, i+1)
	}
}

// leaveOutLeast removes the column that says least, and reports whether there was one.
func (g *grid) leaveOutLeast() bool {
	least := -1
	for i, c := range g.columns {
		if !c.keep && (least < 0 || c.least <= g.columns[least].least) {
			least = i
		}
	}
	if least < 0 {
		return false
	}
	g.remove(least)
	return true
}

func (g *grid) measure() {
	for i := range g.columns {
		g.columns[i].size = columnsOf(g.columns[i].title)
		for _, row := range g.rows {
			g.columns[i].size = max(g.columns[i].size, columnsOf(row.cells[i].text))
		}
	}
}

// total is how many columns of the terminal the cells take.
func (g *grid) total() int {
	n := (len(g.columns) - 1) * len(gridGap)
	for _, c := range g.columns {
		n += c.size
	}
	return n
}

func (g *grid) longestMessage() (n int) {
	for _, row := range g.rows {
		n = max(n, columnsOf(row.message))
	}
	return n
}

func (g *grid) header(message bool) string {
	var cells []string
	for _, c := range g.columns {
		cells = append(cells, pad(c.title, c.size, c.right))
	}
	if message {
		cells = append(cells, "MESSAGE")
	}
	return strings.TrimRight(strings.Join(cells, gridGap), " ") + "\n"
}

func (g *grid) write(b *strings.Builder, row gridRow, beside bool) {
	line := ""
	for i, c := range g.columns {
		if i > 0 {
			line += gridGap
		}
		text := pad(fit(row.cells[i].text, c.size), c.size, c.right)
		if color := row.cells[i].color; color != "" {
			bare := strings.TrimSpace(text)
			text = strings.Replace(text, bare, color+bare+plain, 1)
		}
		line += text
	}
	var message []string
	switch {
	case row.message == "":
	case g.width == 0:
		message = []string{row.message}
	case beside:
		message = wrap(row.message, g.width-g.total()-len(gridGap))
	default:
		message = wrap(row.message, g.width-len(gridIndent))
	}
	if beside && len(message) > 0 {
		line += gridGap + message[0]
		message = message[1:]
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	indent := gridIndent
	if beside {
		indent = strings.Repeat(" ", g.total()) + gridGap
	}
	for _, more := range message {
		b.WriteString(indent + more + "\n")
	}
}
