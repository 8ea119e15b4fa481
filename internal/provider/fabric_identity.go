package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fabricIdentity identifies the fabric of a resource. The id alone does that. With the
// server in it, every identity would break when NetBox's URL changes.
type fabricIdentity struct {
	ID types.Int64 `tfsdk:"id"`
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *fabricResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest,
	resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.Int64Attribute{
				RequiredForImport: true, Description: "Numeric id of the fabric in the NetBox that the provider is " +
					"configured with. 1 or greater.",
			},
		},
	}
}

// setIdentity stores the identity next to the state.
func (m *fabricModel) setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil { // this CLI has no identities
		return nil
	}
	return identity.Set(ctx, fabricIdentity{m.ID})
}
