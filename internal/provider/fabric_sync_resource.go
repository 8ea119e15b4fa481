package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

func newFabricSyncResource() resource.Resource { return &fabricSyncResource{} }

// fabricSyncResource is a sync. It runs when the resource is created, and again when its
// triggers change.
type fabricSyncResource struct{ connection *connection }

var (
	_ resource.ResourceWithConfigure  = (*fabricSyncResource)(nil)
	_ resource.ResourceWithModifyPlan = (*fabricSyncResource)(nil)
)

type fabricSyncModel struct {
	syncArguments
	// KubernetesTokenWO is null in every plan and state. Only a configuration has it.
	KubernetesTokenWO types.String `tfsdk:"kubernetes_token_wo"`
	Triggers          types.Map    `tfsdk:"triggers"`
	Timeouts          types.Object `tfsdk:"timeouts"`
	syncResult
}

// syncResult is what a sync did: values that a configuration never has.
type syncResult struct {
	Outcome     types.String      `tfsdk:"outcome"`
	Message     types.String      `tfsdk:"message"`
	Status      types.String      `tfsdk:"status"`
	StartedAt   timetypes.RFC3339 `tfsdk:"started_at"`
	FinishedAt  timetypes.RFC3339 `tfsdk:"finished_at"`
	Counts      types.Map         `tfsdk:"counts"`
	AbsentKinds types.List        `tfsdk:"absent_kinds"`
	Created     types.Int64       `tfsdk:"created"`
	Updated     types.Int64       `tfsdk:"updated"`
	Repaired    types.Int64       `tfsdk:"repaired"`
	Unchanged   types.Int64       `tfsdk:"unchanged"`
	Deleted     types.Int64       `tfsdk:"deleted"`
	NotStorable types.Int64       `tfsdk:"not_storable"`
	// NotStorableNames has only some of them.
	NotStorableNames types.List  `tfsdk:"not_storable_names"`
	Failed           types.Int64 `tfsdk:"failed"`
}

func (r *fabricSyncResource) Metadata(_ context.Context, req resource.MetadataRequest,
	resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabric_sync"
	resp.ResourceBehavior.ProviderDeferred = planWhileDeferred
}

func (r *fabricSyncResource) Configure(_ context.Context, req resource.ConfigureRequest,
	resp *resource.ConfigureResponse) {
	r.connection = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan keeps the results of the last sync: a change of how to sync does not cause a
// new one.
func (r *fabricSyncResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse) {
	if !req.Plan.Raw.IsNull() && req.State.Raw.IsNull() {
		r.connection.refuseSyncInBranch(&resp.Diagnostics)
		if isEmptyToken(tokenFrom(ctx, req.Config, &resp.Diagnostics)) { // a destroy plans this too, without a token
			resp.Diagnostics.AddAttributeWarning(path.Root(tokenWOAttribute), "No write-only token",
				"kubernetes_token_wo is empty, so the sync will fail. "+emptyTokenAdvice)
		}
	}
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	var plan, state fabricSyncModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !plan.FabricID.Equal(state.FabricID) || !plan.Triggers.Equal(state.Triggers) {
		return
	}
	fillUnknown(ctx, &plan.syncResult, &state.syncResult)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

func (r *fabricSyncResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan fabricSyncModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout := timeoutOf(plan.Timeouts, "create", defaultSyncTimeout, &resp.Diagnostics)
	token := tokenFrom(ctx, req.Config, &resp.Diagnostics)
	if isEmptyToken(token) {
		resp.Diagnostics.AddAttributeError(path.Root(tokenWOAttribute), "No write-only token",
			"kubernetes_token_wo is empty, so the fabric was not synced. "+emptyTokenAdvice)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &fabricsync.TimeoutError{After: timeout,
		Setting: createTimeout})
	defer cancel()

	result := plan.run(ctx, r.connection, token.ValueString(), createTimeout, func(p fabricsync.Progress) {
		tflog.Info(ctx, p.Message, map[string]any{"step": string(p.Step)})
	}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return // without a state, the next apply syncs
	}
	fillUnknown(ctx, &plan.syncResult, newSyncResult(result))
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// emptyTokenAdvice is what to do about an empty token of a sync.
const emptyTokenAdvice = "Perhaps it comes from a variable that is not set. Set a token, or null to use the token " +
	"that NetBox stores."

// isEmptyToken reports whether a token is given, but is empty or only white space.
func isEmptyToken(token types.String) bool {
	return !token.IsNull() && !token.IsUnknown() && fabric.Blank(token.ValueString())
}

// Read makes no request: what a sync did stays true. The hedgehog_fabric data source shows
// the fabric's current status.
func (r *fabricSyncResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update stores the new arguments for the next sync.
func (r *fabricSyncResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

// Delete removes the sync from the state. What it stored in NetBox stays.
func (r *fabricSyncResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

func newSyncResult(r *fabricsync.Result) *syncResult {
	totals, counts := r.Totals(), map[string]int64{}
	var absent, notStorable []string
	for i := range r.Kinds {
		kind := &r.Kinds[i]
		if kind.Listed {
			counts[kind.Kind.Name] = int64(kind.InCluster)
		}
		if kind.Absent {
			absent = append(absent, kind.Kind.Name)
		}
		for _, name := range kind.NotStorableNames {
			notStorable = append(notStorable, kind.Kind.Name+" "+name)
		}
	}
	made := &syncResult{
		Outcome: types.StringValue(string(r.Outcome)), Message: textOrNull(r.Message),
		Status:    textOrNull(string(r.Status)),
		StartedAt: timetypes.NewRFC3339Null(), FinishedAt: timetypes.NewRFC3339Null(), Counts: int64Map(counts),
		AbsentKinds: textList(absent), Created: count(totals.Created), Updated: count(totals.Updated),
		Repaired: count(totals.Repaired), Unchanged: count(totals.Unchanged), Deleted: count(totals.Deleted),
		NotStorable: count(totals.NotStorable), NotStorableNames: textList(notStorable), Failed: count(totals.Failed),
	}
	if !r.StartedAt.IsZero() {
		made.StartedAt, made.FinishedAt = instant(&r.StartedAt), instant(&r.FinishedAt)
	}
	return made
}
