package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// output is where reports go for people or programs. Its methods are called one
// at a time.
type output interface {
	add(*report) error
	end() error
}

func newOutput(o *options, w io.Writer) output {
	switch o.output {
	case outputTable:
		return &table{out: w, dryRun: o.dryRun}
	case outputJSON:
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return &lines{encoder: encoder, dryRun: o.dryRun}
	}
	return none{}
}

type none struct{}

func (none) add(*report) error { return nil }
func (none) end() error        { return nil }

// lines writes one JSON object on a line for each report.
type lines struct {
	encoder *json.Encoder
	dryRun  bool
}

// record is a report in JSON. Every key is always there.
type record struct {
	Fabric     string         `json:"fabric"`
	FabricID   *int64         `json:"fabric_id"` // null for a fabric that is not there
	Run        string         `json:"run"`       // id of the sync; "" where none was tried
	Outcome    string         `json:"outcome"`
	Failed     bool           `json:"failed"` // whether the exit code is 1 because of it
	Message    string         `json:"message"`
	Status     string         `json:"sync_status"`
	ErrorClass string         `json:"error_class"`
	DryRun     bool           `json:"dry_run"`
	StartedAt  *time.Time     `json:"started_at"`
	FinishedAt *time.Time     `json:"finished_at"`
	Seconds    float64        `json:"duration_seconds"`
	Objects    map[string]int `json:"objects"` // null where the cluster was not read
	Kinds      []kindRecord   `json:"kinds"`
	Warnings   []string       `json:"warnings"`
}

type kindRecord struct {
	Kind     string         `json:"kind"`
	Complete bool           `json:"complete"` // its list was read to the end
	Objects  map[string]int `json:"objects"`
	Error    string         `json:"error"`
	Failures []string       `json:"failures"`
}

func (l *lines) add(r *report) error { return l.encoder.Encode(newRecord(r, l.dryRun)) }
func (l *lines) end() error          { return nil }

func newRecord(r *report, dryRun bool) *record {
	result := r.result
	x := &record{
		Fabric: result.Fabric, Run: result.Run, Outcome: string(result.Outcome), Failed: r.failed(false), Message: result.Message, Status: string(result.Status),
		ErrorClass: string(result.Class), DryRun: dryRun, StartedAt: known(result.StartedAt), Seconds: r.took.Round(time.Millisecond).Seconds(),
		Kinds: []kindRecord{}, Warnings: append([]string{}, result.Warnings...),
	}
	if r.id != 0 {
		x.FabricID = &r.id
	}
	if r.begun() {
		x.FinishedAt = known(result.FinishedAt)
	}
	if result.Kinds != nil {
		x.Objects = counts(result.Totals())
	}
	for i := range result.Kinds {
		k := &result.Kinds[i]
		x.Kinds = append(x.Kinds, kindRecord{
			Kind: k.Kind.Name, Complete: k.Listed, Objects: counts(*k), Error: joined(k.Error, k.PruneError), Failures: append([]string{}, k.Failures...),
		})
	}
	return x
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func counts(k fabricsync.KindResult) map[string]int {
	all := map[string]int{}
	for action, n := range actions(k) {
		all[action] = n
	}
	return all
}

func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "; ")
}

// table keeps the reports, and prints them at the end in the order of their names.
type table struct {
	out     io.Writer
	dryRun  bool
	reports []*report
}

func (t *table) add(r *report) error {
	t.reports = append(t.reports, r)
	return nil
}

func (t *table) end() error {
	slices.SortStableFunc(t.reports, func(a, b *report) int { return strings.Compare(a.result.Fabric, b.result.Fabric) })
	if len(t.reports) > 0 {
		if err := t.rows(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(t.out, t.summary())
	return err
}

func (t *table) rows() error {
	var aligned bytes.Buffer
	w := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	header := []string{"FABRIC", "ID", "OUTCOME", "SYNC STATUS"}
	for action := range actions(fabricsync.KindResult{}) {
		header = append(header, strings.ToUpper(strings.ReplaceAll(action, "_", " ")))
	}
	_, _ = fmt.Fprintln(w, strings.Join(append(header, "MESSAGE"), "\t")) // a tabwriter keeps its error for Flush
	for _, r := range t.reports {
		id := "-"
		if r.id != 0 {
			id = fmt.Sprint(r.id)
		}
		cells := []string{oneLine(r.result.Fabric), id, string(r.result.Outcome), orDash(string(r.result.Status))}
		for _, n := range actions(r.result.Totals()) {
			if r.result.Kinds == nil {
				cells = append(cells, "-")
			} else {
				cells = append(cells, fmt.Sprint(n))
			}
		}
		message := joined(append([]string{r.result.Message}, r.result.Warnings...)...)
		_, _ = fmt.Fprintln(w, strings.Join(append(cells, oneLine(message)), "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(aligned.String()) {
		if _, err := fmt.Fprintln(t.out, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// summary says how many fabrics had which outcome.
func (t *table) summary() string {
	number := map[fabricsync.Outcome]int{}
	for _, r := range t.reports {
		number[r.result.Outcome]++
	}
	var parts []string
	for _, outcome := range append(outcomes(), notFound) {
		if n := number[outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(outcome), "_", " ")))
		}
	}
	text := "No fabrics."
	switch len(t.reports) {
	case 0:
	case 1:
		text = "1 fabric: " + strings.Join(parts, ", ") + "."
	default:
		text = fmt.Sprintf("%d fabrics: %s.", len(t.reports), strings.Join(parts, ", "))
	}
	if t.dryRun {
		text += " This was a dry run: nothing was written."
	}
	return text
}

// outcomes are those that a sync can have.
func outcomes() []fabricsync.Outcome {
	return []fabricsync.Outcome{
		fabricsync.Synced, fabricsync.Planned, fabricsync.Failed, fabricsync.Interrupted, fabricsync.Superseded,
		fabricsync.Refused, fabricsync.Busy, fabricsync.Skipped, fabricsync.NotDue,
	}
}
