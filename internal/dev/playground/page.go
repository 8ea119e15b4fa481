//go:build unix

package main

import (
	_ "embed" // the first page
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/template"
)

// page is what the first page shows.
type page struct {
	Folder string
	CLI    string // its name
	NetBox *netBox
}

// Directory returns the folder, as a word for a shell.
func (p page) Directory() string { return quoted(p.Folder) }

//go:embed page.txt.tmpl
var pageText string

// commented matches a command with a comment.
var commented = regexp.MustCompile(`(?m)^(  .*?)  +(# .*)$`)

// print prints the first page: what there is, and what to try.
func (p page) print(out io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := t.Execute(&text, p); err != nil {
		return err
	}
	_, err = io.WriteString(out, commented.ReplaceAllStringFunc(text.String(), func(line string) string {
		parts := commented.FindStringSubmatch(line)
		return fmt.Sprintf("%-47s%s", parts[1], parts[2])
	}))
	return err
}
