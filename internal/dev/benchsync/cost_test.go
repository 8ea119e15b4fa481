//go:build unix

package main

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const root = "../../.."

func TestPictures_costOfSyncs(t *testing.T) {
	for file, wide := range map[string]bool{"sync-cost.svg": true, "sync-cost-narrow.svg": false} {
		if err := plotCost(wide).Keep(filepath.Join(root, "docs/images", file)); err != nil {
			t.Error(err)
		}
	}
}

// tableRow is a row of the table that DESIGN.md has for 100,000 objects: fabrics, requests,
// requests before, a ratio, seconds, seconds before.
var tableRow = regexp.MustCompile(`(?m)^\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| [\d.]+ \| ([\d.,]+) \| ([\d.,]+) \|`)

func TestCost_isThatOfTheDesign(t *testing.T) {
	design, err := os.ReadFile(filepath.Join(root, "DESIGN.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := tableRow.FindAllStringSubmatch(string(design), -1)
	if len(rows) != len(drawn) {
		t.Fatalf("DESIGN.md has %d rows, and %d are drawn", len(rows), len(drawn))
	}
	for i, row := range rows {
		var said [5]float64
		for k := range said {
			if said[k], err = strconv.ParseFloat(strings.ReplaceAll(row[k+1], ",", ""), 64); err != nil {
				t.Fatal(err)
			}
		}
		now, before := withInventory(drawn[i], manyObjects), readingAll(drawn[i], manyObjects)
		for k, got := range []float64{drawn[i], now.requests, before.requests, now.seconds, before.seconds} {
			if math.Abs(got-said[k]) > max(0.05, 0.05*said[k]) { // DESIGN.md rounds
				t.Errorf("%s fabrics: %v, DESIGN.md says %v", row[1], got, said[k])
			}
		}
	}
}
