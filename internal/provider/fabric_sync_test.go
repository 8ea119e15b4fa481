package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const syncAddress = "hedgehog_fabric_sync.test"

// kind returns one of the twelve by its name.
func kind(t *testing.T, name string) fabric.Kind {
	t.Helper()
	for _, k := range fabric.Kinds() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no kind %s", name)
	return fabric.Kind{}
}

// filled returns a namespace with three objects of every kind but one.
func filled(t *testing.T, c *acctest.Cluster) string {
	t.Helper()
	namespace := c.Namespace(t)
	for _, k := range fabric.Kinds() {
		if k.Name == "ExternalPeering" {
			continue
		}
		for i := range 3 {
			c.Apply(t, k, namespace, clustertest.Example(k, fmt.Sprintf("object-%d", i)))
		}
	}
	return namespace
}

// clusterConfig is a fabric on a cluster, and what else is given.
func clusterConfig(n *acctest.NetBox, c *acctest.Cluster, name, namespace, more string) string {
	return fabricConfig(n, name, fmt.Sprintf(`
  kubernetes_server    = %q
  kubernetes_namespace = %q
  kubernetes_token     = %q
  kubernetes_ca_cert   = %q
`, c.URL, namespace, c.Token, c.CA)) + more
}

const syncBlock = `
resource "hedgehog_fabric_sync" "test" {
  fabric_id = hedgehog_fabric.test.id
  triggers  = { run = "%s" }
  %s
}
`

const statusBlock = `
data "hedgehog_fabric" "test" {
  id         = hedgehog_fabric.test.id
  depends_on = [hedgehog_fabric_sync.test]
}
`

func syncState(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(syncAddress, tfjsonpath.New(attribute), want)
}

func shown(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.hedgehog_fabric.test", tfjsonpath.New(attribute), want)
}

func TestFabricSync_theWholeStory(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("sync"), filled(t, c)
	config := func(run, more string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, more)+statusBlock)
	}
	int64s := func(n int64) knownvalue.Check { return knownvalue.Int64Exact(n) }
	in := knownvalue.StringExact("in_sync")
	acceptance(t,
		resource.TestStep{
			Config: config("first", ""),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("outcome", knownvalue.StringExact("synced")), syncState("status", in), syncState("message", knownvalue.Null()),
				// Every SwitchGroup has an empty spec.
				syncState("created", int64s(30)), syncState("not_storable", int64s(3)), syncState("failed", int64s(0)),
				syncState("started_at", knownvalue.NotNull()), syncState("finished_at", knownvalue.NotNull()),
				shown("sync_status", in), shown("consistent", knownvalue.Bool(true)), shown("connection_status", knownvalue.StringExact("connected")),
				statecheck.ExpectKnownValue("data.hedgehog_fabric.test", tfjsonpath.New("counts").AtMapKey("cached_crd_count"), int64s(33)),
				statecheck.ExpectKnownValue("data.hedgehog_fabric.test", tfjsonpath.New("counts").AtMapKey("vpcs_count"), int64s(3)),
				statecheck.ExpectKnownValue(syncAddress, tfjsonpath.New("counts").AtMapKey("ExternalPeering"), int64s(0)),
			},
		},
		// Neither the sync nor time is a change.
		resource.TestStep{Config: config("first", ""), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop), plancheck.ExpectResourceAction(syncAddress, plancheck.ResourceActionNoop),
		}}},
		// Arguments for the next sync make none.
		resource.TestStep{
			Config:            config("first", `prune = "delete"`),
			ConfigPlanChecks:  preApply(plancheck.ExpectResourceAction(syncAddress, plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{syncState("created", int64s(30))},
		},
		resource.TestStep{
			PreConfig: func() {
				c.Delete(t, kind(t, "VPC"), namespace, "object-0")
				changed := clustertest.Example(kind(t, "Switch"), "object-1")
				changed.Spec["role"] = "spine"
				c.Apply(t, kind(t, "Switch"), namespace, changed)
			},
			Config:           config("second", ""),
			ConfigPlanChecks: preApply(plancheck.ExpectResourceAction(syncAddress, plancheck.ResourceActionReplace)),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("created", int64s(0)), syncState("updated", int64s(1)), syncState("unchanged", int64s(28)), syncState("deleted", int64s(0)),
			},
		},
	)
}

func TestFabricSync_clusterAwayAndBack(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("away"), filled(t, c)
	config := func(run string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, "fail_on_error = false")+statusBlock)
	}
	acceptance(t,
		resource.TestStep{Config: config("1"), ConfigStateChecks: []statecheck.StateCheck{shown("sync_status", knownvalue.StringExact("in_sync"))}},
		resource.TestStep{
			PreConfig: func() { c.Stop(t) },
			Config:    config("2"),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("outcome", knownvalue.StringExact("failed")), syncState("status", knownvalue.StringExact("error")),
				shown("sync_status", knownvalue.StringExact("error")), shown("consistent", knownvalue.Bool(true)),
				shown("sync_status_reason", knownvalue.StringRegexp(regexp.MustCompile(`refused`))), shown("last_sync", knownvalue.NotNull()),
			},
		},
		resource.TestStep{
			PreConfig:         func() { c.Start(t) },
			Config:            config("3"),
			ConfigStateChecks: []statecheck.StateCheck{shown("sync_status", knownvalue.StringExact("in_sync")), shown("sync_error", knownvalue.StringExact(""))},
		},
	)
}

func TestFabricSync_hundredsOfObjects(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("hundreds"), c.Namespace(t)
	const objects = 300
	for i := range objects {
		c.Apply(t, kind(t, "Connection"), namespace, clustertest.Example(kind(t, "Connection"), fmt.Sprintf("object-%03d", i)))
	}
	var id int64
	config := func(run string) string { return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, "")) }
	acceptance(t,
		resource.TestStep{
			Config: config("first"), Check: idOf(t, &id),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("created", knownvalue.Int64Exact(objects)), syncState("failed", knownvalue.Int64Exact(0)),
			},
		},
		resource.TestStep{
			Config: config("second"),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("created", knownvalue.Int64Exact(0)), syncState("unchanged", knownvalue.Int64Exact(objects)),
			},
			Check: func(*terraform.State) error {
				f, _ := n.Fabric(t, id)
				if fmt.Sprint(f["connections_count"]) != "300" || fmt.Sprint(f["cached_crd_count"]) != "300" {
					return fmt.Errorf("NetBox counts %v connections of %v objects", f["connections_count"], f["cached_crd_count"])
				}
				return nil
			},
		},
	)
}

func TestFabricSync_failures(t *testing.T) {
	n, c := acctest.Start(t), acctest.StandinKubernetes(t)
	namespace := c.Namespace(t)
	block := func(more string) string { return fmt.Sprintf(syncBlock, "once", more) }
	for what, test := range map[string]struct {
		config func(name string) string
		says   string
	}{
		"not configured": {func(name string) string { return fabricConfig(n, name, "") + block("") }, "was not synced: No Kubernetes server is configured"},
		"switched off": {func(name string) string {
			return fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  sync_enabled = false", c.URL)) + block("")
		}, "was not synced"},
		"cluster refuses the token": {func(name string) string {
			return clusterConfig(n, c, name, namespace, block(`kubernetes_token_wo = "nobody-knows-this-secret"`))
		}, "could not be synced"},
		"no such fabric": {func(string) string {
			return n.ProviderConfig() + "resource \"hedgehog_fabric_sync\" \"test\" {\n  fabric_id = 999999999\n}\n"
		}, "Could not sync the fabric 999999999"},
		"no id": {func(string) string {
			return n.ProviderConfig() + "resource \"hedgehog_fabric_sync\" \"test\" {\n  fabric_id = 0\n}\n"
		}, "value must be at least 1"},
		"prune": {func(name string) string { return clusterConfig(n, c, name, namespace, block(`prune = "all"`)) }, `value must be one of: ["keep" "delete"]`},
	} {
		t.Run(what, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: test.config(acctest.Name("failing")), ExpectError: says(test.says)})
		})
	}
}

func TestFabricSync_ownCredentialsAndOnlyIfDue(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("own"), filled(t, c)
	var id int64
	config := func(run, more string) string {
		return fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_namespace = %q", c.URL, namespace)) +
			fmt.Sprintf(syncBlock, run, fmt.Sprintf("kubernetes_token_wo = %q\n  kubernetes_ca_cert = %q\n  %s", c.Token, c.CA, more))
	}
	since(t, tfversion.Version1_11_0,
		resource.TestStep{
			Config: config("1", ""), Check: idOf(t, &id),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("outcome", knownvalue.StringExact("synced")), syncState("kubernetes_token_wo", knownvalue.Null()),
			},
		},
		resource.TestStep{
			Config:            config("2", "only_if_due = true"),
			ConfigStateChecks: []statecheck.StateCheck{syncState("outcome", knownvalue.StringExact("not_due")), syncState("started_at", knownvalue.Null())},
		},
		resource.TestStep{ // within the interval of 300 s, with a margin for the time that the test itself takes
			PreConfig:         func() { n.Later(t, 200*time.Second, id) },
			Config:            config("3", "only_if_due = true"),
			ConfigStateChecks: []statecheck.StateCheck{syncState("outcome", knownvalue.StringExact("not_due"))},
		},
		resource.TestStep{
			PreConfig:         func() { n.Later(t, 100*time.Second, id) },
			Config:            config("4", "only_if_due = true"),
			ConfigStateChecks: []statecheck.StateCheck{syncState("outcome", knownvalue.StringExact("synced")), syncState("unchanged", knownvalue.Int64Exact(30))},
		},
	)
}

func TestFabricSyncAction(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("action"), filled(t, c)
	var id int64
	block := `
action "hedgehog_fabric_sync" "test" {
  config {
    fabric_id = hedgehog_fabric.test.id
    %s
  }
}
resource "terraform_data" "run" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.hedgehog_fabric_sync.test]
    }
  }
}
`
	since(t, tfversion.Version1_14_0,
		resource.TestStep{Config: clusterConfig(n, c, name, namespace, ""), Check: idOf(t, &id)},
		resource.TestStep{
			Config: clusterConfig(n, c, name, namespace, fmt.Sprintf(block, "")),
			Check: func(*terraform.State) error {
				if f, _ := n.Fabric(t, id); f["sync_status"] != "in_sync" || fmt.Sprint(f["switches_count"]) != "3" {
					return fmt.Errorf("after the action: %v", f)
				}
				return nil
			},
		},
		resource.TestStep{
			Config: strings.Replace(clusterConfig(n, c, name, namespace, fmt.Sprintf(block, "")), c.Token, "nobody-knows-this-secret", 1) +
				"resource \"terraform_data\" \"again\" {\n  lifecycle {\n    action_trigger {\n      events  = [after_create]\n      actions = [action.hedgehog_fabric_sync.test]\n    }\n  }\n}\n",
			ExpectError: says("could not be synced"),
		},
	)
}

func TestFabricConnection(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("connection"), filled(t, c)
	data := func(more string) string {
		return "data \"hedgehog_fabric_connection\" \"test\" {\n  id = hedgehog_fabric.test.id\n  " + more + "\n}\n"
	}
	is := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", tfjsonpath.New(attribute), want)
	}
	yes, no := knownvalue.Bool(true), knownvalue.Bool(false)
	acceptance(t,
		resource.TestStep{
			Config: fabricConfig(n, name, "") + data(""),
			ConfigStateChecks: []statecheck.StateCheck{
				is("reachable", no), is("error_class", knownvalue.StringExact("not_configured")), is("counts", knownvalue.MapSizeExact(0)),
			},
		},
		resource.TestStep{Config: fabricConfig(n, name, "") + data("fail_on_error = true"), ExpectError: says("NetBox stores no kubernetes_server for it")},
		resource.TestStep{
			Config: clusterConfig(n, c, name, namespace, data("fail_on_error = true")),
			ConfigStateChecks: []statecheck.StateCheck{
				is("reachable", yes), is("authenticated", yes), is("authorised", yes), is("error_class", knownvalue.Null()),
				is("error_message", knownvalue.Null()), is("server_version", knownvalue.StringRegexp(regexp.MustCompile(`^v1\.`))),
				is("counts", knownvalue.MapSizeExact(12)), is("forbidden_kinds", knownvalue.ListSizeExact(0)),
				statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", tfjsonpath.New("counts").AtMapKey("Switch"), knownvalue.Int64Exact(3)),
				statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", tfjsonpath.New("counts").AtMapKey("ExternalPeering"), knownvalue.Int64Exact(0)),
			},
		},
		resource.TestStep{
			Config: fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_namespace = %q\n  kubernetes_token = \"nobody-knows-this-secret\"\n  kubernetes_ca_cert = %q",
				c.URL, namespace, c.CA)) + data(""),
			ConfigStateChecks: []statecheck.StateCheck{
				is("reachable", yes), is("authenticated", no), is("error_class", knownvalue.StringExact("unauthenticated")), is("counts", knownvalue.MapSizeExact(0)),
			},
		},
		resource.TestStep{ // the system's authorities do not know this cluster's
			Config:            fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_token = %q", c.URL, c.Token)) + data(""),
			ConfigStateChecks: []statecheck.StateCheck{is("error_class", knownvalue.StringExact("tls")), is("reachable", no)},
		},
		resource.TestStep{
			Config:            fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_token = %q", c.URL, c.Token)) + data("allow_insecure_https = true"),
			ConfigStateChecks: []statecheck.StateCheck{is("error_class", knownvalue.Null()), is("authorised", yes)},
		},
	)
}

func TestFabricConnection_partialPermissions(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	if c.PartialToken == "" {
		t.Skip("the cluster under test gave no token with partial permissions")
	}
	name, namespace := acctest.Name("partial"), filled(t, c)
	c.Token = c.PartialToken
	at := tfjsonpath.New[string]
	acceptance(t, resource.TestStep{
		Config: clusterConfig(n, c, name, namespace, "data \"hedgehog_fabric_connection\" \"test\" {\n  name = hedgehog_fabric.test.name\n}\n"),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("authenticated"), knownvalue.Bool(true)),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("authorised"), knownvalue.Bool(false)),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("error_class"), knownvalue.StringExact("forbidden")),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("forbidden_kinds"), knownvalue.ListSizeExact(5)),
			statecheck.ExpectKnownValue("data.hedgehog_fabric_connection.test", at("counts"), knownvalue.MapSizeExact(7)),
		},
	})
}
