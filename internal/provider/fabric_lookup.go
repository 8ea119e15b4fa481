package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// Descriptions of the two attributes, one of which names a fabric.
const (
	findByIDText   = "Numeric id of the fabric in NetBox, from 1. Give either this or `name`."
	findByNameText = "Exact, case-sensitive name of the fabric. Give either this or `id`."
)

// findFabric reads the fabric that a configuration names by its id, or by its name where
// that is null. It returns the attribute that names it, and adds what is wrong there.
func findFabric(ctx context.Context, client *netbox.Client, id types.Int64, name types.String,
	diags *diag.Diagnostics) (read *netbox.Read, at path.Path) {
	read, at, what, err := readByIDOrName(ctx, client, id, name)
	if err != nil {
		addLookupError(diags, client, at, what, err)
	}
	return read, at
}

// readByIDOrName reads a fabric as findFabric does, and returns how it was named in words.
func readByIDOrName(ctx context.Context, client *netbox.Client, id types.Int64, name types.String) (
	read *netbox.Read, at path.Path, what string, err error) {
	if id.IsNull() {
		read, err = client.Fabrics().ReadByName(ctx, name.ValueString())
		return read, path.Root("name"), fmt.Sprintf("named %q", name.ValueString()), err
	}
	read, err = client.Fabrics().Get(ctx, id.ValueInt64())
	return read, path.Root("id"), "with the id " + strconv.FormatInt(id.ValueInt64(), 10), err
}
