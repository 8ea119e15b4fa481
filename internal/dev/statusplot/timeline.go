package statusplot

import (
	"fmt"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// table returns the timeline in Markdown, with a row for each moment.
func (s *scenario) table() string {
	var b strings.Builder
	b.WriteString("| NetBox's time | What happens | Age of the last sync | Stored by NetBox | `sync_status` | Row | " +
		"`sync_due` |\n")
	b.WriteString("|---|---|---|---|---|---|---|\n")
	for _, m := range s.moments() {
		age := "–"
		if m.lastSync != nil {
			age = fabric.Humanize(fabric.Age(*m.lastSync, m.at))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | `%s` | %d | %t |\n", m.at.Format(time.TimeOnly), s.happens(m), age,
			m.stored, m.Status, m.Rule, m.due)
	}
	return b.String()
}

// happens describes a moment.
func (s *scenario) happens(m moment) string {
	if m.event != nil || m.lastSync == nil {
		return m.event.text // without a sync, time changes nothing
	}
	switch age := fabric.Age(*m.lastSync, m.at); {
	case age == s.interval:
		return "The interval is over: a sync is due."
	case age > 2*s.interval:
		return "The last sync is older than twice the interval."
	case age > s.interval:
		return "The last sync is older than the interval, but not older than twice the interval."
	}
	return "Time has passed."
}

// column is the length of time that one character of the text represents.
const column = 2 * time.Minute

// letters represent the statuses in the text.
var letters = map[fabric.Status]string{
	fabric.StatusNotConfigured: ".", fabric.StatusDisabled: "-", fabric.StatusError: "E",
	fabric.StatusNeverSynced: "n", fabric.StatusOutOfSync: "O",
	fabric.StatusInSync: "i",
}

// text returns the timeline in letters, for readers who see no picture.
func (s *scenario) text() string {
	moments := s.moments()
	var times, ticks, stored, derived, due strings.Builder
	for now := s.start; now.Before(s.end); now = now.Add(column) {
		m := at(moments, now.Add(column/2))
		stored.WriteString(letters[fabric.Status(m.stored)])
		derived.WriteString(letters[m.Status])
		due.WriteString(map[bool]string{true: "d", false: " "}[m.due])
		if now.Minute()%20 == 0 {
			fmt.Fprintf(&times, "%-10s", now.Format("15:04"))
			fmt.Fprintf(&ticks, "%-10s", "|")
		}
	}
	lines := []string{"```text"}
	for _, lane := range []struct{ name, text string }{
		{"NetBox's time", times.String()}, {"", ticks.String()},
		{"stored by NetBox", stored.String()}, {"sync_status", derived.String()}, {"sync_due", due.String()},
	} {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-18s%s", lane.name, lane.text), " "))
	}
	lines = append(lines, "",
		fmt.Sprintf("Each letter is %d minutes: %s, d due", int(column.Minutes()), legend()), "```", "")
	return strings.Join(lines, "\n")
}

func legend() string {
	var parts []string
	for _, status := range fabric.Statuses() {
		parts = append(parts, letters[status]+" "+string(status))
	}
	return strings.Join(parts, ", ")
}
