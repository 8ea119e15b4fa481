package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

func ephemeralSteps(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	acctest.Need(t, acctest.EphemeralValues)
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"hedgehog": factories["hedgehog"],
			"echo":     echoprovider.NewProviderServer(),
		},
		Steps: steps,
	})
}

func TestAccFabricCredentials(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("credentials")
	ca := certificate(t)
	id := n.Create(t, map[string]any{
		"name": name, "kubernetes_server": lab, "kubernetes_token": "secret-of-the-cluster", "kubernetes_ca_cert": ca,
		"kubernetes_namespace": "fab",
	})
	bare := n.Create(t, map[string]any{"name": name + "-bare", "kubernetes_server": lab})
	none := n.Create(t, map[string]any{"name": name + "-none"})
	config := func(by string) string {
		return n.ProviderConfig() + fmt.Sprintf(`
ephemeral "hedgehog_fabric_credentials" "test" {
  %s
}
provider "echo" {
  data = ephemeral.hedgehog_fabric_credentials.test
}
resource "echo" "test" {}
`, by)
	}
	echoed := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey(attribute), want)
	}
	for what, by := range map[string]string{"by id": fmt.Sprintf("id = %d", id), "by name": fmt.Sprintf("name = %q",
		name)} {
		t.Run(what, func(t *testing.T) {
			ephemeralSteps(t, resource.TestStep{
				Config: config(by),
				ConfigStateChecks: []statecheck.StateCheck{
					echoed("id", knownvalue.Int64Exact(id)), echoed("name", knownvalue.StringExact(name)),
					echoed("host", knownvalue.StringExact(lab)), echoed("token",
						knownvalue.StringExact("secret-of-the-cluster")), echoed("namespace",
						knownvalue.StringExact("fab")),
					echoed("cluster_ca_certificate", knownvalue.StringExact(ca[:len(ca)-1])),
				},
			})
		})
	}
	for what, c := range map[string]struct{ by, want string }{
		"no token":  {fmt.Sprintf("id = %d", bare), "No Kubernetes token stored"},
		"no server": {fmt.Sprintf("id = %d", none), "No Kubernetes server stored"},
		"no fabric": {`name = "tf-acc-no-such-fabric"`, `has no fabric named "tf-acc-no-such-fabric"`},
		"neither":   {"", "No attribute specified when one (and only one) of [id,name]"},
		"both": {fmt.Sprintf("id = %d\n name = %q", id, name), "2 attributes specified when one (and only one) " +
			"of [id,name]"},
	} {
		t.Run(what, func(t *testing.T) {
			ephemeralSteps(t, resource.TestStep{Config: config(c.by), ExpectError: says(c.want)})
		})
	}
}
