package statuscmd

import (
	"encoding/json"
	"io"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// document is a view as JSON. Every key is always present.
type document struct {
	Branch  *string        `json:"branch"` // that NetBox was read in; null for main
	Fabrics []record       `json:"fabrics"`
	Counts  map[string]int `json:"counts_by_sync_status"` // with every status
	Missing []string       `json:"missing"`               // named fabrics that NetBox does not show
}

// record is a fabric as JSON. Except for Failing and the health, its keys and values are
// those of the hedgehog_fabrics data source. It has no credentials, and nothing else that
// does not concern the sync status: the command does not ask NetBox for that.
type record struct {
	Failing             bool       `json:"failing"` // the exit code is 1 because of it
	ID                  int64      `json:"id"`
	Name                string     `json:"name"`
	URL                 string     `json:"url"`
	WebURL              string     `json:"web_url"`
	Status              string     `json:"status"`
	Tags                []string   `json:"tags"`
	KubernetesServer    string     `json:"kubernetes_server"`
	KubernetesNamespace string     `json:"kubernetes_namespace"`
	SyncEnabled         bool       `json:"sync_enabled"`
	SyncInterval        int64      `json:"sync_interval"`
	SyncStatus          string     `json:"sync_status"`
	SyncStatusDisplay   string     `json:"sync_status_display"`
	SyncStatusBadge     string     `json:"sync_status_badge"`
	SyncStatusReason    string     `json:"sync_status_reason"`
	StoredSyncStatus    string     `json:"stored_sync_status"`
	Consistent          bool       `json:"consistent"`
	Inconsistencies     []string   `json:"inconsistencies"`
	ConnectionStatus    string     `json:"connection_status"`
	ConnectionError     string     `json:"connection_error"`
	SyncError           string     `json:"sync_error"`
	SyncInProgress      bool       `json:"sync_in_progress"`
	SyncDue             bool       `json:"sync_due"`
	NextSyncAt          *time.Time `json:"next_sync_at"`
	LastSync            *time.Time `json:"last_sync"`
	LastSyncAge         *int64     `json:"last_sync_age"` // seconds
	ObservedAt          *time.Time `json:"observed_at"`
	Created             *time.Time `json:"created"`
	LastUpdated         *time.Time `json:"last_updated"`
	// Health is the health of the hedgehog_fabric_connection data source; null without
	// --health.
	Health      *health `json:"health"`
	HealthError *string `json:"health_error"` // why the cluster could not be asked
}

func writeJSON(w io.Writer, v *view) error {
	d := document{Branch: textOrNil(v.branch), Fabrics: []record{}, Counts: map[string]int{}, Missing: []string{}}
	counts := v.counts()
	for _, status := range fabric.Statuses() {
		d.Counts[string(status)] = counts[status]
	}
	for _, one := range v.missing {
		d.Missing = append(d.Missing, one.String())
	}
	for _, e := range v.entries {
		d.Fabrics = append(d.Fabrics, v.record(e))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

func (v *view) record(e *entry) record {
	f := e.fabric
	x := record{
		Failing: e.failing, ID: f.ID, Name: f.Name, URL: f.URL, WebURL: e.page, Status: f.Lifecycle, Tags: []string{},
		KubernetesServer: f.KubernetesServer, KubernetesNamespace: f.KubernetesNamespace,
		SyncEnabled: f.SyncEnabled, SyncInterval: f.SyncInterval,
		SyncStatus: string(e.derived.Status), SyncStatusDisplay: e.derived.Status.Display(),
		SyncStatusBadge: e.derived.Status.Badge(), SyncStatusReason: v.mask(e.derived.Reason),
		StoredSyncStatus: f.StoredSyncStatus, Consistent: len(e.inconsistencies) == 0, Inconsistencies: []string{},
		ConnectionStatus: f.ConnectionStatus, ConnectionError: v.mask(f.ConnectionError),
		SyncError: v.mask(f.SyncError), SyncInProgress: f.SyncInProgress(e.now), SyncDue: e.timer.Due,
		NextSyncAt: instant(e.timer.Next), LastSync: instant(f.LastSync), ObservedAt: instant(&e.now),
		Created: instant(&f.Created), LastUpdated: instant(&f.LastUpdated),
	}
	x.Health, x.HealthError = v.healthRecord(e.health)
	for _, tag := range f.Tags {
		x.Tags = append(x.Tags, tag.Name)
	}
	for _, one := range e.inconsistencies {
		x.Inconsistencies = append(x.Inconsistencies, v.mask(one))
	}
	if f.LastSync != nil {
		age := int64(fabric.Age(*f.LastSync, e.now) / time.Second)
		x.LastSyncAge = &age
	}
	return x
}

// instant returns a time in UTC, or nil if there is none, or if JSON cannot express it.
func instant(t *time.Time) *time.Time {
	if t == nil || t.IsZero() || t.UTC().Year() < 0 || t.UTC().Year() > 9999 {
		return nil
	}
	utc := t.UTC()
	return &utc
}
