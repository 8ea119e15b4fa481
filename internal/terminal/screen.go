package terminal

import (
	"io"
	"strings"
)

// Sequences for a screen.
const (
	// The alternate screen, without a cursor and without line wrapping.
	openScreen  = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	closeScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	clearLine   = "\x1b[K" // from the cursor on, as clearBelow
	clearBelow  = "\x1b[J"
)

// Screen is a terminal's alternate screen. Closing it shows what was there before.
type Screen struct {
	out      io.Writer
	terminal *Terminal
}

// Open opens the alternate screen of a terminal that can move its cursor.
func (t *Terminal) Open(out io.Writer) (*Screen, error) {
	_, err := io.WriteString(out, openScreen)
	return &Screen{out, t}, err
}

// Draw replaces the text of the screen. The lines must fit the screen's width. Draw cuts a
// text that has too many lines.
func (s *Screen) Draw(text string) error {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	last := min(len(lines), max(1, s.terminal.Height())) - 1
	var b strings.Builder
	b.WriteString(home)
	for _, line := range lines[:last] {
		b.WriteString(clearLine + line + "\n") // cleared first, not the end of a full line
	}
	b.WriteString(clearBelow + lines[last])
	_, err := io.WriteString(s.out, b.String())
	return err
}

// Close returns to what the terminal showed before.
func (s *Screen) Close() error {
	_, err := io.WriteString(s.out, closeScreen)
	return err
}
