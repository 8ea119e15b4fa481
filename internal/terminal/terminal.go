// Package terminal prints for people: it knows a terminal's width and colors, and lays
// tables out to fit.
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

// BadgeColor returns the sequence of the color that a badge has, by its Bootstrap classes.
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

// Terminal is a terminal that text is printed on.
type Terminal struct {
	Width  func() int // in columns
	Height func() int // in lines
	Cursor bool       // its cursor can be moved
	Color  bool       // it shows colors, and the user wants them
	Links  bool       // it shows links, or leaves them out
}

// Of returns the terminal that a file is; nil for another file.
func Of(f *os.File, getenv func(string) string) *Terminal {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return nil
	}
	// A console of Windows could move it, but only after it was set up for that.
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

// WithCursor returns the terminal that a file is, if its cursor can be moved, and else nil.
func WithCursor(f *os.File, getenv func(string) string) *Terminal {
	if t := Of(f, getenv); t != nil && t.Cursor {
		return t
	}
	return nil
}

// OneLine makes a text of others safe to show: a fabric's name may hold what moves a
// terminal's cursor.
func OneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)), " ")
}
