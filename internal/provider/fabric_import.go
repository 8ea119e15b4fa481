package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// ImportState takes an identity, or a fabric's id or its name. Digits alone are an id; the
// prefix "name:" makes a name of digits possible.
func (r *fabricResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" && req.Identity != nil {
		var identity fabricIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if p := fabric.ValidateID(identity.ID.ValueInt64()); p != nil && !resp.Diagnostics.HasError() {
			resp.Diagnostics.AddError(p.Summary, p.Detail)
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), identity.ID)...)
		return
	}
	client := r.connection.netbox(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	id, name, problem := fabric.ParseImportID(req.ID)
	if problem != nil {
		resp.Diagnostics.AddError(problem.Summary, problem.Detail)
		return
	}
	if name != "" {
		read, err := client.Fabrics().ReadByName(ctx, name)
		var missing *netbox.NotFoundError
		switch {
		case errors.As(err, &missing):
			resp.Diagnostics.AddError("Fabric not found in NetBox", fmt.Sprintf(
				"No fabric that this API token may see is named %q (names are case-sensitive).", name))
			return
		case err != nil:
			addError(&resp.Diagnostics, "find the fabric "+strconv.Quote(name), err)
			return
		}
		id = read.Fabric.ID
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}
