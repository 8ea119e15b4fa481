package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Terraform 1.14 has the configuration of an action validated once, before it knows the
// values of variables. So the plan and the invocation validate again what they get;
// everything else is validated by the CLI whenever more of it is known.

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

// validateAction returns what is said of a configuration that has an error, and nil
// where it has none.
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
