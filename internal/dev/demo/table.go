package main

import (
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

const (
	pageWidth = 120 // columns
	columnGap = 2
)

// fabricStatus has the data source's attributes of a fabric that the table shows.
type fabricStatus struct {
	Name            string   `json:"name"`
	Stored          string   `json:"stored_sync_status"`
	Derived         string   `json:"sync_status"`
	Reason          string   `json:"sync_status_reason"`
	Inconsistencies []string `json:"inconsistencies"`
}

// statusTable renders a table of at most pageWidth columns, with the reason wrapped. An
// asterisk marks a stored record that contradicts itself.
func statusTable(fabrics []fabricStatus) string {
	rows := [][]string{{"FABRIC", "STORED STATUS", "SYNC STATUS", "REASON"}}
	for _, f := range fabrics {
		stored := f.Stored
		if len(f.Inconsistencies) > 0 {
			stored += " *"
		}
		rows = append(rows, []string{f.Name, stored, f.Derived, f.Reason})
	}
	left := 0
	for column := range 3 {
		width := 0
		for _, row := range rows {
			width = max(width, utf8.RuneCountInString(row[column]))
		}
		left += width + columnGap
	}
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, columnGap, ' ', 0)
	for _, row := range rows {
		cells := strings.Join(row[:3], "\t")
		for _, line := range wrap(row[3], pageWidth-left) {
			_, _ = w.Write([]byte(cells + "\t" + line + "\n"))
			cells = "\t\t"
		}
	}
	_ = w.Flush() // a strings.Builder takes everything
	return text.String()
}

// wrap breaks text at spaces into lines of at most width characters. A longer word gets
// its own line.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
