package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// fabricConfig returns a provider block and one fabric.
func fabricConfig(n *acctest.NetBox, name, body string) string {
	return n.ProviderConfig() + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n  name = %q\n  %s\n  %s\n}\n",
		name, body, n.Deletion())
}

// idOf returns the id that a state holds.
func idOf(t *testing.T, id *int64) resource.TestCheckFunc {
	t.Helper()
	return func(s *terraform.State) error {
		r := s.RootModule().Resources[address]
		if r == nil {
			return fmt.Errorf("%s is not in the state", address)
		}
		n, err := strconv.ParseInt(r.Primary.Attributes["id"], 10, 64)
		*id = n
		return err
	}
}

func known(attribute string, value any) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), exactly(value))
}

func unknown(attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(address, tfjsonpath.New(attribute))
}

func does(a plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(address, a)
}

func preApply(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

const lab = "https://k8s.example.com:6443"

func TestAccFabricResource_minimal(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("minimal")
	acceptance(t,
		resource.TestStep{
			Config: fabricConfig(n, name, ""),
			ConfigPlanChecks: preApply(
				does(plancheck.ResourceActionCreate), unknown("id"), unknown("url"), unknown("web_url"),
				known("sync_status", "not_configured"),
				known("connection_status", "unknown"), known("last_sync", nil),
			),
			ConfigStateChecks: has(address, want{
				"name": name, "description": nil, "status": "planned", "kubernetes_server": nil,
				"kubernetes_namespace": "default", "sync_enabled": true, "sync_interval": 300,
				"sync_status": "not_configured", "id": knownvalue.NotNull(), "url": knownvalue.NotNull(),
				"web_url": like("^" + regexp.QuoteMeta(n.URL) + `/plugins/hedgehog/fabrics/\d+/$`),
			}),
		},
		imported(n, ""), imported(n, name), imported(n, "name:"+name),
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: name + "-x",
			ExpectError: says("has no fabric named")},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "999999999",
			ExpectError: says("has no fabric with the id 999999999")},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "0",
			ExpectError: says(`"0" is not a valid id`)},
	)
}

func TestAccFabricResource_update(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("update")
	var id, after int64
	full := `
  description          = <<-EOT
    Lab fabric,
    second line
  EOT
  status               = "active"
  kubernetes_server    = "https://k8s.example.com:6443"
  kubernetes_namespace = "fab"
  sync_enabled         = false
  sync_interval        = 0
  timeouts             = { create = "1m", update = "2m" }`
	acceptance(t,
		resource.TestStep{
			Config:           fabricConfig(n, name, full),
			ConfigPlanChecks: preApply(known("sync_status", "disabled")),
			ConfigStateChecks: has(address, want{
				"description": "Lab fabric,\nsecond line\n", "status": "active", "kubernetes_server": lab,
				"kubernetes_namespace": "fab", "sync_enabled": false, "sync_interval": 0,
				"sync_status": "disabled",
			}),
			Check: idOf(t, &id),
		},
		resource.TestStep{ // everything in place, the name too
			Config: fabricConfig(n, name+"-renamed", `description = "other"
  status = "maintenance"
  kubernetes_server = "https://k8s.example.com:6443"
  kubernetes_namespace = "fab"
  sync_interval = 600`),
			ConfigPlanChecks: preApply(
				does(plancheck.ResourceActionUpdate), known("id", knownvalue.NotNull()),
				unknown("sync_status"), unknown("last_sync"), unknown("connection_status"),
			),
			ConfigStateChecks: has(address, want{
				"name": name + "-renamed", "description": "other", "status": "maintenance", "sync_enabled": true,
				"sync_interval": 600, "sync_status": "never_synced",
			}),
			Check: func(s *terraform.State) error {
				if err := idOf(t, &after)(s); err != nil || after != id {
					return fmt.Errorf("id %d became %d: %w", id, after, err)
				}
				if got := n.Named(t, name+"-renamed"); len(got) != 1 || got[0]["sync_interval"] != float64(600) ||
					got[0]["description"] != "other" {
					return fmt.Errorf("NetBox has %v", got)
				}
				return nil
			},
		},
		resource.TestStep{ // everything cleared
			Config: fabricConfig(n, name, ""),
			ConfigPlanChecks: preApply(known("sync_status", "not_configured"),
				known("last_sync", nil)),
			ConfigStateChecks: has(address, want{
				"description": nil, "status": "planned", "kubernetes_server": nil,
				"kubernetes_namespace": "default", "sync_interval": 300, "timeouts": nil,
			}),
			Check: resource.ComposeTestCheckFunc(
				holds(t, n, &id, "name", name), holds(t, n, &id, "description", ""), holds(t, n, &id,
					"status", "planned"),
				holds(t, n, &id, "kubernetes_server", ""), holds(t, n, &id, "kubernetes_namespace", "default"),
				holds(t, n, &id, "sync_enabled", true), holds(t, n, &id, "sync_interval", 300.0),
			),
		},
	)
}

func TestAccFabricResource_emptyAndNullAreTheSame(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("empty")
	empty := "description = \"\"\n  kubernetes_server = \"\""
	w := &written{n: n, name: name}
	untouched := w.untouched(t)
	// The state has the new configuration, the status stays known, and nothing is sent.
	stateOnly := preApply(known("sync_status", "not_configured"), known("last_sync", nil))
	acceptance(t,
		resource.TestStep{
			Config:            fabricConfig(n, name, empty),
			ConfigStateChecks: has(address, want{"description": "", "kubernetes_server": ""}),
			Check:             w.remember(t),
		},
		resource.TestStep{
			Config: fabricConfig(n, name, ""), ConfigPlanChecks: stateOnly, Check: untouched,
			ConfigStateChecks: has(address, want{"description": nil, "kubernetes_server": nil}),
		},
		resource.TestStep{Config: fabricConfig(n, name, empty), ConfigPlanChecks: stateOnly, Check: untouched},
		resource.TestStep{
			Config: fabricConfig(n, name, "description = \"\\n  \"\n  kubernetes_server = \"\""), Check: untouched,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestAccFabricResource_timeAndSyncAreNoChange(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("time")
	var id int64
	config := fabricConfig(n, name, `kubernetes_server = "https://k8s.example.com:6443"`)
	noChange := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	acceptance(t,
		resource.TestStep{
			Config: config, Check: idOf(t, &id),
			ConfigPlanChecks: preApply(known("sync_status", "never_synced")),
		},
		resource.TestStep{ // a sync has written
			PreConfig: func() {
				n.Patch(t, id, map[string]any{
					"last_sync": n.Now(t).Format(time.RFC3339), "sync_status": "in_sync",
					"connection_status": "connected",
					"vpcs_count":        7, "cached_crd_count": 7,
				})
			},
			Config: config, ConfigPlanChecks: noChange,
			ConfigStateChecks: has(address, want{
				"sync_status": "in_sync", "connection_status": "connected", "last_sync": knownvalue.NotNull(),
			}),
		},
		resource.TestStep{ // an hour passes
			PreConfig: func() { n.Later(t, time.Hour, id) },
			Config:    config, ConfigPlanChecks: noChange,
			ConfigStateChecks: has(address, want{"sync_status": "out_of_sync"}),
		},
		resource.TestStep{ // a sync has failed
			PreConfig: func() {
				n.Patch(t, id, map[string]any{"sync_status": "error",
					"sync_error": "quota exceeded"})
			},
			Config: config, ConfigPlanChecks: noChange,
			ConfigStateChecks: has(address, want{"sync_status": "error"}),
		},
		resource.TestStep{ // another cluster resets the facts
			Config: fabricConfig(n, name, `kubernetes_server = "https://other.example.com:6443"`),
			ConfigPlanChecks: preApply(
				known("sync_status", "never_synced"), known("last_sync", nil),
				known("connection_status", "unknown"),
			),
			Check: freshFacts(t, n, &id),
		},
		resource.TestStep{
			PreConfig: func() {
				n.Patch(t, id, map[string]any{"last_sync": n.Now(t).Format(time.RFC3339), "sync_status": "in_sync",
					"connection_status": "connected"})
			},
			Config: fabricConfig(n, name, "kubernetes_server = \"https://other.example.com:6443\"\n  "+
				"kubernetes_namespace = \"b\""),
			ConfigPlanChecks: preApply(known("sync_status", "never_synced"), known("last_sync", nil)),
			Check:            freshFacts(t, n, &id),
		},
		resource.TestStep{ // no cluster any more: the record must not look in sync
			PreConfig: func() {
				n.Patch(t, id, map[string]any{"last_sync": n.Now(t).Format(time.RFC3339), "sync_status": "in_sync",
					"connection_status": "connected"})
			},
			Config:           fabricConfig(n, name, `kubernetes_namespace = "b"`),
			ConfigPlanChecks: preApply(known("sync_status", "not_configured")),
			Check:            freshFacts(t, n, &id),
		},
	)
}

func freshFacts(t *testing.T, n *acctest.NetBox, id *int64) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		f, _ := n.Fabric(t, *id)
		if f["last_sync"] != nil || f["sync_status"] != "never_synced" || f["connection_status"] != "unknown" ||
			f["sync_error"] != "" {
			return fmt.Errorf("the facts were not reset: %v", f)
		}
		return nil
	}
}

func TestAccFabricResource_drift(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("drift")
	var id int64
	config := fabricConfig(n, name, "kubernetes_server = \"https://k8s.example.com:6443\"\n  description = \"ours\"\n")
	steps := []resource.TestStep{{Config: config, Check: idOf(t, &id)}}
	for field, value := range map[string]any{
		"name": name + "-by-hand", "description": "theirs", "status": "active", "kubernetes_server": "",
		"kubernetes_namespace": "theirs", "sync_enabled": false, "sync_interval": 900,
	} {
		steps = append(steps, resource.TestStep{
			PreConfig:        func() { n.Patch(t, id, map[string]any{field: value}) },
			Config:           config,
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check: func(*terraform.State) error {
				if f, _ := n.Fabric(t, id); f[field] == value {
					return fmt.Errorf("%s is still %v", field, value)
				}
				return nil
			},
		})
	}
	acceptance(t, steps...)
}

func TestAccFabricResource_deletedByHand(t *testing.T) {
	n := acctest.Start(t)
	if n.Published {
		t.Skip("DELETE does not work on this NetBox, so a fabric cannot be deleted by hand")
	}
	name := acctest.Name("gone")
	var id int64
	config := fabricConfig(n, name, "")
	acceptance(t,
		resource.TestStep{Config: config, Check: idOf(t, &id)},
		resource.TestStep{
			PreConfig:        func() { n.Delete(t, id) },
			Config:           config,
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionCreate)),
		},
	)
}

func TestAccFabricResource_nameTaken(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("taken")
	id := n.Create(t, map[string]any{"name": name, "description": "another user's"})
	acceptance(t, resource.TestStep{
		Config:      fabricConfig(n, name, ""),
		ExpectError: says(fmt.Sprintf("id = %q", fmt.Sprint(id))),
	})
	if f, ok := n.Fabric(t, id); !ok || f["description"] != "another user's" {
		t.Errorf("the other fabric has changed: %v", f)
	}
}

// imported compares an import of the fabric, also by another id, with the state. An import sets the
// default of deletion_policy, which no test uses on a NetBox that cannot delete.
func imported(n *acctest.NetBox, id string, ignore ...string) resource.TestStep {
	if n.Published {
		ignore = append(ignore, "deletion_policy")
	}
	return resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: id, ImportStateVerify: true,
		ImportStateVerifyIgnore: ignore}
}

// written reports whether the fabric of a test was written to.
type written struct {
	n    *acctest.NetBox
	name string
	last any
}

func (w *written) updated(t *testing.T) any {
	t.Helper()
	f := w.n.Named(t, w.name)
	if len(f) != 1 {
		t.Fatalf("NetBox has %v", f)
	}
	return f[0]["last_updated"]
}

// remember stores the version of the fabric.
func (w *written) remember(t *testing.T) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error { w.last = w.updated(t); return nil }
}

// untouched checks that the fabric has not been written since.
func (w *written) untouched(t *testing.T) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		if now := w.updated(t); now != w.last {
			return fmt.Errorf("the fabric of %v was written to at %v", w.last, now)
		}
		return nil
	}
}
