//go:build unix

package main

import (
	"math"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
)

// interval is that of the fabrics whose cost is drawn, in seconds.
const interval = 300

// cost is what one interval of syncs in which nothing has changed costs NetBox.
type cost struct{ requests, seconds float64 }

// withInventory is the cost of one watch, by the formula in DESIGN.md, whose numbers were
// measured on a live NetBox.
func withInventory(fabrics, objects float64) cost {
	refreshes, lists := min(fabrics, interval/30), interval/30.0
	return cost{
		requests: fabrics + 12*refreshes + lists*math.Ceil(fabrics/1000),
		seconds:  0.022*fabrics + (0.22+1.9*objects/1e6)*refreshes + 0.055*fabrics/1000*lists,
	}
}

// readingAll is the cost where each sync reads all objects of NetBox, by the same page.
func readingAll(fabrics, objects float64) cost {
	lists := interval / 30.0
	return cost{
		requests: fabrics*(16+objects/1000) + lists*math.Ceil(fabrics/1000),
		seconds:  fabrics*(0.18+0.125*objects/1000) + 1.07*fabrics/1000*lists,
	}
}

// drawn are the numbers of fabrics whose cost the plot says.
var drawn = []float64{1, 100, 1000, 10_000}

// Numbers of objects in NetBox.
const (
	manyObjects = 100_000
	mostObjects = 1_000_000
)

// Lengths of the plot, in pixels.
const (
	wideWidth   = 830
	narrowWidth = 400
	margin      = 20.0
	panelWidth  = 372.0
	panelHeight = 330.0
	axisWidth   = 58.0
)

var (
	quiet = picture.Style{Color: picture.Quiet, Size: 12}
	small = picture.Style{Color: picture.Ink, Size: 12}
)

// plotCost draws the cost by the number of fabrics: requests and seconds side by side, or
// one below the other for a phone.
func plotCost(wide bool) *picture.Drawing {
	const top = 108.0 // below the labels
	width, height, x, y := float64(narrowWidth), top+2*panelHeight+margin/2, margin/2, top+panelHeight
	if wide {
		width, height, x, y = wideWidth, top+panelHeight+margin/2, wideWidth-margin/2-panelWidth, top
	}
	d := picture.New(width, height, "Requests to NetBox and CPU seconds of NetBox in 5 minutes, by the number of "+
		"fabrics, on logarithmic axes", picture.Page)
	d.Text(margin, 36, "What syncs cost NetBox in 5 minutes", picture.Style{Color: picture.Ink, Size: 17, Bold: true})
	d.Paragraph(margin, 57, width-2*margin, "Each fabric is synced once, and nothing has changed. Solid: 100,000 "+
		"objects in NetBox; dashed: 1,000,000. By the formula in DESIGN.md.", quiet)
	panel(d, margin/2, top, "Requests", 0, func(c cost) float64 { return c.requests })
	panel(d, x, y, "CPU seconds of NetBox", interval, func(c cost) float64 { return c.seconds })
	return d
}

// panel draws a value of the costs. A limit above 0 is drawn too.
func panel(d *picture.Drawing, x, y float64, title string, limit float64, of func(cost) float64) {
	least, most := of(withInventory(drawn[0], manyObjects)), of(readingAll(drawn[len(drawn)-1], mostObjects))
	across := picture.NewLog(drawn[0], drawn[len(drawn)-1], x+axisWidth+10, x+panelWidth-26)
	up := picture.NewLog(least, most, y+panelHeight-44, y+36)
	d.Text(x+axisWidth, y+16, title, picture.Style{Color: picture.Ink, Size: 14, Bold: true})
	for _, power := range up.Powers() {
		d.Line(x+axisWidth, up.At(power), x+panelWidth-10, up.At(power), picture.Grid, false)
		d.Text(x+axisWidth-6, up.At(power)+4, picture.Tick(power), quiet.At(picture.End))
	}
	for _, power := range across.Powers() {
		d.Text(across.At(power), y+panelHeight-24, picture.Tick(power), quiet.At(picture.Middle))
	}
	d.Text(x+panelWidth-10, y+panelHeight-8, "fabrics", quiet.At(picture.End))
	if limit > 0 {
		d.Line(x+axisWidth, up.At(limit), x+panelWidth-10, up.At(limit), picture.Red, false)
		d.Label(x+panelWidth-14, up.At(limit)-5, "all of one worker", picture.Style{
			Color: picture.Red, Size: 12, Anchor: picture.End,
		})
	}
	for _, s := range []struct {
		cost  func(fabrics, objects float64) cost
		color picture.Color
		above float64 // of a value's text, from its point
	}{{readingAll, picture.Orange, -9}, {withInventory, picture.Blue, 19}} {
		for _, objects := range []float64{mostObjects, manyObjects} {
			curve(d, across, up, s.color, objects == mostObjects, func(fabrics float64) float64 {
				return of(s.cost(fabrics, objects))
			})
		}
		for _, fabrics := range drawn {
			v := of(s.cost(fabrics, manyObjects))
			d.Rect(across.At(fabrics)-4, up.At(v)-4, 8, 8, picture.Fill{Color: s.color, Radius: 4})
			d.Label(across.At(fabrics), up.At(v)+s.above, rounded(v), small.At(picture.Middle))
		}
	}
	d.Label(x+axisWidth+12, y+52, "every sync reads all objects", picture.Style{Color: picture.Orange, Size: 12})
	d.Label(x+panelWidth-14, y+panelHeight-54, "sync --watch", picture.Style{
		Color: picture.Blue, Size: 12, Anchor: picture.End,
	})
}

// curve draws a value by the number of fabrics.
func curve(d *picture.Drawing, across, up picture.Log, color picture.Color, dashed bool, of func(float64) float64) {
	const steps = 10 // of each power of ten
	last := drawn[len(drawn)-1]
	for from := drawn[0]; from < last*0.999; {
		to := min(last, from*math.Pow(10, 1.0/steps))
		d.Line(across.At(from), up.At(of(from)), across.At(to), up.At(of(to)), color, dashed)
		from = to
	}
}

// rounded writes a value with two digits that count, or whole where it has more.
func rounded(v float64) string {
	if v < 10 {
		return picture.Grouped(v, 1)
	}
	return picture.Grouped(v, 0)
}
