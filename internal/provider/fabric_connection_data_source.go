package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func newFabricConnectionDataSource() datasource.DataSource { return &fabricConnectionDataSource{} }

type fabricConnectionDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*fabricConnectionDataSource)(nil)

type fabricConnectionModel struct {
	ID                  types.Int64      `tfsdk:"id"`
	Name                types.String     `tfsdk:"name"`
	FailOnError         types.Bool       `tfsdk:"fail_on_error"`
	AllowInsecureHTTPS  types.Bool       `tfsdk:"allow_insecure_https"`
	Timeouts            types.Object     `tfsdk:"timeouts"`
	KubernetesServer    types.String     `tfsdk:"kubernetes_server"`
	KubernetesNamespace types.String     `tfsdk:"kubernetes_namespace"`
	Reachable           types.Bool       `tfsdk:"reachable"`
	Authenticated       types.Bool       `tfsdk:"authenticated"`
	Authorized          types.Bool       `tfsdk:"authorized"`
	ServerVersion       types.String     `tfsdk:"server_version"`
	Counts              map[string]int64 `tfsdk:"counts"`
	ForbiddenKinds      []string         `tfsdk:"forbidden_kinds"`
	ErrorClass          types.String     `tfsdk:"error_class"`
	ErrorMessage        types.String     `tfsdk:"error_message"`
	Health              *healthModel     `tfsdk:"health"`
}

func (d *fabricConnectionDataSource) Metadata(_ context.Context, req datasource.MetadataRequest,
	resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabric_connection"
}

func (d *fabricConnectionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest,
	resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks whether the machine that runs Terraform can use a fabric's Kubernetes cluster, " +
			"and reads what the cluster holds and how healthy the fabric is. It writes nothing, neither to NetBox " +
			"nor to the cluster.",
		Attributes: map[string]schema.Attribute{
			"id": schema.Int64Attribute{Optional: true, Computed: true, Validators: idOrName(),
				MarkdownDescription: findByIDText},
			"name": schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: findByNameText},
			"fail_on_error": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to fail when a sync " +
				"could not use the cluster, for any of the reasons in `error_class`. Default: `false`, which reports " +
				"the problem in `error_class` and `error_message` instead."},
			"allow_insecure_https": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to accept any " +
				"TLS certificate from the cluster without verifying it. Default: `false`, which verifies it with the " +
				"CA certificates that NetBox stores, or else with the system's. With `true`, anyone who controls the " +
				"network path can impersonate the cluster and read the token."},
			"kubernetes_server": shownText("URL of the Kubernetes API server that NetBox stores. Empty if it stores " +
				"none."),
			"kubernetes_namespace": shownText("Kubernetes namespace in which the objects are counted."),
			"reachable":            shownBool("Whether the server answered over HTTP."),
			"authenticated":        shownBool("Whether the server accepted the token."),
			"authorized": shownBool("Whether the token can list the [twelve " +
				"kinds](../guides/secrets.md#minimum-permissions-for-each-token) of objects that a sync reads, in " +
				"the fabric's namespace."),
			"server_version": shownText("Version of the Kubernetes API server, such as `v1.36.3`. Null if it is not " +
				"known."),
			"counts": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "Number of objects of each kind in the namespace. The keys are names of " +
					"kinds, such as `VPC` or `Switch`. A kind whose custom resource definition is not installed " +
					"has 0. A kind that the token is not allowed to list has no key. Empty if the objects could " +
					"not be counted.",
			},
			"forbidden_kinds": schema.ListAttribute{
				Computed: true, ElementType: types.StringType, MarkdownDescription: "Kinds that the token is not " +
					"allowed to list.",
			},
			"error_class": shownText("What is wrong: `not_configured` (NetBox stores no server), `config` (the " +
				"stored settings cannot work, and nothing was sent), `unreachable` (no connection), `timeout` (no " +
				"complete answer in time), `tls` (no secure connection, for example because the certificate is not " +
				"trusted), `unauthenticated` (no token, or the server rejected it), `forbidden` (the token is not " +
				"allowed to list every kind), `not_kubernetes` (something else answered) or `other`. Null if " +
				"nothing is wrong."),
			"error_message": shownText("What is wrong, in one sentence with the server, the cause and what to " +
				"check. Null if nothing is wrong."),
			"health":   healthAttribute(),
			"timeouts": dataSourceTimeouts(),
		},
	}
}

func (d *fabricConnectionDataSource) Read(ctx context.Context, req datasource.ReadRequest,
	resp *datasource.ReadResponse) {
	var model fabricConnectionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout := timeoutOf(model.Timeouts, "read", defaultTimeout, &resp.Diagnostics)
	client := d.connection.netbox(&resp.Diagnostics)
	defer d.connection.warnUntested(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	read, at := findFabric(ctx, client, model.ID, model.Name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	f := &read.Fabric
	model.ID, model.Name = types.Int64Value(f.ID), types.StringValue(f.Name)
	model.KubernetesServer, model.KubernetesNamespace = types.StringValue(f.KubernetesServer),
		types.StringValue(f.KubernetesNamespace)
	model.check(ctx, f, d.connection.userAgent)
	if model.FailOnError.ValueBool() && !model.ErrorMessage.IsNull() {
		resp.Diagnostics.AddAttributeError(at, "Fabric's cluster cannot be used", fmt.Sprintf(
			"A sync could not use the cluster of the fabric %q (id %d): %s With fail_on_error = false, the "+
				"attributes error_class and error_message have the reason instead.",
			f.Name, f.ID, sentenceOf(model.ErrorMessage.ValueString())))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// classNotConfigured is the error class of a fabric without a cluster.
const classNotConfigured = "not_configured"

// check asks the cluster. Problems are part of the result.
func (m *fabricConnectionModel) check(ctx context.Context, f *fabric.Fabric, userAgent string) {
	m.Counts, m.ForbiddenKinds = map[string]int64{}, []string{}
	m.Reachable, m.Authenticated, m.Authorized = types.BoolValue(false), types.BoolValue(false), types.BoolValue(false)
	if fabric.Blank(f.KubernetesServer) {
		m.fail(classNotConfigured, "the fabric has no kubernetes_server in NetBox; set it in the "+
			"hedgehog_fabric resource, or in NetBox")
		return
	}
	if f.TokenHidden {
		m.fail(string(cluster.ClassConfig), "NetBox does not show the fabric's kubernetes_token, so its cluster "+
			"cannot be checked; the NetBox plugin was changed to hide it: ask a NetBox administrator")
		return
	}
	c, err := cluster.New(cluster.Config{
		Server: f.KubernetesServer, Token: f.KubernetesToken, CACert: f.KubernetesCACert,
		Namespace: f.KubernetesNamespace,
		Insecure:  m.AllowInsecureHTTPS.ValueBool(), UserAgent: userAgent,
	})
	if err != nil {
		m.failWith(err)
		return
	}
	defer c.Close()
	report := c.Check(ctx)
	m.Reachable, m.Authenticated, m.Authorized = types.BoolValue(report.Reachable),
		types.BoolValue(report.Authenticated), types.BoolValue(report.Authorized)
	if report.ServerVersion != "" {
		m.ServerVersion = types.StringValue(report.ServerVersion)
	}
	for _, kind := range report.Forbidden {
		m.ForbiddenKinds = append(m.ForbiddenKinds, kind.Name)
	}
	if report.Err != nil {
		m.failWith(report.Err)
	}
	if !report.Authenticated {
		return
	}
	m.Health = newHealthModel(c.Health(ctx))
	counts, err := c.Counts(ctx)
	if err != nil {
		m.failWith(err)
		return
	}
	m.Counts = counts
}

func (m *fabricConnectionModel) failWith(err error) {
	class := cluster.ClassOther
	if failed, ok := errors.AsType[*cluster.Error](err); ok {
		class = failed.Class
	}
	m.fail(string(class), err.Error())
}

func (m *fabricConnectionModel) fail(class, message string) {
	m.ErrorClass, m.ErrorMessage = types.StringValue(class), types.StringValue(message)
}
