package provider

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

func TestAccFabricConnection(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("connection"), c.Filled(t)
	data := func(more string) string {
		return "data \"hedgehog_fabric_connection\" \"test\" {\n  id = hedgehog_fabric.test.id\n  " + more + "\n}\n"
	}
	acceptance(t,
		resource.TestStep{
			Config: fabricConfig(n, name, "") + data(""),
			ConfigStateChecks: has(connectionAddress, want{
				"reachable": false, "error_class": "not_configured", "counts": knownvalue.MapSizeExact(0),
			}),
		},
		resource.TestStep{Config: fabricConfig(n, name, "") + data("fail_on_error = true"),
			ExpectError: says("has no kubernetes_server in NetBox")},
		resource.TestStep{
			Config: clusterConfig(n, c, name, namespace, data("fail_on_error = true")),
			ConfigStateChecks: slices.Concat(has(connectionAddress, want{
				"reachable": true, "authenticated": true, "authorized": true, "error_class": nil,
				"error_message": nil, "server_version": knownvalue.StringRegexp(regexp.MustCompile(`^v1\.`)),
				"counts": knownvalue.MapSizeExact(12), "forbidden_kinds": knownvalue.ListSizeExact(0),
			}), has("data.hedgehog_fabric_connection.test", want{"counts.Switch": 3, "counts.ExternalPeering": 0})),
		},
		resource.TestStep{
			Config: fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_namespace = %q\n  "+
				"kubernetes_token = \"nobody-knows-this-secret\"\n  kubernetes_ca_cert = %q",
				c.URL, namespace, c.CA)) + data(""),
			ConfigStateChecks: has(connectionAddress, want{
				"reachable": true, "authenticated": false, "error_class": "unauthenticated",
				"counts": knownvalue.MapSizeExact(0),
			}),
		},
		resource.TestStep{ // the system's authorities do not know this cluster's
			Config: fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_token = %q",
				c.URL, c.Token)) + data(""),
			ConfigStateChecks: has(connectionAddress, want{"error_class": "tls", "reachable": false}),
		},
		resource.TestStep{
			Config: fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_token = %q",
				c.URL, c.Token)) + data("allow_insecure_https = true"),
			ConfigStateChecks: has(connectionAddress, want{"error_class": nil, "authorized": true}),
		},
	)
}

func TestAccFabricConnection_partialPermissions(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	if c.PartialToken == "" {
		t.Skip("the cluster under test gave no token with partial permissions")
	}
	name, namespace := acctest.Name("partial"), c.Filled(t)
	c.Token = c.PartialToken
	at := tfjsonpath.New[string]
	acceptance(t, resource.TestStep{
		Config: clusterConfig(n, c, name, namespace, "data \"hedgehog_fabric_connection\" \"test\" {\n  name = "+
			"hedgehog_fabric.test.name\n}\n"),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("authenticated"),
				knownvalue.Bool(true)),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("authorized"),
				knownvalue.Bool(false)),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("error_class"),
				knownvalue.StringExact("forbidden")),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("forbidden_kinds"),
				knownvalue.ListSizeExact(5)),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("counts"),
				knownvalue.MapSizeExact(7)),
		},
	})
}

func TestAccFabricConnection_clusterStopped(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name := acctest.Name("stopped")
	config := func(more string) string {
		return clusterConfig(n, c, name, "default", "data \"hedgehog_fabric_connection\" \"test\" {\n  id = "+
			"hedgehog_fabric.test.id\n  "+more+"\n}\n")
	}
	acceptance(t,
		resource.TestStep{
			PreConfig: func() { c.Stop(t) },
			Config:    config(""),
			ConfigStateChecks: has(connectionAddress, want{
				"reachable": false, "error_class": "unreachable",
				"error_message": like(regexp.QuoteMeta(c.URL) + ".*connection refused"), "server_version": nil,
				"counts": knownvalue.MapSizeExact(0), "health": nil,
			}),
		},
		resource.TestStep{Config: config("fail_on_error = true"), ExpectError: says("connection refused; check the " +
			"port, and that the API server is running. With fail_on_error = false")},
		resource.TestStep{
			PreConfig:         func() { c.Start(t) },
			Config:            config("fail_on_error = true"),
			ConfigStateChecks: has(connectionAddress, want{"reachable": true, "error_class": nil}),
		},
	)
}

// The test only reads, so it also runs against the user's cluster.
func TestAccFabricConnection_existingNamespace(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	namespace := c.ExistingOrFilled(t)
	counts := map[string]knownvalue.Check{}
	for kind, n := range counted(t, c, namespace) {
		counts[kind] = knownvalue.Int64Exact(n)
	}
	acceptance(t, resource.TestStep{
		Config: clusterConfig(n, c, acctest.Name("existing"), namespace, "data \"hedgehog_fabric_connection\" "+
			"\"test\" {\n  id = hedgehog_fabric.test.id\n}\n"),
		ConfigStateChecks: has(connectionAddress, want{
			"reachable": true, "authenticated": true, "authorized": true, "error_class": nil,
			"server_version": like(`^v1\.`), "counts": knownvalue.MapExact(counts),
		}),
	})
}
