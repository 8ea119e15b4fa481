package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const root = "../../.."

func TestGuide_pictureAndTimelineAreThoseOfTheRule(t *testing.T) {
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		got, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Errorf("%v: run go run ./internal/dev/statusplot", err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go run ./internal/dev/statusplot", path)
		}
	}
}

func TestExample_hasEveryStatus(t *testing.T) {
	seen := map[fabric.Status]bool{}
	for _, m := range example().moments() {
		seen[m.Status] = true
	}
	for _, status := range fabric.Statuses() {
		if !seen[status] {
			t.Errorf("the example never is %s", status)
		}
	}
}

// The table is written down once here as well: what is generated is otherwise
// compared with what was generated.
func TestExample_turnsAtTheSecondAfterTwiceTheInterval(t *testing.T) {
	table := example().table()
	for _, row := range []string{
		"| 12:50:01 | The last sync is older than twice the interval. | 20 min 1 s | `in_sync` | `out_of_sync` | 6 | true |",
		"| 13:46:00 | A user clears the server in NetBox's web form. | 26 min | `in_sync` | `not_configured` | 1 " +
			"| false |",
	} {
		if !strings.Contains(table, row) {
			t.Errorf("the table has no row\n%s\nbut is\n%s", row, table)
		}
	}
}

func TestPlot_isXMLAndStaysInside(t *testing.T) {
	s := example()
	text, err := s.plot()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if x := s.x(s.end); x > 1010 {
		t.Errorf("the lanes end at %.0f, outside of the picture", x)
	}
}
