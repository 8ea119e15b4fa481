package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func TestAccFabricSyncAction(t *testing.T) {
	acctest.Need(t, acctest.Actions)
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("action"), c.Filled(t)
	var id int64
	block := `
action "hedgehog_fabric_sync" "test" {
  config {
    fabric_id = hedgehog_fabric.test.id
    %s
  }
}
resource "terraform_data" "run" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.hedgehog_fabric_sync.test]
    }
  }
}
`
	acceptance(t,
		resource.TestStep{Config: clusterConfig(n, c, name, namespace, ""), Check: idOf(t, &id)},
		resource.TestStep{
			Config: clusterConfig(n, c, name, namespace, fmt.Sprintf(block, "")),
			Check: func(*terraform.State) error {
				if f, _ := n.Fabric(t, id); f["sync_status"] != "in_sync" || fmt.Sprint(f["switches_count"]) != "3" {
					return fmt.Errorf("after the action: %v", f)
				}
				return nil
			},
		},
		resource.TestStep{
			Config: strings.Replace(clusterConfig(n, c, name, namespace, fmt.Sprintf(block, "")), c.Token,
				"nobody-knows-this-secret", 1) +
				"resource \"terraform_data\" \"again\" {\n  lifecycle {\n    action_trigger {\n      events  = " +
				"[after_create]\n      actions = [action.hedgehog_fabric_sync.test]\n    }\n  }\n}\n",
			ExpectError: says("could not be synced"),
		},
	)
}

// actions returns the server's part for actions, and a configuration of the action.
//
//nolint:staticcheck // as below
func (d *driver) actions(values map[string]any) (tfprotov6.ProviderServerWithActions, *tfprotov6.DynamicValue) {
	d.t.Helper()
	schemas, err := d.server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(d.t, err)
	kind, _ := schemas.ActionSchemas[syncAction].Schema.ValueType().(tftypes.Object)
	//nolint:staticcheck // not in the ProviderServer interface yet
	server, ok := d.server.(tfprotov6.ProviderServerWithActions)
	if !ok {
		d.t.Fatal("the server has no actions")
	}
	return server, d.dynamic(kind, fill(kind, values))
}

// validateAction validates a configuration of the action.
func (d *driver) validateAction(values map[string]any) []*tfprotov6.Diagnostic {
	d.t.Helper()
	server, config := d.actions(values)
	validated, err := server.ValidateActionConfig(context.Background(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: syncAction, Config: config})
	must(d.t, err)
	return validated.Diagnostics
}

// invoke invokes the action, and returns its progress messages and its diagnostics.
func (d *driver) invoke(values map[string]any) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	d.t.Helper()
	server, config := d.actions(values)
	stream, err := server.InvokeAction(context.Background(), &tfprotov6.InvokeActionRequest{ActionType: syncAction,
		Config: config})
	must(d.t, err)
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diagnostics = event.Diagnostics
		}
	}
	return progress, diagnostics
}

// clusterFabric creates a fabric on a cluster, outside of Terraform.
func clusterFabric(t *testing.T, n *acctest.NetBox, c *acctest.Cluster, name, namespace string) int64 {
	t.Helper()
	return n.Create(t, map[string]any{
		"name": name, "kubernetes_server": c.URL, "kubernetes_namespace": namespace, "kubernetes_token": c.Token,
		"kubernetes_ca_cert": c.CA,
	})
}

func TestFabricSyncAction_reportsItsProgress(t *testing.T) {
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name, namespace := acctest.Name("progress"), c.Filled(t)
	id := clusterFabric(t, n, c, name, namespace)
	progress, diagnostics := newDriver(t, n).invoke(map[string]any{"fabric_id": id})
	if len(diagnostics) > 0 {
		t.Errorf("got %s", render(diagnostics))
	}
	want := []string{
		regexp.QuoteMeta("Connected to "+c.URL+", namespace "+namespace) + `\.`,
		fmt.Sprintf(`Fabric %q is locked for its sync\.`, name),
	}
	for _, k := range fabric.Kinds() {
		switch k.Name {
		case "SwitchGroup":
			want = append(want, "SwitchGroup: 3 in the cluster, 3 not storable")
		case acctest.EmptyKind:
			want = append(want, k.Name+": 0 in the cluster")
		default:
			want = append(want, k.Name+": 3 in the cluster, 3 created")
		}
	}
	want = append(want, fmt.Sprintf("Fabric %q: In Sync\\.", name),
		fmt.Sprintf(`Synced the fabric %q \(id %d\): 33 objects in the cluster; 30 created, 0 updated, 0 repaired, 0 `+
			`unchanged, 0 deleted, 3 not storable in NetBox\.`, name, id))
	if !regexp.MustCompile("^" + strings.Join(want, "\n") + "$").MatchString(strings.Join(progress, "\n")) {
		t.Errorf("progress\n%s\nwant\n%s", strings.Join(progress, "\n"), strings.Join(want, "\n"))
	}
}

func TestFabricSyncAction_reportsThatItWaits(t *testing.T) {
	t.Parallel()
	n, c := acctest.Start(t), acctest.Kubernetes(t)
	name := acctest.Name("waiting")
	id := clusterFabric(t, n, c, name, c.ExistingOrFilled(t))
	short := map[string]tftypes.Value{"invoke": tftypes.NewValue(tftypes.String, "6s")}
	waits := regexp.MustCompile(fmt.Sprintf(`^another sync of the fabric %q is running; it renewed its lock `+
		`\d+ s ago\.$`, name))
	for fail, end := range map[bool]string{true: "Fabric is already being synced", false: ""} {
		n.Patch(t, id, map[string]any{"sync_status": "syncing"})
		progress, diagnostics := newDriver(t, n).invoke(map[string]any{"fabric_id": id, "fail_on_error": fail,
			"timeouts": short})
		if len(progress) == 0 {
			t.Fatalf("fail_on_error %t: no progress, got %s", fail, render(diagnostics))
		}
		if !waits.MatchString(progress[0]) || !strings.Contains(render(diagnostics), end) ||
			fail != (len(diagnostics) > 0) {
			t.Errorf("fail_on_error %t: progress %q, got %s", fail, progress, render(diagnostics))
		}
		if last := progress[len(progress)-1]; !fail && !strings.HasPrefix(last,
			fmt.Sprintf("The sync of the fabric %q (id %d) ended as busy: another sync", name, id)) {
			t.Errorf("the last message is %q", last)
		}
	}
}
