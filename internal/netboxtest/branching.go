package netboxtest

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The plugin netbox_branching.
const (
	branchingName    = "netbox_branching"
	branchingVersion = "1.2.2"
	branchingPath    = "/api/plugins/branching/"
	branchType       = branchingName + ".branch"
	branchHeader     = "X-NetBox-Branch"
)

// BranchStatus is the status of a branch.
type BranchStatus string

// The statuses of a branch. Only a ready branch can be used.
const (
	BranchNew               BranchStatus = "new"
	BranchProvisioning      BranchStatus = "provisioning"
	BranchReady             BranchStatus = "ready"
	BranchSyncing           BranchStatus = "syncing"
	BranchMigrating         BranchStatus = "migrating"
	BranchMerging           BranchStatus = "merging"
	BranchReverting         BranchStatus = "reverting"
	BranchMerged            BranchStatus = "merged"
	BranchArchived          BranchStatus = "archived"
	BranchPendingMigrations BranchStatus = "pending-migrations"
	BranchFailed            BranchStatus = "failed"
)

// branching is the plugin's data.
type branching struct {
	main     *schema
	branches []*branch // ordered by id
	jobs     map[int64]*job
	waiting  []*job // for the worker
	idle     bool   // the worker does not run
	// The latest ids.
	lastBranch, lastJob, lastDiff int64
}

// branch is one branch.
type branch struct {
	id                    int64
	name, schemaID, about string
	status                BranchStatus
	owner, mergedBy       *identity
	created, updated      time.Time
	lastSync, merged      time.Time // zero for null
	schema                *schema   // nil until it is provisioned
	seen                  int       // how many of main's changes it has
	diffs                 []*diff
}

// Branch is a branch for a test.
type Branch struct {
	ID       int64
	Name     string
	SchemaID string
	Status   BranchStatus
}

// AddBranch adds a ready branch, and returns its schema id. It panics without
// [Options.Branching].
func (s *Server) AddBranch(name string) (schemaID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.newBranch(name, &identity{user: "admin", admin: true})
	s.provision(b)
	return b.schemaID
}

// SetBranchStatus gives a branch another status, as an interrupted job or an
// administrator would. It panics if there is no such branch.
func (s *Server) SetBranchStatus(name string, status BranchStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.branching.branches, func(b *branch) bool { return b.name == name })
	if i < 0 {
		panic("stand-in NetBox: no branch " + name)
	}
	s.branching.branches[i].status = status
}

// Branches returns all branches ordered by id.
func (s *Server) Branches() []Branch {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Branch{}
	for _, b := range s.branching.branches {
		all = append(all, Branch{ID: b.id, Name: b.name, SchemaID: b.schemaID, Status: b.status})
	}
	return all
}

// StopWorker makes jobs wait until StartWorker, so that a new branch stays new. By default the
// worker does a job right after the request for it.
func (s *Server) StopWorker() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.branching.idle = true
}

// StartWorker does the waiting jobs, and later ones at once.
func (s *Server) StartWorker() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.branching.idle = false
	s.work()
}

func newBranching(main *schema) *branching {
	return &branching{main: main, jobs: map[int64]*job{}}
}

func (s *Server) newBranch(name string, owner *identity) *branch {
	s.branching.lastBranch++
	b := &branch{id: s.branching.lastBranch, name: name, schemaID: newSchemaID(), status: BranchNew, owner: owner,
		created: s.clock.stamp(time.Time{})}
	b.updated = s.clock.stamp(b.created)
	s.branching.branches = append(s.branching.branches, b)
	return b
}

// provision gives a branch its copy of main.
func (s *Server) provision(b *branch) {
	b.schema, b.seen = s.branching.main.clone(s.models), len(s.branching.main.changes)
	b.lastSync, b.status = s.clock.stamp(time.Time{}), BranchReady
}

func newSchemaID() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	id := make([]byte, 8)
	for i := range id {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(fmt.Sprintf("stand-in NetBox: %v", err)) // never fails
		}
		id[i] = letters[n.Int64()]
	}
	return string(id)
}

// chosenBranch returns the branch that a request names, or nil for main. The plugin checks it
// before NetBox checks the token or the path.
func (s *Server) chosenBranch(r *http.Request, path string) (*branch, *answer) {
	if s.branching == nil || path == "/api/status/" {
		return nil, nil
	}
	values, given := r.Header[http.CanonicalHeaderKey(branchHeader)]
	chosen := strings.Join(values, ",")
	if !given {
		if chosen = r.URL.Query().Get("_branch"); chosen == "" {
			return nil, nil
		}
	}
	for _, b := range s.branching.branches {
		switch {
		case b.schemaID != chosen:
			continue
		case b.status == BranchReady:
			return b, nil
		case !given: // from its source: main, and a message on the next page
			return nil, nil
		}
		return nil, badRequest("Selected branch is not ready.")
	}
	return nil, badRequest("Invalid branch identifier")
}

// badRequest returns Django's own refusal: plain text with the type text/html.
func badRequest(sentence string) *answer {
	return &answer{status: http.StatusBadRequest, sentence: sentence}
}

// enter switches the server to a branch's data, or to main's for nil, until leave is called.
func (s *Server) enter(b *branch) (leave func()) {
	if b == nil {
		return func() {}
	}
	s.store.schema = b.schema
	return func() { s.store.schema = s.branching.main }
}

// orphan reports whether an object is in the request's branch, but no longer in main. Such an
// object cannot be changed.
func (c *call) orphan(m *model, id int64) bool {
	if c.branch == nil || id == 0 || c.branching.main.tables[m.endpoint].get(id) != nil {
		return false
	}
	d := c.branch.diffOf(m.objectType, id)
	return d == nil || d.action != "create"
}
