// Package picture draws the project's pictures as SVG. They follow the reader's color
// scheme, also where a page shows them as an image, and [Drawing.Problems] finds what a
// reader could not read.
package picture

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Drawing is a picture of a size in pixels.
type Drawing struct {
	width, height float64
	label         string // for readers who don't see it
	shapes        []shape
}

// New returns an empty picture on a page with a frame.
func New(width, height float64, label string, page Color) *Drawing {
	d := &Drawing{width: width, height: height, label: label}
	d.Rect(0.5, 0.5, width-1, height-1, Fill{Color: page, Stroke: Frame, Radius: 8})
	return d
}

// Texture makes a fill differ from another one of the same color.
type Texture string

// The textures. There are no others.
const (
	Plain Texture = ""
	Hatch Texture = "hatch"
	Dots  Texture = "dots"
)

// textureOpacity is that of the black of a texture: it leaves white text readable.
const textureOpacity = 0.3

// Fill is how a rectangle looks.
type Fill struct {
	Color   Color
	Stroke  Color // the zero value is none
	Texture Texture
	Opacity float64 // 0 means opaque
	Radius  float64 // of the corners
}

// Style is how a text looks.
type Style struct {
	Color  Color
	Size   float64
	Bold   bool
	Anchor Anchor
	Mono   bool // each character takes monoWidth of the size
	Under  bool // it leads somewhere
}

// Anchor is which point of a text is where the text is put.
type Anchor string

// The anchors. The zero value is the start.
const (
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// At returns the style with an anchor.
func (s Style) At(anchor Anchor) Style {
	s.Anchor = anchor
	return s
}

// shape is a rectangle, a line, an icon or a text.
type shape struct {
	x, y, w, h float64
	rect       *Fill
	line       *Color
	dashed     bool
	icon       Icon
	text       string
	style      Style
}

// Rect adds a rectangle.
func (d *Drawing) Rect(x, y, w, h float64, fill Fill) {
	d.shapes = append(d.shapes, shape{x: x, y: y, w: w, h: h, rect: &fill})
}

// Line adds a line.
func (d *Drawing) Line(x1, y1, x2, y2 float64, color Color, dashed bool) {
	d.shapes = append(d.shapes, shape{x: x1, y: y1, w: x2 - x1, h: y2 - y1, line: &color, dashed: dashed})
}

// Text adds a text, whose base line is at y.
func (d *Drawing) Text(x, y float64, text string, style Style) {
	d.shapes = append(d.shapes, shape{x: x, y: y, text: text, style: style})
}

// Label adds a text with the page's color below it, so that lines may be there.
func (d *Drawing) Label(x, y float64, text string, style Style) {
	s := shape{x: x, y: y, text: text, style: style}
	b := s.box()
	d.Rect(b.left-2, b.top-1, b.right-b.left+4, b.bottom-b.top+2, Fill{Color: Page})
	d.shapes = append(d.shapes, s)
}

// Icon is the path of a sign in a square of 12 pixels.
type Icon string

// Icon adds a sign, by its upper left corner.
func (d *Drawing) Icon(x, y float64, icon Icon, color Color) {
	d.shapes = append(d.shapes, shape{x: x, y: y, w: 12, h: 12, icon: icon, style: Style{Color: color}})
}

const (
	sans = `-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,"DejaVu Sans",sans-serif`
	mono = `ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace`
	// monoWidth is how wide a character is, as a part of the size.
	monoWidth = 0.6
)

// SVG returns the picture as a file.
func (d *Drawing) SVG() []byte {
	w := &writer{}
	for i := range d.shapes {
		w.shape(&d.shapes[i])
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" `+
		`role="img" aria-label="%[3]s">`+"\n", number(d.width), number(d.height), html.EscapeString(d.label))
	b.WriteString("<style>\ntext{font-family:" + sans + "}\n.m{font-family:" + mono + ";white-space:pre}\n")
	light, dark := w.rules()
	b.WriteString(light + "@media (prefers-color-scheme:dark){\n" + dark + "}\n</style>\n<defs>\n")
	fmt.Fprintf(&b, `<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" `+
		`patternTransform="rotate(45)"><rect width="2.5" height="7" fill-opacity="%v"/></pattern>`+"\n", textureOpacity)
	fmt.Fprintf(&b, `<pattern id="dots" width="7" height="7" patternUnits="userSpaceOnUse">`+
		`<circle cx="3.5" cy="3.5" r="1.4" fill-opacity="%v"/></pattern>`+"\n</defs>\n", textureOpacity)
	b.WriteString(w.body.String() + "</svg>\n")
	return []byte(b.String())
}

// writer writes shapes, and gives each color a class.
type writer struct {
	body   strings.Builder
	colors []Color
}

func (w *writer) class(c Color) int {
	i := slices.Index(w.colors, c)
	if i < 0 {
		i = len(w.colors)
		w.colors = append(w.colors, c)
	}
	return i
}

// rules are the classes of the colors: f0 to fill with the first, s0 to draw a line with it.
func (w *writer) rules() (light, dark string) {
	for i, c := range w.colors {
		rule := fmt.Sprintf(".f%d{fill:%%[1]s}.s%d{stroke:%%[1]s}\n", i, i)
		light += fmt.Sprintf(rule, c.Light)
		if c.Dark != c.Light {
			dark += fmt.Sprintf(rule, c.Dark)
		}
	}
	return light, dark
}

func (w *writer) shape(s *shape) {
	switch {
	case s.rect != nil:
		w.rect(s)
	case s.line != nil:
		dash := ""
		if s.dashed {
			dash = ` stroke-dasharray="4 3"`
		}
		fmt.Fprintf(&w.body, `<line class="s%d" x1="%s" y1="%s" x2="%s" y2="%s"%s/>`+"\n", w.class(*s.line),
			number(s.x), number(s.y), number(s.x+s.w), number(s.y+s.h), dash)
	case s.icon != "":
		fmt.Fprintf(&w.body, `<path class="s%d" fill="none" stroke-width="2" stroke-linecap="round" `+
			`transform="translate(%s %s)" d="%s"/>`+"\n", w.class(s.style.Color), number(s.x), number(s.y), s.icon)
	default:
		w.text(s)
	}
}

func (w *writer) rect(s *shape) {
	place := fmt.Sprintf(`x="%s" y="%s" width="%s" height="%s"`, number(s.x), number(s.y), number(s.w), number(s.h))
	if s.rect.Radius > 0 {
		place += fmt.Sprintf(` rx="%s"`, number(s.rect.Radius))
	}
	class, opacity := fmt.Sprintf("f%d", w.class(s.rect.Color)), ""
	if s.rect.Stroke != (Color{}) {
		class += fmt.Sprintf(" s%d", w.class(s.rect.Stroke))
	}
	if s.rect.Opacity > 0 {
		opacity = fmt.Sprintf(` fill-opacity="%s"`, number(s.rect.Opacity))
	}
	fmt.Fprintf(&w.body, `<rect class="%s" %s%s/>`+"\n", class, place, opacity)
	if s.rect.Texture != Plain {
		fmt.Fprintf(&w.body, `<rect fill="url(#%s)" %s/>`+"\n", s.rect.Texture, place)
	}
}

func (w *writer) text(s *shape) {
	class, more := fmt.Sprintf("f%d", w.class(s.style.Color)), ""
	if s.style.Bold {
		more += ` font-weight="bold"`
	}
	if s.style.Anchor != "" {
		more += fmt.Sprintf(` text-anchor="%s"`, s.style.Anchor)
	}
	if s.style.Mono {
		class = "m " + class
		more += fmt.Sprintf(` textLength="%s"`, number(s.textWidth()))
	}
	if s.style.Under {
		more += ` text-decoration="underline"`
	}
	fmt.Fprintf(&w.body, `<text class="%s" x="%s" y="%s" font-size="%s"%s>%s</text>`+"\n", class, number(s.x),
		number(s.y), number(s.style.Size), more, html.EscapeString(s.text))
}

// number writes a length without needless digits.
func number(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) }
