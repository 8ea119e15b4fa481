package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// results are those of one run.
type results struct {
	name        string // of the files
	server      string
	cli         string
	machine     string
	binarySize  int64 // of the provider, in bytes
	firstAnswer time.Duration
	measured    []measurement
}

func (r *results) check() error { return checkRequests(r.measured) }

// write writes the table and the plots into a folder.
func (r *results) write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	table := r.markdown()
	s, err := read(table)
	if err != nil {
		return err
	}
	for suffix, content := range map[string][]byte{
		".md": []byte(table), ".svg": s.plot(true).SVG(), "-narrow.svg": s.plot(false).SVG(),
	} {
		if err := os.WriteFile(filepath.Join(folder, r.name+suffix), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// table is a table with a header; columns from the second on may be numbers.
type table [][]string

// markdown writes the columns from right on aligned to the right.
func (t table) markdown(right int) string {
	var text strings.Builder
	line := func(cells []string) { text.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t[0])
	rule := make([]string, len(t[0]))
	for i := range rule {
		if rule[i] = "---"; i >= right {
			rule[i] = "--:"
		}
	}
	line(rule)
	for _, cells := range t[1:] {
		line(cells)
	}
	return text.String()
}

// plain writes the table for a terminal.
func (t table) plain() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, cells := range t {
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	return text.String()
}

func (r *results) markdown() string {
	var text strings.Builder
	line := func(format string, a ...any) { _, _ = fmt.Fprintf(&text, format+"\n", a...) }
	line("# Benchmark: %s\n", r.server)
	line("Written by `make bench`, with %s on %s; NetBox, CLI and provider share the machine.", r.cli, r.machine)
	line("Seconds are those of the whole command, the CLI's own work included. Plans are the median of %d; beyond %s "+
		"fabrics, a plan is made once.", plans, grouped(mostCreated))
	line("Requests are counted between provider and NetBox. Memory is the provider's largest resident set.\n")
	line("%s\n", embedded(r.name))
	line("%s", r.measurements().markdown(2))
	line("## Ratios\n\n%s", r.ratios().markdown(0))
	line("## Targets\n\n%s", r.targets().markdown(1))
	line("## Plugin\n\n%s", strings.TrimRight(r.plugin().markdown(1), "\n"))
	return text.String()
}

// embedded shows the plots.
func embedded(name string) string {
	return fmt.Sprintf(`<picture><source media="(max-width: 600px)" srcset="%[1]s-narrow.svg">![Seconds and requests `+
		`to NetBox of each operation, by the number of fabrics, on logarithmic axes](%[1]s.svg)</picture>`, name)
}

// summary is what the terminal shows at the end.
func (r *results) summary() string {
	return r.ratios().plain() + "\n" + r.targets().plain() + "\n" + r.plugin().plain()
}

func (r *results) measurements() table {
	t := table{{"fabrics", "operation", "seconds", "requests"}}
	shown := r.kinds()
	for _, k := range shown {
		t[0] = append(t[0], string(k))
	}
	t[0] = append(t[0], "peak memory")
	for _, m := range r.measured {
		row := []string{grouped(m.fabrics), string(m.operation), seconds(m.took), grouped(m.requests.total())}
		for _, k := range shown {
			row = append(row, grouped(m.requests[k]))
		}
		t = append(t, append(row, fmt.Sprintf("%.0f MB", megabytes(m.peak))))
	}
	return t
}

// kinds are those of any request that was made.
func (r *results) kinds() []kind {
	var made []kind
	for _, k := range kinds() {
		for _, m := range r.measured {
			if m.requests[k] > 0 {
				made = append(made, k)
				break
			}
		}
	}
	return made
}

func (r *results) ratios() table {
	t := table{{"fabrics", "plan", "plan -refresh=false", "ratio"}}
	for _, x := range ratiosOf(r.measured) {
		t = append(t, []string{grouped(x.size), seconds(x.plan.took) + " s", seconds(x.baseline.took) + " s",
			fmt.Sprintf("%.2f", x.ratio())})
	}
	return t
}

func (r *results) targets() table {
	t := table{{"target", "at most", "measured", "reached"}}
	for _, x := range targetsOf(r.measured) {
		reached := "yes"
		if !x.reached() {
			reached = "NO"
		}
		t = append(t, []string{x.what, number(x.most) + " " + x.unit, number(x.measured), reached})
	}
	return t
}

func (r *results) plugin() table {
	return table{
		{"plugin", "measured"},
		{"binary size, stripped", fmt.Sprintf("%.1f MB", megabytes(r.binarySize))},
		{fmt.Sprintf("start to first answer, median of %d", handshakes), fmt.Sprintf("%.1f ms",
			float64(r.firstAnswer.Microseconds())/1000)},
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

// number writes a whole number without decimals, and any other with two.
func number(x float64) string {
	if x == float64(int(x)) {
		return grouped(int(x))
	}
	return fmt.Sprintf("%.2f", x)
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
