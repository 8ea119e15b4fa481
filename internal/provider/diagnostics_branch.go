package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// explainBranch is about a branch that cannot be worked in.
func explainBranch(err error) (summary, detail string) {
	e, ok := errors.AsType[*rest.BranchError](err)
	if !ok {
		return "", ""
	}
	setting := "branch (or NETBOX_BRANCH)"
	if e.ByHeader {
		setting = "X-NetBox-Branch in headers (or NETBOX_HEADERS)"
	}
	summary, detail = branchWords(e, setting)
	return summary, capital(detail) + " Nothing was read from main or written to it instead."
}

func branchWords(e *rest.BranchError, setting string) (summary, detail string) {
	branch := fmt.Sprintf("the branch %q", e.Branch)
	switch e.Reason {
	case rest.BranchPluginMissing:
		return "NetBox has no plugin for branches", fmt.Sprintf("%s cannot be used: the NetBox at %s does not have "+
			"the plugin netbox_branching. Without it, NetBox would make every change in main. Install NetBox "+
			"Branching, check that server_url names the right NetBox, or unset %s to work in main.", branch,
			e.ServerURL, setting)
	case rest.BranchHeaderLost:
		return "Branch does not reach NetBox", fmt.Sprintf("%s cannot be used: requests to %s have the header "+
			"X-NetBox-Branch, but NetBox answers them as if they had not. A proxy or gateway on the way removes it, "+
			"and NetBox would make every change in main. Have it pass the header on.", branch, e.ServerURL)
	case rest.BranchUnknown:
		return "Branch not found in NetBox", fmt.Sprintf("the NetBox at %s has no branch %q, or this API token may "+
			"not view it. Set %s to the exact name, in which upper and lower case differ, or to the schema id of "+
			"8 characters. Unset it to work in main.", e.ServerURL, e.Branch, setting)
	case rest.BranchGone:
		return "Branch not found in NetBox", fmt.Sprintf("%s was deleted from the NetBox at %s during this run. A new "+
			"branch with the same name is another branch. Run it again in a branch that exists.", branch, e.ServerURL)
	case rest.BranchForbidden:
		return "Branch cannot be looked up", fmt.Sprintf("NetBox does not let this API token look up %s by its name. "+
			"Give its user the permission view on NetBox Branching: Branch, or set %s to the branch's schema id, "+
			"which needs no permission.", branch, setting)
	case rest.BranchRefused:
		return "Branch cannot be looked up", fmt.Sprintf("NetBox refuses %s. It does not exist, or it is not ready: "+
			"NetBox gives the same answer for both, and this API token may not view branches. Check %s and the "+
			"branch's status in NetBox, or give the token's user the permission view on NetBox Branching: Branch.",
			branch, setting)
	case rest.BranchNotReady:
		return "Branch is not ready", fmt.Sprintf("%s has the status %q, and did not become ready in the time that "+
			"the operation may take. Run it again when the branch is ready. If it stays new, NetBox's background "+
			"worker (netbox rqworker) does not run.", branch, e.Status)
	case rest.BranchMerging, rest.BranchEnded:
		return "Branch can no longer be used", fmt.Sprintf("%s has the status %q, so it takes no more changes. Unset "+
			"%s to work in main, or name another branch.", branch, e.Status, setting)
	}
	return "Branch cannot be used", fmt.Sprintf("%s has the status %q. NetBox's administrator must bring it in order "+
		"first: its page in NetBox shows its jobs. Or set %s to another branch.", branch, e.Status, setting)
}

// fromOtherBranch adds an error if a fabric that NetBox does not have may be missing only
// because the state is of another branch. It reports whether it did.
func fromOtherBranch(ctx context.Context, private privateReader, client *netbox.Client, what string,
	diags *diag.Diagnostics) bool {
	was, _, got := branchKey.get(ctx, private)
	diags.Append(got...)
	now := storedBranch(client.Branch())
	if was.SchemaID == now.SchemaID {
		return false
	}
	advice := "The branch may be older than the fabric: sync the branch in NetBox, and run it again."
	switch {
	case now.SchemaID == "":
		advice = fmt.Sprintf("A fabric that was created in the branch is in main only after the merge: merge the "+
			"branch in NetBox, or work in it again with branch = %q.", was.name())
	case was.SchemaID != "":
		advice = "A branch has the fabrics that main had when it was created or last synced, and its own: use one " +
			"state for each branch."
	}
	diags.AddError("Fabric is of another branch", fmt.Sprintf("NetBox at %s does not have %s in %s, and the state was "+
		"last refreshed in %s. It stays in the state. %s If the fabric was deleted, or the branch that created it was "+
		"given up, remove it from the state with terraform state rm.", client.ServerURL(), what, now, was, advice))
	return true
}

// plannedHere reports whether a write was planned in the branch that the provider works in,
// and adds an error if not. A saved plan has the provider's configuration, but not the
// variables of the environment: without NETBOX_BRANCH, what was planned in a branch would be
// written in main. Nothing of a plan tells a create of it: Terraform plans it again.
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
		diags.AddError("Plan is of another branch", fmt.Sprintf("Could not %s: its state was last refreshed in %s, "+
			"and the provider works in %s. Nothing was written. If the plan was saved, apply it with the same branch: "+
			"a saved plan does not hold NETBOX_BRANCH. Otherwise make a new plan, without -refresh=false.", action, was,
			now))
	}
	return !diags.HasError()
}

// String returns the branch in words.
func (b storedBranch) String() string {
	switch {
	case b.SchemaID == "":
		return "main"
	case b.Name == "":
		return fmt.Sprintf("the branch with the schema id %s", b.SchemaID)
	}
	return fmt.Sprintf("the branch %q (schema id %s)", b.Name, b.SchemaID)
}

// name returns what names the branch in a configuration.
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
		diags.AddError("No sync in a branch", fmt.Sprintf("The provider works in the branch %q of NetBox (by branch, "+
			"NETBOX_BRANCH or the header X-NetBox-Branch). A sync there would put every object of the cluster into "+
			"the branch's review, and its merge would conflict with the syncs of main. Leave hedgehog_fabric_sync out "+
			"of what is applied in a branch, and sync in main after the merge.", branch))
	}
}
