package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestAccFabricsDataSource_filters(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("list")
	// Created in an order that is not alphabetical.
	n.Create(t, map[string]any{"name": name + "-c", "status": "active", "kubernetes_server": lab,
		"tags": []map[string]any{}})
	n.Create(t, map[string]any{"name": name + "-a"})
	n.Create(t, map[string]any{"name": name + "-b", "kubernetes_server": lab, "sync_error": "quota",
		"connection_status": "connected"})
	n.Create(t, map[string]any{"name": name + "-d", "kubernetes_server": lab, "sync_enabled": false})
	for filter, want := range map[string][]string{
		"":                                    {"a", "b", "c", "d"},
		`sync_status = ["error", "disabled"]`: {"b", "d"},
		`status = ["active"]`:                 {"c"},
		`connection_status = ["connected"]`:   {"b"},
		`tags = ["no-such-tag"]`:              {},
		`sync_status = []`:                    {},
		"status = [\"planned\"]\n sync_status = [\"not_configured\"]": {"a"},
	} {
		names := make([]knownvalue.Check, len(want))
		for i, w := range want {
			names[i] = knownvalue.StringExact(name + "-" + w)
		}
		t.Run(filter, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config: n.ProviderConfig() + fmt.Sprintf("data \"hedgehog_fabrics\" \"test\" {\n name_regex = "+
					"\"^%s-.$\"\n %s\n}\n", name, filter) +
					`output "names" { value = data.hedgehog_fabrics.test.fabrics[*].name }`,
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("names",
					knownvalue.ListExact(names))},
			})
		})
	}
	t.Run("counts", func(t *testing.T) {
		zero, one := knownvalue.Int64Exact(0), knownvalue.Int64Exact(1)
		acceptance(t, resource.TestStep{
			Config: n.ProviderConfig() + fmt.Sprintf("data \"hedgehog_fabrics\" \"test\" {\n name_regex = %q\n}\n",
				name),
			ConfigStateChecks: has("data.hedgehog_fabrics.test", want{
				"counts_by_sync_status": knownvalue.MapExact(map[string]knownvalue.Check{"not_configured": one,
					"disabled": one, "error": one, "never_synced": one, "out_of_sync": zero, "in_sync": zero}),
			}),
		})
	})
}

func TestAccFabricsDataSource_tagsAndErrors(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	n.Standin.AddFabric(map[string]any{"name": "tagged", "tags": []any{"prod"}})
	n.Standin.AddFabric(map[string]any{"name": "other"})
	config := func(filter string) string {
		return n.ProviderConfig() + "data \"hedgehog_fabrics\" \"test\" {\n " + filter + "\n}\n"
	}
	t.Run("tags", func(t *testing.T) {
		acceptance(t, resource.TestStep{
			Config: config(`tags = ["Prod"]`) + `output "names" { value = data.hedgehog_fabrics.test.fabrics[*].name }`,
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("names",
				knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("tagged")}))},
		})
	})
	t.Run("regex", func(t *testing.T) {
		acceptance(t, resource.TestStep{Config: config(`name_regex = "("`), ExpectError: says("It uses RE2 syntax, " +
			"without lookahead")})
	})
	t.Run("stored status", func(t *testing.T) {
		acceptance(t, resource.TestStep{Config: config(`sync_status = ["syncing"]`),
			ExpectError: says(`The value is "syncing"`)})
	})
}
