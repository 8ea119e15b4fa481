package rest

import (
	"cmp"
	"context"
	"errors"
	"net/url"
)

const branchesPath = "/api/plugins/branching/branches/"

// branchRecord is a branch as NetBox lists it.
type branchRecord struct {
	Branch
	status string
}

func decodeBranch(_ *Answer, raw []byte) (branchRecord, error) {
	f, err := ReadFields(raw)
	if err != nil {
		return branchRecord{}, err
	}
	b := Branch{Name: f.Text("name", Required), SchemaID: f.Text("schema_id", Required)}
	r := branchRecord{b, f.Choice("status")}
	if r.SchemaID == "" {
		f.Fail("schema_id", "is empty")
	}
	return r, f.Err()
}

// lookUpBranch returns the configured branch, or looks again at the known one, with its
// status. The status is "" if this token cannot view branches.
func (c *Client) lookUpBranch(ctx context.Context, known Branch) (found Branch, status string, err error) {
	wanted := c.branch.wanted
	r, err := c.findRecord(ctx, wanted, known.SchemaID)
	_, noPath := errors.AsType[*PluginMissingError](err)
	_, notFound := errors.AsType[*NotFoundError](err)
	_, invalid := errors.AsType[*InvalidError](err)
	forbidden, denied := errors.AsType[*ForbiddenError](err)
	denied = denied && !forbidden.BadToken()
	switch {
	case noPath, notFound:
		return Branch{}, "", c.branchError(BranchPluginMissing).because(err)
	case invalid:
		return Branch{}, "", c.branchError(BranchUnknown).because(err)
	case denied && schemaID.MatchString(wanted):
		return Branch{SchemaID: wanted}, "", nil // NetBox itself refuses an id that is wrong
	case denied:
		return Branch{}, "", c.branchError(BranchForbidden).because(err)
	case err != nil:
		return Branch{}, "", err
	case r == nil && known.Name != "":
		return Branch{}, "", c.branchError(BranchGone)
	case r == nil:
		return Branch{}, "", c.branchError(BranchUnknown)
	}
	return r.Branch, r.status, nil
}

// findRecord looks for a branch: for a known one by its schema id, otherwise by its exact
// name, or by its schema id if no branch has that name. It returns nil if there is none.
func (c *Client) findRecord(ctx context.Context, wanted, known string) (*branchRecord, error) {
	// NetBox lists the branches with exactly this name.
	r, err := c.searchBranches(ctx, url.Values{"name": {wanted}}, func(r *branchRecord) bool {
		return r.Name == wanted && (known == "" || r.SchemaID == known)
	})
	id := cmp.Or(known, wanted)
	if r != nil || err != nil || known == "" && !schemaID.MatchString(id) {
		return r, err
	}
	// NetBox ignores a filter by schema id.
	return c.searchBranches(ctx, nil, func(r *branchRecord) bool { return r.SchemaID == id })
}

func (c *Client) searchBranches(ctx context.Context, query url.Values, match func(*branchRecord) bool) (
	*branchRecord, error) {
	list := List[branchRecord]{Client: c, Path: branchesPath, Query: query, Decode: decodeBranch, outside: true}
	records, err := list.All(ctx)
	if err != nil {
		return nil, err
	}
	for i := range records {
		if match(&records[i]) {
			return &records[i], nil
		}
	}
	return nil, nil //nolint:nilnil // there is none
}
