package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Descriptions of the two attributes that can name a fabric.
const (
	findByIDText   = "Numeric id of the fabric in NetBox. 1 or greater. Set either `id` or `name`."
	findByNameText = "Name of the fabric, exact and case-sensitive. Set either `id` or `name`."
)

// findFabric reads the fabric that a configuration names by id, or by name if the id is
// null. It returns the attribute that names it, and adds errors to that attribute.
func findFabric(ctx context.Context, client *netbox.Client, id types.Int64, name types.String,
	diags *diag.Diagnostics) (read *netbox.Read, at path.Path) {
	read, at, what, err := readByIDOrName(ctx, client, id, name)
	if err != nil {
		addLookupError(diags, client, at, what, err)
	}
	return read, at
}

// readByIDOrName reads a fabric like findFabric, and returns a description of how it was named.
func readByIDOrName(ctx context.Context, client *netbox.Client, id types.Int64, name types.String) (
	read *netbox.Read, at path.Path, what string, err error) {
	if id.IsNull() {
		read, err = client.Fabrics().ReadByName(ctx, name.ValueString())
		return read, path.Root("name"), fmt.Sprintf("named %q", name.ValueString()), err
	}
	read, err = client.Fabrics().Get(ctx, id.ValueInt64())
	return read, path.Root("id"), "with the id " + strconv.FormatInt(id.ValueInt64(), 10), err
}

// addLookupError is like addError, but for a fabric that a configuration names. If NetBox does not
// have the fabric, the error is on the attribute that names it. It hints at what else may
// be meant.
func addLookupError(diags *diag.Diagnostics, client *netbox.Client, at path.Path, what string, err error,
	hints ...string) {
	if _, missing := errors.AsType[*rest.NotFoundError](err); missing {
		detail := fmt.Sprintf("NetBox at %s has no fabric %s, or this API token cannot see it: NetBox gives the "+
			"same answer for both.", client.ServerURL(), what)
		if strings.HasPrefix(what, "named ") {
			detail += " Names are case-sensitive. If the same apply creates the fabric, refer to it by its id."
		} else {
			detail += " Check the id, server_url, and the permissions of the token's user."
		}
		diags.AddAttributeError(at, "Fabric not found in NetBox", strings.Join(append([]string{detail}, hints...), " "))
		return
	}
	if e, ambiguous := errors.AsType[*netbox.AmbiguousNameError](err); ambiguous {
		diags.AddAttributeError(at, "Fabric name is ambiguous", explainAmbiguousName(e))
		return
	}
	addError(diags, "read the fabric "+what, err)
}

func explainAmbiguousName(e *netbox.AmbiguousNameError) string {
	ids := make([]string, len(e.IDs))
	for i, id := range e.IDs {
		ids[i] = strconv.FormatInt(id, 10)
	}
	return fmt.Sprintf("NetBox has several fabrics whose names differ from %q only in their Unicode form, and none "+
		"has exactly this name. Their ids are %s. Give one of these ids instead of the name.", e.Name,
		strings.Join(ids, ", "))
}
