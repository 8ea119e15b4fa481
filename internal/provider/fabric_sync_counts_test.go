package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
)

// If a cluster has lost most of its objects, a sync deletes them from NetBox only if the prune
// limit allows that.
func TestAccFabricSync_pruneLimit(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("limit"), c.Namespace(t)
	vpc := kind(t, "VPC")
	var id int64
	config := func(run, limit string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, "prune = \"delete\"\n"+limit))
	}
	add := func(from, to int) {
		for i := from; i < to; i++ {
			c.Apply(t, vpc, namespace, clustertest.Example(vpc, fmt.Sprintf("object-%d", i)))
		}
	}
	remove := func(from, to int) {
		for i := from; i < to; i++ {
			c.Delete(t, vpc, namespace, fmt.Sprintf("object-%d", i))
		}
	}
	add(0, 12)
	acceptance(t,
		resource.TestStep{
			Config: config("1", ""), Check: idOf(t, &id), ConfigStateChecks: has(syncAddress, want{"created": 12}),
		},
		resource.TestStep{
			PreConfig: func() { remove(0, 7) }, Config: config("2", ""),
			ExpectError: says("7 of 12 objects in NetBox are no longer in the cluster, which is more than the prune " +
				"limit of 50%"),
		},
		resource.TestStep{
			PreConfig: func() {
				if got := n.CountObjects(t, vpc, id); got != 12 {
					t.Errorf("NetBox has %d VPCs after the sync that failed, want all 12", got)
				}
			},
			Config:            config("3", `prune_limit = "50%,13"`), // there are fewer than 13
			ConfigStateChecks: has(syncAddress, want{"deleted": 7, "unchanged": 5}),
		},
		resource.TestStep{
			PreConfig: func() { remove(7, 12) }, Config: config("4", `prune_limit = "99%,0"`),
			ExpectError: says("0 objects of the twelve kinds"),
		},
		resource.TestStep{
			Config: config("5", `prune_limit = "100%"`), ConfigStateChecks: has(syncAddress, want{"deleted": 5}),
		},
		// A new limit for the next sync causes no sync.
		resource.TestStep{
			Config: config("5", ""), ConfigPlanChecks: preApply(plancheck.ExpectResourceAction(syncAddress,
				plancheck.ResourceActionUpdate)),
			ConfigStateChecks: has(syncAddress, want{"deleted": 5, "prune_limit": nil}),
		},
	)
}

// The plan refuses a wrong limit at its attribute, in both schemas.
func TestAccFabricSync_wrongPruneLimit(t *testing.T) {
	n := acctest.Start(t)
	const form = `, but it must be SHARE% or SHARE%,NUMBER: a share from 1% to 100% and a whole number from 0, such ` +
		`as 50%,10 or 100%.`
	refused := func(t *testing.T, block, limit, text string) {
		t.Helper()
		at := says(fmt.Sprintf("prune_limit = %q", limit)).String() + ".*" + says("The prune limit is "+text).String()
		acceptance(t, resource.TestStep{
			Config: n.ProviderConfig() + fmt.Sprintf(block, limit), PlanOnly: true, ExpectError: regexp.MustCompile(at),
		})
	}
	const resourceBlock = "resource \"hedgehog_fabric_sync\" \"test\" {\n  fabric_id = 1\n  prune_limit = %q\n}\n"
	for limit, text := range map[string]string{
		"half": `"half"` + form, "50": `"50"` + form, "0%": `"0%"` + form, "101%,3": `"101%,3"` + form,
		"50%,-1": `"50%,-1"` + form,
		"":       `"". Remove prune_limit to get the default, 50%,10.`,
	} {
		t.Run("resource "+limit, func(t *testing.T) { refused(t, resourceBlock, limit, text) })
	}
}

func TestFabricSyncAction_wrongPruneLimit(t *testing.T) {
	d := newDriver(t, acctest.Start(t))
	if got := d.validateAction(map[string]any{"fabric_id": 1, "prune_limit": "80%,5"}); len(got) > 0 {
		t.Errorf("a valid limit: got %+v", got[0])
	}
	for limit, text := range map[string]string{"half": `The prune limit is "half", but it must be`,
		"": `The prune limit is "". Remove prune_limit`} {
		refused := d.validateAction(map[string]any{"fabric_id": 1, "prune_limit": limit})
		if len(refused) != 1 || !strings.HasPrefix(refused[0].Detail, text) ||
			!refused[0].Attribute.Equal(tftypes.NewAttributePath().WithAttributeName("prune_limit")) {
			t.Errorf("prune_limit = %q: %s", limit, render(refused))
		}
	}
}

// A sync restores objects that were edited or deleted in NetBox.
func TestAccFabricSync_repairsWhatWasEditedInNetBox(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("repair"), c.Filled(t)
	var id int64
	config := func(run string) string { return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, "")) }
	object := func(of, name string) int64 {
		for _, o := range n.Objects(t, kind(t, of), id) {
			if number, ok := o["id"].(float64); ok && o["name"] == name {
				return int64(number)
			}
		}
		t.Fatalf("NetBox has no %s %q", of, name)
		return 0
	}
	acceptance(t,
		resource.TestStep{
			Config: config("1"), Check: idOf(t, &id),
			ConfigStateChecks: has(syncAddress, want{"created": 30, "repaired": 0}),
		},
		resource.TestStep{
			PreConfig: func() {
				n.ChangeObject(t, kind(t, "Switch"), object("Switch", "object-1"),
					map[string]any{"spec": map[string]any{"role": "edited"}})
				n.ChangeObject(t, kind(t, "Server"), object("Server", "object-2"),
					map[string]any{"labels": map[string]any{"edited": "yes"}})
				n.DeleteObject(t, kind(t, "VPC"), object("VPC", "object-0"))
			},
			Config: config("2"),
			Check: func(*terraform.State) error {
				if got := n.CountObjects(t, kind(t, "VPC"), id); got != 3 {
					return fmt.Errorf("NetBox has %d VPCs after the repair, want 3", got)
				}
				return nil
			},
			ConfigStateChecks: has(syncAddress, want{"repaired": 3, "unchanged": 27, "updated": 0, "created": 0}),
		},
	)
}

// A sync names objects that NetBox can't store: SwitchGroups, whose spec is empty, and a name with
// a dot, which Hedgehog allows and the plugin does not.
func TestAccFabricSync_namesWhatIsNotStorable(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("names"), c.Namespace(t)
	c.Apply(t, kind(t, "Server"), namespace, clustertest.Example(kind(t, "Server"), "server-1.rack-2"))
	c.Apply(t, kind(t, "Server"), namespace, clustertest.Example(kind(t, "Server"), "server-2"))
	c.Apply(t, kind(t, "SwitchGroup"), namespace, clustertest.Example(kind(t, "SwitchGroup"), "group-1"))
	acceptance(t, resource.TestStep{
		Config: clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, "1", "")),
		ConfigStateChecks: has(syncAddress, want{
			"outcome": "synced", "status": "in_sync", "created": 1, "not_storable": 2,
			"not_storable_names": knownvalue.ListExact([]knownvalue.Check{
				like(`^Server server-1\.rack-2: .*name`), like(`^SwitchGroup group-1: .*spec`)}),
			"absent_kinds": knownvalue.ListExact([]knownvalue.Check{}),
		}),
	})
}

func TestAccFabricSync_namesKindsThatTheClusterDoesNotServe(t *testing.T) {
	n, c := acctest.Start(t), acctest.StandinKubernetes(t)
	name, namespace := acctest.Name("absent"), c.Filled(t)
	c.Standin.SetInstalled(kind(t, "VPCPeering"), false)
	c.Standin.SetInstalled(kind(t, "External"), false)
	acceptance(t, resource.TestStep{
		Config: clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, "1", "")),
		ConfigStateChecks: has(syncAddress, want{
			"outcome": "synced", "created": 24,
			"absent_kinds": knownvalue.SetExact([]knownvalue.Check{exactly("External"), exactly("VPCPeering")}),
		}),
	})
}
