package netbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// FieldError is a field of an answer that cannot be read.
type FieldError struct {
	Field   string // [whole] for all of them
	Problem string
}

// whole is the field of an error on a record as a whole.
const whole = "(all)"

func (e *FieldError) Error() string {
	if e.Field == whole {
		return "the answer, or a record in it, " + e.Problem
	}
	return fmt.Sprintf("the field %q %s", e.Field, e.Problem)
}

// fabricRecord decodes a fabric as NetBox writes it. What decides a status must
// be there: a missing sync_enabled read as false would be a wrong state.
type fabricRecord fabric.Fabric

// UnmarshalJSON implements json.Unmarshaler. Its error is a [*FieldError] for
// any JSON object that is not a fabric.
func (r *fabricRecord) UnmarshalJSON(raw []byte) error {
	d := fieldDecoder{}
	if err := json.Unmarshal(raw, &d.fields); err != nil || d.fields == nil {
		return &FieldError{whole, "is not a JSON object"}
	}
	_, tokenShown := d.fields["kubernetes_token"]
	f := fabric.Fabric{TokenHidden: !tokenShown}
	d.timerFields(&f) // first, since an answer that is no fabric is told by its id
	f.URL, f.Description, f.Lifecycle = d.text("url", optional), d.text("description", nullable), d.choice("status")
	f.KubernetesToken, f.KubernetesCACert = d.text("kubernetes_token", optional), d.text("kubernetes_ca_cert", optional)
	f.Counts = fabric.Counts{
		CachedCRDs: d.count("cached_crd_count"), CachedVPCs: d.count("cached_vpc_count"),
		CachedConnections: d.count("cached_connection_count"), Connections: d.count("connections_count"),
		Servers: d.count("servers_count"), Switches: d.count("switches_count"), VPCs: d.count("vpcs_count"),
	}
	f.Tags, f.CustomFields = d.tags(), d.customValues()
	*r = fabricRecord(f)
	if d.err != nil {
		return d.err
	}
	return nil
}

// timerFields are the fields that timerFields reads.
const timerFields = "id,name,created,last_updated,kubernetes_server,kubernetes_namespace,sync_enabled,sync_interval," +
	"sync_status,last_sync,sync_error,connection_status,connection_error"

// timerFields reads what decides when a fabric is synced, and what its sync status is.
func (d *fieldDecoder) timerFields(f *fabric.Fabric) {
	f.ID, f.Name = d.integer("id"), d.text("name", required)
	f.KubernetesServer, f.KubernetesNamespace = d.text("kubernetes_server", nullable), d.text("kubernetes_namespace",
		nullable)
	f.SyncEnabled, f.SyncInterval = d.boolean("sync_enabled"), d.integer("sync_interval")
	f.StoredSyncStatus, f.SyncError = d.choice("sync_status"), d.text("sync_error", nullable)
	f.ConnectionStatus, f.ConnectionError = d.choice("connection_status"), d.text("connection_error", nullable)
	f.LastSync = d.instant("last_sync", nullable)
	if t := d.instant("created", required); t != nil {
		f.Created = *t
	}
	if t := d.instant("last_updated", nullable); t != nil {
		f.LastUpdated = *t
	}
}

// presence says what a field may lack.
type presence int

const (
	required presence = iota // there and not null
	nullable                 // there, perhaps null
	optional                 // may be missing
)

// fieldDecoder reads fields one by one and keeps the first error.
type fieldDecoder struct {
	fields map[string]json.RawMessage
	err    *FieldError
}

func (d *fieldDecoder) fail(field, problem string) {
	if d.err == nil {
		d.err = &FieldError{field, problem}
	}
}

// into decodes a field and tells whether there was a value.
func (d *fieldDecoder) into(field string, target any, p presence) bool {
	raw, ok := d.fields[field]
	switch null := bytes.Equal(raw, []byte("null")); {
	case !ok && p != optional:
		d.fail(field, "is missing")
	case null && p == required:
		d.fail(field, "is null")
	case ok && !null:
		if err := json.Unmarshal(raw, target); err != nil {
			d.fail(field, fmt.Sprintf("is not %s", kindName(target)))
			return false
		}
		return true
	}
	return false
}

func (d *fieldDecoder) text(field string, p presence) (s string) {
	d.into(field, &s, p)
	return s
}

func (d *fieldDecoder) boolean(field string) (b bool) {
	d.into(field, &b, required)
	return b
}

func (d *fieldDecoder) integer(field string) (n int64) {
	d.into(field, &n, required)
	return n
}

func (d *fieldDecoder) count(field string) (n int64) {
	d.into(field, &n, optional)
	return n
}

// choice reads a choice field, bare or as {"value", "label"}: NetBox's own
// serializers use both forms.
func (d *fieldDecoder) choice(field string) string {
	var labelled struct {
		Value *string `json:"value"`
	}
	if raw := d.fields[field]; bytes.HasPrefix(raw, []byte("{")) &&
		json.Unmarshal(raw, &labelled) == nil && labelled.Value != nil {
		return *labelled.Value
	}
	return d.text(field, nullable)
}

// tags reads the tags, each of which has a name.
func (d *fieldDecoder) tags() (tags []fabric.Tag) {
	d.into("tags", &tags, optional)
	if slices.ContainsFunc(tags, func(t fabric.Tag) bool { return t.Name == "" }) {
		d.fail("tags", "has a tag without a name")
	}
	return tags
}

func (d *fieldDecoder) instant(field string, p presence) *time.Time {
	var s string
	if !d.into(field, &s, p) {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		d.fail(field, "is not a time in RFC 3339 form")
		return nil
	}
	return &t
}

func kindName(target any) string {
	switch target.(type) {
	case *string:
		return "a text"
	case *bool:
		return "a boolean"
	case *int64:
		return "an integer of 64 bits"
	case *[]fabric.Tag:
		return "a list of tags"
	}
	return "an object"
}
