package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Values of deletion_policy.
const (
	deletionDelete       = "delete"
	deletionDecommission = "decommission"
	deletionAbandon      = "abandon"
)

// defaultTimeout is the time limit of an operation without a configured one.
const defaultTimeout = 5 * time.Minute

func newFabricResource() resource.Resource { return &fabricResource{} }

type fabricResource struct{ connection *connection }

var (
	_ resource.ResourceWithConfigure      = (*fabricResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*fabricResource)(nil)
	_ resource.ResourceWithImportState    = (*fabricResource)(nil)
	_ resource.ResourceWithIdentity       = (*fabricResource)(nil)
	_ resource.ResourceWithValidateConfig = (*fabricResource)(nil)
)

func (r *fabricResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fabric"
	resp.ResourceBehavior.ProviderDeferred = planWhileDeferred
}

func (r *fabricResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.connection = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig checks rules about several attributes.
func (r *fabricResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse) {
	var config fabricModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.SyncEnabled.ValueBool() && !config.KubernetesServer.IsUnknown() &&
		fabric.Blank(config.KubernetesServer.ValueString()) {
		p := fabric.WarnSyncWithoutServer()
		resp.Diagnostics.AddAttributeWarning(path.Root("sync_enabled"), p.Summary, p.Detail)
	}
	config.validateToken(&resp.Diagnostics)
}

func (r *fabricResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan fabricModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout := timeoutOf(plan.Timeouts, "create", defaultTimeout, &resp.Diagnostics)
	client := r.connection.netbox(&resp.Diagnostics)
	defer r.connection.warnUntested(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	tokenWO := plan.tokenToWrite(ctx, req.Config, &fabricModel{}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	definitions := plan.checkCustomFields(ctx, client, &fabricModel{}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.connection.managed.named(plan.Name.ValueString())
	_, planned := plan.change(&fabricModel{}, tokenWO)
	set := maps.Clone(map[string]any(planned))
	wireCustomFields(set, definitions)
	read, err := writeFields(ctx, client, set, &resp.Diagnostics, func() (*netbox.Read, error) {
		return client.Fabrics().Create(ctx, netbox.Create{Set: set, Planned: planned})
	})
	if err != nil {
		addWriteError(&resp.Diagnostics, "create the fabric "+quote(plan.Name), err, &plan, &r.connection.managed)
		return
	}
	// An error together with a state would taint the fabric, and the next apply would
	// delete it with all its objects. So a problem is a warning, and the next refresh shows
	// it as drift.
	for _, d := range differences(planned, read) {
		resp.Diagnostics.AddAttributeWarning(plan.pathOf(d.Field), "NetBox stored another value", fmt.Sprintf(
			"The fabric %q was created, but NetBox did not store the value that it was sent (%s). The next plan "+
				"will show it. Look for a script or a validator in NetBox that changes it.",
			read.Fabric.Name, d))
	}
	plan.keepPlanned(ctx, read, r.connection)
	resp.Diagnostics.Append(keepRevision(ctx, resp.Private, client, read)...)
	resp.Diagnostics.Append(plan.keepFieldTypes(ctx, resp.Private, read, definitions)...)
	resp.Diagnostics.Append(plan.keepFingerprint(ctx, resp.Private, nil, tokenWO)...)
	resp.Diagnostics.Append(plan.setIdentity(ctx, resp.Identity)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *fabricResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state fabricModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := state
	resp.Diagnostics.Append(state.setIdentity(ctx, resp.Identity)...) // even if the fabric is gone
	timeout := timeoutOf(state.Timeouts, "read", defaultTimeout, &resp.Diagnostics)
	revision := revisionIn(ctx, req.Private, &resp.Diagnostics)
	kinds, _, diags := fieldTypesKey.get(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if r.connection.pending() && !state.Name.IsNull() { // an import has only the id
		resp.Diagnostics.AddWarning("Fabric not refreshed", fmt.Sprintf(
			"The provider's %s is known only after apply, so the provider cannot ask NetBox about the fabric %d (%s) "+
				"now. The plan uses the state of the last refresh. You don't have to do anything.",
			r.connection.unknown, state.ID.ValueInt64(), quote(state.Name)))
		return
	}
	client := r.connection.netbox(&resp.Diagnostics)
	defer r.connection.warnUntested(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	id := state.ID.ValueInt64()
	read, err := r.refresh(ctx, client, &state, revision)
	_, missing := errors.AsType[*rest.NotFoundError](err)
	switch {
	case missing && fromOtherBranch(ctx, req.Private, client, fmt.Sprintf("the fabric %d (%s)", id, quote(state.Name)),
		&resp.Diagnostics):
		return
	case missing:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.AddWarning("Fabric not found in NetBox", fmt.Sprintf(
			"NetBox at %s has no fabric %d (%s), so Terraform removes it from the state and plans to create it. "+
				"NetBox gives the same answer for a fabric that was deleted and for one that this API token cannot "+
				"see. If the fabric should still exist, check the token's permissions and their constraints before "+
				"you apply.",
			client.ServerURL(), id, quote(state.Name)))
		return
	case err != nil:
		addError(&resp.Diagnostics, fmt.Sprintf("read the fabric %d (%s)", id, quote(state.Name)), err)
		return
	}
	warnLocalClock(&resp.Diagnostics, read)
	if !state.Name.IsNull() { // an import has counted
		r.connection.warnManagedTwice(&resp.Diagnostics, &read.Fabric)
	}
	typed, kinds := state.withFieldTypes(ctx, client, read, kinds, revision)
	resp.Diagnostics.Append(state.refreshFrom(ctx, typed, req.Private, resp.Private, r.connection)...)
	resp.Diagnostics.Append(fieldTypesKey.set(ctx, resp.Private, kinds)...)
	state.checkFingerprint(ctx, req.Private, read, &resp.Diagnostics)
	resp.Diagnostics.Append(keepRevision(ctx, resp.Private, client, read)...)
	resp.Diagnostics.Append(state.setChanged(ctx, &resp.State, before)...)
}

// refresh reads a fabric of the state. It does not ask again for what an import has just
// read, and does not use a page of the list from before the import.
func (r *fabricResource) refresh(
	ctx context.Context, client *netbox.Client, state *fabricModel, revision netbox.Revision,
) (*netbox.Read, error) {
	id := state.ID.ValueInt64()
	if !state.Name.IsNull() {
		return client.Fabrics().Refresh(ctx, id, revision)
	}
	if read, just := r.connection.imported.LoadAndDelete(id); just {
		return read.(*netbox.Read), nil //nolint:forcetypeassert // there is nothing else in it
	}
	return client.Fabrics().Get(ctx, id)
}

func (r *fabricResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state fabricModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout := timeoutOf(plan.Timeouts, "update", defaultTimeout, &resp.Diagnostics)
	revision := revisionIn(ctx, req.Private, &resp.Diagnostics)
	state.takeAbsence(ctx, &plan, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	tokenWO := plan.tokenToWrite(ctx, req.Config, &state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	before, planned := plan.change(&state, tokenWO)
	if sent, known := state.sentToken(ctx, req.Private, &resp.Diagnostics); known {
		before[tokenField] = sent
	}
	what := fmt.Sprintf("the fabric %d (%s)", state.ID.ValueInt64(), quote(state.Name))
	var client *netbox.Client
	var definitions map[string]fabric.CustomFieldDefinition
	if len(changedValues(before, planned)) > 0 {
		client = r.connection.netbox(&resp.Diagnostics)
		defer r.connection.warnUntested(&resp.Diagnostics)
		if !resp.Diagnostics.HasError() {
			r.connection.managed.named(plan.Name.ValueString())
		}
		if !resp.Diagnostics.HasError() && plannedHere(ctx, req.Private, client, "update "+what, &resp.Diagnostics) {
			definitions = plan.checkCustomFields(ctx, client, &state, &resp.Diagnostics)
		}
		if resp.Diagnostics.HasError() {
			return
		}
	}
	typed := maps.Clone(before)
	typed.SetCustomTypes(definitions)
	set := changedValues(typed, planned)
	wireCustomFields(set, definitions)
	read, err := writeFields(ctx, client, set, &resp.Diagnostics, func() (*netbox.Read, error) {
		return client.Fabrics().Update(ctx, netbox.Update{
			ID: state.ID.ValueInt64(), Revision: revision, Before: before, Planned: planned, Set: set,
			Consequences: fabric.ChangesCluster(before, planned),
		})
	})
	if err != nil {
		addWriteError(&resp.Diagnostics, "update "+what, err, &plan, &r.connection.managed)
		return
	}
	if read == nil { // what differs is the state's alone: deletion_policy, timeouts, "" for null
		plan.keepPrior(ctx, &state)
	} else {
		for _, d := range differences(planned, read) {
			_, sent := set[d.Field]
			addUnplannedValue(&resp.Diagnostics, plan.pathOf(d.Field), read.Fabric.Name, d, sent)
		}
		if resp.Diagnostics.HasError() {
			plan.read(read, r.connection)
		}
		plan.keepPlanned(ctx, read, r.connection)
		resp.Diagnostics.Append(keepRevision(ctx, resp.Private, client, read)...)
		resp.Diagnostics.Append(plan.keepFieldTypes(ctx, resp.Private, read, definitions)...)
	}
	resp.Diagnostics.Append(appliedFieldsKey.remove(ctx, resp.Private)...)
	resp.Diagnostics.Append(plan.keepFingerprint(ctx, resp.Private, &state, tokenWO)...)
	resp.Diagnostics.Append(plan.setIdentity(ctx, resp.Identity)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// changedValues returns what a PATCH must send for a change from before to planned.
func changedValues(before, planned fabric.Attributes) map[string]any {
	set := map[string]any{}
	for name, v := range planned {
		if was, managed := before[name]; !managed || !fabric.Unchanged(name, was, v) {
			set[name] = v
		}
	}
	if fabric.ChangesCluster(before, planned) {
		for name, v := range fabric.ResetFacts() {
			set[name] = v
		}
	}
	return set
}

// differences returns the differences between an answer and what was planned.
func differences(planned fabric.Attributes, read *netbox.Read) []fabric.Difference {
	_, wrong := fabric.Compare(planned, planned, netbox.AttributesOf(&read.Fabric))
	return wrong
}
