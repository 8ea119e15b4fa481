package provider

import (
	"cmp"
	"context"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func newFabricsDataSource() datasource.DataSource { return &fabricsDataSource{} }

type fabricsDataSource struct{ connection *connection }

var _ datasource.DataSourceWithConfigure = (*fabricsDataSource)(nil)

type fabricsModel struct {
	NameRegex          types.String         `tfsdk:"name_regex"`
	Status             []string             `tfsdk:"status"`
	SyncStatus         []string             `tfsdk:"sync_status"`
	ConnectionStatus   []string             `tfsdk:"connection_status"`
	Tags               []string             `tfsdk:"tags"`
	Fabrics            []*fabricStatusModel `tfsdk:"fabrics"`
	CountsBySyncStatus map[string]int64     `tfsdk:"counts_by_sync_status"`
}

func (d *fabricsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabrics"
}

func (d *fabricsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.connection = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *fabricsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(description string, allowed ...string) schema.Attribute {
		var validators []validator.Set
		if len(allowed) > 0 {
			validators = append(validators, setvalidator.ValueStringsAre(stringvalidator.OneOf(allowed...)))
		}
		return schema.SetAttribute{Optional: true, ElementType: types.StringType, Validators: validators, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "All Hedgehog fabrics in NetBox that the token may see, or those that match every given filter, in the order of their " +
			"names, each with one consistent sync status. NetBox's plugin ignores filters, so the whole list is read and the provider filters it.",
		Attributes: map[string]schema.Attribute{
			"name_regex": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{textRule{
					description: "a regular expression", validate: validateRegex,
				}},
				MarkdownDescription: "Regular expression (RE2) that a fabric's name must match, anywhere unless anchored with `^` and `$`.",
			},
			"status": filter("Lifecycle statuses, one of which a fabric must have: `planned`, `active`, `maintenance`, `decommissioned`.",
				fabric.Lifecycles()...),
			"sync_status": filter("Derived sync statuses, one of which a fabric must have: `not_configured`, `disabled`, `error`, `never_synced`, "+
				"`out_of_sync`, `in_sync`.", statusNames()...),
			"connection_status": filter("Connection statuses, one of which a fabric must have: `unknown`, `connected`, `disconnected`, `error`.",
				fabric.ConnectionStatuses()...),
			"tags": filter("Names of tags, all of which a fabric must have."),
			"fabrics": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The fabrics, in the order of their names.",
				NestedObject: schema.NestedAttributeObject{Attributes: fabricStatusAttributes()},
			},
			"counts_by_sync_status": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "How many of the fabrics have each derived sync status. Every status is there, also with 0.",
			},
		},
	}
}

func (d *fabricsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model fabricsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	client := d.connection.netbox(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()

	matches := model.matcher(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	model.Fabrics, model.CountsBySyncStatus = []*fabricStatusModel{}, map[string]int64{}
	for _, s := range statusNames() {
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
		if status := newFabricStatus(read); matches(status, &read.Fabric) {
			model.Fabrics = append(model.Fabrics, status)
			model.CountsBySyncStatus[status.SyncStatus.ValueString()]++
		}
	}
	slices.SortFunc(model.Fabrics, func(a, b *fabricStatusModel) int {
		return cmp.Or(cmp.Compare(a.Name.ValueString(), b.Name.ValueString()), cmp.Compare(a.ID.ValueInt64(), b.ID.ValueInt64()))
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// matcher returns what tells whether a fabric passes every filter.
func (m *fabricsModel) matcher(diags *diag.Diagnostics) func(*fabricStatusModel, *fabric.Fabric) bool {
	name, err := regexp.Compile(m.NameRegex.ValueString())
	if err != nil {
		diags.AddError("Invalid regular expression", err.Error())
		return nil
	}
	oneOf := func(allowed []string, v types.String) bool {
		return allowed == nil || slices.Contains(allowed, v.ValueString())
	}
	return func(s *fabricStatusModel, f *fabric.Fabric) bool {
		for _, tag := range m.Tags {
			if !slices.ContainsFunc(f.Tags, func(t fabric.Tag) bool { return t.Name == tag }) {
				return false
			}
		}
		return name.MatchString(f.Name) && oneOf(m.Status, s.Status) && oneOf(m.SyncStatus, s.SyncStatus) &&
			oneOf(m.ConnectionStatus, s.ConnectionStatus)
	}
}

func statusNames() []string {
	names := make([]string, 0, len(fabric.Statuses()))
	for _, s := range fabric.Statuses() {
		names = append(names, string(s))
	}
	return names
}

func validateRegex(text string) *fabric.Problem {
	if _, err := regexp.Compile(text); err != nil {
		return &fabric.Problem{Summary: "Invalid regular expression", Detail: err.Error() + ". The syntax is that of RE2."}
	}
	return nil
}
