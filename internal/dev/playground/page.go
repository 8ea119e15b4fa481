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

// page has the values of the first page.
type page struct {
	Folder string
	CLI    string // its name
	NetBox *netBox
}

// Directory returns the folder as one word for a shell.
func (p page) Directory() string { return quoted(p.Folder) }

//go:embed page.txt.tmpl
var pageText string

// commented matches a command with a comment.
var commented = regexp.MustCompile(`(?m)^(  .*?)  +(# .*)$`)

// print prints the first page: which servers run, and what to try.
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
