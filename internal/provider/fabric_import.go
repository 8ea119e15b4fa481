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

// ImportState takes an identity, or a fabric's id or its name. Digits alone are an id; the
// prefix "name:" makes a name of digits possible. It asks NetBox in every case: what is
// read after an import is the only state there is to compare a configuration with.
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
	r.connection.imported.Store(read.Fabric.ID, read)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), read.Fabric.ID)...)
}

// importedFabric returns the id of the fabric to import, or its name where that is null.
func importedFabric(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (types.Int64,
	types.String) {
	// With an id, Terraform gives an identity of null.
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

// importBlock returns what imports the fabric of an import id, which may hold a name.
func importBlock(id string) string {
	return "import {\n  to = hedgehog_fabric.example\n  id = " + quoteHCL(id) + "\n}"
}

// quoteHCL returns a text as a literal of HCL, in which nothing is a template.
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
