package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// actionCalls records the prune_limit that the CLI sends for an action, and refuses to plan it.
type actionCalls struct {
	frameworkServer
	*actionLimits
}

type actionLimits struct {
	mu                 sync.Mutex
	validated, planned []string
}

func (c *actionLimits) record(ctx context.Context, to *[]string, s frameworkServer,
	config *tfprotov6.DynamicValue) error {
	schemas, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	v, err := config.Unmarshal(schemas.ActionSchemas[syncAction].Schema.ValueType())
	if err != nil {
		return err
	}
	limit, _, err := tftypes.WalkAttributePath(v, tftypes.NewAttributePath().WithAttributeName("prune_limit"))
	c.mu.Lock()
	defer c.mu.Unlock()
	*to = append(*to, fmt.Sprint(limit))
	return err
}

func (c actionCalls) ValidateActionConfig(ctx context.Context, r *tfprotov6.ValidateActionConfigRequest) (
	*tfprotov6.ValidateActionConfigResponse, error) {
	if err := c.record(ctx, &c.validated, c.frameworkServer, r.Config); err != nil {
		return nil, err
	}
	return c.frameworkServer.ValidateActionConfig(ctx, r)
}

func (c actionCalls) PlanAction(ctx context.Context, r *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse,
	error) {
	err := c.record(ctx, &c.planned, c.frameworkServer, r.Config)
	return &tfprotov6.PlanActionResponse{Diagnostics: []*tfprotov6.Diagnostic{{
		Severity: tfprotov6.DiagnosticSeverityError, Summary: "Stopped by the test"}}}, err
}

func TestAccServerActions_theCLIValidatesNoVariable(t *testing.T) {
	acctest.Need(t, acctest.Actions)
	n := acctest.Standin(t, netboxtest.Options{})
	var limits actionLimits
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"hedgehog": func() (tfprotov6.ProviderServer, error) {
				s, _ := NewServer("test")().(*linkedServer)
				return actionCalls{s.frameworkServer, &limits}, nil
			},
		},
		Steps: []resource.TestStep{{
			Config: n.ProviderConfig() + `
variable "limit" {
  default = "wrong"
}
action "hedgehog_fabric_sync" "test" {
  config {
    fabric_id   = 1
    prune       = "delete"
    prune_limit = var.limit
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
`,
			ExpectError: says("Stopped by the test"),
		}},
	})
	wrong := func(limit string) bool { return strings.Contains(limit, "wrong") }
	if !slices.ContainsFunc(limits.planned, wrong) {
		t.Errorf("got the planned limits %q", limits.planned)
	}
	if slices.ContainsFunc(limits.validated, wrong) {
		t.Errorf("The CLI validates the configuration of an action with the values of variables: %q. Delete "+
			"server_actions.go and docs/upstream/terraform-validates-actions-once.md", limits.validated)
	}
}
