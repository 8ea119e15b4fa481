package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

func newFabricSyncAction() action.Action { return &fabricSyncAction{} }

// fabricSyncAction is the sync as an action of Terraform >= 1.14. It takes no token:
// Terraform 1.14 does not allow sensitive or write-only attributes in an action.
type fabricSyncAction struct{ connection *connection }

var (
	_ action.ActionWithConfigure  = (*fabricSyncAction)(nil)
	_ action.ActionWithModifyPlan = (*fabricSyncAction)(nil)
)

type fabricSyncActionModel struct {
	syncArguments
	Timeouts types.Object `tfsdk:"timeouts"`
}

func (a *fabricSyncAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabric_sync"
}

func (a *fabricSyncAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.connection = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (a *fabricSyncAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Syncs a fabric: copies the objects of its Kubernetes cluster into NetBox, and records " +
			"the outcome there. Needs Terraform 1.14 or newer.",
		Attributes: map[string]schema.Attribute{
			"fabric_id": schema.Int64Attribute{
				Required: true, Validators: []validator.Int64{idRule()}, MarkdownDescription: syncFabricIDText,
			},
			"only_if_due": schema.BoolAttribute{Optional: true, MarkdownDescription: syncOnlyIfDueText},
			"prune": schema.StringAttribute{Optional: true, Validators: pruneRule(),
				MarkdownDescription: syncPruneText},
			"prune_limit": schema.StringAttribute{Optional: true, Validators: pruneLimitRule(),
				MarkdownDescription: syncPruneLimitText},
			"fail_on_error":        schema.BoolAttribute{Optional: true, MarkdownDescription: syncFailOnErrorText},
			"allow_insecure_https": schema.BoolAttribute{Optional: true, MarkdownDescription: syncInsecureText},
			"kubernetes_ca_cert": schema.StringAttribute{Optional: true, Validators: caCertRule(),
				MarkdownDescription: syncCACertText},
			"timeouts": actionTimeouts(),
		},
	}
}

// ModifyPlan refuses what the invocation would refuse.
func (a *fabricSyncAction) ModifyPlan(_ context.Context, _ action.ModifyPlanRequest,
	resp *action.ModifyPlanResponse) {
	a.connection.refuseSyncInBranch(&resp.Diagnostics)
}

func (a *fabricSyncAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model fabricSyncActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout := timeoutOf(model.Timeouts, "invoke", defaultSyncTimeout, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &fabricsync.TimeoutError{After: timeout,
		Setting: invokeTimeout})
	defer cancel()

	result := model.run(ctx, a.connection, "", invokeTimeout, func(p fabricsync.Progress) {
		resp.SendProgress(action.InvokeProgressEvent{Message: p.Message})
	}, &resp.Diagnostics)
	if result == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: summaryOf(result)})
}

// summaryOf returns a line about a result.
func summaryOf(r *fabricsync.Result) string {
	switch r.Outcome {
	case fabricsync.Synced:
		t := r.Totals()
		return fmt.Sprintf("Synced %s: %d objects in the cluster; %d created, %d updated, %d repaired, %d unchanged, "+
			"%d deleted, %d not storable in NetBox.",
			syncedFabric(r), t.InCluster, t.Created, t.Updated, t.Repaired, t.Unchanged, t.Deleted, t.NotStorable)
	case fabricsync.NotDue:
		return fmt.Sprintf("Nothing to do: a sync of %s is not due yet.", syncedFabric(r))
	}
	return fmt.Sprintf("The sync of %s ended as %s: %s", syncedFabric(r), r.Outcome, sentenceOf(r.Message))
}
