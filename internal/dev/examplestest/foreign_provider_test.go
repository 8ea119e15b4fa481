package examplestest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// foreignProviders are providers that examples configure with a fabric's credentials.
var foreignProviders = []string{"kubernetes", "helm"}

// foreignRecord is the variable with the folder in which a foreign provider records its
// configuration.
const foreignRecord = "EXAMPLES_FOREIGN_RECORD"

// foreignProvider imitates such a provider. It has the arguments that an example sets, and a data
// source, so that the CLI configures it.
type foreignProvider struct{ name string }

func serveForeign(name string) error {
	return providerserver.Serve(context.Background(), func() provider.Provider { return foreignProvider{name} },
		providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/" + name})
}

func (p foreignProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.name
}

// foreignConnection has such a provider's arguments for a cluster.
type foreignConnection struct {
	Host  *string `tfsdk:"host" json:"host"`
	Token *string `tfsdk:"token" json:"token"`
	CA    *string `tfsdk:"cluster_ca_certificate" json:"cluster_ca_certificate"`
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

func (p foreignProvider) Configure(ctx context.Context, req provider.ConfigureRequest,
	resp *provider.ConfigureResponse) {
	var given foreignConnection
	if p.name == "helm" {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("kubernetes"), &given)...)
	} else {
		resp.Diagnostics.Append(req.Config.Get(ctx, &given)...)
	}
	raw, err := json.Marshal(given)
	if err == nil {
		err = os.WriteFile(filepath.Join(os.Getenv(foreignRecord), p.name+".json"), raw, 0o600)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot write down the configuration", err.Error())
	}
}

func (foreignProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (p foreignProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return foreignData{p.name} }}
}

// foreignData has no attributes. It only makes the CLI configure the provider.
type foreignData struct{ provider string }

func (d foreignData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.provider + "_anything"
}

func (foreignData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataschema.Schema{}
}

func (foreignData) Read(context.Context, datasource.ReadRequest, *datasource.ReadResponse) {}

// useForeign makes the example's configuration use the providers, since the CLI does not configure
// unused providers. helm has the same arguments as kubernetes, one level deeper.
func useForeign(w *workspace) {
	w.t.Helper()
	w.set(foreignRecord, w.t.TempDir())
	raw, err := os.ReadFile(filepath.Join(w.dir, "ephemeral-resource.tf"))
	must(w.t, err)
	_, block, found := strings.Cut(string(raw), "provider \"kubernetes\" {\n")
	arguments, _, closed := strings.Cut(block, "\n}")
	if !found || !closed {
		w.t.Fatalf("the example configures no provider kubernetes:\n%s", raw)
	}
	uses := fmt.Sprintf("provider \"helm\" {\n  kubernetes = {\n%s\n  }\n}\n", arguments)
	for _, name := range foreignProviders {
		uses += fmt.Sprintf("data \"%s_anything\" \"any\" {}\n", name)
	}
	must(w.t, os.WriteFile(filepath.Join(w.dir, "uses.tf"), []byte(uses), 0o600))
}

// wantForeign compares the foreign providers' configurations, and checks that the token is nowhere
// else.
func wantForeign(w *workspace, host, token, ca string) {
	w.t.Helper()
	want := foreignConnection{&host, &token, &ca}
	for _, name := range foreignProviders {
		raw, err := os.ReadFile(filepath.Join(w.variable(foreignRecord), name+".json"))
		must(w.t, err)
		var got foreignConnection
		must(w.t, json.Unmarshal(raw, &got))
		if !reflect.DeepEqual(got, want) {
			w.t.Errorf("provider %s: got the configuration %s, want host %s, token %s and the CA %s", name,
				raw, host, token, ca)
		}
	}
	state, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	must(w.t, err)
	if strings.Contains(string(state), token) {
		w.t.Errorf("the state has the token:\n%s", state)
	}
}

// variable returns the value of a variable in the environment.
func (w *workspace) variable(name string) string {
	value := ""
	for _, entry := range w.environment {
		if v, found := strings.CutPrefix(entry, name+"="); found {
			value = v
		}
	}
	return value
}
