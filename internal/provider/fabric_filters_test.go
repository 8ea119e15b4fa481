package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Terraform knows a variable only after it has validated the configuration.
func TestAccFabricsDataSource_nullInAFilter(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	for name, filter := range map[string]string{
		"tags":              `tags = [var.null]`,
		"status":            `status = ["active", var.null]`,
		"sync_status":       `sync_status = [null]`,
		"connection_status": `connection_status = [terraform_data.null.output]`,
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config: n.ProviderConfig() + `
variable "null" {
  type    = string
  default = null
}
resource "terraform_data" "null" {}
data "hedgehog_fabrics" "test" {
  ` + filter + `
}
`,
				ExpectError: says("Null Set Value"),
			})
		})
	}
}

// Terraform reads fabrics only when it knows the filters. A filter that is unknown nevertheless is
// an error at its attribute.
func TestFabricFilters_notKnownYet(t *testing.T) {
	none, text := types.ListNull(types.StringType), types.StringValue("Prod")
	for at, filters := range map[string]fabricFilters[types.List]{
		"name_regex": {
			NameRegex: types.StringUnknown(), Status: none, SyncStatus: none, ConnectionStatus: none, Tags: none,
		},
		"status": {
			Status: types.ListUnknown(types.StringType), SyncStatus: none, ConnectionStatus: none, Tags: none,
		},
		"tags": {Status: none, SyncStatus: none, ConnectionStatus: none,
			Tags: types.ListValueMust(types.StringType, []attr.Value{text, types.StringUnknown()})},
	} {
		var diags diag.Diagnostics
		filters.filter(&diags)
		if len(diags) != 1 {
			t.Fatalf("%s: got %v", at, diags)
		}
		on, _ := diags[0].(diag.DiagnosticWithPath)
		if on == nil || on.Path().String() != at || diags[0].Summary() != "Filter not known yet" {
			t.Errorf("%s: got %v", at, diags[0])
		}
	}
}
