package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestFabricImport_idsThatImportNothing(t *testing.T) {
	n, d := standin(t)
	for id, want := range map[string]string{
		"":  `ERROR: Invalid import id: The id "" is blank. Give the fabric's id, or its name.`,
		" ": `ERROR: Invalid import id: The id " " is blank. Give the fabric's id, or its name.`,
		"0": `ERROR: Invalid import id: "0" is not a valid id: ids are whole numbers from 1. Give the ` +
			`fabric's id, or its name.`,
		"920261128": `Digits alone are an id. For a fabric whose name is 920261128, import "name:920261128".`,
		"berlin":    `has no fabric named "berlin"`,
	} {
		imported, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: fabricType, ID: id})
		must(t, err)
		if got := render(imported.Diagnostics); !strings.Contains(got, want) ||
			strings.Contains(got, "name:") != (id == "920261128") {
			t.Errorf("%q: got %s", id, got)
		}
	}
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.Number}}
	for _, id := range []any{nil, 0, -1} {
		imported, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: fabricType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: d.dynamic(kind,
				fill(kind, map[string]any{"id": id}))},
		})
		must(t, err)
		if got := render(imported.Diagnostics); !strings.HasPrefix(got, "ERROR: Invalid fabric id") {
			t.Errorf("the identity %v: got %s", id, got)
		}
	}
	n.Create(t, map[string]any{"name": "920261128"})
	if id := importFabric(t, d, "name:920261128"); id != `tftypes.Number<"1">` {
		t.Errorf("got an import of the fabric %v by its name", id)
	}
}
