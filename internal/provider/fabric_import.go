package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// ImportState takes an identity, or a fabric's id or its name. Digits alone are an id; the
// prefix "name:" makes a name of digits possible. It asks NetBox in every case: what is
// read after an import is the only state there is to compare a configuration with.
func (r *fabricResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	client := r.connection.netbox(&resp.Diagnostics)
	id, name := importedFabric(ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	read, err := findImported(ctx, client.Fabrics(), id, name)
	if err != nil {
		what := fmt.Sprintf("with the id %d", id)
		if name != "" {
			what = fmt.Sprintf("named %q", name)
		}
		addLookupError(&resp.Diagnostics, client, path.Empty(), what, err)
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), read.Fabric.ID)...)
}

// importedFabric returns the id of the fabric to import, or its name where that is 0.
func importedFabric(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (id int64, name string) {
	var problem *fabric.Problem
	if req.ID == "" && req.Identity != nil {
		var identity fabricIdentity
		diags.Append(req.Identity.Get(ctx, &identity)...)
		id = identity.ID.ValueInt64()
		problem = fabric.ValidateID(id)
	} else {
		id, name, problem = fabric.ParseImportID(req.ID)
	}
	if problem != nil && !diags.HasError() {
		diags.AddError(problem.Summary, problem.Detail)
	}
	return id, name
}

func findImported(ctx context.Context, fabrics *netbox.Fabrics, id int64, name string) (*netbox.Read, error) {
	if name != "" {
		return fabrics.ReadByName(ctx, name)
	}
	return fabrics.ReadByID(ctx, id)
}
