package provider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// blame matches messages that blame the provider for a user's input.
var blame = regexp.MustCompile(`(?i)error in the provider|bug in the provider|fault of the provider|provider ` +
	`developer|please report|report this|issue tracker`)

// configurations calls a function with every configuration of a schema that has one
// of these values for one attribute, and else what is given, and with one in which nothing
// is known. That includes attributes that only the provider sets, and null for one that is
// required: the CLI refuses an attribute that is left out, but asks the provider about an
// expression that is null.
func configurations(t *testing.T, schema *tfprotov6.Schema, given map[string]any, try func(t *testing.T, what string,
	config tftypes.Value)) {
	t.Helper()
	kind, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the schema's type is not an object")
	}
	unknown := map[string]any{}
	for _, a := range schema.Block.Attributes {
		if a.Optional || a.Required {
			unknown[a.Name] = tftypes.UnknownValue
		}
		t.Run(a.Name, func(t *testing.T) {
			for what, v := range valuesOf(kind.AttributeTypes[a.Name]) {
				if v.IsNull() && !a.Optional && !a.Required {
					continue // it is what is given
				}
				values := maps.Clone(given)
				values[a.Name] = v
				try(t, a.Name+" = "+what, fill(kind, values))
			}
		})
	}
	t.Run("nothing known", func(t *testing.T) { try(t, "nothing known", fill(kind, unknown)) })
}

// guide returns the guide that has a heading for each diagnostic.
var guide = sync.OnceValues(func() (string, error) {
	raw, err := os.ReadFile("../../templates/guides/troubleshooting.md")
	return string(raw), err
})

// checkDiagnostics checks that diagnostics do not blame the provider for an input, and that the guide
// Troubleshooting has their summaries, the framework's too, as headings. Errors of a validation
// must name their attribute.
func checkDiagnostics(t *testing.T, what string, diagnostics []*tfprotov6.Diagnostic, err error,
	validation bool) (refused bool) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: got %v", what, err)
		return true
	}
	text, err := guide()
	must(t, err)
	for _, d := range diagnostics {
		if !strings.Contains(text, "\n### "+d.Summary+"\n") {
			t.Errorf("the guide has no heading %q, the summary of %s", d.Summary, what)
		}
		if blame.MatchString(d.Summary + " " + d.Detail) {
			t.Errorf("%s: got %s", what, render([]*tfprotov6.Diagnostic{d}))
		}
		if validation && (d.Attribute == nil || len(d.Attribute.Steps()) == 0) {
			t.Errorf("%s: no attribute in %s", what, render([]*tfprotov6.Diagnostic{d}))
		}
	}
	return hasError(diagnostics)
}

// For any configuration, known or unknown, the errors say what is wrong and where, and never
// blame the provider.
func TestEveryValue_ofResources(t *testing.T) {
	for typeName, given := range map[string]map[string]any{
		fabricType:             {"name": "lab", "kubernetes_server": lab},
		"hedgehog_fabric_sync": {"fabric_id": 1, "fail_on_error": false},
	} {
		t.Run(typeName, func(t *testing.T) {
			n := acctest.Standin(t, netboxtest.Options{})
			if typeName != fabricType {
				n.Standin.AddFabric(map[string]any{"name": "berlin"})
			}
			d := newDriverOf(t, n, typeName)
			configurations(t, d.schema, given, func(t *testing.T, what string, config tftypes.Value) {
				t.Helper()
				d.t = t
				d.runLifecycle(n, what, given, config)
			})
		})
	}
}

// runLifecycle runs validation, plan, write, refresh and destroy on a configuration until one of
// them fails, for a new and for an existing resource.
func (d *driver) runLifecycle(n *acctest.NetBox, what string, given map[string]any, config tftypes.Value) {
	d.t.Helper()
	resp, err := d.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: d.typeName, Config: d.dynamic(d.object, config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	must(d.t, err)
	if checkDiagnostics(d.t, "validate "+what, resp.Diagnostics, err, true) {
		return
	}
	values := map[string]any{}
	for name := range d.object.AttributeTypes {
		if v := part(d.t, config, name); !v.IsNull() {
			values[name] = v
		}
	}
	for _, there := range []bool{false, true} {
		for _, f := range n.Standin.Fabrics() {
			if id, _ := f["id"].(float64); d.typeName == fabricType {
				n.Standin.DeleteFabric(int64(id))
			}
		}
		var before *instance
		if there {
			before = d.do(nil, given)
		}
		plan := d.tryPlan(before, values)
		if checkDiagnostics(d.t, "plan "+what, plan.Diagnostics, nil, false) || !config.IsFullyKnown() ||
			len(plan.RequiresReplace) > 0 {
			continue
		}
		made, diagnostics := d.apply(before, values, plan)
		if checkDiagnostics(d.t, "apply "+what, diagnostics, nil, false) {
			continue
		}
		made, diagnostics = d.read(made)
		checkDiagnostics(d.t, "read "+what, diagnostics, nil, false)
		_, diagnostics = d.apply(made, nil, d.plan(made, nil))
		checkDiagnostics(d.t, "destroy "+what, diagnostics, nil, false)
	}
}

// reader is a part of the provider that reads with its own configuration. It has functions
// that validate the configuration and, if it is known, use it.
type reader struct {
	schema        *tfprotov6.Schema
	given         []map[string]any
	validate, use func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error)
	// unchecked is used with values that the CLI has not had validated.
	unchecked bool
	// unknown is used with values that are not known yet, too.
	unknown bool
}

func readersOf(t *testing.T, s *linkedServer, schemas *tfprotov6.GetProviderSchemaResponse) map[string]reader {
	t.Helper()
	ctx := t.Context()
	byIDOrName := []map[string]any{{"id": 1}, {"name": "lab"}}
	readers := map[string]reader{}
	for name, given := range map[string][]map[string]any{
		"hedgehog_fabric": byIDOrName, "hedgehog_fabric_connection": byIDOrName, "hedgehog_fabrics": {{}},
	} {
		readers[name] = reader{
			schema: schemas.DataSourceSchemas[name], given: given,
			validate: func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{
					TypeName: name, Config: config})
				return resp.Diagnostics, err
			},
			use: func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
				resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
				return resp.Diagnostics, err
			},
		}
	}
	credentials := "hedgehog_fabric_credentials"
	readers[credentials] = reader{
		schema: schemas.EphemeralResourceSchemas[credentials], given: byIDOrName,
		validate: func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := s.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{
				TypeName: credentials, Config: config})
			return resp.Diagnostics, err
		},
		use: func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := s.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: credentials,
				Config: config})
			return resp.Diagnostics, err
		},
	}
	readers["list "+fabricType] = reader{
		schema: schemas.ListResourceSchemas[fabricType], given: []map[string]any{{}},
		validate: func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := s.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{
				TypeName: fabricType, Config: config})
			return resp.Diagnostics, err
		},
		use: func(config *tfprotov6.DynamicValue) (said []*tfprotov6.Diagnostic, err error) {
			stream, err := s.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: fabricType, Config: config,
				IncludeResource: true})
			if err != nil {
				return nil, err
			}
			for result := range stream.Results {
				said = append(said, result.Diagnostics...)
			}
			return said, nil
		},
	}
	action := reader{
		schema: schemas.ActionSchemas[syncAction].Schema, given: []map[string]any{{"fabric_id": 1,
			"fail_on_error": false}}, unchecked: true,
		validate: func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: syncAction,
				Config: config})
			return resp.Diagnostics, err
		},
		use: func(config *tfprotov6.DynamicValue) (said []*tfprotov6.Diagnostic, err error) {
			stream, err := s.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: syncAction, Config: config})
			if err != nil {
				return nil, err
			}
			for event := range stream.Events {
				if done, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
					said = append(said, done.Diagnostics...)
				}
			}
			return said, nil
		},
	}
	readers["action "+syncAction] = action
	action.unknown = true
	action.use = func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		planned, err := s.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: syncAction, Config: config})
		return planned.Diagnostics, err
	}
	readers["plan of the action "+syncAction] = action
	return readers
}

const syncAction = "hedgehog_fabric_sync"

func TestEveryValue_ofWhatReads(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	n.Standin.AddFabric(map[string]any{"name": "lab"})
	d := newDriver(t, n)
	s, _ := d.server.(*linkedServer)
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	readers := readersOf(t, s, schemas)
	if want := len(schemas.DataSourceSchemas) + len(schemas.EphemeralResourceSchemas) +
		len(schemas.ListResourceSchemas) + 2*len(schemas.ActionSchemas); len(readers) != want {
		t.Errorf("%d of %d are tried", len(readers), want)
	}
	for name, r := range readers {
		for _, given := range r.given {
			t.Run(fmt.Sprint(name, given), func(t *testing.T) {
				configurations(t, r.schema, given, func(t *testing.T, what string, config tftypes.Value) {
					t.Helper()
					dynamic := d.dynamic(r.schema.ValueType(), config)
					said, err := r.validate(dynamic)
					refused := checkDiagnostics(t, "validate "+what, said, err, true)
					if !config.IsFullyKnown() && !r.unknown || refused && !r.unchecked {
						return
					}
					said, err = r.use(dynamic)
					if !checkDiagnostics(t, what, said, err, refused) && refused && config.IsFullyKnown() {
						t.Errorf("%s: was not refused", what)
					}
				})
			})
		}
	}
}

func TestEveryValue_ofTheProvider(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	n.Standin.AddFabric(map[string]any{"name": "lab"})
	d := newDriver(t, n)
	schemas, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	kind := schemas.DataSourceSchemas[fabricType].ValueType().(tftypes.Object)
	given := map[string]any{"server_url": n.URL, "api_token": n.Token}
	configurations(t, schemas.Provider, given, func(t *testing.T, what string, config tftypes.Value) {
		t.Helper()
		s, dynamic := newServer(t), d.dynamic(config.Type(), config)
		validated, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
			Config: dynamic})
		if checkDiagnostics(t, "validate "+what, validated.Diagnostics, err, true) {
			return
		}
		configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic})
		if checkDiagnostics(t, "configure "+what, configured.Diagnostics, err, true) {
			return
		}
		read, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: fabricType,
			Config: d.dynamic(kind, fill(kind, map[string]any{"id": 1}))})
		checkDiagnostics(t, "read "+what, read.Diagnostics, err, false)
		under := *d
		under.t, under.server = t, s
		values := map[string]any{"name": "berlin", "tags": texts("Lab")}
		plan := under.tryPlan(nil, values)
		if checkDiagnostics(t, "plan "+what, plan.Diagnostics, nil, false) || !config.IsFullyKnown() {
			return
		}
		made, diagnostics := under.apply(nil, values, plan)
		if !checkDiagnostics(t, "apply "+what, diagnostics, nil, false) {
			_, diagnostics = under.apply(made, nil, under.plan(made, nil))
			checkDiagnostics(t, "destroy "+what, diagnostics, nil, false)
		}
	})
}

func TestEveryValue_ofIdentities(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	n.Standin.AddFabric(map[string]any{"name": "lab"})
	d := newDriver(t, n)
	schemas, err := d.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	must(t, err)
	for typeName, schema := range schemas.IdentitySchemas {
		kind, _ := schema.ValueType().(tftypes.Object)
		for name, attribute := range kind.AttributeTypes {
			for what, v := range valuesOf(attribute) {
				if !v.IsKnown() {
					continue // the CLI does not import it
				}
				imported, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
					TypeName: typeName, Identity: &tfprotov6.ResourceIdentityData{
						IdentityData: d.dynamic(kind, fill(kind, map[string]any{name: v}))},
				})
				checkDiagnostics(t, typeName+": "+name+" = "+what, imported.Diagnostics, err, false)
			}
		}
	}
}

func TestEveryValue_ofTheFunction(t *testing.T) {
	s := newServer(t)
	facts := map[string]any{
		"kubernetes_server": lab, "sync_enabled": true, "sync_interval": 300, "last_sync": functionNow,
		"sync_error": "", "connection_error": "",
	}
	call := func(what string, object, now tftypes.Value) {
		var arguments []*tfprotov6.DynamicValue
		for _, v := range []struct {
			kind  tftypes.Type
			value tftypes.Value
		}{{tftypes.DynamicPseudoType, object}, {tftypes.String, now}} {
			argument, err := tfprotov6.NewDynamicValue(v.kind, v.value)
			must(t, err)
			arguments = append(arguments, &argument)
		}
		resp, err := s.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: "sync_status",
			Arguments: arguments})
		switch {
		case err != nil:
			t.Errorf("%s: got %v", what, err)
		case resp.Error != nil && (blame.MatchString(resp.Error.Text) || resp.Error.FunctionArgument == nil):
			t.Errorf("%s: got %s", what, resp.Error.Text)
		case resp.Error == nil && resp.Result == nil:
			t.Errorf("%s: there is no result", what)
		}
	}
	now := tftypes.NewValue(tftypes.String, functionNow)
	for what, v := range valuesOf(tftypes.DynamicPseudoType) {
		if v.IsKnown() && !v.IsNull() { // which the CLI does not pass on
			call("fabric = "+what, v, now)
		}
		for name := range facts {
			kind, values := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}, map[string]any{}
			for fact, value := range facts {
				kind.AttributeTypes[fact] = objectOfAny(facts).Type().(tftypes.Object).AttributeTypes[fact]
				values[fact] = value
			}
			kind.AttributeTypes[name], values[name] = v.Type(), v
			call(name+" = "+what, fill(kind, values), now)
		}
	}
	for what, v := range valuesOf(tftypes.String) {
		if v.IsKnown() && !v.IsNull() {
			call("now = "+what, objectOfAny(facts), v)
		}
	}
}
