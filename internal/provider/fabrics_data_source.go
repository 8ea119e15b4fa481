package provider

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func newFabricsDataSource() datasource.DataSource { return &fabricsDataSource{} }

type fabricsDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*fabricsDataSource)(nil)

type fabricsModel struct {
	fabricFilters[types.Set]
	Timeouts           types.Object        `tfsdk:"timeouts"`
	Fabrics            []*fabricsItemModel `tfsdk:"fabrics"`
	CountsBySyncStatus map[string]int64    `tfsdk:"counts_by_sync_status"`
}

type fabricsItemModel struct {
	fabricRecordModel
	fabricStatusModel
	CustomFieldsJSON types.String `tfsdk:"custom_fields_json"`
}

func (d *fabricsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest,
	resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabrics"
}

func (d *fabricsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	item := fabricStatusAttributes()
	item["custom_fields_json"] = schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Values of NetBox's custom fields, as a JSON object for `jsondecode` with the fields' " +
			"names as keys. A selection is the value of its choice, and an object is its id. A field without a " +
			"value is null.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all Hedgehog fabrics in NetBox, or those that match the filters, and works out " +
			"each fabric's sync status from the facts in its record.",
		Attributes: map[string]schema.Attribute{
			"fabrics": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The fabrics that match every filter, sorted by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: item},
			},
			"timeouts": dataSourceTimeouts(),
			"counts_by_sync_status": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "Number of matching fabrics with each sync status. Every status has a key, " +
					"even if its number is 0.",
			},
		},
	}
	for name, f := range filterDefinitions() {
		resp.Schema.Attributes[name] = f.dataSource()
	}
}

func (d *fabricsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model fabricsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout := timeoutOf(model.Timeouts, "read", defaultTimeout, &resp.Diagnostics)
	client := d.connection.netbox(&resp.Diagnostics)
	defer d.connection.warnUntested(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	filter := model.filter(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	model.Fabrics, model.CountsBySyncStatus = []*fabricsItemModel{}, map[string]int64{}
	for _, s := range fabric.StatusNames() {
		model.CountsBySyncStatus[s] = 0
	}
	warned := false
	for read, err := range client.Fabrics().All(ctx) {
		if err != nil {
			addError(&resp.Diagnostics, "list the fabrics", err)
			return
		}
		if !warned {
			warnLocalClock(&resp.Diagnostics, read)
			warned = read.LocalClock
		}
		if filter.Matches(&read.Fabric, read.ObservedAt) {
			item := &fabricsItemModel{newFabricRecord(read, client), newFabricStatus(read),
				types.StringValue(string(jsonText(read.Fabric.CustomFields)))}
			model.Fabrics = append(model.Fabrics, item)
			model.CountsBySyncStatus[item.SyncStatus.ValueString()]++
		}
	}
	name := func(m *fabricsItemModel) string { return fabric.NormalText(m.Name.ValueString()) }
	slices.SortFunc(model.Fabrics, func(a, b *fabricsItemModel) int {
		return cmp.Or(cmp.Compare(name(a), name(b)), cmp.Compare(a.ID.ValueInt64(), b.ID.ValueInt64()))
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
