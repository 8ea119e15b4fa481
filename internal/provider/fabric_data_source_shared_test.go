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
	state, err := read.State.Unmarshal(kind)
	must(t, err)
	values := map[string]tftypes.Value{}
	must(t, state.As(&values))
	return fmt.Sprint(values["id"])
}

// Data sources are read as refreshes are: many of them share a walk over the list.
func TestFabricDataSource_manyShareOneWalk(t *testing.T) {
	const many = 40
	for name, test := range map[string]struct {
		arguments func(i int) map[string]any
		single    int
	}{
		"by id":   {func(i int) map[string]any { return map[string]any{"id": i + 1} }, 3},
		"by name": {func(i int) map[string]any { return map[string]any{"name": fmt.Sprintf("lab-%02d", i)} }, 0},
	} {
		for _, source := range []string{"hedgehog_fabric", "hedgehog_fabric_connection"} {
			t.Run(name+" "+source, func(t *testing.T) {
				n := acctest.Standin(t, netboxtest.Options{})
				for i := range many {
					n.Standin.AddFabric(map[string]any{"name": fmt.Sprintf("lab-%02d", i)})
				}
				d := newDriver(t, n)
				var all sync.WaitGroup
				slots := make(chan struct{}, 10) // as many as Terraform reads at once
				for i := range many {
					slots <- struct{}{}
					all.Go(func() {
						defer func() { <-slots }()
						if got, want := readData(t, d, source, test.arguments(i)), fmt.Sprint(tftypes.NewValue(tftypes.Number, i+1)); got != want {
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
					t.Errorf("%d single and %d list requests, want %d and 1", single, list, test.single)
				}
			})
		}
	}
}

// What the provider has written itself is read anew.
func TestFabricDataSource_afterAWriteShowsIt(t *testing.T) {
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
