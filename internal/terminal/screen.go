package terminal

import (
	"io"
	"strings"
)

// Sequences of a screen.
const (
	// The alternate screen, without a cursor, and without breaking lines that are too long.
	openScreen  = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	closeScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	clearLine   = "\x1b[K" // from the cursor on, as clearBelow
	clearBelow  = "\x1b[J"
)

// Screen is a terminal's alternate screen. What the terminal showed before is there again
// once the screen is closed.
type Screen struct {
	out      io.Writer
	terminal *Terminal
}

// Open opens the screen of a terminal, whose cursor can be moved.
func (t *Terminal) Open(out io.Writer) (*Screen, error) {
	_, err := io.WriteString(out, openScreen)
	return &Screen{out, t}, err
}

// Draw replaces what the screen shows by a text whose lines fit its width. It cuts a text
// that has more lines than the screen.
func (s *Screen) Draw(text string) error {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	last := min(len(lines), max(1, s.terminal.Height())) - 1
	var b strings.Builder
	b.WriteString(home)
	for _, line := range lines[:last] {
		b.WriteString(clearLine + line + "\n") // cleared before: at the end, it would cut a line of full width
	}
	b.WriteString(clearBelow + lines[last])
	_, err := io.WriteString(s.out, b.String())
	return err
}

// Close shows what the terminal showed before the screen.
func (s *Screen) Close() error {
	_, err := io.WriteString(s.out, closeScreen)
	return err
}
