package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

func TestAccFabricResource_unknownAtPlan(t *testing.T) {
	n := acctest.Start(t)
	first := map[string]any{
		"name": acctest.Name("unknown"), "description": "d\n", "status": "active", "kubernetes_server": lab,
		"kubernetes_namespace": "a",
		"sync_enabled":         true, "sync_interval": 600.0,
	}
	second := map[string]any{
		"name": acctest.Name("known"), "description": "", "status": "maintenance", "kubernetes_server": "",
		"kubernetes_namespace": "b",
		"sync_enabled":         false, "sync_interval": 0.0,
	}
	var id int64
	config := func(values map[string]any) string {
		input, body := "", ""
		for attribute, v := range values {
			input += fmt.Sprintf("    %s = %#v\n", attribute, v)
			body += fmt.Sprintf("  %s = terraform_data.values.output.%s\n", attribute, attribute)
		}
		return n.ProviderConfig() + fmt.Sprintf("resource \"terraform_data\" \"values\" {\n  input = {\n%s  "+
			"}\n}\nresource \"hedgehog_fabric\" \"test\" {\n%s  %s\n}\n", input, body, n.Deletion())
	}
	all := func(values map[string]any, more ...plancheck.PlanCheck) resource.ConfigPlanChecks {
		for attribute := range values {
			more = append(more, unknown(attribute))
		}
		return preApply(more...)
	}
	stores := func(values map[string]any) resource.TestCheckFunc {
		checks := []resource.TestCheckFunc{idOf(t, &id)}
		for attribute, v := range values {
			if text, is := v.(string); is {
				v = strings.TrimSpace(text)
			}
			checks = append(checks, holds(t, n, &id, attribute, v))
		}
		return resource.ComposeTestCheckFunc(checks...)
	}
	acceptance(t,
		resource.TestStep{
			Config: config(first), Check: stores(first),
			ConfigPlanChecks: all(first, unknown("sync_status"), known("last_sync", nil),
				known("connection_status", "unknown")),
			ConfigStateChecks: has(address, want{"sync_status": "never_synced", "description": "d\n"}),
		},
		resource.TestStep{Config: config(first), ConfigPlanChecks: noChange()},
		resource.TestStep{
			Config: config(second), Check: stores(second),
			ConfigPlanChecks: all(second, unknown("sync_status"), unknown("last_sync"), unknown("connection_status"),
				known("id", knownvalue.NotNull())),
			ConfigStateChecks: has(address, want{"sync_status": "not_configured", "description": ""}),
		},
	)
}

// Values from another resource are unknown in the plan. They are neither refused nor guessed, and
// after the apply the plan is empty.
func TestAccFabricResource_unknownSecretsTagsAndFields(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("later")
	// The CLI logs the state of terraform_data: the token itself is not in it.
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
  kubernetes_token   = terraform_data.values.output.token == "first" ? "first-secret\n" : "second-secret"
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
			Config: config("first", first, `["Prod"]`, `{ owner = "netops", rack_units = 4 }`),
			ConfigPlanChecks: preApply(
				unknown("kubernetes_token"), unknown("kubernetes_ca_cert"), unknown("tags"), unknown("tags_all"),
				unknown("custom_fields"), unknown("deletion_policy"), known("sync_status", "never_synced"),
			),
			Check: resource.ComposeTestCheckFunc(idOf(t, &id), tagged(t, n, &id, "Prod"), stored(t, n, &id,
				"rack_units", "4"),
				holds(t, n, &id, "kubernetes_token", "first-secret"), holds(t, n, &id, "kubernetes_ca_cert",
					strings.TrimSpace(first))),
			ConfigStateChecks: has(address, want{"kubernetes_token": "first-secret\n"}),
		},
		resource.TestStep{
			Config:           config("first", first, `["Prod"]`, `{ owner = "netops", rack_units = 4 }`),
			ConfigPlanChecks: noChange(),
		},
		resource.TestStep{
			Config: config("second", second, `["Lab"]`, `{ tier = "gold" }`),
			ConfigPlanChecks: preApply(
				does(plancheck.ResourceActionUpdate), unknown("kubernetes_token"), unknown("kubernetes_ca_cert"),
				unknown("tags"), unknown("tags_all"), unknown("custom_fields"), unknown("deletion_policy"),
			),
			Check: resource.ComposeTestCheckFunc(tagged(t, n, &id, "Lab"), stored(t, n, &id, "tier", `"gold"`),
				stored(t, n, &id, "owner", "null"),
				holds(t, n, &id, "kubernetes_token", "second-secret"), holds(t, n, &id, "kubernetes_ca_cert",
					strings.TrimSpace(second))),
		},
	)
}

// The version of a write-only token may come from another resource as well.
func TestAccFabricResource_unknownTokenVersion(t *testing.T) {
	acctest.Need(t, acctest.WriteOnly)
	n := acctest.Start(t)
	name := acctest.Name("later-wo")
	config := func(version int, token string) string {
		return fabricConfig(n, name, serverLine+fmt.Sprintf("kubernetes_token_wo = %q\n  kubernetes_token_wo_version "+
			"= terraform_data.version.output", token)) +
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
