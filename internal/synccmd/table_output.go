package synccmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// tableOutput collects the reports and prints them at the end: failures first, then by
// name.
type tableOutput struct {
	out      io.Writer
	terminal *terminal.Terminal // that out is; nil for none, and then lines may be of any length
	dryRun   bool
	reports  []*report
}

func (t *tableOutput) add(r *report) error {
	t.reports = append(t.reports, r)
	return nil
}

func (t *tableOutput) end() error {
	slices.SortStableFunc(t.reports, func(a, b *report) int {
		return cmp.Or(cmp.Compare(a.place(), b.place()), strings.Compare(a.result.Fabric, b.result.Fabric),
			cmp.Compare(a.id, b.id))
	})
	text := t.summary() + "\n"
	if len(t.reports) > 0 {
		text = t.rows() + text
	}
	_, err := io.WriteString(t.out, text)
	return err
}

// place returns a report's place in the table: failures first, fabrics that were not tried
// last.
func (r *report) place() int {
	switch {
	case r.failed(true):
		return 0
	case r.result.Outcome == fabricsync.Interrupted:
		return 1
	case r.result.Outcome == fabricsync.NotDue:
		return 3
	case r.result.Outcome == fabricsync.Skipped:
		return 4
	}
	return 2
}

func (t *tableOutput) rows() string {
	shown := terminal.Table{Columns: []terminal.Column{
		{Title: "FABRIC", Keep: true}, {Title: "ID", Right: true, Rank: 1}, {Title: "OUTCOME", Keep: true},
		{Title: "SYNC STATUS", Rank: 3},
	}}
	for action := range actions(fabricsync.KindResult{}) {
		c := terminal.Column{
			Title: strings.ToUpper(strings.ReplaceAll(action, "_", " ")), Right: true, Count: true, Rank: 4,
		}
		if action == "unchanged" {
			c.Rank = 2
		}
		shown.Columns = append(shown.Columns, c)
	}
	if t.terminal != nil {
		shown.Width = t.terminal.Width()
	}
	for _, r := range t.reports {
		shown.Rows = append(shown.Rows, t.row(r))
	}
	return shown.String()
}

func (t *tableOutput) row(r *report) terminal.Row {
	id := "-"
	if r.id != 0 {
		id = fmt.Sprint(r.id)
	}
	row := terminal.Row{}
	if text := joined(append([]string{r.result.Message}, r.result.Warnings...)...); text != "" {
		row.Messages = []string{terminal.OneLine(text)}
	}
	row.Cells = []terminal.Cell{
		{Text: terminal.OneLine(r.result.Fabric)}, {Text: id},
		{Text: string(r.result.Outcome), Color: t.color(r.color())},
		{Text: orDash(string(r.result.Status)), Color: t.color(terminal.BadgeColor(r.result.Status.Badge()))},
	}
	for _, n := range actions(r.result.Totals()) {
		text := "-"
		if r.result.Kinds != nil {
			text = fmt.Sprint(n)
		}
		row.Cells = append(row.Cells, terminal.Cell{Text: text})
	}
	return row
}

func (t *tableOutput) color(sequence string) string {
	if t.terminal == nil || !t.terminal.Color {
		return ""
	}
	return sequence
}

// color returns the color of a report's outcome.
func (r *report) color() string {
	switch {
	case r.failed(true):
		return terminal.Red
	case r.result.Outcome == fabricsync.Synced, r.result.Outcome == fabricsync.Planned:
		return terminal.Green
	case r.result.Outcome == fabricsync.NotDue, r.result.Outcome == fabricsync.Skipped:
		return terminal.Gray
	}
	return terminal.Yellow
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// summary returns how many fabrics had which outcome.
func (t *tableOutput) summary() string {
	number := map[fabricsync.Outcome]int{}
	for _, r := range t.reports {
		number[r.result.Outcome]++
	}
	var parts []string
	for _, e := range outcomeInfos() {
		if n := number[e.outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(e.outcome), "_", " ")))
		}
	}
	text := "No fabrics."
	switch len(t.reports) {
	case 0:
	case 1:
		text = "1 fabric: " + strings.Join(parts, ", ") + "."
	default:
		text = fmt.Sprintf("%d fabrics: %s.", len(t.reports), strings.Join(parts, ", "))
	}
	if t.dryRun {
		text += " This was a dry run: nothing was written."
	}
	return text
}
