package provider

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// synced sets facts of the fabric that a plan without a change must keep.
func synced(t *testing.T, n *acctest.NetBox, id *int64) {
	t.Helper()
	n.Patch(t, *id, map[string]any{"last_sync": n.Now(t).Format(time.RFC3339), "sync_status": "in_sync",
		"connection_status": "connected"})
}

// stateOnly checks an update that sends nothing to NetBox: the facts stay known.
func stateOnly() resource.ConfigPlanChecks {
	return preApply(does(plancheck.ResourceActionUpdate), known("last_sync", knownvalue.NotNull()),
		known("connection_status", "connected"), known("sync_status", knownvalue.NotNull()))
}

func TestAccFabricResource_importOfOtherValuesThanTheDefaults(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("imported")
	config := fabricConfig(n, name, fmt.Sprintf(`
  description          = "Lab fabric,\nsecond line"
  status               = "maintenance"
  kubernetes_server    = %q
  kubernetes_namespace = "fab"
  kubernetes_ca_cert   = %q
  sync_enabled         = false
  sync_interval        = 0
  tags                 = ["Lab"]`, lab, strings.TrimSpace(certificate(t))))
	acceptance(t, resource.TestStep{Config: config}, imported(n, ""), imported(n, name))
}

func TestAccFabricResource_importThenPlanIsEmpty(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("adopted")
	id := n.Create(t, map[string]any{
		"name": name, "description": "d", "status": "active", "kubernetes_server": lab, "kubernetes_namespace": "fab",
		"kubernetes_token": "theirs",
		"sync_enabled":     false, "sync_interval": 0, "tags": []any{map[string]any{"name": "Prod"},
			map[string]any{"name": "Lab"}},
		"custom_fields": map[string]any{"owner": "netops"},
	})
	config := n.ProviderConfig(`default_tags = ["Prod"]`) + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  name                 = %q
  description          = "d"
  status               = "active"
  kubernetes_server    = %q
  kubernetes_namespace = "fab"
  sync_enabled         = false
  sync_interval        = 0
  tags                 = ["Lab"]
  %%s
}
`, name, lab)
	w := &written{n: n, name: name}
	var unchanged resource.TestStep
	if !n.Published {
		unchanged = resource.TestStep{Config: fmt.Sprintf(config, ""), PlanOnly: true}
	} else {
		unchanged = resource.TestStep{Config: fmt.Sprintf(config, n.Deletion()), Check: w.untouched(t)}
	}
	must(t, w.remember(t)(nil))
	acceptance(t,
		resource.TestStep{
			Config: fmt.Sprintf(config, n.Deletion()), ResourceName: address, ImportState: true,
			ImportStateId: strconv.FormatInt(id, 10), ImportStatePersist: true,
		},
		unchanged,
		resource.TestStep{ // what only the state has
			Config: fmt.Sprintf(config, "timeouts = { create = \"1m\", delete = \"2m\" }\n  custom_fields = {}\n  "+
				n.Deletion()), Check: w.untouched(t),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate), known("sync_status", "disabled"),
				known("last_sync", nil)),
		},
	)
	if f, there := n.Fabric(t, id); there && f["kubernetes_token"] != "theirs" {
		t.Errorf("the token was changed: %v", f)
	}
}

func TestAccFabricResource_timeoutsAreTheStatesAlone(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("timeouts")
	w := &written{n: n, name: name}
	var id int64
	config := func(timeouts string) string { return fabricConfig(n, name, serverLine+timeouts) }
	later := func(value string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"later\" {\n  input = %q\n}\n", value)
	}
	acceptance(t,
		resource.TestStep{ // known only after apply
			Config: config(`timeouts = { create = terraform_data.later.output }`) + later("3m"), Check: idOf(t, &id),
			ConfigStateChecks: has(address, want{
				"timeouts": knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"create": knownvalue.StringExact("3m")}),
			}),
		},
		resource.TestStep{
			PreConfig:        func() { synced(t, n, &id); must(t, w.remember(t)(nil)) },
			Config:           config(`timeouts = { update = "90s", read = "1m" }`) + later("3m"),
			ConfigPlanChecks: stateOnly(), Check: w.untouched(t),
		},
		resource.TestStep{
			Config:           config(`timeouts = { update = terraform_data.later.output }`) + later("4m"),
			ConfigPlanChecks: stateOnly(), Check: w.untouched(t),
		},
		imported(n, "", "timeouts"),
		resource.TestStep{Config: config(`timeouts = { read = "soon" }`), PlanOnly: true, ExpectError: says("soon")},
		resource.TestStep{Config: config("") + later("4m"), ConfigPlanChecks: stateOnly(), Check: w.untouched(t),
			ConfigStateChecks: has(address, want{"timeouts": nil})},
	)
}

// An empty set or object and null are the same: the state has the configuration's value, and
// NetBox gets nothing.
func TestAccFabricResource_emptyCollectionsAndNullAreTheSame(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("empty-set")
	w := &written{n: n, name: name}
	var id int64
	empty, null := fabricConfig(n, name, serverLine+"tags = []\n  custom_fields = {}"), fabricConfig(n,
		name, serverLine)
	noElements, noFields := knownvalue.SetSizeExact(0), knownvalue.ObjectExact(map[string]knownvalue.Check{})
	acceptance(t,
		resource.TestStep{
			Config: empty, Check: idOf(t, &id),
			ConfigStateChecks: has(address, want{
				"tags": noElements, "tags_all": noElements, "custom_fields": noFields,
			}),
		},
		resource.TestStep{
			PreConfig: func() { synced(t, n, &id); must(t, w.remember(t)(nil)) },
			Config:    empty, ConfigPlanChecks: noChange(),
		},
		resource.TestStep{
			Config: null, ConfigPlanChecks: stateOnly(), Check: w.untouched(t),
			ConfigStateChecks: has(address, want{"tags": nil, "tags_all": noElements, "custom_fields": nil}),
		},
		resource.TestStep{Config: empty, ConfigPlanChecks: stateOnly(), Check: w.untouched(t)},
		resource.TestStep{ // a tag by hand is drift for both, a field for none
			PreConfig: func() {
				n.Patch(t, id, map[string]any{"tags": []any{map[string]any{"name": "Lab"}},
					"custom_fields": map[string]any{"owner": "theirs"}})
			},
			Config: empty, ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check: resource.ComposeTestCheckFunc(tagged(t, n, &id), stored(t, n, &id, "owner", `"theirs"`)),
		},
		resource.TestStep{Config: fabricConfig(n, name, serverLine+"custom_fields = { owner = null }"), Check: stored(t,
			n, &id, "owner", "null")},
		resource.TestStep{ // a field that was null and is no longer declared
			PreConfig: func() { synced(t, n, &id); must(t, w.remember(t)(nil)) },
			Config:    fabricConfig(n, name, serverLine+"custom_fields = {}"), ConfigPlanChecks: stateOnly(),
			Check: w.untouched(t),
		},
		resource.TestStep{ // is nobody's
			PreConfig: func() { n.Patch(t, id, map[string]any{"custom_fields": map[string]any{"owner": "theirs"}}) },
			Config:    fabricConfig(n, name, serverLine+"custom_fields = {}"), ConfigPlanChecks: noChange(),
		},
	)
}
