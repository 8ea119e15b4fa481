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
	Width func() int // in columns
	Color bool       // it shows colors, and the user wants them
	Links bool       // it shows links, or leaves them out
}

// Of returns the terminal that a file is; nil for another file.
func Of(f *os.File, getenv func(string) string) *Terminal {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return nil
	}
	color := getenv("NO_COLOR") == "" && movesCursor(getenv)
	// The text console of Linux prints what it does not know.
	return &Terminal{Color: color, Links: color && getenv("TERM") != "linux", Width: func() int {
		if columns, _, err := term.GetSize(fd); err == nil && columns > 0 {
			return columns
		}
		return 80
	}}
}

// WithCursor returns the terminal that a file is, if it can move its cursor, and else nil.
// A console of Windows could, but only after it was set up for that.
func WithCursor(f *os.File, getenv func(string) string) *Terminal {
	if t := Of(f, getenv); t != nil && movesCursor(getenv) {
		return t
	}
	return nil
}

func movesCursor(getenv func(string) string) bool {
	return runtime.GOOS != "windows" && getenv("TERM") != "dumb"
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
