package provider

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// untested counts the warnings about a NetBox that is newer than the tested versions.
func untested(diagnostics []*tfprotov6.Diagnostic) int {
	said := 0
	for _, x := range diagnostics {
		if x.Severity == tfprotov6.DiagnosticSeverityWarning && strings.Contains(x.Summary, "newer than the tested") {
			said++
		}
	}
	return said
}

const newerWarning = `WARNING: NetBox is newer than the tested versions: The NetBox at %s has version 4.8.0. ` +
	`This version of the provider was tested with NetBox up to 4.7. It will probably work. Look for a newer version ` +
	`of the provider. skip_version_check = true turns this warning off.`

func netBoxThatClaims(t *testing.T, version string) *acctest.NetBox {
	t.Helper()
	n := acctest.Standin(t, netboxtest.Options{Claims: version})
	n.Standin.AddFabric(map[string]any{"name": "lab"})
	return n
}

func TestUntestedNetBox_isSaidOnceByWhatReads(t *testing.T) {
	n := netBoxThatClaims(t, "4.8.0")
	d := newDriver(t, n)
	s, _ := d.server.(*linkedServer)
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	for name := range readersOf(t, s, schemas) {
		if strings.HasPrefix(name, "plan of the action") { // it asks NetBox for nothing
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, n)
			s, _ := d.server.(*linkedServer)
			r := readersOf(t, s, schemas)[name]
			kind, _ := r.schema.ValueType().(tftypes.Object)
			for _, want := range []int{1, 0} {
				said, err := r.use(d.dynamic(kind, fill(kind, r.given[0])))
				must(t, err)
				if got := untested(said); got != want {
					t.Errorf("got %d warnings, want %d: %s", got, want, render(said))
				}
			}
		})
	}
}

func TestUntestedNetBox_isSaidOnceByAResource(t *testing.T) {
	n := netBoxThatClaims(t, "4.8.0")
	config := map[string]any{"name": "made"}
	d := newDriver(t, n)
	made, said := d.apply(nil, config, d.plan(nil, config))
	if want := fmt.Sprintf(newerWarning, n.URL); render(said) != want {
		t.Errorf("create: got %s\nwant %s", render(said), want)
	}
	for operation, do := range map[string]func(d *driver) []*tfprotov6.Diagnostic{
		"read": func(d *driver) []*tfprotov6.Diagnostic {
			_, said := d.read(made)
			return said
		},
		"plan with custom fields": func(d *driver) []*tfprotov6.Diagnostic {
			fields := tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{
				"owner": tftypes.NewValue(tftypes.String, "netops")})
			return d.tryPlan(nil, map[string]any{"name": "other", "custom_fields": fields}).Diagnostics
		},
		"update": func(d *driver) []*tfprotov6.Diagnostic {
			changed := map[string]any{"name": "made", "description": "changed"}
			_, said := d.apply(made, changed, d.plan(made, changed))
			return said
		},
		"import": func(d *driver) []*tfprotov6.Diagnostic {
			imported, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
				TypeName: fabricType, ID: "made"})
			must(t, err)
			return imported.Diagnostics
		},
	} {
		d := newDriver(t, n)
		if said := do(d); untested(said) != 1 {
			t.Errorf("%s: got %s", operation, render(said))
		}
		if _, said := d.read(made); untested(said) != 0 {
			t.Errorf("got the warning again from a read after the %s", operation)
		}
	}
}

// Terraform reads many fabrics at the same time.
func TestUntestedNetBox_isSaidOnceForManyFabrics(t *testing.T) {
	n := netBoxThatClaims(t, "5.0.1")
	made := newDriver(t, n).do(nil, map[string]any{"name": "made"})
	d := newDriver(t, n)
	said := make([]int, 50)
	var all sync.WaitGroup
	for i := range said {
		all.Go(func() {
			_, diagnostics := d.read(made)
			said[i] = untested(diagnostics)
		})
	}
	all.Wait()
	sum := 0
	for _, times := range said {
		sum += times
	}
	if sum != 1 || n.Standin.Count("GET", "/api/status/") != 2 {
		t.Errorf("got %d warnings after %d requests for the version", sum, n.Standin.Count("GET", "/api/status/"))
	}
}

func TestUntestedNetBox_isNotSaidOfOthers(t *testing.T) {
	for name, n := range map[string]*acctest.NetBox{
		"tested": netBoxThatClaims(t, "4.7.99"), "older": netBoxThatClaims(t, "4.6.8"),
		"version check skipped": netBoxThatClaims(t, "4.8.0"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NETBOX_SKIP_VERSION_CHECK", strconv.FormatBool(name == "version check skipped"))
			d := newDriver(t, n)
			if _, said := d.readData("hedgehog_fabrics", nil); len(said) > 0 {
				t.Errorf("got %s", render(said))
			}
		})
	}
}
