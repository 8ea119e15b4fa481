package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// explainBranch describes a branch that cannot be used.
func explainBranch(err error) (summary, detail string) {
	e, ok := errors.AsType[*rest.BranchError](err)
	if !ok {
		return "", ""
	}
	what, advice := e.Explain()
	detail = fmt.Sprintf("%s. %s. The provider did not use main instead.", capital(what), capital(advice))
	switch e.Reason {
	case rest.BranchPluginMissing:
		return "NetBox has no plugin for branches", detail
	case rest.BranchHeaderLost:
		return "Branch does not reach NetBox", detail
	case rest.BranchUnknown, rest.BranchGone:
		return "Branch not found in NetBox", detail
	case rest.BranchForbidden, rest.BranchRefused:
		return "Branch cannot be looked up", detail
	case rest.BranchNotReady:
		return "Branch is not ready", detail
	case rest.BranchMerging, rest.BranchEnded:
		return "Branch can no longer be used", detail
	}
	return "Branch cannot be used", detail
}

// fromOtherBranch adds an error if a fabric may be missing in NetBox only because the state
// is from another branch. It reports whether it did.
func fromOtherBranch(ctx context.Context, private privateReader, client *netbox.Client, what string,
	diags *diag.Diagnostics) bool {
	was, _, got := branchKey.get(ctx, private)
	diags.Append(got...)
	now := storedBranch(client.Branch())
	if was.SchemaID == now.SchemaID {
		return false
	}
	advice := "The branch may be older than the fabric. Sync the branch in NetBox, and run Terraform again."
	switch {
	case now.SchemaID == "":
		advice = fmt.Sprintf("A fabric that was created in a branch is in main only after the merge. Merge the "+
			"branch in NetBox, or work in it again with branch = %q.", was.name())
	case was.SchemaID != "":
		advice = "A branch has the fabrics that main had when the branch was created or last synced, and those that " +
			"were created in the branch. Use one state for each branch."
	}
	diags.AddError("Fabric belongs to another branch", fmt.Sprintf("NetBox at %s does not have %s in %s, and the "+
		"state was last refreshed in %s. The fabric stays in the state. %s If the fabric was deleted, or the branch "+
		"in which it was created was abandoned, remove it with terraform state rm.", client.ServerURL(), what, now, was,
		advice))
	return true
}

// plannedHere reports whether a write was planned in the provider's branch, and adds an
// error otherwise. A saved plan has the provider's configuration, but not its environment
// variables. Without NETBOX_BRANCH, what was planned in a branch would be written in main.
// For a create, plannedHere cannot find this out: Terraform plans it again, without private
// state from the saved plan.
func plannedHere(ctx context.Context, private privateReader, client *netbox.Client, action string,
	diags *diag.Diagnostics) bool {
	was, _, got := branchKey.get(ctx, private)
	diags.Append(got...)
	branch, err := client.FindBranch(ctx)
	now := storedBranch(branch)
	switch {
	case err != nil:
		addError(diags, action, err)
	case was.SchemaID != now.SchemaID:
		diags.AddError("Plan was made in another branch", fmt.Sprintf("Could not %s: its state was last refreshed in "+
			"%s, and the provider now works in %s. This fabric was not changed. But new fabrics of the same plan may "+
			"have been created in %[3]s: the output says \"Creation complete\" for each. Delete them there, and "+
			"remove them from the state with terraform state rm. Apply a saved plan in the same branch: it does not "+
			"contain NETBOX_BRANCH. Otherwise make a new plan, without -refresh=false.", action, was, now))
	}
	return !diags.HasError()
}

// String describes the branch.
func (b storedBranch) String() string {
	switch {
	case b.SchemaID == "":
		return "main"
	case b.Name == "":
		return fmt.Sprintf("the branch with the schema id %s", b.SchemaID)
	}
	return fmt.Sprintf("the branch %q (schema id %s)", b.Name, b.SchemaID)
}

// name returns the name of the branch in a configuration.
func (b storedBranch) name() string {
	if b.Name != "" {
		return b.Name
	}
	return b.SchemaID
}

// refuseSyncInBranch adds an error if the provider works in a branch.
func (c *connection) refuseSyncInBranch(diags *diag.Diagnostics) {
	if c == nil || c.client == nil {
		return
	}
	if branch, in := c.client.InBranch(); in {
		diags.AddError("No sync in a branch", fmt.Sprintf("The provider works in the branch %q of NetBox (set by "+
			"branch, NETBOX_BRANCH or the X-NetBox-Branch header). A sync there would put every object of the cluster "+
			"into the branch's review, and the merge would conflict with the syncs of main. Do not apply "+
			"hedgehog_fabric_sync in a branch. Sync in main after the merge.", branch))
	}
}
