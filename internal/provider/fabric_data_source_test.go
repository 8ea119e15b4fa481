package provider

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

func dataState(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.hedgehog_fabric.test", tfjsonpath.New(attribute), want)
}

func TestAccFabricDataSource_derivedState(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("data")
	id := n.Create(t, map[string]any{
		"name": name, "description": "d", "status": "active", "kubernetes_server": lab,
		"kubernetes_token":     "secret-of-the-cluster",
		"kubernetes_namespace": "fab", "sync_interval": 600,
	})
	byName := n.ProviderConfig() + fmt.Sprintf("data \"hedgehog_fabric\" \"test\" {\n name = %q\n}\n", name)
	byID := n.ProviderConfig() + fmt.Sprintf("data \"hedgehog_fabric\" \"test\" {\n id = %d\n}\n", id)
	// The age counts from when the step runs: the test may have waited for others.
	sync := func(age time.Duration, change map[string]any) func() {
		return func() {
			change["last_sync"] = n.Now(t).Add(-age).Format(time.RFC3339)
			n.Patch(t, id, change)
		}
	}
	text, null := knownvalue.StringExact, knownvalue.Null()
	acceptance(t,
		resource.TestStep{
			Config: byName,
			ConfigStateChecks: []statecheck.StateCheck{
				dataState("id", knownvalue.Int64Exact(id)), dataState("name", text(name)),
				dataState("description", text("d")), dataState("status", text("active")), dataState("kubernetes_server",
					text(lab)), dataState("kubernetes_namespace", text("fab")),
				dataState("kubernetes_ca_cert", text("")), dataState("kubernetes_token_set", knownvalue.Bool(true)),
				dataState("sync_enabled", knownvalue.Bool(true)), dataState("sync_interval",
					knownvalue.Int64Exact(600)),
				dataState("sync_status", text("never_synced")), dataState("sync_status_display", text("Never Synced")),
				dataState("sync_status_badge", text("bg-warning text-dark")),
				dataState("sync_status_reason", text("The fabric is configured and has never been synced.")),
				dataState("stored_sync_status", text("never_synced")), dataState("consistent", knownvalue.Bool(true)),
				dataState("inconsistencies", knownvalue.ListExact(nil)), dataState("sync_in_progress",
					knownvalue.Bool(false)),
				dataState("last_sync", null), dataState("last_sync_age", null), dataState("sync_due",
					knownvalue.Bool(true)),
				dataState("next_sync_at", null), dataState("observed_at", knownvalue.NotNull()),
				dataState("connection_status", text("unknown")), dataState("connection_error", text("")),
				dataState("sync_error", text("")),
			},
		},
		resource.TestStep{
			PreConfig: sync(time.Minute, map[string]any{"sync_status": "in_sync", "connection_status": "connected",
				"vpcs_count": 3}),
			Config: byID,
			ConfigStateChecks: []statecheck.StateCheck{
				dataState("sync_status", text("in_sync")), dataState("sync_status_display", text("In Sync")),
				dataState("sync_status_badge", text("bg-success text-white")), dataState("consistent",
					knownvalue.Bool(true)),
				dataState("last_sync", knownvalue.NotNull()), dataState("next_sync_at", knownvalue.NotNull()),
				dataState("sync_due", knownvalue.Bool(false)),
				dataState("last_sync_age", knownvalue.Int64Func(func(v int64) error {
					if v < 60 || v > 120 {
						return fmt.Errorf("age %d", v)
					}
					return nil
				})),
				dataState("sync_status_reason", knownvalue.StringRegexp(regexp.MustCompile(`^The last sync was 1 `+
					`min.* ago, within the interval of 10 min\.$`))),
				statecheck.ExpectKnownValue("data.hedgehog_fabric.test",
					tfjsonpath.New("counts").AtMapKey("vpcs_count"), knownvalue.Int64Exact(3)),
			},
		},
		resource.TestStep{
			PreConfig: sync(2*time.Hour, map[string]any{}),
			Config:    byID,
			ConfigStateChecks: []statecheck.StateCheck{
				dataState("sync_status", text("out_of_sync")), dataState("stored_sync_status", text("in_sync")),
				dataState("consistent", knownvalue.Bool(true)), dataState("sync_due", knownvalue.Bool(true)),
			},
		},
		resource.TestStep{ // what the whole thing is about
			PreConfig: sync(0, map[string]any{"kubernetes_server": ""}),
			Config:    byID,
			ConfigStateChecks: []statecheck.StateCheck{
				dataState("sync_status", text("not_configured")), dataState("stored_sync_status", text("in_sync")),
				dataState("consistent", knownvalue.Bool(false)), dataState("sync_due", knownvalue.Bool(false)),
				dataState("next_sync_at", null),
				dataState("inconsistencies", knownvalue.ListExact([]knownvalue.Check{
					text(`NetBox stores the sync status "in_sync", but no Kubernetes server is configured.`),
					text(`NetBox stores the connection status "connected", but no Kubernetes server is configured.`),
				})),
			},
		},
		resource.TestStep{
			PreConfig: sync(0, map[string]any{"kubernetes_server": lab, "sync_status": "syncing"}),
			Config:    byID,
			ConfigStateChecks: []statecheck.StateCheck{dataState("sync_in_progress", knownvalue.Bool(true)),
				dataState("sync_status", text("in_sync"))},
		},
	)
}

func TestAccFabricDataSource_errors(t *testing.T) {
	n := acctest.Start(t)
	for name, c := range map[string]struct{ body, want string }{
		"no such id":   {"id = 999999999", "has no fabric with the id 999999999, or this API token may not see it"},
		"no such name": {`name = "tf-acc-no-such-fabric"`, `has no fabric named "tf-acc-no-such-fabric"`},
		"neither":      {"", "No attribute specified when one (and only one) of [id,name] is required"},
		"both": {"id = 1\n name = \"x\"", "2 attributes specified when one (and only one) of [id,name] is " +
			"required"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config:      n.ProviderConfig() + "data \"hedgehog_fabric\" \"test\" {\n " + c.body + "\n}\n",
				ExpectError: says(c.want),
			})
		})
	}
}
