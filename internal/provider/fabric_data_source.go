package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

func newFabricDataSource() datasource.DataSource { return &fabricDataSource{} }

type fabricDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*fabricDataSource)(nil)

// fabricStatusModel is what only the data sources show about a fabric.
type fabricStatusModel struct {
	KubernetesTokenSet types.Bool        `tfsdk:"kubernetes_token_set"`
	Tags               types.Set         `tfsdk:"tags"`
	SyncStatusDisplay  types.String      `tfsdk:"sync_status_display"`
	SyncStatusBadge    types.String      `tfsdk:"sync_status_badge"`
	SyncStatusReason   types.String      `tfsdk:"sync_status_reason"`
	StoredSyncStatus   types.String      `tfsdk:"stored_sync_status"`
	Consistent         types.Bool        `tfsdk:"consistent"`
	Inconsistencies    types.List        `tfsdk:"inconsistencies"`
	SyncInProgress     types.Bool        `tfsdk:"sync_in_progress"`
	LastSyncAge        types.Int64       `tfsdk:"last_sync_age"`
	SyncDue            types.Bool        `tfsdk:"sync_due"`
	NextSyncAt         timetypes.RFC3339 `tfsdk:"next_sync_at"`
	ObservedAt         timetypes.RFC3339 `tfsdk:"observed_at"`
	ConnectionError    types.String      `tfsdk:"connection_error"`
	SyncError          types.String      `tfsdk:"sync_error"`
	Counts             *countsModel      `tfsdk:"counts"`
	Created            timetypes.RFC3339 `tfsdk:"created"`
	LastUpdated        timetypes.RFC3339 `tfsdk:"last_updated"`
}

// fabricDataModel is the fabric of the hedgehog_fabric data source. The other data source
// shows JSON instead of custom_fields: a list cannot have values of any type.
type fabricDataModel struct {
	fabricRecordModel
	fabricStatusModel
	CustomFields types.Dynamic `tfsdk:"custom_fields"`
	Timeouts     types.Object  `tfsdk:"timeouts"`
}

type countsModel struct {
	CRDs              types.Int64 `tfsdk:"cached_crd_count"`
	CachedVPCs        types.Int64 `tfsdk:"cached_vpc_count"`
	CachedConnections types.Int64 `tfsdk:"cached_connection_count"`
	Connections       types.Int64 `tfsdk:"connections_count"`
	Servers           types.Int64 `tfsdk:"servers_count"`
	Switches          types.Int64 `tfsdk:"switches_count"`
	VPCs              types.Int64 `tfsdk:"vpcs_count"`
}

func (d *fabricDataSource) Metadata(_ context.Context, req datasource.MetadataRequest,
	resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabric"
}

func (d *fabricDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var id types.Int64
	var name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	var limits types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("timeouts"), &limits)...)
	timeout := timeoutOf(limits, "read", defaultTimeout, &resp.Diagnostics)
	client := d.connection.netbox(&resp.Diagnostics)
	defer d.connection.warnUntested(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	read, _ := findFabric(ctx, client, id, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	warnLocalClock(&resp.Diagnostics, read)
	//nolint:contextcheck // asking a value for its type waits for nothing
	fields := types.DynamicValue(customFieldsOf(&read.Fabric))
	resp.Diagnostics.Append(resp.State.Set(ctx, &fabricDataModel{
		newFabricRecord(read, client), newFabricStatus(read), fields, limits})...)
}

// newFabricStatus derives everything from one answer, at the time of the answer.
func newFabricStatus(r *netbox.Read) fabricStatusModel {
	f, now := &r.Fabric, r.ObservedAt
	facts := f.Facts()
	derived, timer, wrong := fabric.SyncStatus(facts, now), fabric.SyncTimer(facts, now), f.Inconsistencies(now)
	m := fabricStatusModel{
		KubernetesTokenSet: tokenSet(f),
		Tags:               tagSet(tagsOf(f)),
		SyncStatusDisplay:  types.StringValue(derived.Status.Display()),
		SyncStatusBadge:    types.StringValue(derived.Status.Badge()),
		SyncStatusReason:   types.StringValue(derived.Reason),
		StoredSyncStatus:   types.StringValue(f.StoredSyncStatus),
		Consistent:         types.BoolValue(len(wrong) == 0),
		Inconsistencies:    textList(wrong),
		SyncInProgress:     types.BoolValue(f.SyncInProgress(now)),
		SyncDue:            types.BoolValue(timer.Due),
		NextSyncAt:         instant(timer.Next),
		ObservedAt:         instant(&now),
		ConnectionError:    types.StringValue(f.ConnectionError),
		SyncError:          types.StringValue(f.SyncError),
		Counts:             newCounts(f.Counts),
		Created:            instant(&f.Created),
		LastUpdated:        instant(&f.LastUpdated),
	}
	if f.LastSync != nil {
		m.LastSyncAge = types.Int64Value(int64(fabric.Age(*f.LastSync, now) / time.Second))
	}
	return m
}

// tokenSet reports whether the fabric has a token. It is null if NetBox does not show the
// token.
func tokenSet(f *fabric.Fabric) types.Bool {
	if f.TokenHidden {
		return types.BoolNull()
	}
	return types.BoolValue(!fabric.Blank(f.KubernetesToken))
}

func newCounts(c fabric.Counts) *countsModel {
	return &countsModel{
		CRDs: types.Int64Value(c.CachedCRDs), CachedVPCs: types.Int64Value(c.CachedVPCs),
		CachedConnections: types.Int64Value(c.CachedConnections), Connections: types.Int64Value(c.Connections),
		Servers: types.Int64Value(c.Servers), Switches: types.Int64Value(c.Switches), VPCs: types.Int64Value(c.VPCs),
	}
}
