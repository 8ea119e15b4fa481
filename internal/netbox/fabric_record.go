package netbox

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Read is a fabric as in an answer from NetBox.
type Read struct {
	Fabric     fabric.Fabric
	ObservedAt time.Time // NetBox's time of the answer
	// LocalClock reports whether the answer had no readable Date header, so that ObservedAt
	// is this machine's time.
	LocalClock bool
}

// fabricRecord decodes a fabric as NetBox writes it. The fields that decide a status must
// be present: a missing sync_enabled that is read as false would give a wrong status.
type fabricRecord fabric.Fabric

// UnmarshalJSON implements json.Unmarshaler. For a JSON object that is not a fabric, its
// error is a [*rest.FieldError].
func (r *fabricRecord) UnmarshalJSON(raw []byte) error {
	d, err := rest.ReadFields(raw)
	if err != nil {
		return err
	}
	_, tokenShown := d.Raw("kubernetes_token")
	f := fabric.Fabric{TokenHidden: !tokenShown}
	readScheduleFields(d, &f) // first: the id shows whether the answer is a fabric
	f.URL, f.Description = d.Text("url", rest.Optional), d.Text("description", rest.Nullable)
	f.KubernetesToken = d.Text("kubernetes_token", rest.Optional)
	f.KubernetesCACert = d.Text("kubernetes_ca_cert", rest.Optional)
	count := func(field string) int64 { return d.Integer(field, rest.Optional) }
	f.Counts = fabric.Counts{
		CachedCRDs: count("cached_crd_count"), CachedVPCs: count("cached_vpc_count"),
		CachedConnections: count("cached_connection_count"), Connections: count("connections_count"),
		Servers: count("servers_count"), Switches: count("switches_count"), VPCs: count("vpcs_count"),
	}
	f.Tags, f.CustomFields = readTags(d), readCustomValues(d)
	*r = fabricRecord(f)
	return d.Err()
}

// scheduleFields are the fields that readScheduleFields reads.
const scheduleFields = "id,name,status,created,last_updated,kubernetes_server,kubernetes_namespace,sync_enabled," +
	"sync_interval,sync_status,last_sync,sync_error,connection_status,connection_error"

// readScheduleFields reads what decides when a fabric is synced, its sync status and
// its inconsistencies.
func readScheduleFields(d *rest.Fields, f *fabric.Fabric) {
	f.ID, f.Name = d.Integer("id", rest.Required), d.Text("name", rest.Required)
	f.Lifecycle = d.Choice("status")
	f.KubernetesServer = d.Text("kubernetes_server", rest.Nullable)
	f.KubernetesNamespace = d.Text("kubernetes_namespace", rest.Nullable)
	f.SyncEnabled, f.SyncInterval = d.Boolean("sync_enabled"), d.Integer("sync_interval", rest.Required)
	f.StoredSyncStatus, f.SyncError = d.Choice("sync_status"), d.Text("sync_error", rest.Nullable)
	f.ConnectionStatus, f.ConnectionError = d.Choice("connection_status"), d.Text("connection_error", rest.Nullable)
	f.LastSync = d.Instant("last_sync", rest.Nullable)
	if t := d.Instant("created", rest.Required); t != nil {
		f.Created = *t
	}
	if t := d.Instant("last_updated", rest.Nullable); t != nil {
		f.LastUpdated = *t
	}
}

// readTags reads the tags. Each of them has a name.
func readTags(d *rest.Fields) (tags []fabric.Tag) {
	if raw, there := d.Raw("tags"); there && json.Unmarshal(raw, &tags) != nil {
		d.Fail("tags", "is not a list of tags")
		return nil
	}
	if slices.ContainsFunc(tags, func(t fabric.Tag) bool { return t.Name == "" }) {
		d.Fail("tags", "has a tag without a name")
	}
	return tags
}
