package synccmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// table keeps the reports and prints them at the end: failures first, then by name.
type table struct {
	out      io.Writer
	terminal *terminal // that out is; nil for none, and then lines may be of any length
	dryRun   bool
	reports  []*report
}

func (t *table) add(r *report) error {
	t.reports = append(t.reports, r)
	return nil
}

func (t *table) end() error {
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

// place is a report's place in the table: what went wrong comes first, and what was not
// tried last.
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

func (t *table) rows() string {
	g := grid{columns: []column{
		{title: "FABRIC", keep: true}, {title: "ID", right: true, least: 1}, {title: "OUTCOME", keep: true},
		{title: "SYNC STATUS", least: 3},
	}}
	for action := range actions(fabricsync.KindResult{}) {
		c := column{title: strings.ToUpper(strings.ReplaceAll(action, "_", " ")), right: true, count: true, least: 4}
		if action == "unchanged" {
			c.least = 2
		}
		g.columns = append(g.columns, c)
	}
	if t.terminal != nil {
		g.width = t.terminal.width()
	}
	for _, r := range t.reports {
		g.rows = append(g.rows, t.row(r))
	}
	return g.String()
}

func (t *table) row(r *report) gridRow {
	id := "-"
	if r.id != 0 {
		id = fmt.Sprint(r.id)
	}
	row := gridRow{message: oneLine(joined(append([]string{r.result.Message}, r.result.Warnings...)...))}
	row.cells = []cell{
		{text: oneLine(r.result.Fabric)}, {text: id},
		{text: string(r.result.Outcome), color: t.color(r.color())},
		{text: orDash(string(r.result.Status)), color: t.color(badgeColor(r.result.Status))},
	}
	for _, n := range actions(r.result.Totals()) {
		text := "-"
		if r.result.Kinds != nil {
			text = fmt.Sprint(n)
		}
		row.cells = append(row.cells, cell{text: text})
	}
	return row
}

func (t *table) color(sequence string) string {
	if t.terminal == nil || !t.terminal.color {
		return ""
	}
	return sequence
}

// color is that of a report's outcome.
func (r *report) color() string {
	switch {
	case r.failed(true):
		return red
	case r.result.Outcome == fabricsync.Synced, r.result.Outcome == fabricsync.Planned:
		return green
	case r.result.Outcome == fabricsync.NotDue, r.result.Outcome == fabricsync.Skipped:
		return gray
	}
	return yellow
}

// badgeColor is the color of a status's badge, as terminals have it.
func badgeColor(status fabric.Status) string {
	switch {
	case strings.HasPrefix(status.Badge(), "bg-danger"):
		return red
	case strings.HasPrefix(status.Badge(), "bg-warning"):
		return yellow
	case strings.HasPrefix(status.Badge(), "bg-success"):
		return green
	}
	return gray
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// summary says how many fabrics had which outcome.
func (t *table) summary() string {
	number := map[fabricsync.Outcome]int{}
	for _, r := range t.reports {
		number[r.result.Outcome]++
	}
	var parts []string
	for _, e := range explanations() {
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
