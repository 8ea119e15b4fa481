package rest

// BranchReason is why a branch cannot be worked in.
type BranchReason int

const (
	// BranchPluginMissing is a NetBox without NetBox Branching, which would change main.
	BranchPluginMissing BranchReason = iota
	// BranchHeaderLost is a NetBox that the header does not reach, so that it would
	// change main.
	BranchHeaderLost
	// BranchUnknown is a name or schema id that no branch has which this token may view.
	BranchUnknown
	// BranchGone is a branch that was deleted after it was found.
	BranchGone
	// BranchForbidden is a name that this token may not look up.
	BranchForbidden
	// BranchRefused is a branch that NetBox refuses, and that this token may not look up.
	BranchRefused
	// BranchNotReady is a branch that will be ready, and was not in time.
	BranchNotReady
	// BranchMerging is a branch that is being merged.
	BranchMerging
	// BranchEnded is a branch that was merged or archived.
	BranchEnded
	// BranchBroken is a branch that only NetBox's administrator can make ready.
	BranchBroken
)

// BranchError is a branch that cannot be worked in. Nothing was read or written instead.
type BranchError struct {
	ServerURL string
	Branch    string // its name, or its schema id where the name is not known
	ByHeader  bool   // it was configured as a header
	Reason    BranchReason
	Status    string // of the branch, as NetBox has it; "" if not known
	// Answer is what showed it; nil for none. It is not wrapped, so that nobody takes it
	// for the answer to a request about a fabric.
	Answer error
}

// because returns the error with the answer that showed it.
func (e *BranchError) because(answer error) *BranchError {
	shown := *e
	shown.Answer = answer
	return &shown
}

func (c *Client) branchError(reason BranchReason) *BranchError {
	e := &BranchError{ServerURL: c.ServerURL(), Branch: c.branch.wanted, ByHeader: c.branch.byHeader, Reason: reason}
	if b := c.Branch(); b.Name != "" {
		e.Branch = b.Name
	}
	return e
}

// unusable returns why a branch with a status cannot be worked in; nil if it can, or if
// its status is not known: NetBox refuses what is not ready.
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
