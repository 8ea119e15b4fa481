package provider

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// kind returns one of the twelve by its name.
func kind(t *testing.T, name string) fabric.Kind {
	t.Helper()
	for _, k := range fabric.Kinds() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("there is no kind %s", name)
	return fabric.Kind{}
}

// counted returns how many objects of each kind a namespace has.
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

// clusterConfig returns a configuration of a fabric on a cluster, with additional lines.
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

// objectCounts returns the check of a record's seven counts.
func objectCounts(all, vpcs, connections, servers, switches int64) knownvalue.Check {
	want := map[string]knownvalue.Check{}
	for name, n := range map[string]int64{
		"cached_crd_count": all, "cached_vpc_count": vpcs, "vpcs_count": vpcs, "cached_connection_count": connections,
		"connections_count": connections, "servers_count": servers, "switches_count": switches,
	} {
		want[name] = knownvalue.Int64Exact(n)
	}
	return knownvalue.ObjectExact(want)
}

func like(pattern string) knownvalue.Check {
	return knownvalue.StringRegexp(regexp.MustCompile(pattern))
}

func TestAccFabricSync_lifecycle(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("sync"), c.Filled(t)
	config := func(run, more string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, more)+statusBlock)
	}
	acceptance(t,
		resource.TestStep{
			Config: config("first", ""),
			ConfigStateChecks: slices.Concat(has(syncAddress, want{
				"outcome": "synced", "status": "in_sync", "message": nil, "created": 30, "not_storable": 3,
				"failed": 0, "started_at": knownvalue.NotNull(), "finished_at": knownvalue.NotNull(),
				"counts.ExternalPeering": 0,
			}), has(dataAddress, want{
				"sync_status": "in_sync", "consistent": true, "connection_status": "connected",
				"counts": objectCounts(33, 3, 3, 3, 3),
			})),
		},
		// Neither the sync nor the passing of time is a change.
		resource.TestStep{Config: config("first", ""), ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(syncAddress, plancheck.ResourceActionNoop),
			}}},
		// Arguments for the next sync don't start one.
		resource.TestStep{
			Config:            config("first", `prune = "delete"`),
			ConfigPlanChecks:  preApply(plancheck.ExpectResourceAction(syncAddress, plancheck.ResourceActionUpdate)),
			ConfigStateChecks: has(syncAddress, want{"created": 30}),
		},
		resource.TestStep{
			PreConfig: func() {
				c.Delete(t, kind(t, "VPC"), namespace, "object-0")
				changed := clustertest.Example(kind(t, "Switch"), "object-1")
				changed.Spec["role"] = "spine"
				c.Apply(t, kind(t, "Switch"), namespace, changed)
			},
			Config:            config("second", ""),
			ConfigPlanChecks:  preApply(plancheck.ExpectResourceAction(syncAddress, plancheck.ResourceActionReplace)),
			ConfigStateChecks: has(syncAddress, want{"created": 0, "updated": 1, "unchanged": 28, "deleted": 0}),
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
	acceptance(t,
		resource.TestStep{
			Config: clusterConfig(n, c, name, namespace, "data \"hedgehog_fabric\" \"test\" {\n  id = "+
				"hedgehog_fabric.test.id\n}\n"),
			ConfigStateChecks: has(dataAddress, want{
				"sync_status": "never_synced", "connection_status": "unknown",
				"counts": objectCounts(0, 0, 0, 0, 0), "consistent": true,
			}),
		},
		resource.TestStep{
			Config: config("1"), Check: shownValue("last_sync", &synced),
			ConfigStateChecks: has(dataAddress, want{
				"sync_status":        "in_sync",
				"sync_status_reason": like(`^The last sync was \d+ s ago, within the interval of 5 min\.$`),
				"connection_status":  "connected", "connection_error": "", "counts": objectCounts(33, 3, 3, 3, 3),
				"consistent": true,
			}),
		},
		resource.TestStep{
			PreConfig: func() { c.Stop(t) },
			Config:    config("2"), Check: wantShown("last_sync", &synced),
			ConfigStateChecks: slices.Concat(has(syncAddress, want{
				"outcome": "failed", "status": "error", "message": like("connection refused"),
			}), has(dataAddress, want{
				"sync_status": "error", "stored_sync_status": "error", "sync_error": "",
				"sync_status_reason": like(`^The last sync could not use the Kubernetes cluster: ` +
					regexp.QuoteMeta(c.URL) + ` .*connection refused.*check the port`),
				"connection_status": "disconnected",
				"connection_error":  like(`^` + regexp.QuoteMeta(c.URL) + ` .*connection refused`),
				"counts":            objectCounts(33, 3, 3, 3, 3), "consistent": true,
			})),
		},
		resource.TestStep{
			PreConfig: func() {
				c.Start(t)
				c.Delete(t, kind(t, "Switch"), namespace, "object-0")
				c.Apply(t, kind(t, "VPC"), namespace, clustertest.Example(kind(t, "VPC"), "object-3"))
				c.Apply(t, kind(t, "Server"), namespace, clustertest.Example(kind(t, "Server"), "object-3"))
			},
			Config: config("3"), Check: wantShownOther("last_sync", &synced),
			ConfigStateChecks: has(dataAddress, want{
				"sync_status": "in_sync", "sync_error": "", "connection_status": "connected",
				"connection_error": "", "counts": objectCounts(34, 4, 3, 4, 2), "consistent": true,
			}),
		},
	)
}

// shownValue stores the value of an attribute of the data source.
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
			ConfigStateChecks: has(syncAddress, want{"created": objects, "failed": 0}),
		},
		resource.TestStep{
			Config:            config("second"),
			ConfigStateChecks: has(syncAddress, want{"created": 0, "unchanged": objects}),
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

// The test only reads, so it also runs against the user's cluster.
func TestAccFabricSync_existingNamespace(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("existing"), c.ExistingOrFilled(t)
	counts, total := map[string]knownvalue.Check{}, int64(0)
	in := counted(t, c, namespace)
	for kind, n := range in {
		counts[kind], total = knownvalue.Int64Exact(n), total+n
	}
	acceptance(t, resource.TestStep{
		Config: clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, "once", "")+statusBlock),
		ConfigStateChecks: slices.Concat(has(syncAddress, want{
			"outcome": "synced", "failed": 0, "counts": knownvalue.MapExact(counts),
		}), has(dataAddress, want{
			"sync_status": "in_sync",
			"counts":      objectCounts(total, in["VPC"], in["Connection"], in["Server"], in["Switch"]),
		})),
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
