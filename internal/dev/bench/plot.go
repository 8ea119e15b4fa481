package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
)

// Lengths of the plot, in pixels.
const (
	wideWidth   = 830
	narrowWidth = 400
	margin      = 20.0
	panelWidth  = 370.0
	sizeWidth   = 52.0 // of the numbers of fabrics
	labelWidth  = 62.0 // of the longest value
	rowHeight   = 19.0
	headHeight  = 26.0
	dotRadius   = 4.5
)

// stored is what a table says of a run. The plot has no other source, so that it can be
// drawn again without one.
type stored struct {
	server, run string
	rows        []storedRow
}

type storedRow struct {
	operation         operation
	fabrics           string
	seconds, requests float64
}

var (
	storedServer = regexp.MustCompile(`(?m)^# Benchmark: (.*)$`)
	storedRun    = regexp.MustCompile(`(?m)^Written by .make bench., with (.* on .*?);`)
	storedCells  = regexp.MustCompile(`(?m)^\| ([\d,]+) \| ([^|]+) \| ([\d.,]+) \| ([\d,]+) \|`)
)

// read reads a table that markdown wrote.
func read(table string) (*stored, error) {
	server, run := storedServer.FindStringSubmatch(table), storedRun.FindStringSubmatch(table)
	cells := storedCells.FindAllStringSubmatch(table, -1)
	if server == nil || run == nil || cells == nil {
		return nil, fmt.Errorf("this is no table of the benchmark:\n%s", table)
	}
	s := &stored{server: server[1], run: run[1]}
	for _, c := range cells {
		row := storedRow{operation: operation(c[2]), fabrics: c[1]}
		for to, text := range map[*float64]string{&row.seconds: c[3], &row.requests: c[4]} {
			var err error
			if *to, err = strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64); err != nil {
				return nil, err
			}
		}
		s.rows = append(s.rows, row)
	}
	return s, nil
}

// plot draws seconds and requests of all operations: side by side, or one below the other
// for a phone.
func (s *stored) plot(wide bool) *picture.Drawing {
	const top = 84
	width, panelHeight := float64(narrowWidth), heightOf(s.rows)
	height, x, y := top+2*panelHeight+2*margin, margin, top+panelHeight+margin
	if wide {
		width, height, x, y = wideWidth, top+panelHeight+margin/2, wideWidth-margin-panelWidth, top
	}
	d := picture.New(width, height, s.server+": seconds and requests by operation and number of fabrics, on "+
		"logarithmic axes", picture.Page)
	d.Text(margin, 36, s.server, picture.Style{Color: picture.Ink, Size: 17, Bold: true})
	d.Paragraph(margin, 57, width-2*margin, s.run+"; the whole command, the CLI's own work included", quiet)
	panel{d, "Seconds, by number of fabrics", picture.Blue, 2, func(r storedRow) float64 { return r.seconds }}.
		draw(s.rows, margin, top)
	panel{d, "Requests to NetBox, by number of fabrics", picture.Orange, 0,
		func(r storedRow) float64 { return r.requests }}.draw(s.rows, x, y)
	return d
}

var (
	bold  = picture.Style{Color: picture.Ink, Size: 13, Bold: true}
	quiet = picture.Style{Color: picture.Quiet, Size: 12}
	value = picture.Style{Color: picture.Ink, Size: 12}
)

// panel shows a value of all operations, as dots on a logarithmic axis.
type panel struct {
	*picture.Drawing
	title    string
	color    picture.Color
	decimals int
	of       func(storedRow) float64
}

func heightOf(rows []storedRow) float64 {
	return 44 + float64(len(operations()))*headHeight + float64(len(rows))*rowHeight
}

func (p panel) draw(rows []storedRow, x, y float64) {
	least, most := 1.0, 1.0
	for _, r := range rows {
		if v := p.of(r); v > 0 {
			least, most = min(least, v), max(most, v)
		}
	}
	axis := picture.NewLog(least, most, x+sizeWidth+8, x+panelWidth-labelWidth)
	p.Text(x, y+14, p.title, picture.Style{Color: picture.Ink, Size: 14, Bold: true})
	for _, power := range axis.Powers() {
		p.Line(axis.At(power), y+40, axis.At(power), y+heightOf(rows)-6, picture.Grid, false)
		p.Text(axis.At(power), y+34, picture.Tick(power), quiet.At(picture.Middle))
	}
	y += 44
	for _, o := range operations() {
		p.Label(x, y+16, string(o), bold)
		y += headHeight - 2
		for _, r := range rows {
			if r.operation == o {
				p.row(x, y, axis, r)
				y += rowHeight
			}
		}
		y += 2
	}
}

// row draws one dot, with its value next to it.
func (p panel) row(x, y float64, axis picture.Log, r storedRow) {
	at, middle, v := axis.At(axis.Powers()[0]), y+rowHeight/2, p.of(r)
	p.Text(x+sizeWidth, middle+4, r.fabrics, quiet.At(picture.End))
	label := picture.Grouped(v, p.decimals)
	if v > 0 {
		start := at
		at = axis.At(v)
		p.Line(start, middle, at, middle, p.color, false)
		p.Rect(at-dotRadius, middle-dotRadius, 2*dotRadius, 2*dotRadius,
			picture.Fill{Color: p.color, Radius: dotRadius})
		at += dotRadius
	} else {
		label = "0"
	}
	p.Label(at+5, middle+4, label, value)
}
