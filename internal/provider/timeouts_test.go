package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

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
					`It must be a number with its unit, at least 1s, such as 30s, 5m or 1h30m.`, name, name, text)
			}
			if got := told(d.validate(values)); got != want {
				t.Errorf("%s = %q: told %s", name, text, got)
			}
		}
	}
}

// A time that is known only when applying is checked then: Terraform plans once more
// with it before it writes.
func TestFabricResource_timeoutsThatTurnOutInvalid(t *testing.T) {
	n, d := standin(t)
	kind, _ := d.object.AttributeTypes["timeouts"].(tftypes.Object)
	later, config := fabricValues("lab"), fabricValues("lab")
	later["timeouts"], config["timeouts"] = tftypes.UnknownValue, fill(kind, map[string]any{"create": "-5s"})
	d.plan(nil, later) // nothing is wrong with it yet
	if got := told(d.tryPlan(nil, config).Diagnostics); !strings.Contains(got,
		`at AttributeName("timeouts").ElementKeyString("create"): Invalid timeout`) {
		t.Errorf("told %s", got)
	}
	wantWrites(t, n)
}

// The CLI shows the line of the time, and not only that of the block.
func TestTimeouts_invalidOnTheirLine(t *testing.T) {
	for what, block := range map[string]string{
		"create": "resource \"hedgehog_fabric\" \"test\" {\n  name = \"lab\"\n  timeouts = {\n    create = \"5 " +
			"minutes\"\n  }\n}\n",
		"read": "data \"hedgehog_fabrics\" \"test\" {\n  timeouts = {\n    read = \"5 minutes\"\n  }\n}\n",
	} {
		t.Run(what, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config: block, PlanOnly: true, ExpectError: says(fmt.Sprintf(
					`%s = "5 minutes" timeouts.%s is "5 minutes". It must be a number with its unit, at least 1s, `+
						`such as 30s`, what, what)),
			})
		})
	}
}

// What is read for a data source, and for the plan of a resource, has the time that
// the configuration gives it, and the default one where it gives none.
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
			if got := told(c.read(newDriver(t, n))); !strings.HasPrefix(got, c.want) {
				t.Errorf("told %s", got)
			}
		})
	}
}
