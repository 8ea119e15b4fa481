package picture

import (
	"math"
	"strconv"
)

// Color is a color for each of the reader's color schemes, as #rrggbb.
type Color struct{ Light, Dark string }

// Colors of every picture. Those of NetBox's badges are Bootstrap's in both schemes.
var (
	Page   = Color{"#ffffff", "#0d1117"} // as GitHub has it
	Window = Color{"#f6f8fa", "#151b23"} // of a terminal
	Frame  = Color{"#d1d9e0", "#3d444d"}
	Grid   = Color{"#e3e8ed", "#2b323b"}
	Axis   = Color{"#818b98", "#7a828e"}
	Ink    = Color{"#1f2328", "#f0f6fc"}
	Quiet  = Color{"#59636e", "#9198a1"}
	Blue   = Color{"#0969da", "#4493f8"}
	Orange = Color{"#bc4c00", "#f0883e"}
	Red    = Color{"#cf222e", "#ff7b72"}
	Green  = Color{"#1a7f37", "#3fb950"}
	Yellow = Color{"#9a6700", "#d29922"}

	Success   = same("#198754")
	Danger    = same("#dc3545")
	Warning   = same("#ffc107")
	Secondary = same("#6c757d")
	White     = same("#ffffff")
	Black     = same("#212529")
)

func same(color string) Color { return Color{color, color} }

// schemes are the two ways to see a color.
func schemes() map[string]func(Color) rgb {
	return map[string]func(Color) rgb{
		"light": func(c Color) rgb { return parse(c.Light) },
		"dark":  func(c Color) rgb { return parse(c.Dark) },
	}
}

type rgb [3]float64 // 0 to 1

func parse(text string) (c rgb) {
	for i := range c {
		n, err := strconv.ParseUint(text[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic("not #rrggbb: " + text)
		}
		c[i] = float64(n) / 255
	}
	return c
}

// over is a color that lies over another one.
func (c rgb) over(below rgb, opacity float64) rgb {
	for i := range c {
		c[i] = c[i]*opacity + below[i]*(1-opacity)
	}
	return c
}

// Contrast returns the contrast of two colors, as #rrggbb: 1 to 21. WCAG 2.1 asks for 4.5.
func Contrast(a, b string) float64 { return contrast(parse(a), parse(b)) }

// contrast is the ratio that WCAG 2.1 defines, 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func (c rgb) luminance() float64 {
	for i := range c {
		if c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}
