package synccmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/term"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// terminal is what a progress display needs to know of one.
type terminal struct {
	width func() int // in columns
	color bool
}

// terminalOf returns nil for what is not a terminal, or one that cannot move its
// cursor. Windows' consoles would have to be told first that they are to do so.
func terminalOf(f *os.File, getenv func(string) string) *terminal {
	if paper := paperOf(f, getenv); paper != nil && movesCursor(getenv) {
		return paper
	}
	return nil
}

// paperOf returns the terminal that lines are printed on, one after the other; nil for
// what is not a terminal.
func paperOf(f *os.File, getenv func(string) string) *terminal {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return nil
	}
	return &terminal{color: getenv("NO_COLOR") == "" && movesCursor(getenv), width: func() int {
		if columns, _, err := term.GetSize(fd); err == nil && columns > 0 {
			return columns
		}
		return 80
	}}
}

func movesCursor(getenv func(string) string) bool {
	return runtime.GOOS != "windows" && getenv("TERM") != "dumb"
}

// display is stderr. On a terminal it shows one line for each fabric that is
// being synced, below all else and updated in place. Elsewhere it only passes on
// what is written to it.
type display struct {
	out      io.Writer
	terminal *terminal // nil for none
	lasting  bool      // a fabric that is done keeps its line

	mu      sync.Mutex
	running []*line
	drawn   int // lines that stand below the text
}

// line is the progress of one fabric.
type line struct {
	display *display
	fabric  string
	text    string
}

func (d *display) begin(fabric string) *line {
	l := &line{display: d, fabric: oneLine(fabric), text: "starting"}
	d.change(func() { d.running = append(d.running, l) })
	return l
}

func (l *line) update(p fabricsync.Progress) {
	l.display.change(func() {
		if l.text = oneLine(p.Message); p.Of > 0 {
			l.text = fmt.Sprintf("[%2d/%d] %s", p.Number, p.Of, l.text)
		}
	})
}

func (l *line) end() {
	d := l.display
	d.change(func() { d.running = slices.DeleteFunc(d.running, func(other *line) bool { return other == l }) })
}

// ANSI sequences.
const (
	clearBelow = "\x1b[J"
	red        = "\x1b[31m"
	green      = "\x1b[32m"
	yellow     = "\x1b[33m"
	gray       = "\x1b[90m"
	plain      = "\x1b[0m"
)

// done shows for good what became of a fabric that was to be synced.
func (d *display) done(r *report, failed bool) {
	if d.terminal == nil || !d.lasting || (!failed && !r.begun() && r.result.Outcome != fabricsync.Busy) {
		return
	}
	color, outcome := green, string(r.result.Outcome)
	if failed {
		color = red
	}
	if d.terminal.color {
		outcome = color + outcome + plain
	}
	text := fmt.Sprintf("%s: %s", oneLine(r.result.Fabric), outcome)
	if message := oneLine(r.result.Message); message != "" {
		text += ": " + message
	} else {
		text += fmt.Sprintf(", %d objects", r.result.Totals().InCluster)
	}
	_, _ = d.Write([]byte(text + "\n")) // whoever does not see stderr has the output and the exit code
}

// Write puts whole lines above the progress.
func (d *display) Write(text []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.terminal == nil {
		return d.out.Write(text)
	}
	return len(text), d.draw(text)
}

func (d *display) change(how func()) {
	if d.terminal == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	how()
	_ = d.draw(nil) // as in done
}

// draw replaces the lines of the progress by a text and the lines as they are now.
func (d *display) draw(above []byte) error {
	var b bytes.Buffer
	if d.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r%s", d.drawn, clearBelow)
	}
	b.Write(above)
	width := d.terminal.width()
	for _, l := range d.running {
		b.WriteString(fit(l.fabric+"  "+l.text, width-1) + "\n")
	}
	d.drawn = len(d.running)
	_, err := d.out.Write(b.Bytes())
	return err
}
