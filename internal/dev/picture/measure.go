package picture

import (
	"strings"
	"unicode/utf8"
)

// advances are the widths of the characters from the space on in DejaVu Sans, in
// thousandths of the size. Of the fonts that may show a picture, it is the widest.
var advances = [...]float64{
	318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
	636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
	575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
	611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
	278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
}

// boldWider is how much wider bold characters are.
const boldWider = 1.13

// Width returns how wide a text is at most, in pixels.
func Width(text string, style Style) float64 {
	if style.Mono {
		return float64(utf8.RuneCountInString(text)) * style.Size * monoWidth
	}
	sum := 0.0
	for _, r := range text {
		if i := int(r - ' '); i >= 0 && i < len(advances) {
			sum += advances[i]
		} else {
			sum += 838 // such as ×
		}
	}
	if style.Bold {
		sum *= boldWider
	}
	return sum * style.Size / 1000
}

func (s *shape) textWidth() float64 { return Width(s.text, s.style) }

// box is what a text covers.
type box struct{ left, top, right, bottom float64 }

func (s *shape) box() box {
	w := s.textWidth()
	b := box{s.x, s.y - 0.76*s.style.Size, s.x + w, s.y + 0.22*s.style.Size}
	switch s.style.Anchor {
	case Middle:
		b.left, b.right = s.x-w/2, s.x+w/2
	case End:
		b.left, b.right = s.x-w, s.x
	}
	return b
}

func (b box) touches(other box) bool {
	return b.left < other.right && other.left < b.right && b.top < other.bottom && other.top < b.bottom
}

func (b box) within(other box) bool {
	return b.left >= other.left && b.right <= other.right && b.top >= other.top && b.bottom <= other.bottom
}

// Wrap breaks a text into lines that are at most so wide.
func Wrap(text string, width float64, style Style) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if longer := line + " " + word; line == "" {
			line = word
		} else if Width(longer, style) <= width {
			line = longer
		} else {
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// Paragraph adds a text in lines that are at most so wide, the first of which has its base
// line at y. It returns that of a next line.
func (d *Drawing) Paragraph(x, y, width float64, text string, style Style) float64 {
	for _, line := range Wrap(text, width, style) {
		d.Text(x, y, line, style)
		y += 1.4 * style.Size
	}
	return y
}
