package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Terraform (seen with 1.14.3) validates the configuration of an action only once, before
// it knows the values of variables. So the plan and the invocation validate it again. The
// CLI validates all other configurations whenever more of their values are known.
//
// This file can be deleted when Terraform does so for actions, and no older Terraform with
// actions is supported. Then TestAccServerActions_theCLIValidatesNoVariable fails. The
// draft of the upstream issue is docs/upstream/terraform-validates-actions-once.md.

func (s *server) PlanAction(ctx context.Context, r *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse,
	error) {
	wrong, err := s.validateAction(ctx, r.ActionType, r.Config)
	if err != nil || wrong != nil {
		return &tfprotov6.PlanActionResponse{Diagnostics: wrong}, err
	}
	return s.frameworkServer.PlanAction(ctx, r)
}

func (s *server) InvokeAction(
	ctx context.Context, r *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	wrong, err := s.validateAction(ctx, r.ActionType, r.Config)
	if err != nil || wrong != nil {
		return &tfprotov6.InvokeActionServerStream{Events: func(yield func(tfprotov6.InvokeActionEvent) bool) {
			yield(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: wrong}})
		}}, err
	}
	return s.frameworkServer.InvokeAction(ctx, r)
}

// validateAction returns the diagnostics of a configuration with an error, and nil
// otherwise.
func (s *server) validateAction(
	ctx context.Context, actionType string, config *tfprotov6.DynamicValue,
) ([]*tfprotov6.Diagnostic, error) {
	resp, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: actionType,
		Config: config})
	if err != nil || !slices.ContainsFunc(resp.Diagnostics, isError) {
		return nil, err
	}
	return resp.Diagnostics, nil
}

func isError(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }
