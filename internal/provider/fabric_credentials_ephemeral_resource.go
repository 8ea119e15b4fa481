package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func newFabricCredentials() ephemeral.EphemeralResource { return &fabricCredentials{} }

type fabricCredentials struct{ connection *connection }

var _ ephemeral.EphemeralResourceWithConfigure = (*fabricCredentials)(nil)

type fabricCredentialsModel struct {
	ID                   types.Int64  `tfsdk:"id"`
	Name                 types.String `tfsdk:"name"`
	Host                 types.String `tfsdk:"host"`
	Token                types.String `tfsdk:"token"`
	ClusterCACertificate types.String `tfsdk:"cluster_ca_certificate"`
	Namespace            types.String `tfsdk:"namespace"`
}

func (e *fabricCredentials) Metadata(_ context.Context, req ephemeral.MetadataRequest,
	resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabric_credentials"
}

func (e *fabricCredentials) Configure(_ context.Context, req ephemeral.ConfigureRequest,
	resp *ephemeral.ConfigureResponse) {
	e.connection = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (e *fabricCredentials) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the credentials of a fabric's Kubernetes API server from NetBox, to configure " +
			"the `kubernetes` and `helm` providers. They are never stored in a plan or in the state.",
		Attributes: map[string]schema.Attribute{
			"id": schema.Int64Attribute{
				Optional: true, Computed: true,
				Validators:          idOrName(),
				MarkdownDescription: findByIDText,
			},
			"name": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: findByNameText,
			},
			"host": schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the " +
				"Kubernetes API server."},
			"token": schema.StringAttribute{Computed: true, Sensitive: true,
				MarkdownDescription: "Bearer token for the Kubernetes API server."},
			"cluster_ca_certificate": schema.StringAttribute{Computed: true, MarkdownDescription: "CA certificates " +
				"to trust for the Kubernetes API server, in PEM form. Null if NetBox stores none. The providers then " +
				"trust the system's CA certificates."},
			"namespace": schema.StringAttribute{Computed: true, MarkdownDescription: "Kubernetes " +
				"namespace that holds the fabric's objects."},
		},
	}
}

func (e *fabricCredentials) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model fabricCredentialsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	client := e.connection.netbox(&resp.Diagnostics)
	defer e.connection.warnUntested(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()

	read, at := findFabric(ctx, client, model.ID, model.Name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	f := &read.Fabric
	if f.TokenHidden {
		resp.Diagnostics.AddAttributeError(at, "Kubernetes token not shown", fmt.Sprintf(
			"NetBox does not show the Kubernetes token of the fabric %q (id %d), so there are no credentials for its "+
				"cluster. The plugin in this NetBox was changed to hide tokens. Take the token from its "+
				"source.", f.Name,
			f.ID))
		return
	}
	if fabric.Blank(f.KubernetesServer) || fabric.Blank(f.KubernetesToken) {
		missing := "Kubernetes server"
		if !fabric.Blank(f.KubernetesServer) {
			missing = "Kubernetes token"
		}
		resp.Diagnostics.AddAttributeError(at, "No "+missing+" stored", fmt.Sprintf(
			"NetBox stores no %s for the fabric %q (id %d), so there are no credentials for its cluster. Set it in "+
				"the hedgehog_fabric resource, or in NetBox.", missing, f.Name, f.ID))
		return
	}
	model = fabricCredentialsModel{
		ID: types.Int64Value(f.ID), Name: types.StringValue(f.Name), Host: types.StringValue(f.KubernetesServer),
		Token: types.StringValue(f.KubernetesToken), Namespace: types.StringValue(f.KubernetesNamespace),
	}
	if !fabric.Blank(f.KubernetesCACert) {
		model.ClusterCACertificate = types.StringValue(f.KubernetesCACert)
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
