package statusplot

import (
	"strconv"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Lengths of the plot, in pixels.
const (
	wideWidth   = 830 // as wide as GitHub shows a README
	narrowWidth = 400 // a phone
	legendLine  = 20
	barHeight   = 62 // of a derived status
	thinHeight  = 10 // of what is true or not
	lanesHeight = 272
	iconSize    = 12
	barPadding  = 3
)

var (
	heading = picture.Style{Color: picture.Ink, Size: 17, Bold: true}
	quiet   = picture.Style{Color: picture.Quiet, Size: 13}
	small   = picture.Style{Color: picture.Ink, Size: 12}
	title   = picture.Style{Color: picture.Ink, Size: 13, Bold: true}
)

// plot is the scenario as a picture.
type plot struct {
	*picture.Drawing
	*scenario
	moments   []moment
	wide      bool
	left, per float64 // where the lanes begin, and pixels of a minute
}

// draw draws the scenario, for a wide screen or for a phone.
func (s *scenario) draw(wide bool) *picture.Drawing {
	width, left, height := float64(narrowWidth), 16.0, 672.0
	if wide {
		width, left, height = wideWidth, 24, 438
	}
	p := &plot{
		Drawing: picture.New(width, height, "A fabric with an interval of 10 minutes over two hours: the status that "+
			"NetBox stores, the derived one, and when a sync is due", picture.Page),
		scenario: s, moments: s.moments(), wide: wide, left: left,
	}
	p.per = (width - 2*left) / s.end.Sub(s.start).Minutes()
	y := p.Paragraph(left, 34, width-2*left, "One fabric, sync_interval = 600", heading)
	y = p.Paragraph(left, y, width-2*left, "NetBox keeps the status that was last stored. The derived status follows "+
		"the facts: configuration, errors, and the age of the last sync.", quiet)
	y = p.events(y)
	y = p.stored(y + 16)
	y = p.thin(y, "NetBox says in_sync, the facts say otherwise", picture.Red, func(m moment) bool {
		return m.stored == fabric.StoredInSync && m.Status != fabric.StatusInSync
	})
	y = p.derived(y)
	y = p.thin(y, "sync_due: a sync is due", picture.Blue, func(m moment) bool { return m.due })
	y = p.times(y)
	if !wide {
		p.legend(y + 14)
	}
	return p.Drawing
}

func (p *plot) x(t time.Time) float64 { return p.left + t.Sub(p.start).Minutes()*p.per }

// events says what happens at the top: in words where there is room, and else by numbers.
// Lines lead down from there, through everything that is drawn later.
func (p *plot) events(y float64) float64 {
	if p.wide {
		const height = 30
		for _, e := range p.scenario.events {
			p.Line(p.x(e.at), y-6, p.x(e.at), y+height+lanesHeight, picture.Frame, false)
			for i, word := range strings.Fields(e.label) {
				p.Text(p.x(e.at)+5, y+8+15*float64(i), word, small)
			}
		}
		return y + height
	}
	const height = 24
	for i, e := range p.scenario.events {
		x := min(max(p.x(e.at), p.left+9), p.x(p.end)-9)
		p.Line(p.x(e.at), y+10, p.x(e.at), y+height+lanesHeight, picture.Frame, false)
		p.Rect(x-9, y-6, 18, 18, picture.Fill{Color: picture.Page, Stroke: picture.Axis, Radius: 9})
		p.Text(x, y+7, strconv.Itoa(i+1), small.At(picture.Middle))
	}
	return y + height
}

// title begins a lane, with room for more below it. The lines of the events end there.
func (p *plot) title(y float64, text string, room float64) float64 {
	p.Rect(p.left-1, y-16, p.x(p.end)-p.left+2, 22+room, picture.Fill{Color: picture.Page})
	p.Text(p.left, y, text, title)
	return y + 8 + room
}

// stored is the lane of the stored status.
func (p *plot) stored(y float64) float64 {
	y = p.title(y, "Stored by NetBox", 0)
	for _, at := range spans(p.scenario, p.moments, func(m moment) string { return m.stored }) {
		x, width := p.x(at.from), p.x(at.to)-p.x(at.from)
		fill, _ := badge(fabric.Status(at.value))
		p.Rect(x, y, width, 28, picture.Fill{Color: picture.Page, Stroke: picture.Page})
		p.Rect(x, y, width, 28, picture.Fill{Color: fill.Color, Stroke: picture.Page, Opacity: 0.22})
		if picture.Width(at.value, small)+2*barPadding <= width {
			p.Text(x+width/2, y+18, at.value, small.At(picture.Middle))
		} else {
			p.Icon(x+width/2-iconSize/2, y+8, icons[fabric.Status(at.value)], picture.Ink)
		}
	}
	return y + 28 + 22
}

// derived is the lane of the derived status, below the ages that matter to it.
func (p *plot) derived(y float64) float64 {
	y = p.title(y, "sync_status, derived from the facts", 30)
	for _, m := range p.overdue() {
		p.Line(p.x(m.at), y-8, p.x(m.at), y+barHeight+5, picture.Ink, true)
		p.Text(p.x(m.at), y-12, m.text, small.At(picture.Middle))
	}
	for _, at := range spans(p.scenario, p.moments, func(m moment) fabric.Status { return m.Status }) {
		x, width := p.x(at.from), p.x(at.to)-p.x(at.from)
		fill, ink := badge(at.value)
		lines := p.fitting(at.value.Display(), width)
		p.Rect(x, y, width, barHeight, fill)
		top := y + barHeight/2 - iconSize/2 - 7.5*float64(len(lines))
		p.Icon(x+width/2-iconSize/2, top, icons[at.value], ink)
		for i, line := range lines {
			p.Text(x+width/2, top+iconSize+13+15*float64(i), line, p.label(ink))
		}
	}
	return y + barHeight + 24
}

// thin is a lane of what is true at times.
func (p *plot) thin(y float64, name string, color picture.Color, is func(moment) bool) float64 {
	y = p.title(y, name, 0)
	for _, at := range spans(p.scenario, p.moments, is) {
		if at.value {
			p.Rect(p.x(at.from), y, p.x(at.to)-p.x(at.from), thinHeight,
				picture.Fill{Color: color, Radius: thinHeight / 2})
		}
	}
	return y + thinHeight + 22
}

// overdue are the interval and its double after each sync that stayed the last for longer.
func (p *plot) overdue() (found []struct {
	at   time.Time
	text string
}) {
	texts := []string{"1×", "2×"}
	if p.wide {
		texts = []string{"interval", "2 × interval"}
	}
	for _, at := range spans(p.scenario, p.moments, func(m moment) *time.Time { return m.lastSync }) {
		if at.value == nil {
			continue
		}
		for i, text := range texts {
			if over := at.value.Add(time.Duration(i+1) * p.interval); over.Before(at.to) {
				found = append(found, struct {
					at   time.Time
					text string
				}{over, text})
			}
		}
	}
	return found
}

// times is the time axis.
func (p *plot) times(y float64) float64 {
	p.Line(p.left, y-6, p.x(p.end), y-6, picture.Axis, false)
	every := 10 * time.Minute
	if !p.wide {
		every = 20 * time.Minute
	}
	for now := p.start; now.Before(p.end); now = now.Add(every) {
		style := quiet.At(picture.Middle)
		if now.Equal(p.start) {
			style.Anchor = ""
		}
		p.Line(p.x(now), y-6, p.x(now), y, picture.Axis, false)
		p.Text(p.x(now), y+14, now.Format("15:04"), style)
	}
	return y + 14
}

// legend says in words what has no room in the narrow picture.
func (p *plot) legend(y float64) {
	y += 18
	for i, status := range fabric.Statuses() {
		x, row := p.left+float64(i%2)*184, y+float64(i/2)*26
		fill, ink := badge(status)
		p.Rect(x, row-14, 24, 20, fill)
		p.Icon(x+6, row-10, icons[status], ink)
		p.Text(x+32, row, status.Display(), quiet)
	}
	y += 3*26 + 4
	p.Text(p.left, y, "1× and 2×: the interval since the last sync", quiet)
	for i, e := range p.scenario.events {
		x, row := p.left+float64(i/5)*184, y+float64(i%5+1)*legendLine
		p.Text(x, row, strconv.Itoa(i+1)+"  "+e.label, quiet)
	}
}

// label is the style of the text in a bar.
func (p *plot) label(ink picture.Color) picture.Style {
	size := 12.0
	if p.wide { // "Configured" has room
		size = 11
	}
	return picture.Style{Color: ink, Size: size, Anchor: picture.Middle}
}

// fitting breaks a text into lines that a bar has room for; none when it has not.
func (p *plot) fitting(text string, width float64) []string {
	style, room := p.label(picture.Ink), width-2*barPadding
	lines := picture.Wrap(text, room, style)
	for _, line := range lines {
		if len(lines) > 2 || picture.Width(line, style) > room {
			return nil
		}
	}
	return lines
}
