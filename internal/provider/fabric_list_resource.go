package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

func newFabricList() list.ListResource { return &fabricList{} }

// fabricList lists NetBox's fabrics for terraform query, which can write the configuration
// and the import blocks for them.
type fabricList struct{ fabricResource }

var _ list.ListResourceWithConfigure = (*fabricList)(nil)

func (l *fabricList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest,
	resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{
		MarkdownDescription: "Lists all Hedgehog fabrics in NetBox, or those that match the filters, for `terraform " +
			"query`. Needs Terraform 1.14 or newer.",
		Attributes: map[string]listschema.Attribute{},
	}
	for name, f := range filterDefinitions() {
		resp.Schema.Attributes[name] = f.list()
	}
}

func (l *fabricList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var filters fabricFilters[types.List]
	diags.Append(req.Config.Get(ctx, &filters)...)
	client := l.connection.netbox(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filter := filters.filter(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = l.results(ctx, req, client, filter)
}

func (l *fabricList) results(
	ctx context.Context, req list.ListRequest, client *netbox.Client, filter *fabric.Filter,
) iter.Seq[list.ListResult] {
	return func(yield func(list.ListResult) bool) {
		ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
		defer cancel()
		left := req.Limit
		for read, err := range client.Fabrics().All(ctx) {
			if err != nil {
				var diags diag.Diagnostics
				addError(&diags, "query the fabrics", err)
				l.connection.warnUntested(&diags)
				yield(list.ListResult{Diagnostics: diags})
				return
			}
			if !filter.Matches(&read.Fabric, read.ObservedAt) {
				continue
			}
			result := l.result(ctx, req, read)
			l.connection.warnUntested(&result.Diagnostics)
			if left--; !yield(result) || left == 0 {
				return
			}
		}
	}
}

// result returns a fabric as an import would read it.
func (l *fabricList) result(ctx context.Context, req list.ListRequest, read *netbox.Read) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = read.Fabric.Name // the CLI shows the id next to it
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("id"), read.Fabric.ID)...)
	var model fabricModel
	result.Diagnostics.Append(result.Resource.Get(ctx, &model)...)
	model.read(read, l.connection)
	result.Diagnostics.Append(model.setIdentity(ctx, result.Identity)...)
	if !req.IncludeResource {
		return result
	}
	result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	return result
}
