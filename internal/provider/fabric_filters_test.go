package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Terraform knows a variable only after it has validated the configuration.
func TestFabricsDataSource_nullInAFilter(t *testing.T) {
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
