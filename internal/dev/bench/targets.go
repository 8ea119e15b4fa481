package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	pageSize       = 1000 // fabrics in a page of NetBox's list
	mostRatio      = 2    // plan / plan -refresh=false, with 1,000 fabrics
	mostPeak       = 150  // MB of the provider's memory, with 10,000 fabrics
	mostPeakAtSize = 10000
	parallel       = 10 // operations that the CLI runs at once
)

// target is what must be reached.
type target struct {
	what     string
	most     float64
	measured float64
	unit     string
	// counted targets are numbers of requests, which do not depend on the machine.
	counted bool
}

func (t target) reached() bool { return t.measured <= t.most }

// mostRequests is how many requests an operation may need. A plan asks for the
// status, reads three fabrics by themselves and the rest from the list's pages. An
// apply begins with a plan and asks for the status once more; a write is one request,
// but those that are the first of their process read the fabric before.
// What has been read serves for a minute: a longer refresh reads the pages again.
func mostRequests(m measurement) int {
	size := m.fabrics
	pages := (size + pageSize - 1) / pageSize
	refresh := 4 + pages*(1+int(m.took/time.Minute))
	switch m.operation {
	case create:
		return size + 3
	case plan:
		return refresh
	case changeOne:
		return refresh + 3
	case changeAll, destroy:
		return refresh + 1 + min(size, parallel) + size
	}
	return 0 // plan -refresh=false
}

func targetsOf(measured []measurement) []target {
	var list []target
	for _, m := range measured {
		list = append(list, target{
			what: fmt.Sprintf("%s of %s", m.operation, grouped(m.fabrics)),
			most: float64(mostRequests(m)), measured: float64(m.requests.total()), unit: "requests", counted: true,
		})
	}
	if t, ok := growth(measured); ok {
		list = append(list, t)
	}
	for _, r := range ratiosOf(measured) {
		if r.size == mostCreated {
			list = append(list, target{what: "plan / plan -refresh=false of 1,000", most: mostRatio,
				measured: r.ratio(), unit: "times"})
		}
	}
	peak := int64(0)
	for _, m := range measured {
		if m.fabrics == mostPeakAtSize {
			peak = max(peak, m.peak)
		}
	}
	if peak > 0 {
		list = append(list, target{what: "peak memory with 10,000", most: mostPeak, measured: megabytes(peak),
			unit: "MB"})
	}
	return list
}

// growth is how many requests a plan needs more for each further page of fabrics,
// between the two largest numbers of whole pages.
func growth(measured []measurement) (target, bool) {
	var whole []measurement
	for _, m := range measured {
		if m.operation == plan && m.fabrics%pageSize == 0 {
			whole = append(whole, m)
		}
	}
	if len(whole) < 2 {
		return target{}, false
	}
	slices.SortFunc(whole, func(a, b measurement) int { return a.fabrics - b.fabrics })
	large, small := whole[len(whole)-1], whole[len(whole)-2]
	more := float64(large.requests.total()-small.requests.total()) / float64((large.fabrics-small.fabrics)/pageSize)
	return target{what: "plan, for each further 1,000", most: 1, measured: more, unit: "requests", counted: true}, true
}

// ratio compares a plan with one that asks NetBox nothing about fabrics.
type ratio struct {
	size           int
	plan, baseline measurement
}

func (r ratio) ratio() float64 { return r.plan.took.Seconds() / r.baseline.took.Seconds() }

func ratiosOf(measured []measurement) []ratio {
	var list []ratio
	for _, m := range measured {
		if m.operation != plan {
			continue
		}
		if baseline, ok := of(measured, m.fabrics, planNoRefresh); ok {
			list = append(list, ratio{m.fabrics, m, baseline})
		}
	}
	return list
}

// tooManyError says which operations needed more requests than they may.
type tooManyError struct{ missed []target }

func (e *tooManyError) Error() string {
	lines := []string{"too many requests to NetBox:"}
	for _, t := range e.missed {
		lines = append(lines, fmt.Sprintf("  %s: %s, at most %s", t.what, number(t.measured), number(t.most)))
	}
	return strings.Join(lines, "\n")
}

// checkRequests returns an error when there were more requests than allowed.
// Seconds and memory depend on the machine and are not looked at.
func checkRequests(measured []measurement) error {
	var missed []target
	for _, t := range targetsOf(measured) {
		if t.counted && !t.reached() {
			missed = append(missed, t)
		}
	}
	if len(missed) > 0 {
		return &tooManyError{missed}
	}
	return nil
}
