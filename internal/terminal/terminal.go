// Package terminal prints output for humans. It knows a terminal's width and colors, and lays
// out tables to fit.
package terminal

import (
	"os"
	"runtime"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// ANSI sequences.
const (
	Red    = "\x1b[31m"
	Green  = "\x1b[32m"
	Yellow = "\x1b[33m"
	Gray   = "\x1b[90m"
	Reset  = "\x1b[0m"
)

// BadgeColor returns the color sequence for a badge with these Bootstrap classes.
func BadgeColor(classes string) string {
	switch {
	case strings.HasPrefix(classes, "bg-danger"):
		return Red
	case strings.HasPrefix(classes, "bg-warning"):
		return Yellow
	case strings.HasPrefix(classes, "bg-success"):
		return Green
	}
	return Gray
}

// Terminal describes a terminal.
type Terminal struct {
	Width  func() int // in columns
	Height func() int // in lines
	Cursor bool       // its cursor can be moved
	Color  bool       // it shows colors, and the user wants them
	Links  bool       // it shows links, or leaves them out
}

// Of returns the terminal that f is, or nil if f is not a terminal.
func Of(f *os.File, getenv func(string) string) *Terminal {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return nil
	}
	// A Windows console can move its cursor only after it has been set up for that.
	cursor := runtime.GOOS != "windows" && getenv("TERM") != "dumb"
	color := cursor && getenv("NO_COLOR") == ""
	size := func() (columns, lines int) {
		columns, lines, err := term.GetSize(fd)
		if err != nil || columns <= 0 || lines <= 0 {
			return 80, 24
		}
		return columns, lines
	}
	return &Terminal{
		Cursor: cursor, Color: color,
		Links:  color && getenv("TERM") != "linux", // its text console prints what it does not know
		Width:  func() int { columns, _ := size(); return columns },
		Height: func() int { _, lines := size(); return lines },
	}
}

// WithCursor returns the terminal that f is, or nil if f is not a terminal that can move
// its cursor.
func WithCursor(f *os.File, getenv func(string) string) *Terminal {
	if t := Of(f, getenv); t != nil && t.Cursor {
		return t
	}
	return nil
}

// OneLine makes a foreign text safe to print: a fabric's name may contain sequences that
// move the cursor.
func OneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)), " ")
}
