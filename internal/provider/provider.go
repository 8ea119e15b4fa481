// Package provider is the Terraform side: schemas, the mapping between them and package
// netbox, and diagnostics. Package fabric has the rules about fabrics.
package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// New returns a function that returns the provider with a version.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &hedgehogProvider{version: version} }
}

type hedgehogProvider struct{ version string }

var (
	_ provider.ProviderWithFunctions          = (*hedgehogProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*hedgehogProvider)(nil)
	_ provider.ProviderWithListResources      = (*hedgehogProvider)(nil)
	_ provider.ProviderWithActions            = (*hedgehogProvider)(nil)
)

type providerModel struct {
	ServerURL            types.String `tfsdk:"server_url"`
	APIToken             types.String `tfsdk:"api_token"`
	AllowInsecureHTTPS   types.Bool   `tfsdk:"allow_insecure_https"`
	CACertFile           types.String `tfsdk:"ca_cert_file"`
	ClientCertFile       types.String `tfsdk:"client_cert_file"`
	ClientKeyFile        types.String `tfsdk:"client_key_file"`
	Branch               types.String `tfsdk:"branch"`
	Headers              types.Map    `tfsdk:"headers"`
	RequestTimeout       types.Int64  `tfsdk:"request_timeout"`
	SkipVersionCheck     types.Bool   `tfsdk:"skip_version_check"`
	StripTrailingSlashes types.Bool   `tfsdk:"strip_trailing_slashes_from_url"`
	ChangelogMessage     types.String `tfsdk:"changelog_message"`
	DefaultTags          types.Set    `tfsdk:"default_tags"`
}

func (p *hedgehogProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "hedgehog"
	resp.Version = p.version
}

func (p *hedgehogProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages Hedgehog fabrics in NetBox as code. In NetBox, a fabric is a record of the " +
			"plugin `netbox_hedgehog` that says where the fabric's Kubernetes cluster is and how often to sync it. " +
			"The provider creates and changes these records, works out each fabric's sync status, and copies the " +
			"objects of the cluster into NetBox.",
		Attributes: map[string]schema.Attribute{
			"server_url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "URL of NetBox, such as `https://netbox.example.com`. Required, here or in the " +
					"environment variable `NETBOX_SERVER_URL`, which is used when this is null or `\"\"`. It must " +
					"begin with `https://` or `http://`. It can have a path, but no user name, query or fragment.",
			},
			"api_token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "API token of NetBox, version 1 or 2. Required, here or in the environment " +
					"variable `NETBOX_API_TOKEN`, which is used when this is null or `\"\"`. Version 2 tokens begin " +
					"with `nbt_` and need NetBox 4.5 or newer. The token is sent to the host of `server_url` and to " +
					"no other.",
			},
			"allow_insecure_https": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to accept any TLS certificate from NetBox without verifying it. " +
					"Default: `false`. With `true`, anyone who controls the network path can impersonate NetBox and " +
					"read the API token. Use `ca_cert_file` instead if you can. Environment variable: " +
					"`NETBOX_ALLOW_INSECURE_HTTPS`, used when this is null.",
			},
			"ca_cert_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of a PEM file with the CA certificates to trust for NetBox. The provider " +
					"then trusts no others. Default: the system's CA certificates. Environment variable: " +
					"`NETBOX_CA_CERT_FILE`, used when this is null or `\"\"`.",
			},
			"client_cert_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of a PEM file with a client certificate and its intermediate " +
					"certificates, for a NetBox or a gateway that asks for one in the TLS handshake. Default: none. " +
					"Needs `client_key_file`. The file is read again for each new connection, so you can replace it " +
					"at any time. Environment variable: `NETBOX_CLIENT_CERT_FILE`, used when this is null or `\"\"`.",
			},
			"client_key_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of a PEM file with the private key of `client_cert_file`. Default: none. " +
					"The key must be RSA, ECDSA or Ed25519, and must not have a passphrase. Both settings can name " +
					"the same file. Environment variable: `NETBOX_CLIENT_KEY_FILE`, used when this is null or `\"\"`.",
			},
			"branch": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Branch of NetBox to read from and write to: its exact name or its schema id. " +
					"Default: none, which means NetBox's main data, outside any branch. Needs the NetBox plugin " +
					"`netbox_branching`. If the branch is being created or synced, the provider waits for it until " +
					"the operation's timeout. Environment variable: `NETBOX_BRANCH`, used when this is null or " +
					"`\"\"`.",
			},
			"headers": schema.MapAttribute{
				Optional: true, Sensitive: true, ElementType: types.StringType,
				MarkdownDescription: "HTTP headers to send with every request to NetBox, for example for a gateway " +
					"in front of it. Default: none. A header with the value null is not sent. A header whose name " +
					"suggests a secret, such as `X-Api-Key`, must not be empty. You cannot set headers that the " +
					"provider sets itself, such as `Authorization` and `If-Match`. To work in a branch, use " +
					"`branch`: the `X-NetBox-Branch` header takes only a schema id. Environment variable: " +
					"`NETBOX_HEADERS`, a JSON object to which the same rules apply. It is used when this is null, " +
					"`{}`, or has only null values.",
			},
			"request_timeout": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, rest.MaxRequestTimeout)},
				MarkdownDescription: fmt.Sprintf("Time limit for one request to NetBox, in seconds. Default: `%d`. "+
					"From 1 to %d. Environment variable: `NETBOX_REQUEST_TIMEOUT`, used when this is null.",
					rest.DefaultRequestTimeout/time.Second, rest.MaxRequestTimeout),
			},
			"skip_version_check": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to skip the version check. Default: `false`. Before its first " +
					"operation, the provider checks that NetBox is new enough and has the plugin. It also warns " +
					"about a NetBox that is newer than the versions it was tested with. Environment variable: " +
					"`NETBOX_SKIP_VERSION_CHECK`, used when this is null.",
			},
			"strip_trailing_slashes_from_url": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to remove slashes from the end of `server_url`. Default: `true`. " +
					"Environment variable: `NETBOX_STRIP_TRAILING_SLASHES_FROM_URL`, used when this is null.",
			},
			"default_tags": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Set{setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(tagNameRule())},
				MarkdownDescription: "Names of NetBox tags to add to every fabric, in addition to its own `tags`. " +
					"Default: none. The tags must exist in NetBox, which only the apply checks. A name has 1 to 100 " +
					"characters and is case-sensitive.",
			},
			"changelog_message": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{textRule{
					description: "at most 200 characters", validate: fabric.ValidateChangelogMessage,
				}},
				MarkdownDescription: "Message that NetBox stores in its change log with every write, such as the " +
					"number of a change request. Default: none. At most 200 characters.",
			},
		},
	}
}

const (
	projectURL = "https://github.com/hedgehog-fabric/terraform-provider-hedgehog"
	// issuesURL is where to report faults of the provider.
	issuesURL = projectURL + "/issues"
)

// connection is what resources and data sources get from the provider: a client, or why it
// cannot be created yet.
type connection struct {
	client *netbox.Client
	// userAgent names the program and its version to servers.
	userAgent string
	// unknown names a provider attribute that is known only after apply.
	unknown string
	// defaultTags are the provider's default tags; unknown if defaultTagsUnknown.
	defaultTags        []string
	defaultTagsUnknown bool
	// imported are the records that imports have read, by id (int64 to *netbox.Read). The
	// read that follows an import takes its record.
	imported sync.Map
	managed  managedFabrics
}

// Configure creates the client. It makes no network call, so that validate, and a plan with
// unknown values, work without a server.
func (p *hedgehogProvider) Configure(ctx context.Context, req provider.ConfigureRequest,
	resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := &connection{
		unknown:   model.unknown(),
		userAgent: fmt.Sprintf("terraform-provider-hedgehog/%s Terraform/%s", p.version, req.TerraformVersion),
	}
	c.defaultTags, c.defaultTagsUnknown = tagNames(model.DefaultTags)
	if c.pending() && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	if c.unknown == "" {
		config := model.clientConfig(ctx, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
		config.UserAgent = c.userAgent
		config.ObserveExchange = logExchange
		client, err := netbox.New(config)
		if err != nil {
			addConfigError(&resp.Diagnostics, err)
			return
		}
		client.SetChangelogMessage(model.ChangelogMessage.ValueString())
		c.client = client
	}
	resp.ResourceData = c
	resp.DataSourceData = c
	resp.EphemeralResourceData = c
	resp.ListResourceData = c
	resp.ActionData = c
}

// planWhileDeferred lets a resource make a plan even if the provider defers it. A plan
// needs nothing from NetBox. Without one, the framework would show values that only the
// apply finds out as null instead of unknown.
var planWhileDeferred = resource.ProviderDeferredBehavior{EnablePlanModification: true}

func addConfigError(diags *diag.Diagnostics, err error) {
	if wrong, ok := errors.AsType[*rest.ConfigError](err); ok {
		diags.AddAttributeError(path.Root(wrong.Field), "Invalid provider configuration", wrong.Detail)
		return
	}
	diags.AddError("Invalid provider configuration", err.Error())
}

func logExchange(ctx context.Context, e rest.Exchange) {
	fields := map[string]any{"method": e.Method, "path": e.Path, "milliseconds": e.Duration.Milliseconds()}
	if run := fabricsync.RunID(ctx); run != "" {
		fields["run"] = run
	}
	if e.Branch != "" {
		fields["branch"] = e.Branch
	}
	if e.Problem != "" {
		fields["problem"] = e.Problem
		tflog.Warn(ctx, "NetBox gave no answer", fields)
		return
	}
	fields["status"] = e.Status
	tflog.Debug(ctx, "NetBox answered", fields)
}

// connectionFrom returns the provider's data in a Configure method. The data is nil before
// the provider is configured, as in validate.
func connectionFrom(data any, diags *diag.Diagnostics) *connection {
	if data == nil {
		return nil
	}
	c, ok := data.(*connection)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("A part of the provider got %T instead of its "+
			"connection to NetBox. This is a fault of the provider. Please report it at "+issuesURL+".", data))
	}
	return c
}

// pending reports whether the provider is configured with values that are not known yet.
func (c *connection) pending() bool { return c != nil && c.unknown != "" }

// warnUntested warns if NetBox is newer than the newest tested version, at the end of the
// first operation that has asked NetBox.
func (c *connection) warnUntested(diags *diag.Diagnostics) {
	if c == nil || c.client == nil {
		return
	}
	if found := c.client.TakeUntested(); found != nil {
		diags.AddWarning("NetBox is newer than the tested versions", fmt.Sprintf("The NetBox at %s has version %s. "+
			"This version of the provider was tested with NetBox up to %s. It will probably work. Look for a newer "+
			"version of the provider. skip_version_check = true turns this warning off.", found.ServerURL,
			found.Version, found.Newest))
	}
}

// netbox returns the client, or adds an error with the reason why it cannot be created.
func (c *connection) netbox(diags *diag.Diagnostics) *netbox.Client {
	if c == nil {
		diags.AddError("Provider not configured", "The hedgehog provider was not configured. This is a fault of the "+
			"provider. Please report it at "+issuesURL+".")
		return nil
	}
	if c.client == nil {
		diags.AddAttributeError(path.Root(c.unknown), "Provider configuration not known yet",
			fmt.Sprintf("The provider's %s depends on a value that is known only after apply, so the provider cannot "+
				"ask NetBox now. Apply the resource with that value first, for example with -target.", c.unknown))
		return nil
	}
	return c.client
}

func (p *hedgehogProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newFabricResource, newFabricSyncResource}
}

func (p *hedgehogProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newFabricDataSource, newFabricsDataSource, newFabricConnectionDataSource}
}

func (p *hedgehogProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newFabricCredentials}
}

// Actions returns the actions for terraform apply -invoke.
func (p *hedgehogProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newFabricSyncAction}
}

// ListResources returns the list resources for terraform query.
func (p *hedgehogProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newFabricList}
}

func (p *hedgehogProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newSyncStatusFunction}
}
