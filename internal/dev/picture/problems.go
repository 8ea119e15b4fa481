package picture

import "fmt"

const (
	// leastContrast is what WCAG 2.1 asks of text.
	leastContrast = 4.5
	// leastSize is the smallest text that people read on a phone, in its pixels.
	leastSize = 11
)

// Problems returns what a reader could not read: a text that is cut, small, on another
// text, crossed by a line, over the edge of what it is in, or too like what is below it.
func (d *Drawing) Problems() (all []string) {
	say := func(format string, a ...any) { all = append(all, fmt.Sprintf(format, a...)) }
	for i := range d.shapes {
		s := &d.shapes[i]
		if s.text == "" {
			continue
		}
		b := s.box()
		if !b.within(box{4, 4, d.width - 4, d.height - 4}) {
			say("%q is cut", s.text)
		}
		if s.style.Size < leastSize {
			say("%q has the size %v", s.text, s.style.Size)
		}
		for j := range d.shapes {
			if problem := d.between(b, i, j); problem != "" {
				say("%q %s", s.text, problem)
			}
		}
		for scheme, see := range schemes() {
			for _, below := range d.below(i, see) {
				if c := contrast(see(s.style.Color), below); c < leastContrast {
					say("%q has a contrast of %.2f in %s", s.text, c, scheme)
				}
			}
		}
	}
	return all
}

// between says what is wrong between a text, which covers a box, and another shape.
func (d *Drawing) between(b box, i, j int) string {
	other := &d.shapes[j]
	switch {
	case other.text != "" && j > i && b.touches(other.box()):
		return fmt.Sprintf("is on %q", other.text)
	case other.icon != "" && b.touches(box{other.x, other.y, other.x + other.w, other.y + other.h}):
		return "is on an icon"
	case other.line != nil && other.crosses(b) && !d.covered(b, j, i):
		return "is crossed by a line"
	case other.rect != nil && j > 0 && j < i: // the first is the page
		r := box{other.x, other.y, other.x + other.w, other.y + other.h}
		if b.touches(r) && !b.within(r) {
			return "is over the edge of what it is in"
		}
	}
	return ""
}

// covered reports whether an opaque rectangle that came between a line and a text lies
// below the text.
func (d *Drawing) covered(b box, line, text int) bool {
	for k := line + 1; k < text; k++ {
		if r := &d.shapes[k]; r.rect != nil && r.rect.Opacity == 0 && b.within(box{r.x, r.y, r.x + r.w, r.y + r.h}) {
			return true
		}
	}
	return false
}

// crosses reports whether a line, which is a pixel wide, goes through a box.
func (s *shape) crosses(b box) bool {
	from, to := 0.0, 1.0 // the part of the line that is in the box so far
	for _, side := range [][3]float64{{s.x, s.w, b.left}, {-s.x, -s.w, -b.right}, {s.y, s.h, b.top},
		{-s.y, -s.h, -b.bottom}} {
		begin, step, edge := side[0]+0.5, side[1], side[2]
		switch {
		case step > 0:
			from = max(from, (edge-begin)/step)
		case step < 0:
			to = min(to, (edge-begin)/step)
		case begin < edge:
			return false
		}
	}
	return from < to
}

// below are the colors that the middle of a text may have below it.
func (d *Drawing) below(text int, see func(Color) rgb) []rgb {
	b := d.shapes[text].box()
	x, y := (b.left+b.right)/2, (b.top+b.bottom)/2
	found := []rgb{see(Page)}
	for i := range text {
		s := &d.shapes[i]
		if s.rect == nil || x < s.x || x > s.x+s.w || y < s.y || y > s.y+s.h {
			continue
		}
		opacity := s.rect.Opacity
		if opacity == 0 {
			opacity = 1
		}
		for k := range found {
			found[k] = see(s.rect.Color).over(found[k], opacity)
		}
		if s.rect.Texture != Plain {
			for _, c := range found {
				found = append(found, rgb{}.over(c, textureOpacity))
			}
		}
	}
	return found
}
