package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestFabricResource_timeoutsAreAtLeastASecond(t *testing.T) {
	d := newDriver(t, nil)
	kind, _ := d.object.AttributeTypes["timeouts"].(tftypes.Object)
	for text, valid := range map[string]bool{
		"1s": true, "1h30m": true, "0s": false, "-5s": false, "999ms": false, "5": false, "5x": false, "": false,
		"5 minutes": false,
	} {
		for name := range kind.AttributeTypes {
			values := fabricValues("lab")
			values["timeouts"] = fill(kind, map[string]any{name: text})
			want := ""
			if !valid {
				want = fmt.Sprintf(`ERROR at AttributeName("timeouts").ElementKeyString(%q): Invalid timeout: `+
					`timeouts.%s is %q. `+
					`It must be a number with a unit, at least 1s, such as 30s, 5m or 1h30m.`, name, name, text)
			}
			if got := render(d.validate(values)); got != want {
				t.Errorf("%s = %q: got %s", name, text, got)
			}
		}
	}
}

// A timeout that is unknown in the plan is checked in the apply: Terraform plans again with its value
// before it writes.
func TestFabricResource_timeoutsThatTurnOutInvalid(t *testing.T) {
	n, d := standin(t)
	kind, _ := d.object.AttributeTypes["timeouts"].(tftypes.Object)
	later, config := fabricValues("lab"), fabricValues("lab")
	later["timeouts"], config["timeouts"] = tftypes.UnknownValue, fill(kind, map[string]any{"create": "-5s"})
	d.plan(nil, later) // nothing is wrong with it yet
	if got := render(d.tryPlan(nil, config).Diagnostics); !strings.Contains(got,
		`at AttributeName("timeouts").ElementKeyString("create"): Invalid timeout`) {
		t.Errorf("got %s", got)
	}
	wantWrites(t, n)
}

// The CLI shows the line of the timeout, and not only the line of the block.
func TestAccTimeouts_invalidOnTheirLine(t *testing.T) {
	for what, block := range map[string]string{
		"create": "resource \"hedgehog_fabric\" \"test\" {\n  name = \"lab\"\n  timeouts = {\n    create = \"5 " +
			"minutes\"\n  }\n}\n",
		"read": "data \"hedgehog_fabrics\" \"test\" {\n  timeouts = {\n    read = \"5 minutes\"\n  }\n}\n",
	} {
		t.Run(what, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config: block, PlanOnly: true, ExpectError: says(fmt.Sprintf(
					`%s = "5 minutes" timeouts.%s is "5 minutes". It must be a number with a unit, at least 1s, `+
						`such as 30s`, what, what)),
			})
		})
	}
}

// timeouts.go exists because of the first of these, and because of the path of its error.
func TestTimeouts_theModuleHasNoMinimum(t *testing.T) {
	module, _ := timeouts.Attributes(t.Context(), timeouts.Opts{Create: true}).(schema.SingleNestedAttribute)
	create, _ := module.Attributes["create"].(schema.StringAttribute)
	for text, valid := range map[string]bool{"-5s": true, "5 minutes": false} {
		var resp validator.StringResponse
		for _, v := range create.Validators {
			v.ValidateString(t.Context(), validator.StringRequest{
				Path: path.Root("timeouts").AtName("create"), ConfigValue: types.StringValue(text)}, &resp)
		}
		if resp.Diagnostics.HasError() == valid {
			t.Errorf("%q: terraform-plugin-framework-timeouts says %v. If it refuses -5s, use its attributes, and "+
				"delete timeouts.go and docs/upstream/timeouts-module-has-no-minimum.md", text, resp.Diagnostics)
		}
	}
}

// atNames is the server with the framework's own paths of attributes in an object.
type atNames struct{ frameworkServer }

func (s atNames) ValidateResourceConfig(ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest) (
	*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateResourceConfig(ctx, r)
	for _, d := range resp.Diagnostics {
		if key, ok := d.Attribute.LastStep().(tftypes.ElementKeyString); ok {
			d.Attribute = d.Attribute.WithoutLastStep().WithAttributeName(string(key))
		}
	}
	return resp, err
}

// With the framework's path of an attribute in an object, the CLI shows the line of the resource.
func TestAccTimeouts_theCLIFindsNoAttributeInAnObject(t *testing.T) {
	acctest.FindCLI(t)
	var shown string
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"hedgehog": func() (tfprotov6.ProviderServer, error) {
				s, _ := NewServer("test")().(*linkedServer)
				return atNames{s}, nil
			},
		},
		ErrorCheck: func(err error) error {
			shown = err.Error()
			return nil
		},
		Steps: []resource.TestStep{{
			Config: "resource \"hedgehog_fabric\" \"test\" {\n  name = \"lab\"\n  timeouts = {\n    create = " +
				"\"5 minutes\"\n  }\n}\n",
			PlanOnly: true,
		}},
	})
	if !says(`resource "hedgehog_fabric" "test" { timeouts.create is "5 minutes"`).MatchString(shown) {
		t.Errorf("The CLI no longer shows the line of the resource. If it shows the attribute's, let timeoutIn use "+
			"AtName, and delete docs/upstream/terraform-finds-no-attribute-in-an-object.md\n%s", shown)
	}
}

// Reads of a data source, and reads for the plan of a resource, have the configured time limit or the
// default one.
func TestTimeouts_boundReads(t *testing.T) {
	limits := func(kind tftypes.Type, operation string) tftypes.Value {
		object, _ := kind.(tftypes.Object)
		return fill(object, map[string]any{operation: "1s"})
	}
	const unchecked = `WARNING at AttributeName("custom_fields"): Custom fields not checked`
	owned := func(d *driver, operation string) map[string]any {
		config := withFields(objectOfAny(map[string]any{"owner": "netops"}))
		config["timeouts"] = limits(d.object.AttributeTypes["timeouts"], operation)
		return config
	}
	data := func(source string, arguments map[string]any) func(*driver) []*tfprotov6.Diagnostic {
		return func(d *driver) []*tfprotov6.Diagnostic {
			schemas, err := d.server.GetProviderSchema(d.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
			must(d.t, err)
			kind, _ := schemas.DataSourceSchemas[source].ValueType().(tftypes.Object)
			arguments["timeouts"] = limits(kind.AttributeTypes["timeouts"], "read")
			read, err := d.server.ReadDataSource(d.t.Context(), &tfprotov6.ReadDataSourceRequest{
				TypeName: source, Config: d.dynamic(kind, fill(kind, arguments)),
			})
			must(d.t, err)
			return read.Diagnostics
		}
	}
	for what, c := range map[string]struct {
		path, want string
		read       func(*driver) []*tfprotov6.Diagnostic
	}{
		"hedgehog_fabric": {"/api/plugins/hedgehog/fabrics/", "ERROR: Operation took longer than its " +
			"timeout", data("hedgehog_fabric", map[string]any{"id": 1})},
		"hedgehog_fabrics": {"/api/plugins/hedgehog/fabrics/", "ERROR: Operation took longer than its " +
			"timeout", data("hedgehog_fabrics", map[string]any{})},
		"hedgehog_fabric_connection": {"/api/plugins/hedgehog/fabrics/", "ERROR: Operation took longer than its " +
			"timeout", data("hedgehog_fabric_connection", map[string]any{"id": 1})},
		"a plan of a create": {"/api/extras/custom-fields/", unchecked, func(d *driver) []*tfprotov6.Diagnostic {
			return d.plan(nil, owned(d, "create")).Diagnostics
		}},
		"a plan of an update": {"/api/extras/custom-fields/", unchecked, func(d *driver) []*tfprotov6.Diagnostic {
			return d.plan(d.do(nil, map[string]any{"name": "berlin"}), owned(d, "update")).Diagnostics
		}},
		"a plan, by the time of a read": {"/api/extras/custom-fields/", unchecked,
			func(d *driver) []*tfprotov6.Diagnostic {
				return d.plan(nil, owned(d, "read")).Diagnostics
			}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			n := acctest.Standin(t, netboxtest.Options{})
			n.Create(t, map[string]any{"name": "lab"})
			n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: c.path, Kind: netboxtest.Hold()})
			if got := render(c.read(newDriver(t, n))); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s", got)
			}
		})
	}
}

// The time limit counts while NetBox answers that it is unavailable, also while a write is verified.
// The limit of a request is longer here.
func TestTimeouts_holdWhileNetBoxIsNotAvailable(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodGet} {
		t.Run(method, func(t *testing.T) {
			t.Parallel() // it waits for its time limit
			n, d := standin(t)
			kind, _ := d.object.AttributeTypes["timeouts"].(tftypes.Object)
			limits := map[string]any{}
			for operation := range kind.AttributeTypes {
				limits[operation] = "1s"
			}
			config := fabricValues("lab")
			config["timeouts"] = fill(kind, limits)
			var prior *instance
			if method != http.MethodPost {
				prior = d.do(nil, config)
			}
			wanted := maps.Clone(config)
			wanted["sync_interval"] = 600
			if method == http.MethodDelete {
				wanted = nil
			}
			plan := d.plan(prior, wanted)
			down := func(r *http.Request) bool { return r.Method == method || n.Standin.Count(method, "") > 0 }
			n.Standin.Fault(netboxtest.Fault{Kind: netboxtest.Status(503), When: down})
			start := time.Now()
			var diagnostics []*tfprotov6.Diagnostic
			if method == http.MethodGet {
				_, diagnostics = d.read(prior)
			} else {
				_, diagnostics = d.apply(prior, wanted, plan)
			}
			if took := time.Since(start); took > 15*time.Second || !hasError(diagnostics) {
				t.Errorf("got %s after %s", render(diagnostics), took)
			}
		})
	}
}
