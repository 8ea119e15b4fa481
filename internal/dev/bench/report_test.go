package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// measuredAs is a run that reaches every target exactly.
func measuredAs() []measurement {
	second := time.Second
	return []measurement{
		{1000, create, 29 * second, requests{status: 1, post: 1002}, 90e6},
		{1000, plan, 3200 * time.Millisecond, requests{status: 1, getOne: 3, getList: 1}, 60e6},
		{1000, planNoRefresh, 1600 * time.Millisecond, requests{}, 50e6},
		{1000, changeOne, 4 * second, requests{status: 2, getOne: 4, getList: 1, patch: 1}, 60e6},
		{10000, plan, 40 * second, requests{status: 1, getOne: 3, getList: 10}, 150e6},
		{10000, planNoRefresh, 30 * second, requests{}, 140e6},
	}
}

func TestTargets_reachedAtTheirLimits(t *testing.T) {
	for _, x := range targetsOf(measuredAs()) {
		if !x.reached() {
			t.Errorf("%s: %v, at most %v", x.what, x.measured, x.most)
		}
	}
	if err := checkRequests(measuredAs()); err != nil {
		t.Error(err)
	}
}

func TestCheck_oneRequestTooMany(t *testing.T) {
	for i, m := range measuredAs() {
		measured := measuredAs()
		measured[i].requests[getOne]++
		err := checkRequests(measured)
		if tooMany, ok := errors.AsType[*tooManyError](err); !ok || tooMany.missed[0].what != string(m.operation)+
			" of "+grouped(m.fabrics) {
			t.Errorf("%s of %d: %v", m.operation, m.fabrics, err)
		}
	}
}

// A plan may grow by a request for each page and no more, whatever it may need in all.
func TestCheck_growthOfAPlan(t *testing.T) {
	measured := measuredAs()
	delete(measured[1].requests, getOne) // the small plan needs three less
	err := checkRequests(measured)
	if tooMany, ok := errors.AsType[*tooManyError](err); !ok || tooMany.missed[0].what != "plan, for each "+
		"further 1,000" {
		t.Errorf("growth: %v", err)
	}
}

func TestCheck_neverLooksAtTimeOrMemory(t *testing.T) {
	measured := measuredAs()
	for i := range measured {
		if measured[i].operation == plan {
			measured[i].took, measured[i].peak = time.Hour, 1e12
		}
	}
	if err := checkRequests(measured); err != nil {
		t.Error(err)
	}
	missed := 0
	for _, x := range targetsOf(measured) {
		if !x.reached() {
			missed++
		}
	}
	if missed != 2 {
		t.Errorf("%d targets are reported as missed, want those of ratio and memory", missed)
	}
}

func TestReport_showsTheMeasurements(t *testing.T) {
	r := &results{
		name: "standin", server: "Stand-in for NetBox 4.7.3", cli: "Terraform v1.11.4", machine: "linux/amd64, 2 CPUs",
		binarySize: 25.7e6, firstAnswer: 6800 * time.Microsecond, measured: measuredAs(),
	}
	text := r.markdown()
	for _, want := range []string{
		"| fabrics | operation | seconds | requests | GET one | GET list | POST | PATCH | status | peak memory |\n",
		"| 1,000 | create | 29.00 | 1,003 | 0 | 0 | 1,002 | 0 | 1 | 90 MB |\n",
		"| 1,000 | 3.20 s | 1.60 s | 2.00 |\n",
		"| peak memory with 10,000 | 150 MB | 150 | yes |\n",
		"| plan, for each further 1,000 | 1 requests | 1 | yes |\n",
		"| binary size, stripped | 25.7 MB |\n",
		"| start to first answer, median of 30 | 6.8 ms |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report has no %q:\n%s", want, text)
		}
	}
}

func TestPictures_benchmarks(t *testing.T) {
	for _, name := range []string{"netbox", "standin"} {
		table, err := os.ReadFile("results/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		s, err := read(string(table))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(table), embedded(name)) {
			t.Errorf("%s.md does not show its plots", name)
		}
		for suffix, wide := range map[string]bool{".svg": true, "-narrow.svg": false} {
			if err := s.plot(wide).Keep("results/" + name + suffix); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestRead_whatMarkdownWrote(t *testing.T) {
	r := &results{server: "NetBox <4.7> & more", cli: "x", machine: "y, 2 CPUs", measured: measuredAs()}
	s, err := read(r.markdown())
	if err != nil {
		t.Fatal(err)
	}
	if s.server != r.server || s.run != "x on y, 2 CPUs" || len(s.rows) != len(r.measured) {
		t.Errorf("got %+v", s)
	}
	for i, want := range []storedRow{
		{create, "1,000", 29, 1003}, {plan, "1,000", 3.2, 5}, {planNoRefresh, "1,000", 1.6, 0},
	} {
		if s.rows[i] != want {
			t.Errorf("got %+v, want %+v", s.rows[i], want)
		}
	}
	if _, err := read("# Benchmark: x"); err == nil {
		t.Error("a file without a table was read")
	}
}
