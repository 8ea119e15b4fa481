package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

func TestAccFabricSync_failures(t *testing.T) {
	n, c := acctest.Start(t), acctest.StandinKubernetes(t)
	namespace := c.Namespace(t)
	block := func(more string) string { return fmt.Sprintf(syncBlock, "once", more) }
	for what, test := range map[string]struct {
		config func(name string) string
		says   string
	}{
		"not configured": {func(name string) string { return fabricConfig(n, name, "") + block("") },
			"was not synced: it has no Kubernetes server"},
		"switched off": {func(name string) string {
			return fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  sync_enabled = false", c.URL)) +
				block("")
		}, "was not synced"},
		"cluster refuses the token": {func(name string) string {
			return strings.Replace(clusterConfig(n, c, name, namespace, block("")), c.Token, "nobody-knows-this-secret",
				1)
		}, "could not be synced"},
		"no such fabric": {func(string) string {
			return n.ProviderConfig() + "resource \"hedgehog_fabric_sync\" \"test\" {\n  fabric_id = 999999999\n}\n"
		}, "Could not sync the fabric 999999999"},
		"no id": {func(string) string {
			return n.ProviderConfig() + "resource \"hedgehog_fabric_sync\" \"test\" {\n  fabric_id = 0\n}\n"
		}, "0 is not a valid id"},
		"prune": {func(name string) string { return clusterConfig(n, c, name, namespace, block(`prune = "all"`)) },
			`It must be "keep" or "delete"`},
	} {
		t.Run(what, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: test.config(acctest.Name("failing")), ExpectError: says(test.says)})
		})
	}
}

func TestAccFabricSync_ownCredentialsAndOnlyIfDue(t *testing.T) {
	acctest.Need(t, acctest.WriteOnly)
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("own"), c.Filled(t)
	var id int64
	config := func(run, more string) string {
		return fabricConfig(n, name, fmt.Sprintf("kubernetes_server = %q\n  kubernetes_namespace = %q",
			c.URL, namespace)) +
			fmt.Sprintf(syncBlock, run, fmt.Sprintf("kubernetes_token_wo = %q\n  kubernetes_ca_cert = %q\n  %s",
				c.Token, c.CA, more))
	}
	acceptance(t,
		resource.TestStep{
			Config: config("1", ""), Check: idOf(t, &id),
			ConfigStateChecks: has(syncAddress, want{"outcome": "synced", "kubernetes_token_wo": nil}),
		},
		resource.TestStep{
			Config:            config("2", "only_if_due = true"),
			ConfigStateChecks: has(syncAddress, want{"outcome": "not_due", "started_at": nil}),
		},
		resource.TestStep{ // within the interval of 300 s, with a margin for the time that the test itself takes
			PreConfig:         func() { n.Later(t, 200*time.Second, id) },
			Config:            config("3", "only_if_due = true"),
			ConfigStateChecks: has(syncAddress, want{"outcome": "not_due"}),
		},
		resource.TestStep{
			PreConfig:         func() { n.Later(t, 100*time.Second, id) },
			Config:            config("4", "only_if_due = true"),
			ConfigStateChecks: has(syncAddress, want{"outcome": "synced", "unchanged": 30}),
		},
	)
}

func TestFabricSync_interruptionSaysWhetherTheFabricIsLocked(t *testing.T) {
	for want, c := range map[string]struct {
		unknown bool
		err     error
	}{
		`The fabric "lab" (id 1) was not synced completely. Its lock was released. Run Terraform again.`: {false,
			context.Canceled},
		`The fabric "lab" (id 1) was not synced: the timeout ended before the sync began. Raise timeouts.create, or ` +
			`run Terraform again.`: {false, context.DeadlineExceeded},
		`The fabric "lab" (id 1) was not synced: the timeout ended before the sync began. NetBox may still show it ` +
			`as syncing. Other syncs ignore that after 3 min. Raise timeouts.create, or run Terraform again.`: {true,
			context.DeadlineExceeded},
		`The fabric "lab" (id 1) was not synced completely. NetBox may still show it as syncing. Other syncs ignore ` +
			`that after 3 min. Run Terraform again.`: {true, context.Canceled},
	} {
		var diags diag.Diagnostics
		result := &fabricsync.Result{FabricID: 1, Fabric: "lab", Outcome: fabricsync.Interrupted,
			LockUnknown: c.unknown}
		(&syncArguments{}).report(result, c.err, createTimeout, &diags)
		if len(diags) != 1 || diags[0].Detail() != want {
			t.Errorf("got %v, want %s", diags, want)
		}
	}
}

func TestFabricSync_saysWhyAFabricWasNotSynced(t *testing.T) {
	const acceptable = " To accept this, set fail_on_error = false here."
	for want, c := range map[string]struct {
		outcome fabricsync.Outcome
		err     error
	}{
		`The fabric "lab" (id 1) was not synced: its sync is switched off. Set sync_enabled = true on the fabric.` +
			acceptable: {fabricsync.Skipped, &fabric.NotSyncableError{Status: fabric.StatusDisabled}},
		`The fabric "lab" (id 1) was not synced: it has no Kubernetes server. Set kubernetes_server on the fabric.` +
			acceptable: {fabricsync.Skipped, &fabric.NotSyncableError{Status: fabric.StatusNotConfigured}},
		`The fabric "lab" (id 1) was not synced: NetBox does not show its kubernetes_token, because the NetBox ` +
			`plugin ` +
			`was changed to hide it. Set the token in kubernetes_token_wo of the hedgehog_fabric_sync resource, or ` +
			`ask a NetBox administrator.`: {fabricsync.Refused, &fabricsync.CredentialsError{}},
		`The outcome of this sync of the fabric "lab" (id 1) was not stored: another sync has locked the fabric. Run ` +
			`Terraform again.`: {fabricsync.Superseded, &fabricsync.SupersededError{
			Reason: "another sync has locked the fabric"}},
	} {
		var diags diag.Diagnostics
		result := &fabricsync.Result{FabricID: 1, Fabric: "lab", Outcome: c.outcome, Message: c.err.Error()}
		(&syncArguments{}).report(result, c.err, createTimeout, &diags)
		if len(diags) != 1 || diags[0].Detail() != want {
			t.Errorf("got %v, want %s", diags, want)
		}
	}
}

// The sync waits for another sync's fresh lock, as long as the timeout allows.
func TestAccFabricSync_foreignLockIsWaitedFor(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("busy"), c.ExistingOrFilled(t)
	var id int64
	config := func(run, more string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, "timeouts = { create = \"6s\" }\n  "+
			more))
	}
	locked := func() { n.Patch(t, id, map[string]any{"sync_status": "syncing"}) }
	untouched := func(*terraform.State) error {
		if f, _ := n.Fabric(t, id); f["sync_status"] != "syncing" || f["last_sync"] != nil ||
			fmt.Sprint(f["cached_crd_count"]) != "0" {
			return fmt.Errorf("the fabric is %v", f)
		}
		return nil
	}
	acceptance(t,
		resource.TestStep{Config: clusterConfig(n, c, name, namespace, ""), Check: idOf(t, &id)},
		resource.TestStep{PreConfig: locked, Config: config("1", ""), ExpectError: says("Fabric is already being " +
			"synced")},
		resource.TestStep{
			PreConfig: locked, Config: config("1", "fail_on_error = false"), Check: untouched,
			ConfigStateChecks: has(syncAddress, want{
				"outcome": "busy", "started_at": nil, "created": 0,
				"message": like(`^another sync of the fabric "` + name + `" is running; it renewed its lock ` +
					`\d+ s ago$`),
			}),
		},
		resource.TestStep{
			PreConfig:         func() { n.Patch(t, id, map[string]any{"sync_status": "never_synced"}) },
			Config:            clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, "2", "")),
			ConfigStateChecks: has(syncAddress, want{"outcome": "synced"}),
		},
	)
}

// If the token cannot list every kind, the error has one sentence. The other kinds are stored,
// and the time of the last sync stays.
func TestAccFabricSync_limitedUsers(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	if c.PartialToken == "" {
		t.Skip("the cluster under test gave no tokens with less access")
	}
	name, namespace := acctest.Name("limited"), c.Filled(t)
	config := func(run, token string) string {
		by := *c
		by.Token = token
		return clusterConfig(n, &by, name, namespace, fmt.Sprintf(syncBlock, run, "fail_on_error = false")+statusBlock)
	}
	failed := func(message string, vpcs int64, created int) []statecheck.StateCheck {
		return slices.Concat(has(syncAddress, want{"outcome": "failed", "status": "error", "message": like(message),
			"created": created, "failed": 0}), has(dataAddress, want{"sync_status": "error",
			"sync_error": like(message), "connection_status": "connected", "consistent": true,
			"counts": objectCounts(33, vpcs, 3, 3, 3)}))
	}
	forbids := func(what string) string {
		return "^" + regexp.QuoteMeta(c.URL) + " does not permit the token's user to list " + what + ` in namespace "` +
			namespace +
			`"; allow it with a Role and a RoleBinding in that namespace$`
	}
	var synced string
	acceptance(t,
		resource.TestStep{
			Config: config("1", c.Token), Check: shownValue("last_sync", &synced),
			ConfigStateChecks: has(dataAddress, want{
				"sync_status": "in_sync", "counts": objectCounts(33, 3, 3, 3, 3),
			}),
		},
		resource.TestStep{
			PreConfig: func() {
				for _, name := range []string{"VPC", "Server"} {
					c.Apply(t, kind(t, name), namespace, clustertest.Example(kind(t, name), "object-3"))
				}
			},
			Config: config("2", c.PartialToken), Check: wantShown("last_sync", &synced),
			ConfigStateChecks: failed(forbids(`(\w+\.wiring\.githedgehog\.com, ){4}\w+\.wiring\.githedgehog\.com`),
				4, 1),
		},
		resource.TestStep{
			Config: config("3", c.NobodyToken), Check: wantShown("last_sync", &synced),
			ConfigStateChecks: failed(forbids("any of the twelve kinds of a fabric"), 4, 0),
		},
		resource.TestStep{
			Config: config("4", c.Token), Check: wantShownOther("last_sync", &synced),
			ConfigStateChecks: slices.Concat(has(syncAddress, want{"created": 1}), has(dataAddress, want{
				"sync_status": "in_sync", "sync_error": "", "counts": objectCounts(35, 4, 3, 4, 3),
			})),
		},
	)
}

func TestAccFabricSync_pruneRemovesWhatHasGone(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("prune"), c.Filled(t)
	var id int64
	config := func(run, prune string) string {
		return clusterConfig(n, c, name, namespace, fmt.Sprintf(syncBlock, run, fmt.Sprintf("prune = %q", prune)))
	}
	stored := func(want map[string]int) resource.TestCheckFunc {
		return func(*terraform.State) error {
			for name, count := range want {
				if got := n.CountObjects(t, kind(t, name), id); got != count {
					return fmt.Errorf("NetBox has %d objects of the kind %s, want %d", got, name, count)
				}
			}
			return nil
		}
	}
	// The published plugin cannot delete an External.
	deleted, externals := int64(5), 2
	if n.Published {
		deleted, externals = 4, 3
	}
	acceptance(t,
		resource.TestStep{Config: config("1", "delete"), Check: idOf(t, &id),
			ConfigStateChecks: has(syncAddress, want{"created": 30})},
		resource.TestStep{
			PreConfig: func() {
				c.Delete(t, kind(t, "VPC"), namespace, "object-0")
				c.Delete(t, kind(t, "External"), namespace, "object-1")
				for i := range 3 {
					c.Delete(t, kind(t, "Server"), namespace, fmt.Sprintf("object-%d", i))
				}
			},
			Config: config("2", "keep"), Check: stored(map[string]int{"VPC": 3, "External": 3, "Server": 3}),
			ConfigStateChecks: has(syncAddress, want{"outcome": "synced", "deleted": 0}),
		},
		resource.TestStep{
			Config: config("3", "delete"), Check: stored(map[string]int{"VPC": 2, "External": externals,
				"Server": 0, "Switch": 3}),
			ConfigStateChecks: has(syncAddress, want{"outcome": "synced", "deleted": deleted, "unchanged": 25}),
		},
	)
}
