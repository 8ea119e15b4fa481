package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// Values that another resource makes are not known when planning: they are
// neither refused nor guessed, and what was made of them then plans empty.
func TestFabricResource_unknownSecretsTagsAndFields(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("later")
	config := func(token, ca, tags, fields string) string {
		policy := "delete"
		if n.Published {
			policy = "abandon"
		}
		return n.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "values" {
  input = { token = %q, ca = %q, tags = %s, fields = %s, policy = %q }
}
resource "hedgehog_fabric" "test" {
  name               = %q
  kubernetes_server  = "https://k8s.example.com:6443"
  kubernetes_token   = terraform_data.values.output.token
  kubernetes_ca_cert = terraform_data.values.output.ca
  tags               = terraform_data.values.output.tags
  custom_fields      = terraform_data.values.output.fields
  deletion_policy    = terraform_data.values.output.policy
}
`, token, ca, tags, fields, policy, name)
	}
	first, second := certificate(t), certificate(t)
	var id int64
	acceptance(t,
		resource.TestStep{
			Config: config("first-secret\n", first, `["Prod"]`, `{ owner = "netops", rack_units = 4 }`),
			ConfigPlanChecks: preApply(
				unknown("kubernetes_token"), unknown("kubernetes_ca_cert"), unknown("tags"), unknown("tags_all"), unknown("custom_fields"),
				unknown("deletion_policy"), known("sync_status", knownvalue.StringExact("never_synced")),
			),
			Check: resource.ComposeTestCheckFunc(idOf(t, &id), tagged(t, n, &id, "Prod"), stored(t, n, &id, "rack_units", "4"),
				holds(t, n, &id, "kubernetes_token", "first-secret"), holds(t, n, &id, "kubernetes_ca_cert", strings.TrimSpace(first))),
			ConfigStateChecks: []statecheck.StateCheck{state("kubernetes_token", knownvalue.StringExact("first-secret\n"))},
		},
		resource.TestStep{
			Config:           config("first-secret\n", first, `["Prod"]`, `{ owner = "netops", rack_units = 4 }`),
			ConfigPlanChecks: noChange(),
		},
		resource.TestStep{
			Config:           config("second-secret", second, `["Lab"]`, `{ tier = "gold" }`),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate), unknown("kubernetes_token"), unknown("tags_all")),
			Check: resource.ComposeTestCheckFunc(tagged(t, n, &id, "Lab"), stored(t, n, &id, "tier", `"gold"`), stored(t, n, &id, "owner", "null"),
				holds(t, n, &id, "kubernetes_token", "second-secret"), holds(t, n, &id, "kubernetes_ca_cert", strings.TrimSpace(second))),
		},
	)
}

// The version of a write-only token may come from another resource as well.
func TestFabricResource_unknownTokenVersion(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("later-wo")
	config := func(version int, token string) string {
		return fabricConfig(n, name, serverLine+fmt.Sprintf("kubernetes_token_wo = %q\n  kubernetes_token_wo_version = terraform_data.version.output", token)) +
			fmt.Sprintf("resource \"terraform_data\" \"version\" {\n  input = %d\n}\n", version)
	}
	var id int64
	acceptance(t,
		resource.TestStep{
			Config: config(1, "first-secret"), ConfigPlanChecks: preApply(unknown("kubernetes_token_wo_version")),
			Check: resource.ComposeTestCheckFunc(idOf(t, &id), holds(t, n, &id, "kubernetes_token", "first-secret")),
		},
		resource.TestStep{
			Config: config(2, "second-secret"), ConfigPlanChecks: preApply(unknown("kubernetes_token_wo_version")),
			Check: holds(t, n, &id, "kubernetes_token", "second-secret"),
		},
	)
}
