package provider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

const fabricType = "hedgehog_fabric"

// driver calls the provider with Terraform's protocol, one call at a time. Tests use it for events
// between a plan and its apply, and for warnings, which the test framework does not show.
type driver struct {
	t        *testing.T
	server   tfprotov6.ProviderServer
	typeName string
	schema   *tfprotov6.Schema
	object   tftypes.Object
}

// instance is a resource in a state: its value and its private data.
type instance struct {
	value   tftypes.Value
	private []byte
}

func newDriver(t *testing.T, n *acctest.NetBox) *driver {
	t.Helper()
	return newDriverOf(t, n, fabricType)
}

// newDriverOf is like newDriver, for another type of resource.
func newDriverOf(t *testing.T, n *acctest.NetBox, typeName string) *driver {
	t.Helper()
	server := newServer(t)
	d := &driver{t: t, server: server, typeName: typeName}
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	d.must(err, schemas.Diagnostics)
	d.schema = schemas.ResourceSchemas[typeName]
	object, ok := d.schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the resource's type is not an object")
	}
	d.object = object
	if n == nil {
		return d
	}
	configType, _ := schemas.Provider.ValueType().(tftypes.Object)
	config := fill(configType, map[string]any{"server_url": n.URL, "api_token": n.Token})
	configured, err := server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		Config: d.dynamic(configType, config)})
	d.must(err, configured.Diagnostics)
	return d
}

// fill returns an object of a type. Missing attributes are null. A dynamic attribute needs a value
// with its type.
func fill(object tftypes.Object, values map[string]any) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		if typed, ok := values[name].(tftypes.Value); ok {
			all[name] = typed
		} else {
			all[name] = tftypes.NewValue(kind, values[name])
		}
	}
	return tftypes.NewValue(object, all)
}

func (d *driver) config(values map[string]any) tftypes.Value { return fill(d.object, values) }

func (d *driver) must(err error, diagnostics []*tfprotov6.Diagnostic) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	for _, x := range diagnostics {
		if x.Severity == tfprotov6.DiagnosticSeverityError {
			d.t.Fatalf("%s: got %s", x.Summary, x.Detail)
		}
	}
}

func (d *driver) dynamic(kind tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	d.t.Helper()
	dv, err := tfprotov6.NewDynamicValue(kind, v)
	if err != nil {
		d.t.Fatal(err)
	}
	return &dv
}

func (d *driver) value(dv *tfprotov6.DynamicValue) tftypes.Value {
	d.t.Helper()
	v, err := dv.Unmarshal(d.object)
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// validate validates a configuration, without a server.
func (d *driver) validate(values map[string]any) []*tfprotov6.Diagnostic {
	d.t.Helper()
	resp, err := d.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: d.typeName, Config: d.dynamic(d.object, d.config(values)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.Diagnostics
}

// plan is like tryPlan, but errors end the test.
func (d *driver) plan(prior *instance, values map[string]any) *tfprotov6.PlanResourceChangeResponse {
	d.t.Helper()
	resp := d.tryPlan(prior, values)
	d.must(nil, resp.Diagnostics)
	return resp
}

// tryPlan plans a change from a prior state (nil for a create) to a configuration
// (nil for a destroy).
func (d *driver) tryPlan(prior *instance, values map[string]any) *tfprotov6.PlanResourceChangeResponse {
	d.t.Helper()
	null := tftypes.NewValue(d.object, nil)
	before, config, proposed, private := null, null, null, []byte(nil)
	if prior != nil {
		before, private = prior.value, prior.private
	}
	if values != nil {
		config = d.config(values)
		proposed = config
		if prior != nil { // Terraform proposes the prior value of what is computed
			proposed = d.config(d.merge(prior, values))
		}
	}
	resp, err := d.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: d.typeName, PriorState: d.dynamic(d.object, before), ProposedNewState: d.dynamic(d.object, proposed),
		Config: d.dynamic(d.object, config), PriorPrivate: private,
	})
	d.must(err, nil)
	if !hasError(resp.Diagnostics) {
		d.wantValidPlan(before, config, d.value(resp.PlannedState))
	}
	return resp
}

func (d *driver) merge(prior *instance, values map[string]any) map[string]any {
	d.t.Helper()
	var before map[string]tftypes.Value
	must(d.t, prior.value.As(&before))
	merged := maps.Clone(values)
	for _, a := range d.schema.Block.Attributes {
		if a.Computed && merged[a.Name] == nil {
			merged[a.Name] = before[a.Name]
		}
	}
	return merged
}

// apply applies a plan and returns the new state and the diagnostics.
func (d *driver) apply(prior *instance, values map[string]any, plan *tfprotov6.PlanResourceChangeResponse) (*instance,
	[]*tfprotov6.Diagnostic) {
	d.t.Helper()
	before, config := tftypes.NewValue(d.object, nil), tftypes.NewValue(d.object, nil)
	if prior != nil {
		before = prior.value
	}
	if values != nil {
		config = d.config(values)
	}
	resp, err := d.server.ApplyResourceChange(context.Background(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: d.typeName, PriorState: d.dynamic(d.object, before), PlannedState: plan.PlannedState,
		Config: d.dynamic(d.object, config), PlannedPrivate: plan.PlannedPrivate,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	made := &instance{d.value(resp.NewState), resp.Private}
	if !hasError(resp.Diagnostics) {
		d.wantPlannedValues("the state after the write", d.value(plan.PlannedState), made.value)
		if !made.value.IsFullyKnown() {
			d.t.Errorf("after the write something is still unknown: %s", made.value)
		}
	}
	return made, resp.Diagnostics
}

// do plans and applies; errors end the test.
func (d *driver) do(prior *instance, values map[string]any) *instance {
	d.t.Helper()
	next, diagnostics := d.apply(prior, values, d.plan(prior, values))
	d.must(nil, diagnostics)
	return next
}

// read refreshes a state.
func (d *driver) read(prior *instance) (*instance, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	resp, err := d.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: d.typeName, CurrentState: d.dynamic(d.object, prior.value), Private: prior.private,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return &instance{d.value(resp.NewState), resp.Private}, resp.Diagnostics
}

// refresh is like read, but errors end the test.
func (d *driver) refresh(prior *instance) *instance {
	d.t.Helper()
	next, diagnostics := d.read(prior)
	d.must(nil, diagnostics)
	return next
}

// wantNoChange refreshes a state, and wants the state and a plan for it to be as before.
func (d *driver) wantNoChange(what string, state *instance, config map[string]any) *instance {
	d.t.Helper()
	next := d.refresh(state)
	if plan := d.value(d.plan(next, config).PlannedState); !next.value.Equal(state.value) || !plan.Equal(state.value) {
		d.t.Errorf("%s: read %s, planned %s", what, next.value, plan)
	}
	return next
}

// wantChange wants a plan that is not the state.
func (d *driver) wantChange(state *instance, config map[string]any) {
	d.t.Helper()
	if d.value(d.plan(state, config).PlannedState).Equal(state.value) {
		d.t.Errorf("got no planned change of %s", state.value)
	}
}

// readData reads a data source.
func (d *driver) readData(source string, arguments map[string]any) (tftypes.Value, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	schemas, err := d.server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(d.t, err)
	kind, _ := schemas.DataSourceSchemas[source].ValueType().(tftypes.Object)
	read, err := d.server.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{TypeName: source,
		Config: d.dynamic(kind, fill(kind, arguments))})
	must(d.t, err)
	state, err := read.State.Unmarshal(kind)
	must(d.t, err)
	return state, read.Diagnostics
}

// data is like readData, but errors end the test.
func (d *driver) data(source string, arguments map[string]any) tftypes.Value {
	d.t.Helper()
	state, diagnostics := d.readData(source, arguments)
	d.must(nil, diagnostics)
	return state
}

// attribute returns a value of a state in Go's form.
func (d *driver) attribute(i *instance, name string) any {
	d.t.Helper()
	var all map[string]tftypes.Value
	if err := i.value.As(&all); err != nil {
		d.t.Fatal(err)
	}
	return raw(d.t, all[name])
}

func raw(t *testing.T, v tftypes.Value) any {
	t.Helper()
	if v.IsNull() {
		return nil
	}
	switch {
	case v.Type().Is(tftypes.String):
		var s string
		must(t, v.As(&s))
		return s
	case v.Type().Is(tftypes.Bool):
		var b bool
		must(t, v.As(&b))
		return b
	case v.Type().Is(tftypes.Number):
		n := new(big.Float)
		must(t, v.As(&n))
		i, _ := n.Int64()
		return i
	}
	if fields := map[string]tftypes.Value{}; v.Type().Is(tftypes.Object{}) || v.Type().Is(tftypes.Map{}) {
		must(t, v.As(&fields))
		object := map[string]any{}
		for key, field := range fields {
			object[key] = raw(t, field)
		}
		return object
	}
	var elements []tftypes.Value
	must(t, v.As(&elements))
	list := []any{}
	for _, element := range elements {
		list = append(list, raw(t, element))
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// render returns diagnostics as text, one on each line, with the attribute first. It leaves out the
// address, which TestServer_everyDiagnosticEndsWithItsAddress checks.
func render(diagnostics []*tfprotov6.Diagnostic) string {
	lines := make([]string, len(diagnostics))
	for i, x := range diagnostics {
		at := ""
		if x.Attribute != nil {
			at = " at " + x.Attribute.String()
		}
		detail := strings.TrimSuffix(x.Detail, "\n\n"+guideAtMain+"#"+Anchor(x.Summary))
		lines[i] = fmt.Sprintf("%s%s: %s: %s", x.Severity, at, x.Summary, detail)
	}
	return strings.Join(lines, "\n")
}
