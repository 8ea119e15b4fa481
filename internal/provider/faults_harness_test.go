package provider

import (
	"context"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const fabricsAPI = "/api/plugins/hedgehog/fabrics/"

// impatient returns a stand-in, and a provider that waits one second for an answer.
func impatient(t *testing.T, options netboxtest.Options) (*acctest.NetBox, *driver) {
	t.Helper()
	n := acctest.Standin(t, options)
	return n, impatientDriver(t, n)
}

func impatientDriver(t *testing.T, n *acctest.NetBox) *driver {
	t.Helper()
	d := newDriver(t, nil)
	schemas, err := d.server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	d.must(err, nil)
	kind, _ := schemas.Provider.ValueType().(tftypes.Object)
	config := fill(kind, map[string]any{"server_url": n.URL, "api_token": n.Token, "request_timeout": 1})
	configured, err := d.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		Config: d.dynamic(kind, config)})
	d.must(err, configured.Diagnostics)
	return d
}

// change is a change of a fabric by Terraform.
type change struct {
	method string
	prior  *instance
	config map[string]any // nil for a destroy
	plan   *tfprotov6.PlanResourceChangeResponse
}

// planned returns a create, an update or a destroy of a fabric, with its plan. For the last two, it
// creates the fabric first.
func planned(d *driver, method string) *change {
	d.t.Helper()
	c := &change{method: method, config: fabricValues("lab")}
	if method != http.MethodPost {
		c.prior = d.do(nil, fabricValues("lab"))
	}
	switch method {
	case http.MethodPatch:
		c.config["sync_interval"] = 900
	case http.MethodDelete:
		c.config = nil
	}
	c.plan = d.plan(c.prior, c.config)
	return c
}

func (c *change) apply(d *driver) (*instance, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	return d.apply(c.prior, c.config, c.plan)
}

// wantAgreement checks that the state has exactly what NetBox has, and that the next plan changes
// nothing.
func wantAgreement(d *driver, n *acctest.NetBox, state *instance, config map[string]any) {
	d.t.Helper()
	fabrics := n.Standin.Fabrics()
	if state.value.IsNull() != (len(fabrics) == 0) || len(fabrics) > 1 {
		d.t.Fatalf("the state is %v, NetBox has %v", state.value, fabrics)
	}
	if len(fabrics) == 0 {
		return
	}
	for name, stored := range map[string]any{"id": fabrics[0]["id"], "name": fabrics[0]["name"],
		"description":       fabrics[0]["description"],
		"kubernetes_server": fabrics[0]["kubernetes_server"], "sync_interval": fabrics[0]["sync_interval"]} {
		if number, is := stored.(float64); is {
			stored = int64(number)
		}
		if got := d.attribute(state, name); got != stored {
			d.t.Errorf("the state has %s %v, NetBox %v", name, got, stored)
		}
	}
	d = newDriver(d.t, n) // the next plan is another run
	refreshed, diagnostics := d.read(state)
	if len(diagnostics) != 0 {
		d.t.Errorf("the next refresh says %s", render(diagnostics))
	}
	if config == nil {
		return
	}
	if next := d.value(d.plan(refreshed, config).PlannedState); !next.Equal(refreshed.value) {
		d.t.Errorf("the next plan is %v\nand the state %v", next, refreshed.value)
	}
}
