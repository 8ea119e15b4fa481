package statuscmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// inconsistencyGuide is the address of what to do about an inconsistency.
const inconsistencyGuide = "https://github.com/hedgehog-fabric/terraform-provider-hedgehog/blob/main/docs/guides/" +
	"sync-status.md#inconsistencies"

// table returns the view as a table, for a terminal or, if t is nil, for other output.
func (v *view) table(t *terminal.Terminal) string {
	if len(v.entries) == 0 {
		return v.summary(t) + "\n"
	}
	return v.rows(t, 0) + "\n" + v.advice(t) + v.summary(t) + "\n"
}

// advice says where to read what to do about inconsistencies, if a fabric has some. The
// address is never broken.
func (v *view) advice(t *terminal.Terminal) string {
	if v.count((*entry).inconsistent) == 0 {
		return ""
	}
	if t == nil {
		return "How to end an inconsistency: " + inconsistencyGuide + "\n"
	}
	return "How to end an inconsistency:\n" + inconsistencyGuide + "\n\n"
}

// rows returns the table of fabrics, in at most height lines; 0 means no limit.
func (v *view) rows(t *terminal.Terminal, height int) string {
	table := terminal.Table{Height: height, Things: "fabrics: name some, or use a filter", Columns: []terminal.Column{
		{Title: "FABRIC", Keep: true}, {Title: "STATUS", Keep: true}, {Title: "LAST SYNC", Rank: 2},
		{Title: "NEXT SYNC", Rank: 1},
	}}
	if t == nil {
		t = &terminal.Terminal{}
	} else {
		table.Width = t.Width()
	}
	for _, e := range v.entries {
		table.Rows = append(table.Rows, v.row(e, t))
	}
	return table.String()
}

func (v *view) row(e *entry, t *terminal.Terminal) terminal.Row {
	name := terminal.Cell{Text: v.safe(e.fabric.Name)}
	status := terminal.Cell{Text: e.derived.Status.Display()}
	if t.Links {
		name.Link = e.page
	}
	if t.Color {
		status.Color = terminal.BadgeColor(e.derived.Status.Badge())
	}
	return terminal.Row{
		Cells:    []terminal.Cell{name, status, {Text: e.lastSync()}, {Text: e.nextSync()}},
		Messages: v.messages(e, t.Width != nil),
	}
}

// messages returns the lines below a fabric's status, or next to it if there is room.
func (v *view) messages(e *entry, brief bool) (all []string) {
	if !brief || len(v.options.fabrics) > 0 || e.derived.Status.Urgency() <= fabric.StatusOutOfSync.Urgency() {
		all = append(all, v.safe(e.derived.Reason)) // for other fabrics, the row says everything
	}
	for _, one := range e.inconsistencies {
		all = append(all, v.safe(one))
	}
	return append(all, v.healthMessages(e, all)...)
}

func (e *entry) lastSync() string {
	if at := e.fabric.LastSync; at != nil {
		return fabric.ShortDuration(fabric.Age(*at, e.now)) + " ago"
	}
	return "never"
}

func (e *entry) nextSync() string {
	switch next := e.timer.Next; {
	case e.fabric.SyncInProgress(e.now):
		return fabric.SyncingNow
	case e.timer.Due:
		return "due"
	case next != nil:
		return "in " + fabric.ShortDuration(max(time.Second, next.Sub(e.now)))
	}
	return "-"
}

// summary returns how many fabrics have which status.
func (v *view) summary(t *terminal.Terminal) string {
	where := ""
	if v.branch != "" {
		where = fmt.Sprintf(" in the branch %q", v.safe(v.branch))
	}
	if len(v.entries) == 0 {
		return onLines("No fabrics to show"+where+".", t)
	}
	counts := v.counts()
	var parts []string
	for _, status := range fabric.StatusesByUrgency() {
		if n := counts[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(status), "_", " ")))
		}
	}
	text := fmt.Sprintf("%d fabrics", len(v.entries))
	if len(v.entries) == 1 {
		text = "1 fabric"
	}
	text += where + ": " + strings.Join(parts, ", ")
	for _, more := range []struct {
		what string
		has  func(*entry) bool
	}{
		{"inconsistent", (*entry).inconsistent},
		{"unhealthy", (*entry).unhealthy},
		{"of unknown health", (*entry).healthUnknown},
	} {
		if n := v.count(more.has); n > 0 {
			text += fmt.Sprintf("; %d %s", n, more.what)
		}
	}
	return onLines(text+".", t)
}

// onLines breaks a string into lines on a terminal. Elsewhere, it stays one line.
func onLines(text string, t *terminal.Terminal) string {
	if t == nil {
		return text
	}
	return strings.Join(terminal.Wrap(text, t.Width()), "\n")
}

func (v *view) count(has func(*entry) bool) (n int) {
	for _, e := range v.entries {
		if has(e) {
			n++
		}
	}
	return n
}

func (v *view) counts() map[fabric.Status]int {
	counts := map[fabric.Status]int{}
	for _, e := range v.entries {
		counts[e.derived.Status]++
	}
	return counts
}

// safe makes a foreign text safe for a terminal, and masks secrets.
func (v *view) safe(text string) string { return v.mask(terminal.OneLine(text)) }
