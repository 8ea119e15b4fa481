package examples

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// foreignProviders are those that examples configure with a fabric's credentials.
var foreignProviders = []string{"kubernetes", "helm"}

// foreignProvider has of such a provider what an example sets, and no resources.
type foreignProvider struct{ name string }

func serveForeign(name string) error {
	return providerserver.Serve(context.Background(), func() provider.Provider { return foreignProvider{name} },
		providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/" + name})
}

func (p foreignProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.name
}

func (p foreignProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	connection := map[string]schema.Attribute{
		"host":                   schema.StringAttribute{Optional: true},
		"token":                  schema.StringAttribute{Optional: true, Sensitive: true},
		"cluster_ca_certificate": schema.StringAttribute{Optional: true},
	}
	resp.Schema.Attributes = connection
	if p.name == "helm" {
		resp.Schema.Attributes = map[string]schema.Attribute{
			"kubernetes": schema.SingleNestedAttribute{Optional: true, Attributes: connection},
		}
	}
}

func (foreignProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (foreignProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (foreignProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
