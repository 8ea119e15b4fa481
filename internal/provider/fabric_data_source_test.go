package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

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
	// The age starts when the step runs, since the test may have waited for other tests.
	sync := func(age time.Duration, change map[string]any) func() {
		return func() {
			change["last_sync"] = n.Now(t).Add(-age).Format(time.RFC3339)
			n.Patch(t, id, change)
		}
	}
	acceptance(t,
		resource.TestStep{
			Config: byName,
			ConfigStateChecks: has(dataAddress, want{
				"id": id, "name": name, "description": "d", "status": "active", "kubernetes_server": lab,
				"kubernetes_namespace": "fab", "kubernetes_ca_cert": "", "kubernetes_token_set": true,
				"sync_enabled": true, "sync_interval": 600, "sync_status": "never_synced",
				"sync_status_display": "Never Synced", "sync_status_badge": "bg-warning text-dark",
				"sync_status_reason": "The fabric is configured and has never been synced.",
				"stored_sync_status": "never_synced", "consistent": true,
				"inconsistencies": knownvalue.ListExact(nil), "sync_in_progress": false, "last_sync": nil,
				"last_sync_age": nil, "sync_due": true, "next_sync_at": nil, "observed_at": knownvalue.NotNull(),
				"connection_status": "unknown", "connection_error": "", "sync_error": "",
				"web_url": fmt.Sprintf("%s/plugins/hedgehog/fabrics/%d/", n.URL, id),
			}),
		},
		resource.TestStep{
			PreConfig: sync(time.Minute, map[string]any{"sync_status": "in_sync", "connection_status": "connected",
				"vpcs_count": 3}),
			Config: byID,
			ConfigStateChecks: has(dataAddress, want{
				"sync_status": "in_sync", "sync_status_display": "In Sync",
				"sync_status_badge": "bg-success text-white", "consistent": true,
				"last_sync": knownvalue.NotNull(), "next_sync_at": knownvalue.NotNull(), "sync_due": false,
				"last_sync_age": knownvalue.Int64Func(func(v int64) error {
					if v < 60 || v > 120 {
						return fmt.Errorf("age %d", v)
					}
					return nil
				}),
				"sync_status_reason": like(`^The last sync was 1 min.* ago, within the interval of 10 min\.$`),
				"counts.vpcs_count":  3,
			}),
		},
		resource.TestStep{
			PreConfig: sync(2*time.Hour, map[string]any{}),
			Config:    byID,
			ConfigStateChecks: has(dataAddress, want{
				"sync_status": "out_of_sync", "stored_sync_status": "in_sync", "consistent": true,
				"sync_due": true,
			}),
		},
		resource.TestStep{ // within its interval, but it has an error
			PreConfig: sync(time.Minute, map[string]any{"sync_status": "error", "sync_error": "quota"}),
			Config:    byID,
			ConfigStateChecks: has(dataAddress, want{
				"sync_status": "error", "consistent": true, "sync_due": true, "next_sync_at": nil,
			}),
		},
		resource.TestStep{ // what the whole thing is about
			PreConfig: sync(0, map[string]any{"kubernetes_server": "", "sync_status": "in_sync", "sync_error": ""}),
			Config:    byID,
			ConfigStateChecks: has(dataAddress, want{
				"sync_status": "not_configured", "stored_sync_status": "in_sync", "consistent": false,
				"sync_due": false, "next_sync_at": nil,
				"inconsistencies": knownvalue.ListExact([]knownvalue.Check{
					exactly(`NetBox stores the sync status "in_sync", but no Kubernetes server is configured.`),
					exactly(`NetBox stores the connection status "connected", but no Kubernetes server is configured.`),
				}),
			}),
		},
		resource.TestStep{
			PreConfig:         sync(0, map[string]any{"kubernetes_server": lab, "sync_status": "syncing"}),
			Config:            byID,
			ConfigStateChecks: has(dataAddress, want{"sync_in_progress": true, "sync_status": "in_sync"}),
		},
	)
}

func TestAccFabricDataSource_errors(t *testing.T) {
	n := acctest.Start(t)
	for name, c := range map[string]struct{ body, want string }{
		"no such id":   {"id = 999999999", "has no fabric with the id 999999999, or this API token cannot see it"},
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
