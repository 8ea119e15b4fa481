package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// olderNetBoxes returns the older versions that the provider supports, by name.
func olderNetBoxes() map[string]netboxtest.Options {
	return map[string]netboxtest.Options{
		"4.6": {Version: netboxtest.V46}, "4.5": {Version: netboxtest.V45}, "4.4": {Version: netboxtest.V44},
		"4.5, published": {Version: netboxtest.V45, PublishedDisplayURL: true},
	}
}

// The differences between versions have no effect for a user: entity tags, cursors, the form of
// selections, custom fields that are not defined, tags.
func TestAccFaults_olderNetBox(t *testing.T) {
	t.Parallel()
	for name, options := range olderNetBoxes() {
		t.Run(name, func(t *testing.T) {
			n := acctest.Standin(t, options)
			var id int64
			fields := func(custom string) string {
				return fabricConfig(n, "lab", "kubernetes_server = \"https://k8s.example.com:6443\"\n  tags = "+
					"[\"Lab\"]\n  custom_fields = {\n"+custom+"\n  }")
			}
			const first, second = `tier = "gold"` + "\n" + `colours = ["blue", "red"]` + "\n" + `home_site = 1`,
				`tier = "silver"` + "\n" + `colours = ["green"]` + "\n" + `home_site = 2`
			acceptance(t,
				resource.TestStep{Config: fields(first), Check: resource.ComposeTestCheckFunc(idOf(t, &id),
					stored(t, n, &id, "tier", `"gold"`), stored(t, n, &id, "colours", `["blue","red"]`),
					stored(t, n, &id, "home_site", "1"))},
				resource.TestStep{Config: fields(first), ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan())},
				resource.TestStep{Config: fields(second), Check: resource.ComposeTestCheckFunc(
					stored(t, n, &id, "tier", `"silver"`), stored(t, n, &id, "colours", `["green"]`), stored(t, n, &id,
						"home_site", "2"))},
				resource.TestStep{ // drift, by hand
					PreConfig: func() {
						n.Standin.UpdateFabric(id,
							map[string]any{"custom_fields": map[string]any{"tier": "gold"}})
					},
					Config:           fields(second),
					ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)), Check: stored(t, n, &id,
						"tier", `"silver"`),
				},
				resource.TestStep{Config: fields(second) + "data \"hedgehog_fabric\" \"test\" {\n  id = " +
					"hedgehog_fabric.test.id\n}\n",
					ConfigStateChecks: has(dataAddress, want{"custom_fields.tier": "silver"})},
				// the others are cleared
				resource.TestStep{Config: fields(`tier = "silver"`), Check: resource.ComposeTestCheckFunc(
					stored(t, n, &id, "tier", `"silver"`), stored(t, n, &id, "colours", `null`), stored(t, n, &id,
						"home_site", "null"))},
				resource.TestStep{Config: fields(`unheard_of = 1`), ExpectError: says("unheard_of")},
				resource.TestStep{Config: fabricConfig(n, "lab", ""), Check: stored(t, n, &id, "tier", `null`)},
				resource.TestStep{Config: fabricConfig(n, "lab", ""),
					ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan())},
				imported(n, "lab"),
			)
			if left := len(n.Standin.Fabrics()); left != 0 != n.Published {
				t.Errorf("%d fabrics are left", left)
			}
		})
	}
}

// Before 4.5.2, nothing works with the published plugin. The message says what is wrong, and what
// the administrator can do.
func TestAccFaults_tooOldForThePublishedPlugin(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{Version: netboxtest.V44, PublishedDisplayURL: true})
	id := n.Standin.AddFabric(map[string]any{"name": "theirs"})
	const message = "A NetBox administrator can patch the plugin by setting display_url = None in the serializers of " +
		"netbox_hedgehog"
	config := n.ProviderConfig() + "resource \"hedgehog_fabric\" \"test\" {\n  name = \"lab\"\n}\n"
	acceptance(t,
		resource.TestStep{Config: config, ExpectError: says(message)},
		resource.TestStep{Config: config, ResourceName: address, ImportState: true, ImportStateId: fmt.Sprint(id),
			ExpectError: says(message)},
		resource.TestStep{Config: n.ProviderConfig() + "data \"hedgehog_fabric\" \"test\" {\n  name = \"theirs\"\n}\n",
			ExpectError: says(message)},
	)
	if len(n.Standin.Fabrics()) != 1 || n.Standin.Count(http.MethodPost, fabricsAPI) != 1 {
		t.Errorf("NetBox has %v after %d attempts", n.Standin.Fabrics(), n.Standin.Count(http.MethodPost, fabricsAPI))
	}
}
