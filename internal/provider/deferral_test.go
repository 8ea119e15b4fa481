package provider

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// deferring returns a driver of a provider whose URL is unknown, for a client that does or does
// not allow deferral.
func deferring(t *testing.T, n *acctest.NetBox, allowed bool) (
	*driver, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	d := newDriver(t, nil)
	schemas, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	d.must(err, schemas.Diagnostics)
	kind, _ := schemas.Provider.ValueType().(tftypes.Object)
	configured, err := d.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: d.dynamic(kind, fill(kind, map[string]any{"server_url": tftypes.UnknownValue,
			"api_token": n.Token})),
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: allowed},
	})
	d.must(err, configured.Diagnostics)
	return d, schemas
}

// If the client allows deferral, the provider defers every call that the protocol allows, without
// diagnostics and requests. Otherwise it defers nothing.
func TestDeferral_configurationNotKnownYet(t *testing.T) {
	n, known := standin(t)
	made := known.do(nil, fabricValues("lab"))
	n.Standin.ResetRequests()
	for name, allowed := range map[string]bool{"allowed": true, "not allowed": false} {
		t.Run(name, func(t *testing.T) {
			d, schemas := deferring(t, n, allowed)
			answers := d.managedAnswers(made)
			d.addOtherAnswers(answers, schemas)
			if len(answers) < 11 {
				t.Errorf("got only %d calls", len(answers))
			}
			for what, a := range answers {
				switch {
				case !allowed && a.deferred != nil, allowed && a.deferred == nil, allowed && len(a.diagnostics) > 0,
					allowed && a.deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown:
					t.Errorf("%s: deferred %v, got %s", what, a.deferred, render(a.diagnostics))
				}
			}
		})
	}
	if n.Standin.Count("", "/") != 0 {
		t.Error("NetBox got a request")
	}
}

// answer is the provider's answer to a call that can be deferred.
type answer struct {
	deferred    *tfprotov6.Deferred
	diagnostics []*tfprotov6.Diagnostic
}

// managedAnswers makes the calls for resources, with a fabric that exists.
func (d *driver) managedAnswers(made *instance) map[string]answer {
	d.t.Helper()
	read, err := d.server.ReadResource(d.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: fabricType,
		CurrentState: d.dynamic(d.object, made.value), Private: made.private})
	must(d.t, err)
	if !d.value(read.NewState).Equal(made.value) {
		d.t.Errorf("refreshed to %s", d.value(read.NewState))
	}
	imported, err := d.server.ImportResourceState(d.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: fabricType, ID: "1"})
	must(d.t, err)
	answers := map[string]answer{
		"a refresh": {read.Deferred, read.Diagnostics}, "an import": {imported.Deferred, imported.Diagnostics},
	}
	for what, plan := range map[string]*tfprotov6.PlanResourceChangeResponse{
		"a create": d.plan(nil, fabricValues("new")), "an update": d.plan(made, fabricValues("renamed")),
		"no change": d.plan(made, fabricValues("lab")), "a destroy": d.plan(made, nil),
		"a sync": d.of("hedgehog_fabric_sync").plan(nil, map[string]any{"fabric_id": 1}),
	} {
		answers[what] = answer{plan.Deferred, plan.Diagnostics}
	}
	return answers
}

// addOtherAnswers makes the calls for data sources, ephemeral resources and actions.
func (d *driver) addOtherAnswers(answers map[string]answer, schemas *tfprotov6.GetProviderSchemaResponse) {
	d.t.Helper()
	config := func(schema *tfprotov6.Schema, values map[string]any) *tfprotov6.DynamicValue {
		kind, _ := schema.ValueType().(tftypes.Object)
		return d.dynamic(kind, fill(kind, values))
	}
	for name, schema := range schemas.DataSourceSchemas {
		read, err := d.server.ReadDataSource(d.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name,
			Config: config(schema, nil)})
		must(d.t, err)
		answers["data source "+name] = answer{read.Deferred, read.Diagnostics}
	}
	for name, schema := range schemas.EphemeralResourceSchemas {
		opened, err := d.server.OpenEphemeralResource(d.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
			TypeName: name, Config: config(schema, map[string]any{"id": 1})})
		must(d.t, err)
		answers["ephemeral resource "+name] = answer{opened.Deferred, opened.Diagnostics}
	}
	actions, ok := d.server.(tfprotov6.ActionServer)
	if !ok {
		d.t.Fatal("the provider serves no actions")
	}
	for name, action := range schemas.ActionSchemas {
		planned, err := actions.PlanAction(d.t.Context(), &tfprotov6.PlanActionRequest{ActionType: name,
			Config: config(action.Schema, map[string]any{"fabric_id": 1})})
		must(d.t, err)
		answers["action "+name] = answer{planned.Deferred, planned.Diagnostics}
	}
}

// of returns a driver of another type on the same server.
func (d *driver) of(typeName string) *driver {
	d.t.Helper()
	other := newDriverOf(d.t, nil, typeName)
	other.server = d.server
	return other
}

// In a deferred plan only values that NetBox decides are unknown.
func TestDeferral_planShowsWhatIsUnknown(t *testing.T) {
	n, _ := standin(t)
	d, _ := deferring(t, n, true)
	var planned map[string]tftypes.Value
	must(t, d.value(d.plan(nil, fabricValues("new")).PlannedState).As(&planned))
	for name, unknown := range map[string]bool{"id": true, "url": true, "name": false, "sync_status": false} {
		if planned[name].IsKnown() == unknown || planned[name].IsNull() {
			t.Errorf("%s: got the planned value %s", name, planned[name])
		}
	}
}

// With Terraform's experiments enabled, a configuration that creates NetBox itself takes two
// applies instead of failing: the first creates NetBox, the second the fabrics.
func TestAccDeferral_twoAppliesConverge(t *testing.T) {
	acctest.Need(t, acctest.Actions) // of the same age, and never in OpenTofu
	n := acctest.Standin(t, netboxtest.Options{})
	x := newCLI(t, `
variable "netbox" {
  type = string
}
variable "import" {
  type    = set(string)
  default = []
}
resource "terraform_data" "netbox" {
  input = var.netbox
}
provider "hedgehog" {
  server_url = terraform_data.netbox.output
}
resource "hedgehog_fabric" "test" {
  name = "lab"
}
data "hedgehog_fabrics" "all" {
}
import {
  for_each = var.import
  to       = hedgehog_fabric.test
  id       = each.value
}
output "url" {
  value = hedgehog_fabric.test.url
}
`, "NETBOX_API_TOKEN="+n.Token, "TF_VAR_netbox="+n.URL)
	_, log, err := x.run("plan", "-no-color", "-allow-deferral")
	if err != nil && strings.Contains(log, "only valid in experimental builds") && os.Getenv("TF") != "terraform-1.14" {
		t.Skip("this Terraform has its experiments disabled; TF=terraform-1.14 has them enabled")
	}
	const reason = "provider_config_unknown"
	wantDeferred(t, x, map[string]string{"hedgehog_fabric.test": reason, "data.hedgehog_fabrics.all": reason})
	if _, log, err := x.run("plan", "-no-color"); err == nil ||
		!says("Provider configuration not known yet").MatchString(log) {
		t.Errorf("without a deferral: %v", err)
	}
	if n.Standin.Count("", "/") != 0 {
		t.Error("NetBox got a request while its URL was unknown")
	}
	x.must("apply", "-auto-approve", "-allow-deferral")
	if url := x.must("output", "-json"); strings.Contains(url, "/fabrics/") {
		t.Errorf("after the first apply: %s", url)
	}
	x.must("apply", "-auto-approve", "-allow-deferral")
	if url := x.must("output", "-raw", "url"); url != n.URL+"/api/plugins/hedgehog/fabrics/1/" {
		t.Errorf("after the second apply: %s", url)
	}
	x.must("plan", "-allow-deferral", "-detailed-exitcode") // which fails when there are changes

	// If NetBox moves, a fabric of the state waits for its URL, and so does an import.
	x.env = append(x.env, "TF_VAR_netbox="+strings.Replace(n.URL, "127.0.0.1", "localhost", 1))
	wantDeferred(t, x, map[string]string{"hedgehog_fabric.test": reason, "data.hedgehog_fabrics.all": reason})
	x.must("state", "rm", "hedgehog_fabric.test")
	x.env = append(x.env, `TF_VAR_import=["1"]`)
	x.must("apply", "-auto-approve", "-allow-deferral")
	if resources := x.must("state", "list"); strings.Contains(resources, "hedgehog_fabric.test") {
		t.Errorf("got an import while the URL was unknown: %s", resources)
	}
	x.must("apply", "-auto-approve", "-allow-deferral")
	x.must("plan", "-allow-deferral", "-detailed-exitcode")
	if n.Standin.Count("POST", "/") != 1 {
		t.Error("a second fabric was created")
	}
}

// wantDeferred checks that a plan defers exactly these resources, by address, with these reasons.
func wantDeferred(t *testing.T, x *cli, want map[string]string) {
	t.Helper()
	x.must("plan", "-allow-deferral", "-out=tfplan")
	var plan struct {
		Deferred []struct {
			Reason string `json:"reason"`
			Change struct {
				Address string `json:"address"`
			} `json:"resource_change"`
		} `json:"deferred_changes"`
	}
	must(t, json.Unmarshal([]byte(x.must("show", "-json", "tfplan")), &plan))
	deferred := map[string]string{}
	for _, d := range plan.Deferred {
		deferred[d.Change.Address] = d.Reason
	}
	if !maps.Equal(deferred, want) {
		t.Errorf("deferred %v, want %v", deferred, want)
	}
}
