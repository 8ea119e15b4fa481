package rest

import "fmt"

// BranchSettings are the names by which a program has its users set a branch.
type BranchSettings struct {
	Branch    string // such as NETBOX_BRANCH
	Header    string // the header that names a branch
	ServerURL string
}

// Explain says why the branch cannot be worked in, and what to do next, for whoever is
// configured by settings of these names: two sentences, each without a capital and a full
// stop.
func (e *BranchError) Explain(by BranchSettings) (what, advice string) {
	setting, main := by.Branch, "unset "+by.Branch+" to work in main"
	if e.ByHeader {
		setting, main = by.Header, "unset "+by.Header+" to work in main"
	}
	switch e.Reason {
	case BranchPluginMissing:
		advice = fmt.Sprintf("install NetBox Branching, check that %s names the right NetBox, or %s", by.ServerURL, main)
	case BranchHeaderLost:
		advice = "a proxy or gateway on the way removes it: have it pass the header on"
	case BranchUnknown:
		advice = fmt.Sprintf("set %s to the exact name, in which upper and lower case differ, or to the schema id of 8 "+
			"characters; or %s", setting, main)
		if e.ByHeader {
			advice = fmt.Sprintf("set %s to the schema id of a branch, or leave the header out and name the branch in %s; "+
				"or %s", setting, by.Branch, main)
		}
	case BranchGone:
		advice = "a new branch with the same name is another branch: run it again in a branch that exists"
	case BranchForbidden:
		advice = fmt.Sprintf("give its user the permission view on NetBox Branching: Branch, or set %s to the branch's "+
			"schema id, which needs no permission", setting)
	case BranchRefused:
		advice = fmt.Sprintf("check %s and the branch's status in NetBox, or give the token's user the permission view on "+
			"NetBox Branching: Branch", setting)
	case BranchNotReady:
		advice = "run it again when the branch is ready; if it stays new, NetBox's background worker (netbox rqworker) " +
			"does not run"
	case BranchMerging, BranchEnded:
		advice = main + ", or name another branch"
	case BranchBroken:
		advice = fmt.Sprintf("NetBox's administrator must bring it in order first: its page in NetBox shows its jobs; or "+
			"set %s to another branch", setting)
	}
	return e.Error(), advice
}

func (e *BranchError) Error() string {
	branch := fmt.Sprintf("the branch %q of the NetBox at %s", e.Branch, e.ServerURL)
	switch e.Reason {
	case BranchPluginMissing:
		return fmt.Sprintf("the branch %q cannot be used: the NetBox at %s does not have the plugin %s, and without it "+
			"every request would be made in main", e.Branch, e.ServerURL, branchPlugin)
	case BranchHeaderLost:
		return fmt.Sprintf("the branch %q cannot be used: requests to %s have the header %s, but NetBox answers them as "+
			"if they had not, so they would be made in main", e.Branch, e.ServerURL, branchHeader)
	case BranchUnknown:
		return fmt.Sprintf("the NetBox at %s has no branch %q, or this API token may not view it", e.ServerURL, e.Branch)
	case BranchGone:
		return branch + " was deleted during this run"
	case BranchForbidden:
		return fmt.Sprintf("the NetBox at %s does not let this API token look up the branch %q by its name", e.ServerURL,
			e.Branch)
	case BranchRefused:
		return fmt.Sprintf("the NetBox at %s refuses the branch %q: it does not exist or is not ready, which NetBox "+
			"answers alike, and this API token may not view branches", e.ServerURL, e.Branch)
	case BranchNotReady:
		return fmt.Sprintf("%s has the status %q, and did not become ready in time", branch, e.Status)
	case BranchMerging, BranchEnded:
		return fmt.Sprintf("%s has the status %q, so it can no longer be used", branch, e.Status)
	}
	return fmt.Sprintf("%s cannot be used: it has the status %q", branch, e.Status)
}
