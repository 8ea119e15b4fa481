package rest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// NetBox Branching, a plugin of NetBox. A request is made in a branch when a header has
// the branch's schema id. NetBox ignores the header where the plugin is missing, and then
// the request is made in main: so nothing is sent before it is certain that the header
// has an effect.
const (
	branchPlugin = "netbox_branching"
	branchHeader = "X-NetBox-Branch"
	// branchCookie is how the plugin's web pages keep the branch. The API obeys it too.
	branchCookie = "active_branch"
	// noBranch is a schema id that no branch can have.
	noBranch = "not-a-branch"
)

// schemaID matches what may be the schema id of a branch.
var schemaID = regexp.MustCompile(`^[a-z0-9]{8}$`)

// Branch is a branch of NetBox Branching. The zero Branch is main.
type Branch struct {
	Name     string // "" where it is not known
	SchemaID string // what requests name it by; it is never used again
}

// branchUse is the branch that a client works in, as far as it is known.
type branchUse struct {
	wanted   string // name or schema id, as it was configured
	byHeader bool   // configured as a header, which has a schema id

	mu     sync.Mutex
	found  Branch // what wanted is; it stays the same once it was found
	ready  bool   // it was, when it was last looked at
	unseen bool   // this token may not look it up
	proven bool   // NetBox has shown that the header reaches it
	looks  int    // since it was last ready
}

// takeBranch returns the branch that a configuration names, nil for main, and removes the
// header that names it from the others.
func (c *Config) takeBranch() (*branchUse, error) {
	var header *string
	others := map[string]string{}
	for name, value := range c.Headers {
		switch {
		case strings.EqualFold(name, branchHeader):
			header = &value
		case strings.EqualFold(name, "Cookie") && namesBranch(value):
			return nil, &ConfigError{"headers", "headers (or NETBOX_HEADERS) has a cookie " + branchCookie +
				", which names a branch of NetBox Branching. NetBox ignores it without a word once the branch is " +
				"not ready. Leave the cookie out, and name the branch in branch (or NETBOX_BRANCH)."}
		default:
			others[name] = value
		}
	}
	switch {
	case header == nil && c.Branch == "":
		return nil, nil //nolint:nilnil // main is no branch
	case header == nil:
		return &branchUse{wanted: c.Branch}, nil
	case c.Branch != "":
		return nil, &ConfigError{"branch", "branch (or NETBOX_BRANCH) is set, and headers (or NETBOX_HEADERS) has " +
			branchHeader + ". Both name the branch to work in: leave the header out."}
	case !schemaID.MatchString(*header):
		return nil, &ConfigError{settingHeaders, branchHeader + " in headers (or NETBOX_HEADERS) takes the schema id " +
			"of a branch, which has 8 lower-case letters and digits: NetBox knows no name there. Leave the " +
			"header out, and name the branch in branch (or NETBOX_BRANCH)."}
	}
	c.Headers = others
	return &branchUse{wanted: *header, byHeader: true, found: Branch{SchemaID: *header}}, nil
}

// namesBranch reports whether a header Cookie has the cookie of a branch.
func namesBranch(cookies string) bool {
	request := http.Request{Header: http.Header{"Cookie": {cookies}}}
	return slices.ContainsFunc(request.Cookies(), func(c *http.Cookie) bool { return c.Name == branchCookie })
}

// InBranch reports whether the client works in a branch, and returns it as it was
// configured: by its name or its schema id.
func (c *Client) InBranch() (configured string, in bool) {
	if c.branch == nil {
		return "", false
	}
	return c.branch.wanted, true
}

// Branch returns the branch that requests are made in, once one was made; until then,
// and for main, it is zero.
func (c *Client) Branch() Branch {
	if c.branch == nil {
		return Branch{}
	}
	c.branch.mu.Lock()
	defer c.branch.mu.Unlock()
	return c.branch.found
}

// FindBranch is Branch for a client that may not have made a request yet: it makes those
// that come before the first one.
func (c *Client) FindBranch(ctx context.Context) (Branch, error) {
	ctx, cancel := c.WithDeadline(ctx)
	defer cancel()
	if _, err := c.enterBranch(ctx); err != nil {
		return Branch{}, err
	}
	return c.Branch(), nil
}

type branchKey struct{}

// inBranch returns a context whose requests are made in the branch with a schema id; ""
// for main.
func inBranch(ctx context.Context, schemaID string) context.Context {
	return context.WithValue(ctx, branchKey{}, schemaID)
}

// branchOf returns where the requests of a context are made, and whether that was decided.
func branchOf(ctx context.Context) (schemaID string, decided bool) {
	schemaID, decided = ctx.Value(branchKey{}).(string)
	return schemaID, decided
}

// enterBranch returns a context whose requests are made in the client's branch, once it is
// ready. It waits for that as long as the operation may take.
func (c *Client) enterBranch(ctx context.Context) (context.Context, error) {
	if c.branch == nil {
		return ctx, nil
	}
	var waiting *BranchError
	for {
		if b, ready := c.branch.current(); ready {
			return inBranch(ctx, b.SchemaID), nil
		}
		err := c.Singleflight(ctx, "branch", c.findBranch)
		if e, ok := errors.AsType[*BranchError](err); ok && e.Reason == BranchNotReady {
			waiting = e
		}
		switch {
		case ctx.Err() != nil && waiting != nil:
			return nil, &InterruptedError{Last: waiting, End: ctx.Err()}
		case err != nil && (waiting == nil || !errors.Is(err, waiting)):
			return nil, err
		}
	}
}

// enter returns the context in which a message is sent.
func (c *Client) enter(ctx context.Context, m *Message) (context.Context, error) {
	if m.outside {
		return inBranch(ctx, ""), nil
	}
	return c.enterBranch(ctx)
}

func (b *branchUse) current() (branch Branch, ready bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.found, b.ready
}

// note keeps what a look has shown.
func (b *branchUse) note(found Branch, unseen bool) (looks int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.found, b.unseen = found, unseen
	b.looks++
	return b.looks - 1
}

func (b *branchUse) use() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready, b.proven, b.looks = true, true, 0
}

// doubt makes the next request look at the branch again.
func (b *branchUse) doubt() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready = false
}

// findBranch looks at the branch once. One that is on its way to be ready is a
// [*BranchError] after a pause, which all share who wait for it.
func (c *Client) findBranch(ctx context.Context) error {
	b := c.branch
	b.mu.Lock()
	known, ready, proven := b.found, b.ready, b.proven
	b.mu.Unlock()
	if ready { // by a call that ended when this one began
		return nil
	}
	if !proven {
		if err := c.checkBranching(ctx); err != nil {
			return err
		}
	}
	if proven || !b.byHeader {
		found, status, err := c.lookUpBranch(ctx, known)
		if err != nil {
			return err
		}
		looks := b.note(found, status == "")
		if e := c.unusable(status); e != nil {
			if e.Reason == BranchNotReady {
				reportRetry(ctx, e)
				_ = c.Pause(ctx, looks, nil) // the callers see themselves whether their time is up
			}
			return e
		}
	}
	if !proven {
		if err := c.proveHeader(ctx); err != nil {
			return err
		}
	}
	b.use()
	return nil
}

// checkBranching makes sure that NetBox has the plugin.
func (c *Client) checkBranching(ctx context.Context) error {
	plugins := c.seen.installed()
	if plugins == nil {
		status, err := c.Status(ctx)
		if err != nil {
			return err
		}
		plugins = status.Plugins
	}
	if plugins[branchPlugin] == "" {
		return c.branchError(BranchPluginMissing)
	}
	return nil
}

// proveHeader makes sure that the header reaches NetBox: nothing in an answer shows which
// branch it comes from, and something on the way may remove a header that it does not know,
// perhaps for some paths alone. NetBox answers the id of no branch with 400 everywhere.
func (c *Client) proveHeader(ctx context.Context) error {
	_, err := c.Do(ctx, &Message{
		Method: http.MethodGet, Path: cmp.Or(c.config.Needs.API, "/api/"),
		Header: http.Header{http.CanonicalHeaderKey(branchHeader): {noBranch}}, outside: true,
	})
	if foreign, ok := errors.AsType[*UnexpectedAnswerError](err); ok && foreign.Status == http.StatusBadRequest {
		return nil
	}
	_, forbidden := errors.AsType[*ForbiddenError](err)
	if err == nil || forbidden {
		return c.branchError(BranchHeaderLost)
	}
	return err
}

// mayRefuseBranch reports whether an answer may be how NetBox refuses a branch: with a
// 400 that is not JSON, and in versions of the plugin before 1.2 with a 500. The words of
// both depend on NetBox's language.
func mayRefuseBranch(err error) bool {
	server, _ := errors.AsType[*ServerError](err)
	return refuses(err) || server != nil && server.Status == http.StatusInternalServerError
}

// refuses reports whether an answer is a 400 that is not JSON.
func refuses(err error) bool {
	foreign, _ := errors.AsType[*UnexpectedAnswerError](err)
	return foreign != nil && foreign.Status == http.StatusBadRequest
}

// afterRefusal looks at the branch after an answer that may be its refusal, and waits until
// it is ready again. It returns the error of the request; nil if that is to be made again.
func (c *Client) afterRefusal(ctx context.Context, method string, refused error, again bool) error {
	c.branch.doubt()
	if method != http.MethodGet && !refuses(refused) {
		return refused // what the write did is read back, which looks at the branch first
	}
	if _, err := c.enterBranch(ctx); err != nil {
		if e, ok := errors.AsType[*BranchError](err); ok && ctx.Err() == nil {
			err = e.because(refused)
		}
		return &unsentError{err}
	}
	switch {
	case !refuses(refused): // the branch is ready: it is another fault
		return refused
	case !again:
		return nil
	case c.branch.isUnseen():
		return c.branchError(BranchRefused).because(refused)
	}
	return refused
}

func (b *branchUse) isUnseen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.unseen
}
