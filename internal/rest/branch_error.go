package rest

// BranchReason is why a branch cannot be used.
type BranchReason int

const (
	// BranchPluginMissing: NetBox does not have NetBox Branching, and would change main.
	BranchPluginMissing BranchReason = iota
	// BranchHeaderLost: NetBox does not receive the header, and would change main.
	BranchHeaderLost
	// BranchUnknown: no branch that this token can view has the name or schema id.
	BranchUnknown
	// BranchGone: the branch was deleted after it was found.
	BranchGone
	// BranchForbidden: this token cannot look up the name.
	BranchForbidden
	// BranchRefused: NetBox refuses the branch, and this token cannot look it up.
	BranchRefused
	// BranchNotReady: the branch will be ready, but was not in time.
	BranchNotReady
	// BranchMerging: the branch is being merged.
	BranchMerging
	// BranchEnded: the branch was merged or archived.
	BranchEnded
	// BranchBroken: only a NetBox administrator can make the branch ready.
	BranchBroken
)

// BranchError means that a branch cannot be used. Nothing was read or written instead.
type BranchError struct {
	ServerURL string
	Branch    string // its name, or its schema id if the name is not known
	ByHeader  bool   // it was configured as a header
	Reason    BranchReason
	Status    string // of the branch, as NetBox has it; "" if not known
	// Answer is the error that showed it, or nil if there is none. It is not wrapped, so that it does
	// not pass for the answer to a request about a fabric.
	Answer error
	to     Audience
}

// because returns the error with the answer that showed it.
func (e *BranchError) because(answer error) *BranchError {
	shown := *e
	shown.Answer = answer
	return &shown
}

func (c *Client) branchError(reason BranchReason) *BranchError {
	e := &BranchError{
		ServerURL: c.ServerURL(), Branch: c.branch.wanted, ByHeader: c.branch.byHeader, Reason: reason,
		to: c.config.Audience,
	}
	if b := c.Branch(); b.Name != "" {
		e.Branch = b.Name
	}
	return e
}

// unusable returns why a branch with a status cannot be used. It returns nil if it can, or
// if the status is not known: NetBox refuses a branch that is not ready.
func (c *Client) unusable(status string) *BranchError {
	reason := BranchBroken
	switch status {
	case "", "ready":
		return nil
	case "new", "provisioning", "syncing", "migrating", "reverting":
		reason = BranchNotReady
	case "merging":
		reason = BranchMerging
	case "merged", "archived":
		reason = BranchEnded
	}
	e := c.branchError(reason)
	e.Status = status
	return e
}
