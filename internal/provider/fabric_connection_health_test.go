package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// readConnection fails when the cluster cannot be used. Health is no reason for that.
const readConnection = `
data "hedgehog_fabric_connection" "test" {
  id            = hedgehog_fabric.test.id
  fail_on_error = true
}
`

// healthyCluster returns a cluster with two switches, and a token that may read their health.
func healthyCluster(t *testing.T) (c *acctest.Cluster, namespace string) {
	t.Helper()
	c = acctest.Kubernetes(t)
	namespace = c.Namespace(t)
	c.MakeHealthy(t, namespace, "leaf-01", "leaf-02")
	c.Apply(t, fabric.UnstoredKinds()[0], namespace, clustertest.Object{Name: "vs", Spec: map[string]any{}})
	return c, namespace
}

func TestAccFabricConnection_health(t *testing.T) {
	n := acctest.Start(t)
	c, namespace := healthyCluster(t)
	c.Token = c.HealthToken
	config := clusterConfig(n, c, acctest.Name("health"), namespace, readConnection)
	none := knownvalue.MapSizeExact(0)
	acceptance(t,
		resource.TestStep{
			Config: config,
			Check:  withoutSecretsOfSpecs,
			ConfigStateChecks: has(connectionAddress, want{
				"health.healthy": true, "health.reasons": none,
				"health.agents.total": 2, "health.agents.ready": 2, "health.agents.pending": 0,
				"health.agents.silent": 0, "health.agents.not_ready": none,
				"health.agents.versions": knownvalue.MapExact(map[string]knownvalue.Check{
					"v0.99.0": knownvalue.Int64Exact(2)}),
				"health.agents.oldest_heartbeat": like(`^2.*Z$`), "health.agents.newest_heartbeat": like(`^2.*Z$`),
				"health.agents.observed_at": like(`^2.*Z$`),
				"health.fabricator.ready":   true, "health.fabricator.generation": 1,
				"health.fabricator.applied_generation": 1, "health.fabricator.release": "26.03.0",
				"health.fabricator.versions.fabricator":     "v0.46.0",
				"health.fabricator.versions.fabric":         "v0.99.0",
				"health.fabricator.conditions.GatewayReady": "True",
				"health.unstored_counts":                    knownvalue.MapSizeExact(len(fabric.UnstoredKinds())),
				"health.unstored_counts.SwitchProfile":      1, "health.unstored_counts.Gateway": 0,
			}),
		},
		resource.TestStep{
			PreConfig: func() {
				soon := time.Now().Add(time.Hour)
				c.Apply(t, fabric.AgentKind(), namespace, clustertest.Agent("leaf-02", 3, soon, "v0.98.0"))
				c.Apply(t, fabric.AgentKind(), namespace, clustertest.Agent("leaf-03", 0, time.Time{}, ""))
			},
			Config: config,
			ConfigStateChecks: has(connectionAddress, want{
				"health.healthy": false, "health.agents.total": 3, "health.agents.ready": 1,
				"health.agents.pending": 2, "health.agents.silent": 1,
				"health.agents.not_ready": knownvalue.MapExact(map[string]knownvalue.Check{
					"leaf-02": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"generation": knownvalue.Int64Exact(2), "applied_generation": knownvalue.Int64Exact(3),
						"last_heartbeat": knownvalue.NotNull(), "version": knownvalue.StringExact("v0.98.0"),
					}),
					"leaf-03": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"generation": knownvalue.Int64Exact(1), "applied_generation": knownvalue.Int64Exact(0),
						"last_heartbeat": knownvalue.Null(), "version": knownvalue.Null(),
					}),
				}),
			}),
		},
	)
}

// withoutSecretsOfSpecs checks that a state has no secret from the specs of Agents and Fabricators.
func withoutSecretsOfSpecs(s *terraform.State) error {
	for name, value := range s.RootModule().Resources[connectionAddress].Primary.Attributes {
		if strings.Contains(name+value, clustertest.Secret) {
			return fmt.Errorf("%s holds a secret of a spec", name)
		}
	}
	return nil
}

func TestAccFabricConnection_healthThatIsNotKnown(t *testing.T) {
	n := acctest.Start(t)
	c, namespace := healthyCluster(t)
	name := acctest.Name("unknown-health")
	forSyncs := clusterConfig(n, c, name, namespace, readConnection)
	c.Token = c.HealthToken
	acceptance(t,
		resource.TestStep{
			Config: forSyncs,
			ConfigStateChecks: has(connectionAddress, want{
				"error_class": nil, "health.healthy": nil, "health.agents": nil, "health.fabricator": nil,
				"health.unstored_counts": nil,
				"health.reasons.agents": like("to list agents.agent.githedgehog.com in namespace \"" + namespace +
					`"; the Role`),
				"health.reasons.fabricator": like("to list fabricators.fabricator.githedgehog.com in " +
					`namespace "fab"; the Role`),
				"health.reasons.unstored_counts": like("to list switchprofiles.wiring.githedgehog.com, "),
			}),
		},
		resource.TestStep{
			PreConfig: func() {
				c.StopServing(t, fabric.AgentKind())
				c.StopServing(t, fabric.UnstoredKinds()[0])
			},
			Config: clusterConfig(n, c, name, namespace, readConnection),
			ConfigStateChecks: has(connectionAddress, want{
				"health.healthy": nil, "health.agents": nil, "health.fabricator.ready": true,
				"health.reasons":                       knownvalue.MapSizeExact(1),
				"health.reasons.agents":                like("does not serve agents.agent.githedgehog.com/v1beta1"),
				"health.unstored_counts.SwitchProfile": 0,
			}),
		},
	)
}
