package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// plannedRemoval is what NetBox had when a fabric's removal was planned. The prior state
// does not show that. With -refresh=false it is older than the plan. And if a resource is
// no longer in the configuration, Terraform passes the state from before the refresh
// (hashicorp/terraform#36394). So a removal is refused because of a change after the plan,
// and never because of an earlier one.
type plannedRemoval struct {
	Revision storedRevision `json:"revision"`
	// EntityTags reports whether NetBox has entity tags, so that the removal need not read
	// first.
	EntityTags bool `json:"entity_tags"`
	// Changed are the managed values that differ from the prior state.
	Changed fabric.Attributes `json:"changed,omitempty"`
	// Unmanaged are the fields that cannot be compared: a secret that differs from the
	// prior state must not get into the plan.
	Unmanaged []string `json:"unmanaged,omitempty"`
}

// planRemoval reads the fabric to remove, and warns of what is deleted with it. If the
// fabric cannot be read, it uses the prior state.
func (r *fabricResource) planRemoval(ctx context.Context, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse) {
	var state fabricModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	revision := revisionIn(ctx, req.Private, &resp.Diagnostics)
	imported, _, diags := importedKey.get(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	r.warnDestroyedAndCreated(&resp.Diagnostics, state.Name.ValueString(),
		plannedChange{removes: cmp.Or(state.DeletionPolicy.ValueString(), deletionDelete)})
	if resp.Diagnostics.HasError() || state.DeletionPolicy.ValueString() == deletionAbandon {
		return
	}
	if r.connection != nil && r.connection.client != nil {
		ctx, cancel := context.WithTimeout(ctx, planTimeout(state.Timeouts, "delete", &resp.Diagnostics))
		defer cancel()
		client := r.connection.client
		if read, err := client.Fabrics().RefreshUnchecked(ctx, state.ID.ValueInt64(), revision); err == nil {
			imported = read.Fabric.Counts.Imported()
			planned := differencesFrom(&state, read, client.HasEntityTags())
			resp.Diagnostics.Append(removalKey.set(ctx, resp.Private, planned)...)
			// The state may name the branch of an older refresh: see Removals in DESIGN.md.
			resp.Diagnostics.Append(keepBranch(ctx, resp.Private, client)...)
		}
	}
	if imported > 0 && state.DeletionPolicy.ValueString() == deletionDelete {
		r.warnImported(ctx, &state, imported, &resp.Diagnostics)
	}
}

// warnImported warns of the imported objects that are deleted with the fabric. imported is
// how many objects the cluster had at the last sync. NetBox may have stored fewer.
func (r *fabricResource) warnImported(ctx context.Context, state *fabricModel, imported int64,
	diags *diag.Diagnostics) {
	sees, stored := "", int64(0)
	if r.connection != nil && r.connection.client != nil {
		ctx, cancel := context.WithTimeout(ctx, planTimeout(state.Timeouts, "delete", diags))
		defer cancel()
		var err error
		// A token with constraints gets an empty list. NetBox deletes what it does not show.
		if stored, err = r.connection.client.StoredObjects(ctx, state.ID.ValueInt64()); err == nil && stored == 0 {
			sees = "; this API token sees none of them"
		}
	}
	objects := fmt.Sprintf("the %d objects that were imported into it", stored)
	if stored == 0 {
		objects = fmt.Sprintf("every object that was imported into it (up to %d, the number that its cluster had at "+
			"the last sync%s)", imported, sees)
	}
	diags.AddWarning("Imported objects are deleted with the fabric", fmt.Sprintf(
		"Deleting the fabric %d (%s) from NetBox also deletes %s. To keep them, apply deletion_policy = "+
			"\"decommission\" or \"abandon\" before the destroy.", state.ID.ValueInt64(), quote(state.Name), objects))
}

// differencesFrom returns a removal with the differences between NetBox's record and a prior
// state.
func differencesFrom(state *fabricModel, read *netbox.Read, entityTags bool) plannedRemoval {
	p := plannedRemoval{Revision: storedRevision(netbox.RevisionOf(&read.Fabric)), EntityTags: entityTags,
		Changed: fabric.Attributes{}}
	current := netbox.AttributesOf(&read.Fabric)
	for field, was := range state.attributes() {
		now, there := current[field]
		switch {
		case !there || fabric.Equal(field, was, now):
		case fabric.Secret(field):
			p.Unmanaged = append(p.Unmanaged, field)
		default:
			p.Changed[field] = now
		}
	}
	return p
}

// removal returns what a removal may overwrite: what was read when it was planned, or the
// prior state if nothing could be read then.
func (m *fabricModel) removal(ctx context.Context, private privateReader) (netbox.Delete, diag.Diagnostics) {
	var diags diag.Diagnostics
	d := netbox.Delete{ID: m.ID.ValueInt64(), Revision: revisionIn(ctx, private, &diags), Before: m.attributes()}
	p, planned, got := removalKey.get(ctx, private)
	diags.Append(got...)
	if !planned {
		return d, diags
	}
	d.Revision, d.EntityTags = netbox.Revision(p.Revision), p.EntityTags
	for field, value := range p.Changed {
		d.Before[field] = fabric.DecodedAttribute(field, value)
	}
	for _, field := range p.Unmanaged {
		delete(d.Before, field)
	}
	return d, diags
}

func (r *fabricResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state fabricModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout := timeoutOf(state.Timeouts, "delete", defaultTimeout, &resp.Diagnostics)
	removal, diags := state.removal(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || state.DeletionPolicy.ValueString() == deletionAbandon {
		return
	}
	client := r.connection.netbox(&resp.Diagnostics)
	defer r.connection.warnUntested(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	what := fmt.Sprintf("the fabric %d (%s)", removal.ID, quote(state.Name))
	action, remove := "delete ", client.Fabrics().Delete
	if state.DeletionPolicy.ValueString() == deletionDecommission {
		action, remove = "decommission ", func(ctx context.Context, d netbox.Delete) (bool, error) {
			return decommission(ctx, client, d)
		}
	}
	if !plannedHere(ctx, req.Private, client, action+what, &resp.Diagnostics) {
		return
	}
	gone, err := remove(ctx, removal)
	switch {
	case err != nil:
		addError(&resp.Diagnostics, action+what, err)
	case gone:
		resp.Diagnostics.AddWarning("Fabric was not in NetBox", "NetBox no longer has "+what+
			", or this API token cannot see it: NetBox "+
			"gives the same answer for both. Terraform has removed the fabric from the state. If it should still "+
			"exist, look for it with "+
			"another API token.")
	}
}

// decommission sets a fabric's status to decommissioned and leaves it in NetBox. It reports
// whether the fabric was already gone.
func decommission(ctx context.Context, client *netbox.Client, d netbox.Delete) (gone bool, err error) {
	set := map[string]any{"status": fabric.LifecycleDecommissioned, "sync_enabled": false}
	planned := maps.Clone(d.Before)
	maps.Copy(planned, set)
	_, err = client.Fabrics().Update(ctx, netbox.Update{
		ID: d.ID, Revision: d.Revision, EntityTags: d.EntityTags, Before: d.Before, Planned: planned, Set: set,
	})
	if _, missing := errors.AsType[*rest.NotFoundError](err); missing {
		return true, nil
	}
	return false, err
}
