//go:build unix

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// sizeOfOne is how many objects a fabric has that is one among many.
	sizeOfOne = 500
	// sizeInMemory is how many objects each fabric has whose watch is measured.
	sizeInMemory = 50
	// shortInterval is that of the fabrics of a watch, in seconds.
	shortInterval = 15
)

// scenario is what is measured.
type scenario struct {
	name, title string
	load        load
	watch       bool // its second round is measured
	newOnly     bool // only the working tree's program can do it
	created     bool // all objects are new
	// most is how many requests to NetBox it may take at most, of those that count; 0
	// for no limit.
	most   int
	counts []string
	rows   int // of the change log, at most, for each sync; 0 for no limit
}

// A round reads the fabrics once, for each thousand, and twelve kinds of objects.
const requestsOfRound = 12 + 1

func scenarios(o options) []scenario {
	each := o.objects / o.fabrics
	all := []scenario{
		{
			name: "once", title: fmt.Sprintf("`--once --force`, %s fabrics, %s objects, nothing changed",
				grouped(o.fabrics), grouped(o.objects)),
			load: load{Fabrics: o.fabrics, Each: each, Stored: true, Interval: 3600},
			// Each kind is read once, in pages of a thousand.
			most: o.fabrics*12/10 + requestsOfRound + 12*(1+o.objects/1000), rows: 1,
		},
		{
			name: "watch", title: fmt.Sprintf("a round of `--watch`, %s fabrics, %s objects, nothing changed",
				grouped(o.fabrics), grouped(o.objects)),
			load:  load{Fabrics: o.fabrics, Each: each, Stored: true, Interval: shortInterval},
			watch: true, most: 2*o.fabrics + requestsOfRound, rows: 1,
		},
		{
			name: "one", title: fmt.Sprintf("one fabric of %d among %s objects, nothing changed, with a plugin that "+
				"filters", sizeOfOne, grouped(o.among)),
			load: load{Fabrics: 1, Each: sizeOfOne, Others: o.among - sizeOfOne, Stored: true, Filters: true,
				Interval: 3600},
			most: 14, counts: []string{listObjects, readFabric, writeFabric},
		},
		{
			name: "new", title: fmt.Sprintf("one fabric, %s objects that are all new", grouped(o.created)),
			load: load{Fabrics: 1, Each: o.created, Interval: 3600}, created: true, most: requestsOfNew(o.created),
		},
	}
	if o.memory > 0 {
		all = append(all, scenario{
			name: "memory", title: fmt.Sprintf("a round of `--watch`, %s fabrics, %s objects, nothing changed",
				grouped(o.memory), grouped(o.memory*sizeInMemory)),
			load:  load{Fabrics: o.memory, Each: sizeInMemory, Stored: true, Interval: shortInterval},
			watch: true, newOnly: true, most: o.memory * 12 / 10, rows: 1,
		})
	}
	var chosen []scenario
	for _, s := range all {
		if o.only == "" || o.only == s.name {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// requestsOfNew is how many requests so many new objects may take: a page of each kind,
// the writes, and seven for the fabric: 46 for 5,000 objects.
func requestsOfNew(objects int) int {
	n := 7
	for _, kind := range fabric.Kinds() {
		n++
		if kind.Name != "SwitchGroup" { // which has no spec
			n += (of(kind, objects) + netbox.ObjectBatch - 1) / netbox.ObjectBatch
		}
	}
	return n
}

func scenarioNames() []string { return []string{"once", "watch", "one", "new", "memory"} }

// measurement is what a scenario cost a program.
type measurement struct {
	scenario scenario
	program  string
	counted  counts
	took     time.Duration // of a run with --once
	cpu      time.Duration // of the program; of a watch in its second round
	peak     int64         // of the program's memory, in bytes
}

// measure runs a scenario with a program.
func (s scenario) measure(ctx context.Context, p program) (m measurement, err error) {
	m = measurement{scenario: s, program: p.name}
	servers, err := startServers(ctx, s.load)
	if err != nil {
		return m, err
	}
	defer servers.close()
	args := []string{"--once", "--force"}
	if s.watch {
		args = []string{"--watch"}
	}
	syncing, err := p.start(ctx, servers.address, args...)
	if err != nil {
		return m, err
	}
	ended := false
	defer func() {
		if !ended {
			syncing.kill()
		}
	}()
	if s.watch {
		if err := syncing.synced(s.load.Fabrics, s.checkCounts); err != nil {
			return m, err
		}
		if _, err := servers.take(); err != nil {
			return m, err
		}
		m.cpu = -syncing.spent()
	}
	if err := syncing.synced(s.load.Fabrics, s.checkCounts); err != nil {
		return m, err
	}
	if s.watch {
		m.cpu += syncing.spent()
	}
	if m.counted, err = servers.take(); err != nil {
		return m, err
	}
	ended = true
	m.took, err = syncing.end(s.watch)
	if m.peak = syncing.peak(); !s.watch {
		m.cpu = syncing.cpu()
	}
	return m, err
}

// checkCounts checks what a sync did: a cost says nothing where it did something else.
func (s scenario) checkCounts(l line) error {
	done := "unchanged"
	if s.created {
		done = "created"
	}
	// NetBox refuses an empty spec, which every SwitchGroup has.
	if n := l.Objects[done] + l.Objects["not_storable"]; n != s.load.Each || l.Objects["in_cluster"] != n {
		return fmt.Errorf("not all of %d objects are %s: %v", s.load.Each, done, l.Objects)
	}
	return nil
}
