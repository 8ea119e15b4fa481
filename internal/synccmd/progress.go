package synccmd

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// display writes to stderr. On a terminal it shows a line for each running sync below
// everything else, and updates it in place. Elsewhere it only passes on what is written to
// it.
type display struct {
	out      io.Writer
	terminal *terminal.Terminal // nil for none
	lasting  bool               // a finished fabric keeps its line

	mu      sync.Mutex
	running []*line
	drawn   int // progress lines below the text
}

// line is the progress of one sync.
type line struct {
	display *display
	fabric  string
	text    string
}

func (d *display) begin(fabric string) *line {
	l := &line{display: d, fabric: terminal.OneLine(fabric), text: "starting"}
	d.change(func() { d.running = append(d.running, l) })
	return l
}

func (l *line) update(p fabricsync.Progress) {
	l.display.change(func() {
		if l.text = terminal.OneLine(p.Message); p.Of > 0 {
			l.text = fmt.Sprintf("[%2d/%d] %s", p.Number, p.Of, l.text)
		}
	})
}

func (l *line) end() {
	d := l.display
	d.change(func() { d.running = slices.DeleteFunc(d.running, func(other *line) bool { return other == l }) })
}

// clearBelow is the ANSI sequence that clears the screen from the cursor to the end.
const clearBelow = "\x1b[J"

// done prints the outcome of a fabric's sync as a line that stays.
func (d *display) done(r *report, failed bool) {
	if d.terminal == nil || !d.lasting || (!failed && !r.begun() && r.result.Outcome != fabricsync.Busy) {
		return
	}
	color, outcome := terminal.Green, string(r.result.Outcome)
	if failed {
		color = terminal.Red
	}
	if d.terminal.Color {
		outcome = color + outcome + terminal.Reset
	}
	text := fmt.Sprintf("%s: %s", terminal.OneLine(r.result.Fabric), outcome)
	if message := terminal.OneLine(r.result.Message); message != "" {
		text += ": " + message
	} else {
		text += fmt.Sprintf(", %d objects", r.result.Totals().InCluster)
	}
	_, _ = d.Write([]byte(text + "\n")) // the output and the exit code also say it
}

// Write writes whole lines above the progress.
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

// draw replaces the progress lines with text, followed by the current progress lines.
func (d *display) draw(above []byte) error {
	var b bytes.Buffer
	if d.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r%s", d.drawn, clearBelow)
	}
	b.Write(above)
	width := d.terminal.Width()
	for _, l := range d.running {
		b.WriteString(terminal.Fit(l.fabric+"  "+l.text, width-1) + "\n")
	}
	d.drawn = len(d.running)
	_, err := d.out.Write(b.Bytes())
	return err
}
