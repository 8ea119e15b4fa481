package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// Whole numbers keep every digit, and decimals the 16 to 17 digits that NetBox keeps. The next plan
// is empty for both.
func TestAccFabricResource_digitsOfNumbers(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("digits")
	config := func(fields string) string { return fabricConfig(n, name, "custom_fields = "+fields) }
	var id int64
	var steps []resource.TestStep
	for _, c := range []struct{ key, declared, stored string }{
		{"rack_units", "9007199254740993", "9007199254740993"},
		{"rack_units", "-9223372036854775807", "-9223372036854775807"},
		{"power_draw", "0.12345678901234567890", "0.12345678901234568"},
		{"power_draw", "1234567.890123456789", "1234567.8901234567"},
		{"power_draw", "-0.1", "-0.1"},
		{"power_draw", "9007199254740993", "9007199254740993"},
		{"power_draw", "0.0000001", "1e-07"},
		{"facts", "{ whole = 9007199254740993, decimal = 0.12345678901234567890, list = [1.50] }",
			`{"whole":9007199254740993,"decimal":0.12345678901234568,"list":[1.5]}`},
	} {
		declared := config(fmt.Sprintf("{ %s = %s }", c.key, c.declared))
		steps = append(steps,
			resource.TestStep{Config: declared, Check: resource.ComposeTestCheckFunc(idOf(t, &id), stored(t, n, &id,
				c.key, c.stored))},
			resource.TestStep{Config: declared, ConfigPlanChecks: noChange()})
	}
	large := config("{ rack_units = 9007199254740993 }")
	steps = append(steps,
		resource.TestStep{
			Config:            large,
			ConfigStateChecks: has(address, want{"custom_fields.rack_units": 9007199254740993}),
		},
		resource.TestStep{ // a change of the last digit by hand
			PreConfig: func() {
				n.Patch(t, id, map[string]any{"custom_fields": map[string]any{"rack_units": 9007199254740992}})
			},
			Config:           large,
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)), Check: stored(t, n, &id, "rack_units",
				"9007199254740993"),
		},
		resource.TestStep{ // and in the configuration
			Config: config("{ rack_units = 9007199254740992 }"), Check: stored(t, n, &id, "rack_units",
				"9007199254740992"),
		})
	acceptance(t, steps...)
}
