package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestAccFabricResource_deletionPolicy(t *testing.T) {
	for policy, check := range map[string]func(before, after map[string]any) bool{
		"abandon": func(before, after map[string]any) bool { return before["last_updated"] == after["last_updated"] },
		"decommission": func(_, after map[string]any) bool {
			return after["status"] == "decommissioned" && after["sync_enabled"] == false
		},
	} {
		t.Run(policy, func(t *testing.T) {
			n := acctest.Start(t)
			name := acctest.Name(policy)
			var id int64
			var made, before map[string]any
			config := n.ProviderConfig() + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n name = %q\n", name)
			acceptance(t,
				resource.TestStep{Config: config + "}\n", Check: resource.ComposeTestCheckFunc(idOf(t, &id),
					func(*terraform.State) error {
						made, _ = n.Fabric(t, id)
						return nil
					})},
				resource.TestStep{ // a change of the policy alone sends nothing
					Config: config + fmt.Sprintf("deletion_policy = %q\n timeouts = { read = \"1m\" }\n}\n", policy),
					ConfigPlanChecks: preApply(
						does(plancheck.ResourceActionUpdate), known("sync_status", "not_configured"),
						known("deletion_policy", knownvalue.StringExact(policy)),
					),
					Check: func(*terraform.State) error { before, _ = n.Fabric(t, id); return nil },
				},
				resource.TestStep{Config: n.ProviderConfig()},
			)
			after, ok := n.Fabric(t, id)
			if !ok || !check(before, after) {
				t.Errorf("got %v\nwant %v", after, before)
			}
			if before["last_updated"] != made["last_updated"] {
				t.Errorf("the change of deletion_policy was written to NetBox: %v", before)
			}
			if !n.Published {
				n.Delete(t, id)
			}
		})
	}
}

func TestAccFabricResource_deleteIsBroken(t *testing.T) {
	n := acctest.Start(t)
	if !n.Published {
		t.Skip("this NetBox can delete fabrics")
	}
	name := acctest.Name("broken")
	var id int64
	config := n.ProviderConfig() + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n name = %q\n", name)
	acceptance(t,
		resource.TestStep{Config: config + "}\n", Check: idOf(t, &id)},
		resource.TestStep{
			Config: config + "}\n", Destroy: true,
			ExpectError: says(`can patch the plugin by setting display_url = None in the serializers of ` +
				`netbox_hedgehog. Until then, apply deletion_policy = "decommission" or "abandon"`),
		},
		resource.TestStep{Config: config + "deletion_policy = \"abandon\"\n}\n"},
	)
	if _, ok := n.Fabric(t, id); !ok {
		t.Error("the fabric was deleted")
	}
}

func TestAccFabricResource_deletionPolicyBackToItsDefault(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("policy")
	config := func(body string) string {
		return n.ProviderConfig() + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n  name = %q\n  %s\n}\n", name,
			body)
	}
	w := &written{n: n, name: name}
	stateOnly := func(policy string) resource.ConfigPlanChecks {
		return preApply(does(plancheck.ResourceActionUpdate), known("deletion_policy", knownvalue.StringExact(policy)),
			known("sync_status", "not_configured"), known("last_sync", nil))
	}
	acceptance(t,
		resource.TestStep{Config: config(`deletion_policy = "decommission"`), Check: w.remember(t)},
		resource.TestStep{
			Config: config(""), ConfigPlanChecks: stateOnly("delete"), Check: w.untouched(t),
			ConfigStateChecks: has(address, want{"deletion_policy": "delete"}),
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true}, // which takes the default
		resource.TestStep{ // it is the CLI that removes the fabric at the end
			Config: config(n.Deletion()), Check: w.untouched(t),
		},
	)
}

// Tests use this check to notice that a destroy has left a fabric.
func TestDestroyed_reportsWhatIsLeft(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	id := n.Standin.AddFabric(map[string]any{"name": "lab"})
	state := func(policy string) *terraform.State {
		fabric := &terraform.InstanceState{Attributes: map[string]string{
			"url": fmt.Sprintf("%s/api/plugins/hedgehog/fabrics/%d/", n.URL, id), "deletion_policy": policy,
		}}
		resources := map[string]*terraform.ResourceState{address: {Type: fabricType, Primary: fabric}}
		return &terraform.State{Modules: []*terraform.ModuleState{{Path: []string{"root"}, Resources: resources}}}
	}
	if err := destroyed(state(deletionAbandon)); err != nil {
		t.Errorf("an abandoned fabric: got the error %v", err)
	}
	if err := destroyed(state(deletionDelete)); err == nil {
		t.Error("a fabric that is left: got no error")
	}
	n.Standin.DeleteFabric(id)
	if err := destroyed(state(deletionDelete)); err != nil {
		t.Errorf("a deleted fabric: got the error %v", err)
	}
}
