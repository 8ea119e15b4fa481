package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
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
		MarkdownDescription: "Credentials of a fabric's Kubernetes API server as NetBox has them, for configuring " +
			"the providers `kubernetes` and `helm`. They are in no plan and no state (Terraform >= 1.10, OpenTofu >= " +
			"1.11).",
		Attributes: map[string]schema.Attribute{
			"id": schema.Int64Attribute{
				Optional: true, Computed: true,
				Validators:          idOrName(),
				MarkdownDescription: "Numeric id of the fabric in NetBox, from 1. Give either this or `name`.",
			},
			"name": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Exact, case-sensitive name of the fabric. Give either this or `id`.",
			},
			"host": schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the " +
				"Kubernetes API server."},
			"token": schema.StringAttribute{Computed: true, Sensitive: true,
				MarkdownDescription: "Bearer token for the Kubernetes API server."},
			"cluster_ca_certificate": schema.StringAttribute{Computed: true, MarkdownDescription: "Certificate " +
				"authorities of the server in PEM; null when none are stored and the system's count."},
			"namespace": schema.StringAttribute{Computed: true, MarkdownDescription: "Kubernetes " +
				"namespace that holds the fabric's objects."},
		},
	}
}

func (e *fabricCredentials) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model fabricCredentialsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	client := e.connection.netbox(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()

	read, at, what, err := readByIDOrName(ctx, client, model.ID, model.Name)
	if err != nil {
		addLookupError(&resp.Diagnostics, client, at, what, err)
		return
	}
	f := &read.Fabric
	if f.TokenHidden {
		resp.Diagnostics.AddAttributeError(at, "Kubernetes token not shown", fmt.Sprintf(
			"NetBox does not show the Kubernetes token of the fabric %q (id %d), so there are no credentials for its "+
				"cluster. Its plugin was changed to keep tokens back; take the token from where it is kept.", f.Name,
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
				"the resource hedgehog_fabric, or in NetBox.", missing, f.Name, f.ID))
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

// readByIDOrName reads the fabric that a configuration names, and tells by which
// attribute and in which words it is named.
func readByIDOrName(ctx context.Context, client *netbox.Client, id types.Int64, name types.String) (read *netbox.Read,
	at path.Path, what string, err error) {
	if id.IsNull() {
		read, err = client.Fabrics().ReadByName(ctx, name.ValueString())
		return read, path.Root("name"), fmt.Sprintf("named %q", name.ValueString()), err
	}
	read, err = client.Fabrics().Get(ctx, id.ValueInt64())
	return read, path.Root("id"), "with the id " + strconv.FormatInt(id.ValueInt64(), 10), err
}
