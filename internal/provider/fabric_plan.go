package provider

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// ModifyPlan decides, after defaults and equality, whether anything changes and which
// results are known.
func (r *fabricResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse) {
	defer r.connection.warnUntested(&resp.Diagnostics)
	// A failed removal may have left it.
	resp.Diagnostics.Append(removalKey.remove(ctx, resp.Private)...)
	if req.Plan.Raw.IsNull() {
		r.planRemoval(ctx, req, resp)
		return
	}
	var plan fabricModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	read := plan
	plan.planTags(r.connection)
	var state fabricModel
	creating := req.State.Raw.IsNull()
	if !creating {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		state.takeAbsence(ctx, &plan, req.Private, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	var definitions map[string]fabric.CustomFieldDefinition
	if r.connection != nil && r.connection.client != nil {
		operation := "update"
		if req.State.Raw.IsNull() {
			operation = "create"
		}
		ctx, cancel := context.WithTimeout(ctx, planTimeout(plan.Timeouts, operation, &resp.Diagnostics))
		defer cancel()
		definitions = plan.planCustomFields(ctx, r.connection.client, &state, req.Private, &resp.Diagnostics)
	}
	if creating {
		plan.planCreate()
		if !plan.Name.IsUnknown() {
			r.warnDestroyedAndCreated(&resp.Diagnostics, plan.Name.ValueString(), plannedChange{creates: true})
		}
	} else {
		plan.planUpdate(&state, definitions)
	}
	plan.planToken(ctx, req.Config, &state, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(plan.setChanged(ctx, &resp.Plan, read)...)
}

// planCreate plans unknown values for what a create will find out, and known values for
// what the configuration decides.
func (m *fabricModel) planCreate() {
	m.ID, m.URL, m.WebURL = types.Int64Unknown(), types.StringUnknown(), types.StringUnknown()
	m.planResetFacts()
}

// planUpdate compares with the prior state. If no managed attribute differs, the plan is
// the prior state: neither time nor a sync is a change. Known definitions decide which
// values of custom fields are the same.
func (m *fabricModel) planUpdate(state *fabricModel, definitions map[string]fabric.CustomFieldDefinition) {
	m.ID, m.URL, m.WebURL = state.ID, state.URL, state.WebURL
	before, planned := fabric.Attributes{}, fabric.Attributes{}
	changes := !m.KubernetesTokenWOVersion.Equal(state.KubernetesTokenWOVersion)
	for _, a := range managedAttributes() {
		was, will := fabric.Attributes{}, fabric.Attributes{}
		a.values(state, was)
		known := a.values(m, will)
		was.SetCustomTypes(definitions)
		same := known && fabric.SameAttributes(was, will)
		if known {
			a.clear(was, will)
		}
		switch {
		case !known, !fabric.SameAttributes(was, will):
			changes = true
		case same && a.null(m) == a.null(state):
			a.take(m, state)
		default: // "" and null: the state gets what the configuration says, NetBox nothing
		}
		maps.Copy(before, was)
		maps.Copy(planned, will)
	}
	_, serverKnown := planned["kubernetes_server"]
	_, namespaceKnown := planned["kubernetes_namespace"]
	switch {
	case !changes:
		m.SyncStatus, m.ConnectionStatus, m.LastSync = state.SyncStatus, state.ConnectionStatus, state.LastSync
	case serverKnown && namespaceKnown && fabric.ChangesCluster(before, planned):
		m.planResetFacts()
	default:
		m.ConnectionStatus, m.LastSync = types.StringUnknown(), timetypes.NewRFC3339Unknown()
		m.planStatus(func(f fabric.Facts) (fabric.Status, bool) { return f.ConfiguredStatus() })
	}
}

// planResetFacts plans a fabric whose cluster was never contacted.
func (m *fabricModel) planResetFacts() {
	m.ConnectionStatus, m.LastSync = types.StringValue(fabric.ConnectionUnknown), timetypes.NewRFC3339Null()
	m.planStatus(func(f fabric.Facts) (fabric.Status, bool) {
		// Without a last sync, the time does not matter.
		return fabric.SyncStatus(f, time.Time{}).Status, true
	})
}

// planStatus derives the status from the planned facts, as far as they are known. A blank
// server decides alone; any other also needs sync_enabled.
func (m *fabricModel) planStatus(status func(fabric.Facts) (fabric.Status, bool)) {
	m.SyncStatus = types.StringUnknown()
	if m.KubernetesServer.IsUnknown() {
		return
	}
	facts := fabric.Facts{KubernetesServer: m.KubernetesServer.ValueString(), SyncEnabled: m.SyncEnabled.ValueBool()}
	if m.SyncEnabled.IsUnknown() && !fabric.Blank(facts.KubernetesServer) {
		return
	}
	if s, decided := status(facts); decided {
		m.SyncStatus = types.StringValue(string(s))
	}
}
