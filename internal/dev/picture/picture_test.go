package picture

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestProblems_findWhatCannotBeRead(t *testing.T) {
	text := Style{Color: Ink, Size: 12}
	for want, draw := range map[string]func(*Drawing){
		"": func(d *Drawing) {
			d.Rect(20, 20, 60, 30, Fill{Color: Danger, Texture: Hatch})
			d.Text(50, 40, "error", Style{Color: White, Size: 12, Anchor: Middle})
			d.Line(10, 60, 100, 160, Axis, false)
			d.Text(60, 80, "beside the line", text)
		},
		`"cut off on the right" is cut`: func(d *Drawing) { d.Text(150, 40, "cut off on the right", text) },
		`"tiny" has the size 9`:         func(d *Drawing) { d.Text(50, 40, "tiny", Style{Color: Ink, Size: 9}) },
		`"one" is on "two"`: func(d *Drawing) {
			d.Text(50, 40, "one", text)
			d.Text(60, 42, "two", text)
		},
		`"struck" is crossed by a line`: func(d *Drawing) {
			d.Line(10, 10, 100, 70, Axis, false)
			d.Text(50, 40, "struck", text)
		},
		`"wide" is over the edge of what it is in`: func(d *Drawing) {
			d.Rect(50, 20, 20, 30, Fill{Color: Grid})
			d.Text(45, 40, "wide", text)
		},
		`"sign" is on an icon`: func(d *Drawing) {
			d.Icon(50, 34, "M0 0h9", Ink)
			d.Text(45, 40, "sign", text)
		},
		`"pale" has a contrast of 1.61 in light`: func(d *Drawing) {
			d.Text(50, 40, "pale", Style{Color: Color{"#c9ccd1", "#ffffff"}, Size: 12})
		},
		`"striped" has a contrast of 3.13 in dark`: func(d *Drawing) {
			d.Rect(20, 20, 90, 30, Fill{Color: Color{"#ffffff", "#b0b0b0"}, Texture: Dots})
			d.Text(30, 40, "striped", Style{Color: Color{"#000000", "#303030"}, Size: 12})
		},
	} {
		d := New(200, 200, "", Page)
		draw(d)
		if got := strings.Join(d.Problems(), "; "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestContrast_asWCAGHasIt(t *testing.T) {
	for pair, want := range map[[2]string]float64{
		{"#000000", "#ffffff"}: 21, {"#777777", "#ffffff"}: 4.48, {"#ffffff", "#dc3545"}: 4.53,
	} {
		if got := contrast(parse(pair[0]), parse(pair[1])); math.Abs(got-want) > 0.005 {
			t.Errorf("%v: %.3f, want %.2f", pair, got, want)
		}
	}
}

func TestSVG_hasBothSchemesAndIsXML(t *testing.T) {
	d := New(100, 50, `"a" & <b>`, Page)
	d.Text(10, 20, "<&>", Style{Color: Ink, Size: 12})
	svg := string(d.SVG())
	_, dark, _ := strings.Cut(svg, "@media (prefers-color-scheme:dark){")
	if !strings.Contains(svg, "{fill:"+Ink.Light+"}") || !strings.Contains(dark, "{fill:"+Ink.Dark+"}") {
		t.Errorf("a scheme lacks its color:\n%s", svg)
	}
	var texts []string
	for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			texts = append(texts, string(text))
		}
	}
	if !slices.Contains(texts, "<&>") {
		t.Errorf("got %q", texts)
	}
}

func TestKeep_failsOnAnotherFile(t *testing.T) {
	t.Setenv(drawVariable, "")
	file := filepath.Join(t.TempDir(), "a.svg")
	if err := Keep(file, []byte("drawn")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	t.Setenv(drawVariable, "1")
	if err := Keep(file, []byte("drawn")); err != nil {
		t.Fatal(err)
	}
	t.Setenv(drawVariable, "")
	if err := Keep(file, []byte("drawn")); err != nil {
		t.Error(err)
	}
	if err := Keep(file, []byte("drawn otherwise")); err == nil || !strings.Contains(err.Error(), "make pictures") {
		t.Errorf("got %v", err)
	}
}

func TestLog_wholePowers(t *testing.T) {
	l := NewLog(0.16, 174, 100, 500)
	if got := l.Powers(); len(got) != 5 || math.Round(l.At(0.1)) != 100 || math.Round(l.At(1000)) != 500 ||
		math.Round(l.At(10)) != 300 {
		t.Errorf("%v: %v %v", got, l.At(0.1), l.At(1000))
	}
	if got := Grouped(1234567.5, 1) + " " + Grouped(999, 0) + " " + Grouped(1000, 0); got != "1,234,567.5 999 1,000" {
		t.Error(got)
	}
}
