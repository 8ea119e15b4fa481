package provider

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// ImportState imports by an identity, or by a fabric's id or name. Digits alone are an id;
// a name of digits needs the prefix "name:". It always asks NetBox: there is no other state
// to compare a configuration with after an import.
func (r *fabricResource) ImportState(ctx context.Context, req resource.ImportStateRequest,
	resp *resource.ImportStateResponse) {
	client := r.connection.netbox(&resp.Diagnostics)
	defer r.connection.warnUntested(&resp.Diagnostics)
	id, name := importedFabric(ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	read, _, what, err := readByIDOrName(ctx, client, id, name)
	if err != nil {
		var hints []string
		if fabric.IsImportedID(req.ID) {
			hints = append(hints, fmt.Sprintf("Digits alone are an id. For a fabric whose name is %s, import %q.",
				req.ID, "name:"+req.ID))
		}
		addLookupError(&resp.Diagnostics, client, path.Empty(), what, err, hints...)
		return
	}
	r.connection.warnManagedTwice(&resp.Diagnostics, &read.Fabric)
	r.connection.imported.Store(read.Fabric.ID, read)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), read.Fabric.ID)...)
}

// importedFabric returns the id of the fabric to import, or its name if the id is null.
func importedFabric(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (types.Int64,
	types.String) {
	// With an import id, Terraform passes a null identity.
	if req.ID == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		var identity fabricIdentity
		diags.Append(req.Identity.Get(ctx, &identity)...)
		if p := fabric.ValidateID(identity.ID.ValueInt64()); p != nil && !diags.HasError() {
			diags.AddError(p.Summary, p.Detail)
		}
		return types.Int64Value(identity.ID.ValueInt64()), types.StringNull()
	}
	id, name, problem := fabric.ParseImportID(req.ID)
	switch {
	case problem != nil:
		diags.AddError(problem.Summary, problem.Detail)
	case name != "":
		return types.Int64Null(), types.StringValue(name)
	}
	return types.Int64Value(id), types.StringNull()
}

// importBlock returns an import block for an import id, which may contain a name.
func importBlock(id string) string {
	return "import {\n  to = hedgehog_fabric.example\n  id = " + quoteHCL(id) + "\n}"
}

// quoteHCL returns a string as an HCL literal, without templates.
func quoteHCL(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return `"` + strings.NewReplacer("${", "$${", "%{", "%%{").Replace(b.String()) + `"`
}
