package main

import (
	_ "embed" // for the picture's template
	"strings"
	"text/template"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Lengths of the picture, in pixels.
const (
	plotX         = 164
	minuteWidth   = 7.1
	labelRows     = 2 // in which the events' labels take turns
	labelWidth    = 6.1
	labelPadding  = 12
	letterWidth   = 6.2 // of a status, on average
	barPadding    = 4
	tickEvery     = 10 * time.Minute
	labeledEvery = 20 * time.Minute
)

//go:embed plot.svg.tmpl
var plotTemplate string

type (
	picture struct {
		X, End          float64
		Events          []mark
		Stored, Derived []bar
		Due             []bar
		Marks, Ticks    []mark
	}
	// mark is a place on the time axis.
	mark struct {
		X    float64
		Row  int
		Text string
	}
	// bar is a time during which a lane shows one thing.
	bar struct {
		X, Width, Middle float64
		Fill, Ink        string
		Lines            []string
		// Wrong marks a stored status that says in_sync while the facts do not.
		Wrong bool
	}
)

// plot draws the scenario as a picture in SVG.
func (s *scenario) plot() (string, error) {
	moments := s.moments()
	p := picture{X: plotX, End: s.x(s.end)}
	p.Events = s.eventMarks()
	for _, at := range spans(s, moments, func(m moment) [2]string { return [2]string{m.stored, string(m.Status)} }) {
		p.Stored = append(p.Stored, s.storedBar(at))
	}
	p.Stored = joined(p.Stored)
	for _, at := range spans(s, moments, func(m moment) fabric.Status { return m.Status }) {
		b := s.bar(at.from, at.to)
		b.Fill, b.Ink = colors(at.value)
		b.Lines = fitting(at.value.Display(), b.Width)
		p.Derived = append(p.Derived, b)
	}
	for _, at := range spans(s, moments, func(m moment) bool { return m.due }) {
		if at.value {
			p.Due = append(p.Due, s.bar(at.from, at.to))
		}
	}
	p.Marks, p.Ticks = s.intervalMarks(moments), s.ticks()
	parsed, err := template.New("plot").Parse(plotTemplate)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = parsed.Execute(&text, p)
	return text.String(), err
}

func (s *scenario) x(t time.Time) float64 { return plotX + t.Sub(s.start).Minutes()*minuteWidth }

func (s *scenario) bar(from, to time.Time) bar {
	b := bar{X: s.x(from), Width: s.x(to) - s.x(from)}
	b.Middle = b.X + b.Width/2
	return b
}

func (s *scenario) storedBar(at span[[2]string]) bar {
	b := s.bar(at.from, at.to)
	stored, derived := at.value[0], at.value[1]
	b.Fill, _ = colors(fabric.Status(stored))
	b.Lines = []string{stored}
	b.Wrong = stored == fabric.StoredInSync && derived != string(fabric.StatusInSync)
	return b
}

// joined gives adjacent moments of the same status one label, in the middle of all of them.
func joined(bars []bar) []bar {
	for i := 0; i < len(bars); {
		j, width := i, 0.0
		for ; j < len(bars) && bars[j].Lines[0] == bars[i].Lines[0]; j++ {
			width += bars[j].Width
		}
		bars[i].Middle = bars[i].X + width/2
		for k := i + 1; k < j; k++ {
			bars[k].Lines = []string{""}
		}
		i = j
	}
	return bars
}

// eventMarks puts a label into the first row in which it does not touch another.
func (s *scenario) eventMarks() []mark {
	var marks []mark
	var free [labelRows]float64
	for _, e := range s.events {
		m := mark{X: s.x(e.at), Text: e.label}
		for m.Row < labelRows-1 && free[m.Row] > m.X {
			m.Row++
		}
		free[m.Row] = m.X + labelWidth*float64(len(e.label)) + labelPadding
		marks = append(marks, m)
	}
	return marks
}

// intervalMarks are the interval and its double after each sync that stayed the
// last for longer.
func (s *scenario) intervalMarks(moments []moment) []mark {
	var marks []mark
	for _, at := range spans(s, moments, func(m moment) *time.Time { return m.lastSync }) {
		if at.value == nil {
			continue
		}
		for i, text := range []string{"interval", "2 × interval"} {
			if over := at.value.Add(time.Duration(i+1) * s.interval); over.Before(at.to) {
				marks = append(marks, mark{X: s.x(over), Text: text})
			}
		}
	}
	return marks
}

func (s *scenario) ticks() []mark {
	var marks []mark
	for now := s.start; now.Before(s.end); now = now.Add(tickEvery) {
		m := mark{X: s.x(now)}
		if now.Sub(s.start)%labeledEvery == 0 {
			m.Text = now.Format("15:04")
		}
		marks = append(marks, m)
	}
	return marks
}

// fitting breaks a text into lines that a bar has room for; none when it has not.
func fitting(text string, width float64) []string {
	room := func(lines []string) bool {
		for _, line := range lines {
			if letterWidth*float64(len(line))+barPadding > width {
				return false
			}
		}
		return true
	}
	lines := []string{text}
	if i := strings.LastIndexByte(text, ' '); !room(lines) && i > 0 {
		lines = []string{text[:i], text[i+1:]}
	}
	if !room(lines) {
		return nil
	}
	return lines
}

// colors are those of the status's badge, as Bootstrap has them.
func colors(status fabric.Status) (fill, ink string) {
	for class := range strings.FieldsSeq(status.Badge()) {
		switch class {
		case "bg-success":
			fill = "#198754"
		case "bg-danger":
			fill = "#dc3545"
		case "bg-warning":
			fill = "#ffc107"
		case "bg-secondary":
			fill = "#6c757d"
		case "text-white":
			ink = "#ffffff"
		case "text-dark":
			ink = "#212529"
		}
	}
	return fill, ink
}
