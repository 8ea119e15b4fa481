package synccmd

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// jsonOutput writes each report as one JSON object on a line.
type jsonOutput struct {
	encoder *json.Encoder
	dryRun  bool
}

// record is a report as JSON. Every key is always present.
type record struct {
	Fabric     string         `json:"fabric"`
	FabricID   *int64         `json:"fabric_id"` // null for a fabric that does not exist
	Run        string         `json:"run"`       // id of the sync; "" where none was tried
	Outcome    string         `json:"outcome"`
	Failed     bool           `json:"failed"` // whether it makes the exit code 1
	Message    string         `json:"message"`
	Status     string         `json:"sync_status"`
	ErrorClass string         `json:"error_class"`
	DryRun     bool           `json:"dry_run"`
	StartedAt  *time.Time     `json:"started_at"`
	FinishedAt *time.Time     `json:"finished_at"`
	Seconds    float64        `json:"duration_seconds"`
	Objects    map[string]int `json:"objects"` // null if the cluster was not read
	Kinds      []kindRecord   `json:"kinds"`
	Warnings   []string       `json:"warnings"`
}

type kindRecord struct {
	Kind     string         `json:"kind"`
	Complete bool           `json:"complete"` // its list was read to the end
	Absent   bool           `json:"absent"`   // the cluster does not serve the kind
	Objects  map[string]int `json:"objects"`
	Error    string         `json:"error"`
	Failures []string       `json:"failures"`           // first objects that NetBox did not store, with reasons
	Names    []string       `json:"not_storable_names"` // first objects that cannot be stored, with reasons
}

func (o *jsonOutput) add(r *report) error { return o.encoder.Encode(newRecord(r, o.dryRun)) }
func (o *jsonOutput) end() error          { return nil }

func newRecord(r *report, dryRun bool) *record {
	result := r.result
	x := &record{
		Fabric: result.Fabric, Run: result.Run, Outcome: string(result.Outcome), Failed: r.failed(false),
		Message: result.Message, Status: string(result.Status),
		ErrorClass: string(result.Class), DryRun: dryRun, StartedAt: known(result.StartedAt),
		Seconds: r.took.Round(time.Millisecond).Seconds(),
		Kinds:   []kindRecord{}, Warnings: append([]string{}, result.Warnings...),
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
			Kind: k.Kind.Name, Complete: k.Listed, Absent: k.Absent, Objects: counts(*k),
			Error:    joined(k.Error, k.PruneError),
			Failures: append([]string{}, k.Failures...), Names: append([]string{}, k.NotStorableNames...),
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

func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "; ")
}
