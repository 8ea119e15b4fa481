package picture

import (
	"regexp"
	"strconv"
	"strings"
)

// Lengths of a terminal, in pixels.
const (
	cellSize   = 14.0
	cellWidth  = cellSize * monoWidth
	cellHeight = 20.0
	windowEdge = 14.0
)

// ansiColors are those of the sequences that the project's commands write.
var ansiColors = map[string]Color{"31": Red, "32": Green, "33": Yellow, "90": Quiet, "0": Ink}

// sequence matches a sequence for a color, the cursor or the screen, or one for a link.
var sequence = regexp.MustCompile(`^\x1b(?:\[(\d*)([A-Za-z])|\]8;;([^\x1b]*)\x1b\\)`)

// cell is a character on a terminal.
type cell struct {
	char  rune
	looks attributes
}

type attributes struct {
	color Color
	link  bool
}

// screen is what a terminal shows.
type screen struct {
	columns     int
	rows        [][]cell
	row, column int
	now         attributes // of what is written next
}

// Terminal draws what a terminal of so many columns shows after a text was written on it.
func Terminal(label string, columns int, text string) *Drawing {
	s := &screen{columns: columns, rows: [][]cell{nil}, now: attributes{color: Ink}}
	s.write(strings.TrimRight(text, "\n"))
	d := New(float64(columns)*cellWidth+2*windowEdge, float64(len(s.rows))*cellHeight+2*windowEdge-4, label, Window)
	for i, row := range s.rows {
		d.row(row, windowEdge+cellSize+float64(i)*cellHeight)
	}
	return d
}

func (s *screen) write(text string) {
	for text != "" {
		if m := sequence.FindStringSubmatch(text); m != nil {
			s.control(m[1], m[2], m[3])
			text = text[len(m[0]):]
			continue
		}
		char := []rune(text)[0]
		text = text[len(string(char)):]
		switch char {
		case '\r':
			s.column = 0
		case '\n':
			s.newLine()
		default:
			if s.column == s.columns {
				s.newLine()
			}
			s.rows[s.row] = append(s.rows[s.row][:s.column], cell{char, s.now})
			s.column++
		}
	}
}

func (s *screen) newLine() {
	if s.row++; s.row == len(s.rows) {
		s.rows = append(s.rows, nil)
	}
	s.column = 0
}

// control does what a sequence says.
func (s *screen) control(parameter, what, link string) {
	switch what {
	case "m":
		s.now.color = ansiColors[parameter]
	case "A":
		up, _ := strconv.Atoi(parameter) // the sequence has digits alone
		s.row -= max(1, up)
	case "J":
		s.rows = s.rows[:s.row+1]
		s.rows[s.row] = s.rows[s.row][:s.column]
	case "":
		s.now.link = link != ""
	}
}

// row draws a line: each part that looks the same is a text.
func (d *Drawing) row(cells []cell, y float64) {
	for from := 0; from < len(cells); {
		to := from
		var text strings.Builder
		for ; to < len(cells) && cells[to].looks == cells[from].looks; to++ {
			text.WriteRune(cells[to].char)
		}
		bare := strings.TrimLeft(text.String(), " ")
		at := from + to - from - len([]rune(bare))
		if bare = strings.TrimRight(bare, " "); bare != "" {
			d.Text(windowEdge+float64(at)*cellWidth, y, bare, Style{
				Color: cells[from].looks.color, Size: cellSize, Mono: true, Under: cells[from].looks.link,
			})
		}
		from = to
	}
}
