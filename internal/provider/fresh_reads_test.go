package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// idIn reads a data source with these arguments and returns its id.
func idIn(d *driver, source string, arguments map[string]any) any {
	d.t.Helper()
	return fmt.Sprint(dataValues(d, source, arguments)["id"])
}

// dataValues reads a data source with these arguments and returns its attributes.
func dataValues(d *driver, source string, arguments map[string]any) (values map[string]tftypes.Value) {
	d.t.Helper()
	must(d.t, d.data(source, arguments).As(&values))
	return values
}

// openCredentials opens the credentials of a fabric and returns their attributes.
func openCredentials(t *testing.T, d *driver, arguments map[string]any) map[string]tftypes.Value {
	t.Helper()
	const credentials = "hedgehog_fabric_credentials"
	schemas, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	kind, _ := schemas.EphemeralResourceSchemas[credentials].ValueType().(tftypes.Object)
	opened, err := d.server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: credentials, Config: d.dynamic(kind, fill(kind, arguments)),
	})
	must(t, err)
	if hasError(opened.Diagnostics) {
		t.Errorf("%v: got %s", arguments, render(opened.Diagnostics))
		return nil
	}
	return valuesIn(t, kind, opened.Result)
}

// importFabric imports a fabric and returns its id.
func importFabric(t *testing.T, d *driver, importID string) any {
	t.Helper()
	imported, err := d.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{
		TypeName: fabricType, ID: importID})
	must(t, err)
	if hasError(imported.Diagnostics) {
		t.Errorf("%s: got %s", importID, render(imported.Diagnostics))
		return nil
	}
	return fmt.Sprint(valuesIn(t, d.object, imported.ImportedResources[0].State)["id"])
}

func valuesIn(t *testing.T, kind tftypes.Object, state *tfprotov6.DynamicValue) map[string]tftypes.Value {
	t.Helper()
	all, err := state.Unmarshal(kind)
	must(t, err)
	values := map[string]tftypes.Value{}
	must(t, all.As(&values))
	return values
}

// Data sources, ephemeral resources and imports read each fabric after Terraform has called them.
// They find its id in an index that all of them share.
func TestFreshReads_numberOfRequests(t *testing.T) {
	const many = 100
	data := func(source string, arguments func(i int) map[string]any) func(*testing.T, *driver, int) any {
		return func(t *testing.T, d *driver, i int) any {
			t.Helper()
			return idIn(d, source, arguments(i))
		}
	}
	name := func(i int) string { return fmt.Sprintf("lab-%02d", i) }
	imported := func(id func(i int) string) func(t *testing.T, d *driver, i int) any {
		return func(t *testing.T, d *driver, i int) any {
			t.Helper()
			return importFabric(t, d, id(i))
		}
	}
	opened := func(arguments func(i int) map[string]any) func(t *testing.T, d *driver, i int) any {
		return func(t *testing.T, d *driver, i int) any {
			t.Helper()
			return fmt.Sprint(openCredentials(t, d, arguments(i))["id"])
		}
	}
	byID := func(i int) map[string]any { return map[string]any{"id": i + 1} }
	byName := func(i int) map[string]any { return map[string]any{"name": name(i)} }
	for what, test := range map[string]struct {
		read func(t *testing.T, d *driver, i int) any
		most int
	}{
		"hedgehog_fabric by id":              {data("hedgehog_fabric", byID), 102},
		"hedgehog_fabric by name":            {data("hedgehog_fabric", byName), 104},
		"hedgehog_fabric_connection by id":   {data("hedgehog_fabric_connection", byID), 102},
		"hedgehog_fabric_connection by name": {data("hedgehog_fabric_connection", byName), 104},
		"credentials by id":                  {opened(byID), 102},
		"credentials by name":                {opened(byName), 104},
		"import by id":                       {imported(func(i int) string { return fmt.Sprint(i + 1) }), 102},
		"import by name":                     {imported(name), 104},
	} {
		for version, more := range map[netboxtest.Version]int{netboxtest.V47: 0, netboxtest.V45: 2, netboxtest.V44: 2} {
			t.Run(what+", "+string(version), func(t *testing.T) {
				n := acctest.Standin(t, netboxtest.Options{Version: version})
				for i := range many {
					n.Standin.AddFabric(map[string]any{"name": name(i), "kubernetes_server": lab,
						"kubernetes_token": "of-the-lab"})
				}
				d := newDriver(t, n)
				var all sync.WaitGroup
				slots := make(chan struct{}, 10) // as many as Terraform reads at once
				for i := range many {
					slots <- struct{}{}
					all.Go(func() {
						defer func() { <-slots }()
						if got, want := test.read(t, d, i), fmt.Sprint(tftypes.NewValue(tftypes.Number, i+
							1)); got != want {
							t.Errorf("%d: id %v, want %s", i, got, want)
						}
					})
				}
				all.Wait()
				if got := len(n.Standin.Requests()); got > test.most+more {
					t.Errorf("got %d requests, want at most %d", got, test.most+more)
				}
			})
		}
	}
}

// Even if another user changes a fabric at the same time, a read returns values from after its call.
func TestFreshReads_areNeverOlderThanTheQuestion(t *testing.T) {
	n, d := standin(t)
	for i := range 10 {
		n.Standin.AddFabric(map[string]any{
			"name": fmt.Sprintf("lab-%d", i), "kubernetes_server": lab, "kubernetes_token": "of-the-lab",
		})
	}
	token := func(arguments map[string]any) string {
		var text string
		must(t, openCredentials(t, d, arguments)["token"].As(&text))
		return text
	}
	description := func(values map[string]tftypes.Value) string {
		var text string
		must(t, values["description"].As(&text))
		return text
	}
	for i := range 6 {
		d.data("hedgehog_fabric", map[string]any{"id": i + 5})
	}
	for i := range 6 {
		openCredentials(t, d, map[string]any{"id": i + 5})
	}
	byName, byID := map[string]any{"name": "lab-3"}, map[string]any{"id": 4}
	for what, read := range map[string]func() string{
		"data source by name": func() string { return description(dataValues(d, "hedgehog_fabric", byName)) },
		"data source by id":   func() string { return description(dataValues(d, "hedgehog_fabric", byID)) },
		"credentials by name": func() string { return token(byName) },
		"credentials by id":   func() string { return token(byID) },
		"import by name":      func() string { return description(importedValues(t, d, "lab-3")) },
		"import by id":        func() string { return description(importedValues(t, d, "4")) },
	} {
		for i := range 3 {
			want := fmt.Sprintf("%s, %d", what, i)
			n.Standin.UpdateFabric(4, map[string]any{"description": want, "kubernetes_token": want})
			if got := read(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

// An import does not use a page that refreshes share.
func TestFreshReads_importIsNotServedByThePagesOfRefreshes(t *testing.T) {
	n, d := standin(t)
	var states []*tfprotov6.DynamicValue
	for i := range 8 {
		n.Standin.AddFabric(map[string]any{"name": fmt.Sprintf("lab-%d", i)})
		states = append(states, importState(t, d, fmt.Sprint(i+1)))
	}
	for _, state := range states[:7] { // known, so their refreshes share a page
		read, err := d.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: fabricType,
			CurrentState: state})
		must(t, err)
		_, err = d.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: fabricType,
			CurrentState: read.NewState})
		must(t, err)
	}
	n.Standin.UpdateFabric(8, map[string]any{"description": "newer"})
	if got := fmt.Sprint(importedValues(t, d, "8")["description"]); got != fmt.Sprint(tftypes.NewValue(tftypes.String,
		"newer")) {
		t.Errorf("description %s", got)
	}
}

// importState imports a fabric and returns the state before its first read.
func importState(t *testing.T, d *driver, importID string) *tfprotov6.DynamicValue {
	t.Helper()
	imported, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: fabricType, ID: importID})
	must(t, err)
	if hasError(imported.Diagnostics) {
		t.Fatalf("%s: got %s", importID, render(imported.Diagnostics))
	}
	return imported.ImportedResources[0].State
}

// importedValues imports a fabric and reads it, like Terraform, and returns its values.
func importedValues(t *testing.T, d *driver, importID string) map[string]tftypes.Value {
	t.Helper()
	read, err := d.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: fabricType,
		CurrentState: importState(t, d, importID)})
	must(t, err)
	if hasError(read.Diagnostics) {
		t.Fatalf("%s: got %s", importID, render(read.Diagnostics))
	}
	return valuesIn(t, d.object, read.NewState)
}

// After the provider's own write, it reads the fabric again.
func TestSharedReads_showWhatWasWritten(t *testing.T) {
	n, d := standin(t)
	for i := range 10 {
		n.Standin.AddFabric(map[string]any{"name": fmt.Sprintf("other-%d", i)})
	}
	for i := range 10 {
		idIn(d, "hedgehog_fabric", map[string]any{"name": fmt.Sprintf("other-%d", i)})
	}
	made := d.do(nil, fabricValues("lab"))
	if got := idIn(d, "hedgehog_fabric", map[string]any{"name": "lab"}); got != fmt.Sprint(tftypes.NewValue(
		tftypes.Number, 11)) {
		t.Errorf("id %v", got)
	}
	d.do(made, fabricValues("renamed"))
	if got := idIn(d, "hedgehog_fabric", map[string]any{"name": "renamed"}); got != fmt.Sprint(tftypes.NewValue(
		tftypes.Number, 11)) {
		t.Errorf("renamed: id %v", got)
	}
}

// If two names look the same, the name is ambiguous.
func TestFreshReads_ambiguousNameIsAnErrorWithTheIDs(t *testing.T) {
	n, d := standin(t)
	n.Standin.AddFabric(map[string]any{"name": "\u1ec7"})
	n.Standin.AddFabric(map[string]any{"name": "e\u0323\u0302"})
	imported, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: fabricType, ID: "\u00ea\u0323",
	})
	must(t, err)
	if got := render(imported.Diagnostics); !strings.Contains(got, "Fabric name is ambiguous") ||
		!strings.Contains(got, "1, 2") {
		t.Error(got)
	}
}
