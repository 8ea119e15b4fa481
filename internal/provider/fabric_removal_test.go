package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// removed returns a configuration of up to two fabrics by count, with a policy. The second has a
// custom field that some tests delete.
func removed(n *acctest.NetBox, count int, policy string) string {
	return n.ProviderConfig() + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  count           = %d
  name            = "lab-${count.index}"
  description     = "ours"
  custom_fields   = merge({ owner = "netops" }, count.index == 0 ? {} : { fleeting = "x" })
  deletion_policy = %q
}
`, count, policy)
}

// byHand has changes in NetBox that must not affect a removal.
var byHand = map[string]func(t *testing.T, n *acctest.NetBox, id int64){
	"description":   func(_ *testing.T, n *acctest.NetBox, id int64) { setField(n, id, "description", "theirs") },
	"name":          func(_ *testing.T, n *acctest.NetBox, id int64) { setField(n, id, "name", "theirs") },
	"sync switch":   func(_ *testing.T, n *acctest.NetBox, id int64) { setField(n, id, "sync_enabled", false) },
	"sync interval": func(_ *testing.T, n *acctest.NetBox, id int64) { setField(n, id, "sync_interval", 60) },
	"tags": func(_ *testing.T, n *acctest.NetBox, id int64) {
		setField(n, id, "tags",
			[]string{"lab", "prod"})
	},
	"custom field": func(_ *testing.T, n *acctest.NetBox, id int64) {
		setField(n, id, "custom_fields", map[string]any{"owner": "theirs"})
	},
	"definition": func(t *testing.T, n *acctest.NetBox, _ int64) { t.Helper(); n.RemoveDefinition(t, "fleeting") },
	"a sync": func(_ *testing.T, n *acctest.NetBox, id int64) {
		n.Standin.UpdateFabric(id, map[string]any{"sync_status": "in_sync", "vpcs_count": 3})
	},
	"a merge of branches": func(t *testing.T, n *acctest.NetBox, id int64) {
		t.Helper()
		record, _ := n.Standin.Fabric(id)
		created, _, _ := strings.Cut(fmt.Sprint(record["created"]), ".")
		ms := fmt.Sprint(record["created"])[len(created) : len(created)+4]
		n.Standin.UpdateFabric(id, map[string]any{"created": created + ms + "Z", "last_updated": nil})
	},
}

func setField(n *acctest.NetBox, id int64, field string, value any) {
	n.Standin.UpdateFabric(id, map[string]any{field: value})
}

// removals has the ways to remove the fabric lab-1, and what each leaves.
var removals = map[string]func(x *workspace, policy string) string{
	"shrunk": func(x *workspace, policy string) string {
		x.configure(removed(x.n, 1, policy))
		return x.ok("apply", "-auto-approve")
	},
	"block removed": func(x *workspace, _ string) string {
		x.configure(x.n.ProviderConfig())
		return x.ok("apply", "-auto-approve")
	},
	"destroyed": func(x *workspace, _ string) string { return x.ok("destroy", "-auto-approve") },
	"destroyed, not refreshed": func(x *workspace, _ string) string {
		return x.ok("destroy", "-auto-approve",
			"-refresh=false")
	},
	"saved plan": func(x *workspace, policy string) string {
		x.configure(removed(x.n, 1, policy))
		return x.ok("plan", "-out=saved") + x.ok("apply", "saved")
	},
	"not refreshed": func(x *workspace, policy string) string {
		x.configure(removed(x.n, 1, policy))
		return x.ok("apply", "-auto-approve", "-refresh=false")
	},
}

// Whatever was changed in NetBox before, every kind of removal works at the first try: the fabric
// is deleted or decommissioned.
func TestAccRemoval_afterChangesByHand(t *testing.T) {
	t.Parallel()
	for how, remove := range removals {
		for _, policy := range []string{deletionDelete, deletionDecommission} {
			t.Run(how+", "+policy, func(t *testing.T) {
				t.Parallel()
				x := removable(t, netboxtest.V47, policy)
				for _, changeByHand := range byHand {
					changeByHand(t, x.n, 2)
				}
				wantRemoved(t, x.n, policy, remove(x, policy))
			})
		}
	}
}

// wantRemoved checks what the removal of fabric 2 has left.
func wantRemoved(t *testing.T, n *acctest.NetBox, policy, said string) {
	t.Helper()
	left, there := n.Standin.Fabric(2)
	decommissioned := there && left["status"] == fabric.LifecycleDecommissioned && left["sync_enabled"] == false
	if policy == deletionDelete && there || policy == deletionDecommission && !decommissioned {
		t.Errorf("%s: NetBox has %v\n%s", policy, left, said)
	}
}

// Some CLIs plan a removal from the refreshed state, others from the previous state.
func TestRemoval_fromEitherState(t *testing.T) {
	for what, changeByHand := range byHand {
		for _, policy := range []string{deletionDelete, deletionDecommission} {
			for _, refreshed := range []bool{false, true} {
				// Before NetBox 4.6, every write compares first.
				version := map[bool]netboxtest.Version{false: netboxtest.V47,
					true: netboxtest.V45}[what == "definition" || what == "sync interval"]
				n := acctest.Standin(t, netboxtest.Options{Version: version})
				n.Standin.AddCustomField(netboxtest.CustomField{Name: "fleeting", Type: "text"})
				n.Standin.AddFabric(map[string]any{"name": "first"})
				d := newDriver(t, n)
				config := withFields(declarations()["object"](tftypes.String, map[string]any{"fleeting": "x",
					"owner": "netops"}))
				config["deletion_policy"] = policy
				state := d.do(nil, config)
				changeByHand(t, n, 2)
				if now, diagnostics := d.read(state); refreshed {
					d.must(nil, diagnostics)
					state = now
				}
				_, diagnostics := d.apply(state, nil, d.plan(state, nil))
				if len(diagnostics) != 0 {
					t.Errorf("%s, refreshed %t: got %s", what, refreshed, render(diagnostics))
				}
				wantRemoved(t, n, policy, what)
			}
		}
	}
}

// removable returns a workspace with two fabrics. The second one is lab-1 with the id 2.
func removable(t *testing.T, version netboxtest.Version, policy string) *workspace {
	t.Helper()
	n := acctest.Standin(t, netboxtest.Options{Version: version})
	n.Standin.AddCustomField(netboxtest.CustomField{Name: "fleeting", Type: "text"})
	x := newWorkspace(t, n, removed(n, 1, policy))
	x.ok("apply", "-auto-approve")
	x.configure(removed(n, 2, policy))
	x.ok("apply", "-auto-approve")
	return x
}

// A fabric that changed after the plan is not deleted. The next plan shows the change and may
// delete the fabric.
func TestAccRemoval_changedAfterThePlan(t *testing.T) {
	t.Parallel()
	for _, version := range []netboxtest.Version{netboxtest.V45, netboxtest.V47} {
		for _, policy := range []string{deletionDelete, deletionDecommission} {
			for _, args := range [][]string{{}, {"-refresh=false"}, {"-destroy"}, {"-destroy", "-refresh=false"}} {
				t.Run(fmt.Sprint(version, policy, args), func(t *testing.T) {
					t.Parallel()
					x := removable(t, version, policy)
					setField(x.n, 2, "description", "theirs, before the plan")
					if len(args) == 0 || args[0] != "-destroy" {
						x.configure(removed(x.n, 1, policy))
					}
					x.ok(append([]string{"plan", "-out=saved"}, args...)...)
					setField(x.n, 2, "description", "theirs, after the plan")
					x.fails(`- description: expected "theirs, before the plan", is now "theirs, after the plan"`,
						"apply", "saved")
					if left, there := x.n.Standin.Fabric(2); !there ||
						left["status"] == fabric.LifecycleDecommissioned {
						t.Errorf("NetBox has %v", left)
					}
					x.ok(append([]string{"plan", "-out=again"}, args...)...)
					x.ok("apply", "again")
					if left, there := x.n.Standin.Fabric(2); there && left["status"] != fabric.LifecycleDecommissioned {
						t.Errorf("NetBox has %v", left)
					}
				})
			}
		}
	}
}

// Another fabric with the same id is never removed.
func TestAccRemoval_ofAnotherFabric(t *testing.T) {
	t.Parallel()
	replace := func(x *workspace) {
		x.n.Standin.DeleteFabric(2)
		x.n.Standin.AddFabric(map[string]any{"id": 2, "name": "lab-1", "description": "ours"})
	}
	t.Run("before the plan", func(t *testing.T) {
		t.Parallel()
		x := removable(t, netboxtest.V47, deletionDelete)
		replace(x)
		x.fails("Another fabric has this id", "destroy", "-auto-approve")
		x.fails("Another fabric has this id", "destroy", "-auto-approve", "-refresh=false")
		if _, there := x.n.Standin.Fabric(2); !there {
			t.Error("the other fabric was deleted")
		}
	})
	t.Run("after the plan", func(t *testing.T) {
		t.Parallel()
		x := removable(t, netboxtest.V47, deletionDelete)
		x.configure(removed(x.n, 1, deletionDelete))
		x.ok("plan", "-out=saved")
		replace(x)
		x.fails("Another fabric has this id", "apply", "saved")
		if _, there := x.n.Standin.Fabric(2); !there {
			t.Error("the other fabric was deleted")
		}
	})
}

// A secret that was changed by hand is not compared, and is in no plan.
func TestRemoval_ofAFabricWithAnotherToken(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	d := newDriver(t, n)
	config := fabricValues("lab")
	config["kubernetes_token"] = "ours-and-secret"
	made := d.do(nil, config)
	n.Standin.UpdateFabric(1, map[string]any{"kubernetes_token": "theirs-and-secret"})
	plan := d.plan(made, nil)
	var private map[string][]byte // in base64
	must(t, json.Unmarshal(plan.PlannedPrivate, &private))
	if kept := fmt.Sprintf("%s", private); len(private) == 0 || strings.Contains(kept, "theirs-and-secret") {
		t.Errorf("got %s in the plan, want it without the token", kept)
	}
	if _, diagnostics := d.apply(made, nil, plan); len(diagnostics) != 0 || len(n.Standin.Fabrics()) != 0 {
		t.Errorf("got %s, NetBox has %v", render(diagnostics), n.Standin.Fabrics())
	}
}

// If NetBox has entity tags, a removal after a plan costs no extra read.
func TestAccRemoval_asksOnce(t *testing.T) {
	t.Parallel()
	x := removable(t, netboxtest.V47, deletionDelete)
	x.n.Standin.ResetRequests()
	x.ok("destroy", "-auto-approve")
	if gets, deletes := x.n.Standin.Count(http.MethodGet, fabricsAPI), x.n.Standin.Count(http.MethodDelete,
		fabricsAPI); gets != 4 || deletes != 2 {
		t.Errorf("%d reads and %d deletes of two fabrics", gets, deletes)
	}
}

// A missing definition shows up in the plan, and the apply fails as long as the configuration
// has the field.
func TestAccRemoval_ofADefinition(t *testing.T) {
	t.Parallel()
	x := removable(t, netboxtest.V47, deletionDelete)
	x.n.RemoveDefinition(t, "fleeting")
	if said := x.ok("plan"); !says(`Warning: Custom field is not defined`).MatchString(said) {
		t.Errorf("the plan says %s", said)
	}
	x.fails("Error: Unknown custom field", "apply", "-auto-approve")
	x.configure(strings.ReplaceAll(removed(x.n, 2, deletionDelete), `fleeting = "x"`, `never = "x"`))
	x.fails("Error: Unknown custom field", "plan")
	x.ok("apply", "-refresh-only", "-auto-approve")
	x.configure(removed(x.n, 2, deletionDelete))
	x.ok("destroy", "-auto-approve")
	if left := x.n.Standin.Fabrics(); len(left) != 0 {
		t.Errorf("NetBox has %v", left)
	}
}

// On a NetBox that is too old for the published plugin, the advice does not lead to another write
// that fails.
func TestRemoval_whereThePluginNeedsAPatch(t *testing.T) {
	for version, want := range map[netboxtest.Version]string{
		netboxtest.V44: `Before NetBox 4.5.2 (this one is 4.4.10), every write of a fabric fails because of it`,
		netboxtest.V47: `apply deletion_policy = "decommission" or "abandon" and then destroy`,
	} {
		n := acctest.Standin(t, netboxtest.Options{Version: version})
		d := newDriver(t, n)
		made := d.do(nil, fabricValues("lab"))
		plan := d.plan(made, nil)
		n.Standin.SetPublishedDisplayURL(true)
		_, diagnostics := d.apply(made, nil, plan)
		if got := render(diagnostics); !strings.Contains(got, want) || version == netboxtest.V44 &&
			strings.Contains(got, "decommission") {
			t.Errorf("%s: got %s", version, got)
		}
	}
}
