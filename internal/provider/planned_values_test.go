package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// wantPlannedValues checks, like Terraform, that each attribute has its planned value. If that was
// unknown, any value is right.
func (d *driver) wantPlannedValues(when string, planned, got tftypes.Value) {
	d.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(d.object.AttributeTypes)) {
		if was, is := part(d.t, planned, name), part(d.t, got, name); !kept(was, is) {
			d.t.Errorf("%s: got %s = %s, want the planned %s", when, name, is, was)
		}
	}
}

// kept reports whether a value matches the known parts of the planned one.
func kept(planned, got tftypes.Value) bool {
	switch {
	case !planned.IsKnown():
		return true
	case planned.IsFullyKnown() || !got.IsKnown() || got.IsNull():
		return planned.Equal(got)
	}
	fields, gotFields := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if planned.As(&fields) == nil && got.As(&gotFields) == nil {
		return maps.EqualFunc(fields, gotFields, kept)
	}
	var elements, gotElements []tftypes.Value
	if planned.As(&elements) != nil || got.As(&gotElements) != nil {
		return false
	}
	// The elements of a set have no order: only their number is known.
	return len(elements) == len(gotElements) && (planned.Type().Is(tftypes.Set{}) || slices.EqualFunc(elements,
		gotElements, kept))
}

// wantValidPlan checks what Terraform requires of a plan: configured values are planned as they are
// or stay as they were, and the provider chooses only the values of computed attributes.
func (d *driver) wantValidPlan(prior, config, planned tftypes.Value) {
	d.t.Helper()
	if config.IsNull() {
		return
	}
	for _, a := range d.schema.Block.Attributes {
		wants, will, was := part(d.t, config, a.Name), part(d.t, planned, a.Name), part(d.t, prior, a.Name)
		switch {
		case a.WriteOnly:
			if !will.IsNull() {
				d.t.Errorf("the plan has a value of the write-only %s", a.Name)
			}
		case wants.IsNull() && a.Computed, will.Equal(wants), wants.IsFullyKnown() && will.Equal(was):
		default:
			d.t.Errorf("%s: got the planned value %s, configured as %s and before %s", a.Name, will, wants, was)
		}
	}
}

// part returns an attribute of an object, and null where the object is null.
func part(t *testing.T, object tftypes.Value, name string) tftypes.Value {
	t.Helper()
	var all map[string]tftypes.Value
	must(t, object.As(&all))
	if all == nil {
		kind, _ := object.Type().(tftypes.Object)
		return tftypes.NewValue(kind.AttributeTypes[name], nil)
	}
	return all[name]
}

// valueMatrix is a resource whose attributes a test changes one at a time.
type valueMatrix struct {
	name string // of the function that returns it
	base map[string]any
	// values has two values for each attribute that can be configured, with the other
	// attributes that they need.
	values map[string][2]map[string]any
	// start returns the resource on its own NetBox, and a function that changes NetBox's
	// answers.
	start func(t *testing.T) (d *driver, change func())
}

// run checks that every attribute keeps its planned value through its creation,
// change and removal, known when planning or later.
func (p valueMatrix) run(t *testing.T) {
	t.Helper()
	d, _ := p.start(t)
	for _, a := range d.schema.Block.Attributes {
		pair, given := p.values[a.Name]
		switch {
		case !a.Required && !a.Optional:
			continue
		case !given:
			t.Errorf("%s has no values of %s. Add two", p.name, a.Name)
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			first, second, without := p.with(d, pair[0]), p.with(d, pair[1]), p.with(d, nil)
			later := maps.Clone(second)
			for name := range pair[1] {
				later[name] = tftypes.UnknownValue
			}
			for _, steps := range [][]map[string]any{
				{first, first, second, first}, {first, without, first}, {later, second}, {first, later, second},
				{without, later, second},
			} {
				d, change := p.start(t)
				d.t = t
				var made *instance
				for _, config := range steps {
					made = d.converge(made, config, second, change)
				}
			}
		})
	}
}

func (p valueMatrix) with(d *driver, more map[string]any) map[string]any {
	config := maps.Clone(p.base)
	maps.Copy(config, more)
	for name, v := range config {
		if fields, is := v.(map[string]any); is {
			kind, _ := d.object.AttributeTypes[name].(tftypes.Object)
			config[name] = fill(kind, fields)
		}
	}
	return config
}

// converge plans and applies a configuration, and checks that the plan after the next refresh is
// empty. known has the values that are unknown in the plan. change changes NetBox's answers between
// plan and apply.
func (d *driver) converge(prior *instance, config, known map[string]any, change func()) *instance {
	d.t.Helper()
	plan := d.plan(prior, config)
	if len(plan.RequiresReplace) > 0 {
		prior = nil
		plan = d.plan(nil, config)
	}
	for _, v := range config {
		if v == tftypes.UnknownValue {
			final := d.plan(prior, known)
			d.wantPlannedValues("the final plan", d.value(plan.PlannedState), d.value(final.PlannedState))
			plan, config = final, known
			break
		}
	}
	if prior != nil && d.value(plan.PlannedState).Equal(prior.value) {
		return prior
	}
	change()
	made, diagnostics := d.apply(prior, config, plan)
	d.must(nil, diagnostics)
	made = d.refresh(made)
	if next := d.value(d.plan(made, config).PlannedState); !next.Equal(made.value) {
		d.t.Errorf("the next plan is %s, the state %s", next, made.value)
	}
	return made
}

// elsewhere returns answers to a write with other values than the plan.
func elsewhere() map[string]map[string]any {
	return map[string]map[string]any{
		"nothing else":   {},
		"another host":   {"url": "http://netbox-2.example.com/api/plugins/hedgehog/fabrics/1/"},
		"another scheme": {"url": "https://netbox.example.com:8443/netbox/api/plugins/hedgehog/fabrics/1/"},
		"no URL":         {"url": ""},
		"a sync": {"connection_status": "connected", "last_sync": "2026-11-23T12:00:00Z",
			"sync_status": "in_sync"},
		"a failed sync": {"connection_status": "error", "sync_status": "error", "sync_error": "no route",
			"connection_error": "no route"},
		"an unknown state": {"connection_status": "asleep", "sync_status": "paused",
			"last_sync": "9999-12-31T23:59:59.999999Z"},
	}
}

// Terraform reports a bug in the provider if an apply ends with another value than planned. So
// whatever NetBox answers, each attribute keeps its planned value, and the next refresh shows
// NetBox's value.
func TestFabricResource_keepsWhatWasPlanned(t *testing.T) {
	for what, answer := range elsewhere() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			fabricMatrix(t, answer).run(t)
		})
	}
}

func fabricMatrix(t *testing.T, answer map[string]any) valueMatrix {
	t.Helper()
	base := map[string]any{"name": "lab", "kubernetes_server": lab}
	p := valueMatrix{name: "fabricMatrix (planned_values_test.go)", base: base, values: map[string][2]map[string]any{
		tokenWOAttribute: {{tokenWOAttribute: "first-secret", tokenWOVersionAttribute: 1},
			{tokenWOAttribute: "second-secret", tokenWOVersionAttribute: 2}},
		tokenWOVersionAttribute: {{tokenWOAttribute: "first-secret", tokenWOVersionAttribute: 1},
			{tokenWOAttribute: "first-secret", tokenWOVersionAttribute: 2}},
	}}
	for name, pair := range map[string][2]any{
		"name":                 {"lab", "berlin"},
		"description":          {"first\n", ""},
		"status":               {"planned", "active"},
		"kubernetes_server":    {lab, "https://k8s-2.example.com"},
		"kubernetes_namespace": {"default", "fab"},
		"kubernetes_ca_cert":   {certificate(t), certificate(t)},
		tokenField:             {"first-secret\n", ""},
		"sync_enabled":         {true, false},
		"sync_interval":        {300, 0},
		"deletion_policy":      {deletionDelete, deletionAbandon},
		"tags":                 {texts("Prod"), texts()},
		customFieldsName: {objectOfAny(map[string]any{"owner": "netops", "rack_units": 4}),
			objectOfAny(map[string]any{"owner": nil})},
		"timeouts": {map[string]any{"create": "1m"}, map[string]any{"update": "2m"}},
	} {
		p.values[name] = [2]map[string]any{{name: pair[0]}, {name: pair[1]}}
	}
	p.start = func(t *testing.T) (*driver, func()) {
		t.Helper()
		n, d := standin(t)
		return d, func() {
			for _, method := range []string{http.MethodPost, http.MethodPatch} {
				n.Standin.Fault(netboxtest.Fault{Method: method, Kind: netboxtest.Set(answer)})
			}
		}
	}
	return p
}

func texts(elements ...string) []tftypes.Value {
	values := []tftypes.Value{}
	for _, e := range elements {
		values = append(values, tftypes.NewValue(tftypes.String, e))
	}
	return values
}

// objectOfAny is an object of strings, numbers and booleans, for an attribute of any type.
func objectOfAny(fields map[string]any) tftypes.Value {
	kind, values := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}, map[string]tftypes.Value{}
	for name, v := range fields {
		kind.AttributeTypes[name] = tftypes.String
		switch v.(type) {
		case int:
			kind.AttributeTypes[name] = tftypes.Number
		case bool:
			kind.AttributeTypes[name] = tftypes.Bool
		}
		values[name] = tftypes.NewValue(kind.AttributeTypes[name], v)
	}
	return tftypes.NewValue(kind, values)
}

// A sync keeps its results through every change of the options for the next sync.
func TestFabricSync_keepsWhatWasPlanned(t *testing.T) {
	c := acctest.StandinKubernetes(t)
	p := valueMatrix{name: t.Name(), base: map[string]any{"fabric_id": 1}, values: map[string][2]map[string]any{}}
	for name, pair := range map[string][2]any{
		"fabric_id": {1, 2}, "only_if_due": {false, true}, "prune": {"keep", "delete"}, "prune_limit": {"60%",
			"50%,20"}, "fail_on_error": {true, false},
		"allow_insecure_https": {false, true}, tokenWOAttribute: {c.Token, c.Token}, "kubernetes_ca_cert": {c.CA, c.CA +
			"\n"},
		"triggers": {map[string]tftypes.Value{}, map[string]tftypes.Value{"run": tftypes.NewValue(tftypes.String,
			"2")}},
		"timeouts": {map[string]any{"create": "1m"}, map[string]any{"create": "2m"}},
	} {
		p.values[name] = [2]map[string]any{{name: pair[0]}, {name: pair[1]}}
	}
	namespace := c.Filled(t)
	p.start = func(t *testing.T) (*driver, func()) {
		t.Helper()
		n := acctest.Standin(t, netboxtest.Options{})
		for _, name := range []string{"lab", "berlin"} {
			n.Create(t, map[string]any{"name": name, "kubernetes_server": c.URL, "kubernetes_namespace": namespace,
				"kubernetes_token": c.Token, "kubernetes_ca_cert": c.CA})
		}
		return newDriverOf(t, n, "hedgehog_fabric_sync"), func() {}
	}
	p.run(t)
}

// A plan can be made with one of NetBox's names and applied with another.
func TestFabricResource_planAndApplyUnderTwoServerNames(t *testing.T) {
	n, inside := standin(t)
	made := inside.do(nil, fabricValues("lab"))
	renamed := *n
	renamed.URL = strings.Replace(n.URL, "127.0.0.1", "localhost", 1)
	outside := newDriver(t, &renamed)
	config := fabricValues("lab")
	config["sync_interval"] = 600
	made, diagnostics := outside.apply(made, config, inside.plan(made, config))
	under := func(server string) bool {
		return strings.HasPrefix(fmt.Sprint(inside.attribute(made, "url")), server+"/api/") &&
			inside.attribute(made, "web_url") == server+"/plugins/hedgehog/fabrics/1/"
	}
	if len(diagnostics) != 0 || !under(n.URL) {
		t.Errorf("got %s, the state has %s", render(diagnostics), made.value)
	}
	made, _ = outside.read(made)
	if !under(renamed.URL) {
		t.Errorf("got the state %s after a refresh with another name", made.value)
	}
	if next := outside.value(outside.plan(made, config).PlannedState); !next.Equal(made.value) {
		t.Errorf("got a planned change to %s with another name, want none", next)
	}
}
