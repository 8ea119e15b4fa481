package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// operation is what is measured.
type operation string

const (
	create        operation = "create"
	plan          operation = "plan without changes"
	planNoRefresh operation = "plan -refresh=false"
	changeOne     operation = "change one"
	changeAll     operation = "change all"
	destroy       operation = "destroy"
)

func operations() []operation {
	return []operation{create, plan, planNoRefresh, changeOne, changeAll, destroy}
}

// plans is how often both plans are made, in turn: their ratio is reported, and a
// single time of a second or two says little on a busy machine. Where a plan takes
// minutes, beyond mostCreated, it is made once.
const plans = 3

// measurement is what an operation cost; of several runs, the median time and the
// largest of all else.
type measurement struct {
	fabrics   int
	operation operation
	took      time.Duration
	requests  requests
	peak      int64 // of the provider's memory, in bytes
}

// bench has all that measuring takes.
type bench struct {
	out     *console
	folder  string
	options options
	server  *server
	proxy   *proxy
	cli     *cli
}

func newBench(ctx context.Context, o options, folder string, out *console) (*bench, error) {
	b := &bench{out: out, folder: folder, options: o}
	if err := b.start(ctx); err != nil {
		b.close()
		return nil, err
	}
	out.say("%s, %s.\n", b.server.title, b.cli.version)
	return b, nil
}

func (b *bench) start(ctx context.Context) (err error) {
	if b.server, err = startServer(ctx, b.options); err != nil {
		return err
	}
	if b.proxy, err = startProxy(ctx, b.server.url); err != nil {
		return err
	}
	b.cli, err = newCLI(ctx, b.folder, b.proxy.url, b.server.token)
	return err
}

func (b *bench) close() {
	if b.proxy != nil {
		b.proxy.close()
	}
	if b.server != nil {
		b.server.close()
	}
}

func (b *bench) measureAll(ctx context.Context) (*results, error) {
	r := &results{
		name: b.server.name, server: b.server.title, cli: b.cli.version,
		machine: fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
	}
	info, err := os.Stat(b.cli.provider)
	if err != nil {
		return nil, err
	}
	r.binarySize = info.Size()
	if r.firstAnswer, err = firstAnswer(ctx, b.cli.provider, b.folder); err != nil {
		return nil, err
	}
	for _, size := range b.options.sizes {
		measured, err := b.measureSize(ctx, size)
		if err != nil {
			return nil, fmt.Errorf("%d fabrics: %w", size, err)
		}
		r.measured = append(r.measured, measured...)
	}
	return r, nil
}

// measureSize measures the operations with a number of fabrics, and leaves none.
func (b *bench) measureSize(ctx context.Context, size int) (measured []measurement, err error) {
	folder := filepath.Join(b.folder, strconv.Itoa(size))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	// Begins as the names that all tests make, so that leftovers are recognized.
	f := fabrics{prefix: "tf-acc-bench-" + strings.ToLower(rand.Text()[:8]) + "-", number: size,
		first: "new", others: "new"}
	if f.certificate, err = certificates(b.options.certificate); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.server.clear(ctx, f.prefix)) }()
	s := &series{bench: b, folder: folder, fabrics: f}
	if size > mostCreated {
		return s.seeded(ctx)
	}
	return s.created(ctx)
}

// series is the operations with one number of fabrics.
type series struct {
	*bench
	folder   string
	fabrics  fabrics
	measured []measurement
}

// created has the CLI make the fabrics.
func (s *series) created(ctx context.Context) ([]measurement, error) {
	if err := s.apply(ctx, create); err != nil {
		return nil, err
	}
	if err := s.plans(ctx, plans); err != nil {
		return nil, err
	}
	s.fabrics.first = "changed"
	if err := s.apply(ctx, changeOne); err != nil {
		return nil, err
	}
	s.fabrics.first, s.fabrics.others = "changed again", "changed"
	if err := s.apply(ctx, changeAll); err != nil {
		return nil, err
	}
	return s.measured, s.apply(ctx, destroy)
}

// seeded has the fabrics put into the stand-in and into the state.
func (s *series) seeded(ctx context.Context) ([]measurement, error) {
	if err := s.fabrics.configure(s.folder); err != nil {
		return nil, err
	}
	if err := s.fabrics.seed(s.server.standin, s.folder); err != nil {
		return nil, err
	}
	if err := s.plans(ctx, 1); err != nil {
		return nil, err
	}
	s.fabrics.first = "changed"
	return s.measured, s.apply(ctx, changeOne)
}

// plans makes both plans in turn, so often. Neither may find a change.
func (s *series) plans(ctx context.Context, times int) error {
	runs := map[operation][]measurement{}
	for range times {
		for _, o := range []operation{plan, planNoRefresh} {
			args := []string{"plan", "-detailed-exitcode", "-no-color"}
			if o == planNoRefresh {
				args = append(args, "-refresh=false")
			}
			m, err := s.measure(ctx, o, args...)
			if err != nil {
				return err
			}
			runs[o] = append(runs[o], m)
		}
	}
	s.add(worst(runs[plan]))
	s.add(worst(runs[planNoRefresh]))
	return nil
}

// apply applies the configuration as it is now, or destroys it.
func (s *series) apply(ctx context.Context, o operation) error {
	if err := s.fabrics.configure(s.folder); err != nil {
		return err
	}
	command := "apply"
	if o == destroy {
		command = "destroy"
	}
	m, err := s.measure(ctx, o, command, "-auto-approve", "-no-color")
	if err != nil {
		return err
	}
	s.add(m)
	return nil
}

func (s *series) add(m measurement) {
	s.measured = append(s.measured, m)
	s.out.say("%6d  %-20s %7.2f s  %5d requests  %4.0f MB\n", m.fabrics, m.operation, m.took.Seconds(),
		m.requests.total(), megabytes(m.peak))
}

// measure runs one command of the CLI.
func (s *series) measure(ctx context.Context, o operation, args ...string) (measurement, error) {
	m := measurement{fabrics: s.fabrics.number, operation: o}
	began := time.Now()
	_, err := s.cli.run(ctx, s.folder, args...)
	m.took = time.Since(began)
	var lost error
	m.requests, lost = s.proxy.take()
	if err := errors.Join(err, lost); err != nil {
		return m, fmt.Errorf("%s: %w", o, err)
	}
	m.peak, err = takePeak(s.cli.peaks)
	return m, err
}

// worst is the median time of several runs and the largest of all else.
func worst(runs []measurement) measurement {
	w := runs[0]
	var times []time.Duration
	for _, m := range runs {
		times = append(times, m.took)
		w.peak = max(w.peak, m.peak)
		if m.requests.total() > w.requests.total() {
			w.requests = m.requests
		}
	}
	w.took = median(times)
	return w
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// of returns the measurement of an operation with a number of fabrics.
func of(measured []measurement, size int, o operation) (measurement, bool) {
	i := slices.IndexFunc(measured, func(m measurement) bool { return m.fabrics == size && m.operation == o })
	if i < 0 {
		return measurement{}, false
	}
	return measured[i], true
}
