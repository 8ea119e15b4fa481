package provider

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// readData reads a data source with these arguments and returns its id.
func readData(t *testing.T, d *driver, source string, arguments map[string]any) any {
	t.Helper()
	schemas, err := d.server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	kind, _ := schemas.DataSourceSchemas[source].ValueType().(tftypes.Object)
	read, err := d.server.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{TypeName: source, Config: d.dynamic(kind, fill(kind, arguments))})
	must(t, err)
	if hasError(read.Diagnostics) {
		t.Errorf("%v: told %s", arguments, told(read.Diagnostics))
		return nil
	}
	return idIn(t, kind, read.State)
}

// importFabric imports a fabric and returns its id.
func importFabric(t *testing.T, d *driver, importID string) any {
	t.Helper()
	imported, err := d.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: fabricType, ID: importID})
	must(t, err)
	if hasError(imported.Diagnostics) {
		t.Errorf("%s: told %s", importID, told(imported.Diagnostics))
		return nil
	}
	return idIn(t, d.object, imported.ImportedResources[0].State)
}

func idIn(t *testing.T, kind tftypes.Object, state *tfprotov6.DynamicValue) any {
	t.Helper()
	all, err := state.Unmarshal(kind)
	must(t, err)
	values := map[string]tftypes.Value{}
	must(t, all.As(&values))
	return fmt.Sprint(values["id"])
}

// Data sources and imports read as refreshes do: many of them share a walk over the
// list.
func TestSharedReads_manyTakeOneWalk(t *testing.T) {
	const many = 40
	data := func(source string, arguments func(i int) map[string]any) func(*testing.T, *driver, int) any {
		return func(t *testing.T, d *driver, i int) any {
			t.Helper()
			return readData(t, d, source, arguments(i))
		}
	}
	name := func(i int) string { return fmt.Sprintf("lab-%02d", i) }
	importByName := func(t *testing.T, d *driver, i int) any {
		t.Helper()
		return importFabric(t, d, name(i))
	}
	byID := func(i int) map[string]any { return map[string]any{"id": i + 1} }
	byName := func(i int) map[string]any { return map[string]any{"name": name(i)} }
	for what, test := range map[string]struct {
		read   func(t *testing.T, d *driver, i int) any
		single int
	}{
		"hedgehog_fabric by id":              {data("hedgehog_fabric", byID), 3},
		"hedgehog_fabric by name":            {data("hedgehog_fabric", byName), 0},
		"hedgehog_fabric_connection by id":   {data("hedgehog_fabric_connection", byID), 3},
		"hedgehog_fabric_connection by name": {data("hedgehog_fabric_connection", byName), 0},
		"import by name":                     {importByName, 0},
	} {
		t.Run(what, func(t *testing.T) {
			n := acctest.Standin(t, netboxtest.Options{})
			for i := range many {
				n.Standin.AddFabric(map[string]any{"name": name(i)})
			}
			d := newDriver(t, n)
			var all sync.WaitGroup
			slots := make(chan struct{}, 10) // as many as Terraform reads at once
			for i := range many {
				slots <- struct{}{}
				all.Go(func() {
					defer func() { <-slots }()
					if got, want := test.read(t, d, i), fmt.Sprint(tftypes.NewValue(tftypes.Number, i+1)); got != want {
						t.Errorf("%d: id %v, want %s", i, got, want)
					}
				})
			}
			all.Wait()
			list, single := 0, 0
			for _, r := range n.Standin.Requests() {
				switch {
				case r.Method != http.MethodGet || r.Path == "/api/status/":
				case r.Path == fabricsAPI:
					list++
				default:
					single++
				}
			}
			if list != 1 || single != test.single {
				t.Errorf("%d list and %d single requests, want 1 and %d", list, single, test.single)
			}
		})
	}
}

// What the provider has written itself is read anew.
func TestSharedReads_showWhatWasWritten(t *testing.T) {
	n, d := standin(t)
	for i := range 10 {
		n.Standin.AddFabric(map[string]any{"name": fmt.Sprintf("other-%d", i)})
	}
	for i := range 10 {
		readData(t, d, "hedgehog_fabric", map[string]any{"name": fmt.Sprintf("other-%d", i)})
	}
	made := d.do(nil, fabricValues("lab"))
	if got := readData(t, d, "hedgehog_fabric", map[string]any{"name": "lab"}); got != fmt.Sprint(tftypes.NewValue(tftypes.Number, 11)) {
		t.Errorf("id %v", got)
	}
	d.do(made, fabricValues("renamed"))
	if got := readData(t, d, "hedgehog_fabric", map[string]any{"name": "renamed"}); got != fmt.Sprint(tftypes.NewValue(tftypes.Number, 11)) {
		t.Errorf("renamed: id %v", got)
	}
}
