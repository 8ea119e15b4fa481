package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
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

// counted is how many objects of each kind a namespace has.
func counted(t *testing.T, c *acctest.Cluster, namespace string) map[string]int64 {
	t.Helper()
	k, err := cluster.New(cluster.Config{Server: c.URL, Token: c.Token, CACert: c.CA, Namespace: namespace})
	must(t, err)
	defer k.Close()
	counts := map[string]int64{}
	for _, kind := range fabric.Kinds() {
		counts[kind.Name] = 0
		for _, err := range k.List(t.Context(), kind) { // the provider counts in another way
			must(t, err)
			counts[kind.Name]++
		}
	}
	return counts
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

// shownCounts checks the seven counts of the record.
func shownCounts(all, vpcs, connections, servers, switches int64) statecheck.StateCheck {
	want := map[string]knownvalue.Check{}
	for name, n := range map[string]int64{
		"cached_crd_count": all, "cached_vpc_count": vpcs, "vpcs_count": vpcs, "cached_connection_count": connections,
		"connections_count": connections, "servers_count": servers, "switches_count": switches,
	} {
		want[name] = knownvalue.Int64Exact(n)
	}
	return shown("counts", knownvalue.ObjectExact(want))
}

func text(want string) knownvalue.Check { return knownvalue.StringExact(want) }

func like(pattern string) knownvalue.Check {
	return knownvalue.StringRegexp(regexp.MustCompile(pattern))
}

func TestAccFabricSync_theWholeStory(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("sync"), c.Filled(t)
	config := func(run, more string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, more)+statusBlock)
	}
	int64s := func(n int64) knownvalue.Check { return knownvalue.Int64Exact(n) }
	in := knownvalue.StringExact("in_sync")
	acceptance(t,
		resource.TestStep{
			Config: config("first", ""),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("outcome", knownvalue.StringExact("synced")), syncState("status", in), syncState("message",
					knownvalue.Null()),
				// Every SwitchGroup has an empty spec.
				syncState("created", int64s(30)), syncState("not_storable", int64s(3)), syncState("failed", int64s(0)),
				syncState("started_at", knownvalue.NotNull()), syncState("finished_at", knownvalue.NotNull()),
				shown("sync_status", in), shown("consistent", knownvalue.Bool(true)), shown("connection_status",
					knownvalue.StringExact("connected")),
				shownCounts(33, 3, 3, 3, 3),
				statecheck.ExpectKnownValue(syncAddress, tfjsonpath.New("counts").AtMapKey("ExternalPeering"),
					int64s(0)),
			},
		},
		// Neither the sync nor time is a change.
		resource.TestStep{Config: config("first", ""), ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(syncAddress, plancheck.ResourceActionNoop),
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
				syncState("created", int64s(0)), syncState("updated", int64s(1)), syncState("unchanged", int64s(28)),
				syncState("deleted", int64s(0)),
			},
		},
	)
}

func TestAccFabricSync_clusterAwayAndBack(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("away"), c.Filled(t)
	config := func(run string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, "fail_on_error = false")+statusBlock)
	}
	var synced string
	consistent := shown("consistent", knownvalue.Bool(true))
	acceptance(t,
		resource.TestStep{
			Config: clusterConfig(n, c, name, namespace, "data \"hedgehog_fabric\" \"test\" {\n  id = "+
				"hedgehog_fabric.test.id\n}\n"),
			ConfigStateChecks: []statecheck.StateCheck{
				shown("sync_status", text("never_synced")), shown("connection_status", text("unknown")), shownCounts(0,
					0, 0, 0, 0), consistent,
			},
		},
		resource.TestStep{
			Config: config("1"), Check: shownValue("last_sync", &synced),
			ConfigStateChecks: []statecheck.StateCheck{
				shown("sync_status", text("in_sync")), shown("sync_status_reason",
					like(`^The last sync was \d+ s ago, within the interval of 5 min\.$`)),
				shown("connection_status", text("connected")), shown("connection_error", text("")), shownCounts(33, 3,
					3, 3, 3), consistent,
			},
		},
		resource.TestStep{
			PreConfig: func() { c.Stop(t) },
			Config:    config("2"), Check: wantShown("last_sync", &synced),
			ConfigStateChecks: []statecheck.StateCheck{
				syncState("outcome", text("failed")), syncState("status", text("error")), syncState("message",
					like("connection refused")),
				shown("sync_status", text("error")), shown("stored_sync_status", text("error")),
				shown("sync_error", text("")),
				shown("sync_status_reason", like(`^The connection to the Kubernetes server failed: `+
					regexp.QuoteMeta(c.URL)+` .*connection refused.*check the port`)),
				shown("connection_status", text("disconnected")), shown("connection_error",
					like(`^`+regexp.QuoteMeta(c.URL)+` .*connection refused`)),
				shownCounts(33, 3, 3, 3, 3), consistent,
			},
		},
		resource.TestStep{
			PreConfig: func() {
				c.Start(t)
				c.Delete(t, kind(t, "Switch"), namespace, "object-0")
				c.Apply(t, kind(t, "VPC"), namespace, clustertest.Example(kind(t, "VPC"), "object-3"))
				c.Apply(t, kind(t, "Server"), namespace, clustertest.Example(kind(t, "Server"), "object-3"))
			},
			Config: config("3"), Check: wantShownOther("last_sync", &synced),
			ConfigStateChecks: []statecheck.StateCheck{
				shown("sync_status", text("in_sync")), shown("sync_error", text("")), shown("connection_status",
					text("connected")),
				shown("connection_error", text("")), shownCounts(34, 4, 3, 4, 2), consistent,
			},
		},
	)
}

// shownValue keeps what the data source shows of an attribute.
func shownValue(attribute string, into *string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		*into = s.RootModule().Resources["data.hedgehog_fabric.test"].Primary.Attributes[attribute]
		return nil
	}
}

func wantShown(attribute string, want *string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		if got := s.RootModule().Resources["data.hedgehog_fabric.test"].Primary.Attributes[attribute]; got != *want {
			return fmt.Errorf("%s is %q, want %q", attribute, got, *want)
		}
		return nil
	}
}

func wantShownOther(attribute string, before *string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		if wantShown(attribute, before)(s) == nil {
			return fmt.Errorf("%s still is %q", attribute, *before)
		}
		return nil
	}
}

func TestAccFabricSync_hundredsOfObjects(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("hundreds"), c.Namespace(t)
	const objects = 300
	for i := range objects {
		c.Apply(t, kind(t, "Connection"), namespace, clustertest.Example(kind(t, "Connection"),
			fmt.Sprintf("object-%03d", i)))
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
					return fmt.Errorf("NetBox counts %v connections of %v objects", f["connections_count"],
						f["cached_crd_count"])
				}
				return nil
			},
		},
	)
}

// It only reads the cluster, so that it runs against one that exists.
func TestAccFabricSync_namespaceAsItIs(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("existing"), c.AsItIs(t)
	counts, total := map[string]knownvalue.Check{}, int64(0)
	in := counted(t, c, namespace)
	for kind, n := range in {
		counts[kind], total = knownvalue.Int64Exact(n), total+n
	}
	acceptance(t, resource.TestStep{
		Config: clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, "once", "")+statusBlock),
		ConfigStateChecks: []statecheck.StateCheck{
			syncState("outcome", text("synced")), syncState("failed", knownvalue.Int64Exact(0)), syncState("counts",
				knownvalue.MapExact(counts)),
			shown("sync_status", text("in_sync")), shownCounts(total, in["VPC"], in["Connection"],
				in["Server"], in["Switch"]),
		},
		Check: func(s *terraform.State) error {
			id, created, notStorable := int64(0), 0, 0
			attributes := s.RootModule().Resources[syncAddress].Primary.Attributes
			_, err := fmt.Sscan(attributes["fabric_id"]+" "+attributes["created"]+" "+attributes["not_storable"], &id,
				&created, &notStorable)
			if err != nil {
				return err
			}
			stored := 0
			for _, kind := range fabric.Kinds() {
				stored += n.CountObjects(t, kind, id)
			}
			if stored != created || int64(stored+notStorable) != total {
				return fmt.Errorf("NetBox has %d objects, %d were created and %d cannot be stored of %d", stored,
					created, notStorable, total)
			}
			return nil
		},
	})
}
