package main

import (
	_ "embed" // for the plot's template
	"fmt"
	"math"
	"strings"
	"text/template"
)

// Lengths of the plot, in pixels.
const (
	plotWidth    = 960
	barsTop      = 120
	barHeight    = 13
	rowHeight    = 17
	groupGap     = 12
	sizeX        = 220 // right edge of the numbers of fabrics
	secondsX     = 232
	requestsX    = 610
	panelWidth   = 270 // of the longest bar
	labelGap     = 5
	textRise     = 10 // from a bar's upper edge to its text's base line
	plotMargin   = 20
	colorSeconds = "#4c78a8"
	colorReads   = "#72a98f"
	colorWrites  = "#e39b4b"
)

//go:embed plot.svg.tmpl
var plotTemplate string

type (
	plotPage struct {
		Title, Subtitle                         string
		Width, Height, Bottom, SizeX, BarHeight int
		Panels                                  []plotPanel
		Groups                                  []plotGroup
	}
	plotPanel struct {
		X      int
		Title  string
		Legend []plotKey
		Ticks  []plotTick
		scale  float64 // pixels per second or request
	}
	plotKey struct {
		X, TextX   int
		Fill, Text string
	}
	plotTick struct {
		X    float64
		Text string
	}
	plotGroup struct {
		TextY     int
		Operation operation
		Rows      []plotRow
	}
	plotRow struct {
		Y, TextY int
		Size     string
		Bars     []plotBar
		Labels   []plotTick
	}
	plotBar struct {
		X, Width float64
		Fill     string
	}
)

// plot draws seconds and requests of all operations as bars.
func (r *results) plot() (string, error) {
	page := plotPage{
		Title: r.server, Subtitle: fmt.Sprintf("%s on %s; the whole command, the CLI's own work included",
			r.cli, r.machine),
		Width: plotWidth, SizeX: sizeX, BarHeight: barHeight, Panels: r.panels(),
	}
	y := barsTop
	for _, o := range operations() {
		group := plotGroup{TextY: y + textRise, Operation: o}
		for _, m := range r.measured {
			if m.operation == o {
				group.Rows = append(group.Rows, rowOf(m, y, page.Panels[0].scale, page.Panels[1].scale))
				y += rowHeight
			}
		}
		if len(group.Rows) > 0 {
			page.Groups = append(page.Groups, group)
			y += groupGap
		}
	}
	page.Bottom = y - groupGap
	page.Height = page.Bottom + plotMargin
	parsed, err := template.New("plot").Parse(plotTemplate)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = parsed.Execute(&text, page)
	return text.String(), err
}

// panels are that of the seconds and that of the requests.
func (r *results) panels() []plotPanel {
	longest, most := 0.0, 0.0
	for _, m := range r.measured {
		longest, most = max(longest, m.took.Seconds()), max(most, float64(m.requests.total()))
	}
	times, counts := newPanel(secondsX, "Seconds", longest), newPanel(requestsX, "Requests to NetBox", most)
	counts.Legend = []plotKey{
		{requestsX + 140, requestsX + 154, colorReads, "reads"},
		{requestsX + 200, requestsX + 214, colorWrites, "writes"},
	}
	return []plotPanel{times, counts}
}

func newPanel(x int, title string, largest float64) plotPanel {
	p := plotPanel{X: x, Title: title, scale: panelWidth / max(largest, 1e-9)}
	step := niceStep(largest)
	for i := 0; float64(i)*step <= largest; i++ {
		value := float64(i) * step
		text := fmt.Sprintf("%g", value)
		if value >= 1000 {
			text = grouped(int(value))
		}
		p.Ticks = append(p.Ticks, plotTick{float64(x) + value*p.scale, text})
	}
	return p
}

// niceStep is 1, 2 or 5 times a power of ten, so that there are three to six steps.
func niceStep(largest float64) float64 {
	if largest <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(largest/3)))
	for _, factor := range []float64{5, 2} {
		if largest/(factor*power) >= 3 {
			return factor * power
		}
	}
	return power
}

// rowOf draws a measurement: its time, and its requests with the reads first.
func rowOf(m measurement, y int, timeScale, requestScale float64) plotRow {
	writes := m.requests[post] + m.requests[patch] + m.requests[remove]
	took := m.took.Seconds() * timeScale
	readWidth := float64(m.requests.total()-writes) * requestScale
	writeWidth := float64(writes) * requestScale
	return plotRow{
		Y: y, TextY: y + textRise, Size: grouped(m.fabrics),
		Bars: []plotBar{
			{secondsX, took, colorSeconds}, {requestsX, readWidth, colorReads}, {requestsX + readWidth,
				writeWidth, colorWrites},
		},
		Labels: []plotTick{
			{secondsX + took + labelGap, fmt.Sprintf("%.1f", m.took.Seconds())},
			{requestsX + readWidth + writeWidth + labelGap, grouped(m.requests.total())},
		},
	}
}
