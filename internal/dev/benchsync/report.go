//go:build unix

package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// results are those of one run.
type results struct {
	options  options
	measured []measurement
}

func (r *results) add(m measurement) {
	r.measured = append(r.measured, m)
	fmt.Printf("%-70s %-14s %7s requests %9.1f MB %6d rows %7.2f s CPU %5.0f MB\n", m.scenario.title, m.program,
		grouped(m.counted.total()), megabytes(m.counted.Bytes), m.counted.Rows, m.cpu.Seconds(), megabytes(m.peak))
}

// end writes the table and checks it, where that is asked for.
func (r *results) end() error {
	if r.options.results != "" {
		if err := os.WriteFile(r.options.results, []byte(r.markdown()), 0o644); err != nil {
			return err
		}
	}
	if !r.options.check {
		return nil
	}
	for _, m := range r.measured {
		if err := m.check(); err != nil && m.program == nowName {
			return err
		}
	}
	return nil
}

// check compares a measurement with what its scenario allows.
func (m measurement) check() error {
	n := m.counted.total()
	if m.scenario.counts != nil {
		n = 0
		for _, kind := range m.scenario.counts {
			n += m.counted.Requests[kind]
		}
	}
	if m.scenario.most > 0 && n > m.scenario.most {
		return fmt.Errorf("%s: %d requests to NetBox, at most %d are allowed: %v", m.scenario.title, n, m.scenario.most,
			m.counted.Requests)
	}
	if most := m.scenario.rows * m.scenario.load.Fabrics; most > 0 && m.counted.Rows > most {
		return fmt.Errorf("%s: %d rows of the change log, at most %d are allowed", m.scenario.title, m.counted.Rows,
			most)
	}
	return nil
}

func (r *results) markdown() string {
	var text strings.Builder
	line := func(cells ...string) { text.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	_, _ = fmt.Fprintf(&text, `# What syncs cost

Written by `+"`make bench-sync`"+`, with stand-ins for NetBox and the clusters, on %s/%s with
%d CPUs. Requests and change-log rows are those of all fabrics together. Megabytes are those of NetBox's answers. CPU
seconds and memory (the largest resident set) are those of the program alone.
Seconds are those of the whole run, most of which the stand-ins take. Times are comparable within this table only.

`, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	header, rule := []string{"what", "program", "requests"}, []string{"---", "---", "--:"}
	for _, kind := range requestKinds() {
		header, rule = append(header, kind), append(rule, "--:")
	}
	for _, name := range []string{"MB", "change-log rows", "requests to clusters", "CPU s", "memory", "s"} {
		header, rule = append(header, name), append(rule, "--:")
	}
	line(header...)
	line(rule...)
	for _, m := range r.measured {
		cells := []string{m.scenario.title, m.program, grouped(m.counted.total())}
		for _, kind := range requestKinds() {
			cells = append(cells, grouped(m.counted.Requests[kind]))
		}
		seconds := "" // a watch waits for its interval
		if !m.scenario.watch {
			seconds = fmt.Sprintf("%.2f", m.took.Seconds())
		}
		line(append(cells, fmt.Sprintf("%.1f", megabytes(m.counted.Bytes)), grouped(m.counted.Rows),
			grouped(m.counted.Cluster),
			fmt.Sprintf("%.2f", m.cpu.Seconds()), fmt.Sprintf("%.0f MB", megabytes(m.peak)), seconds)...)
	}
	text.WriteString(r.ratios())
	return text.String()
}

// ratios compares the programs, where two were measured.
func (r *results) ratios() string {
	if r.options.base == "" {
		return ""
	}
	var text strings.Builder
	text.WriteString("\n| what | requests, now to base | CPU s, now to base | memory, now to base |\n| --- | --: | " +
		"--: | --: |\n")
	for i, m := range r.measured {
		if m.program != nowName || i == 0 || r.measured[i-1].scenario.name != m.scenario.name {
			continue
		}
		base := r.measured[i-1]
		_, _ = fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", m.scenario.title, ratio(float64(m.counted.total()),
			float64(base.counted.total())),
			ratio(m.cpu.Seconds(), base.cpu.Seconds()), ratio(megabytes(m.peak), megabytes(base.peak)))
	}
	return text.String()
}

func ratio(now, base float64) string {
	if base == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", now/base)
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
