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

// NetBox Branching is a plugin of NetBox. A request is made in a branch if a header has the
// branch's schema id. Without the plugin, NetBox ignores the header, and the request is
// made in main. So nothing is sent before it is certain that the header works.
const (
	branchPlugin = "netbox_branching"
	branchHeader = "X-NetBox-Branch"
	// branchCookie is the cookie with which the plugin's web pages keep the branch. The API
	// obeys it, too.
	branchCookie = "active_branch"
	// noBranch is a schema id that no branch can have.
	noBranch = "not-a-branch"
)

// schemaID matches what may be a branch's schema id.
var schemaID = regexp.MustCompile(`^[a-z0-9]{8}$`)

// Branch is a branch of NetBox Branching. The zero Branch is main.
type Branch struct {
	Name     string // "" where it is not known
	SchemaID string // names it in requests; never reused
}

// branchUse is what is known about the branch that a client works in.
type branchUse struct {
	wanted   string // configured name or schema id
	byHeader bool   // configured as a header, which has a schema id

	mu     sync.Mutex
	found  Branch // the branch that wanted names; constant once found
	ready  bool   // whether it was ready at the last look
	unseen bool   // this token cannot look it up
	proven bool   // NetBox has shown that it receives the header
	looks  int    // looks since it was last ready
}

// takeBranch returns the branch that a configuration names, nil for main. It removes the
// header for it from the configured headers.
func (c *Config) takeBranch() (*branchUse, error) {
	branch, headers := c.Audience.Name(settingBranch), c.Audience.Name(settingHeaders)
	var header *string
	others := map[string]string{}
	for name, value := range c.Headers {
		switch {
		case strings.EqualFold(name, branchHeader):
			header = &value
		case strings.EqualFold(name, "Cookie") && namesBranch(value):
			return nil, &ConfigError{settingHeaders, headers + " has a cookie " + branchCookie + ", which names a " +
				"branch of NetBox Branching. NetBox silently ignores it when the branch is not ready. Remove the " +
				"cookie, and set " + branch + "."}
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
		return nil, &ConfigError{settingBranch, branch + " is set, and " + headers + " has " + branchHeader +
			". Both name the branch to work in: remove the header."}
	case !schemaID.MatchString(*header):
		return nil, &ConfigError{settingHeaders, branchHeader + " in " + headers + " takes the schema id of a " +
			"branch, which has 8 lower-case letters and digits, and not its name. Remove the header, and set " +
			branch + " to the name."}
	}
	c.Headers = others
	return &branchUse{wanted: *header, byHeader: true, found: Branch{SchemaID: *header}}, nil
}

// namesBranch reports whether a Cookie header has a branch's cookie.
func namesBranch(cookies string) bool {
	request := http.Request{Header: http.Header{"Cookie": {cookies}}}
	return slices.ContainsFunc(request.Cookies(), func(c *http.Cookie) bool { return c.Name == branchCookie })
}

// InBranch reports whether the client works in a branch, and returns the branch as
// configured: its name or its schema id.
func (c *Client) InBranch() (configured string, in bool) {
	if c.branch == nil {
		return "", false
	}
	return c.branch.wanted, true
}

// Branch returns the branch of the client's requests. It is zero for main, and until the
// first request.
func (c *Client) Branch() Branch {
	if c.branch == nil {
		return Branch{}
	}
	c.branch.mu.Lock()
	defer c.branch.mu.Unlock()
	return c.branch.found
}

// FindBranch is like [Client.Branch], for a client that might not have made a request yet.
// It makes the requests that come before the first one.
func (c *Client) FindBranch(ctx context.Context) (Branch, error) {
	ctx, cancel := c.WithDeadline(ctx)
	defer cancel()
	if _, err := c.enterBranch(ctx); err != nil {
		return Branch{}, err
	}
	return c.Branch(), nil
}

type branchKey struct{}

// inBranch returns a context for requests in the branch with a schema id, or "" for main.
func inBranch(ctx context.Context, schemaID string) context.Context {
	return context.WithValue(ctx, branchKey{}, schemaID)
}

// branchOf returns where the requests of a context are made, and whether that was decided.
func branchOf(ctx context.Context) (schemaID string, decided bool) {
	schemaID, decided = ctx.Value(branchKey{}).(string)
	return schemaID, decided
}

// enterBranch returns a context for requests in the client's branch, once the branch is
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
		switch end := outOfPatience(ctx); {
		case end != nil && waiting != nil:
			return nil, &InterruptedError{Last: waiting, End: end}
		case err != nil && (waiting == nil || !errors.Is(err, waiting)):
			return nil, err
		}
	}
}

// enter returns the context for sending a message.
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

// note records the result of a look at the branch.
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

// findBranch looks at the branch once. If the branch will become ready, it returns a
// [*BranchError] after a pause. All callers that wait for the branch share that pause.
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
				_ = c.Pause(ctx, looks, nil) // the callers check their own time
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

// checkBranching checks that NetBox has the plugin.
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

// proveHeader checks that NetBox receives the header. Nothing in an answer shows which
// branch it comes from, and a proxy may remove a header that it does not know, perhaps only
// for some paths. NetBox answers 400 everywhere to an id that no branch has.
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

// mayRefuseBranch reports whether NetBox may have refused a branch with an answer: a 400
// that is not JSON, or a 500 in versions of the plugin before 1.2. The words of both depend
// on NetBox's language.
func mayRefuseBranch(err error) bool {
	server, _ := errors.AsType[*ServerError](err)
	return refuses(err) || server != nil && server.Status == http.StatusInternalServerError
}

// refuses reports whether an answer is a 400 that is not JSON.
func refuses(err error) bool {
	foreign, _ := errors.AsType[*UnexpectedAnswerError](err)
	return foreign != nil && foreign.Status == http.StatusBadRequest
}

// afterRefusal looks at the branch after an answer that may refuse it, and waits until the
// branch is ready again. It returns the error of the request, or nil if the request must be
// made again.
func (c *Client) afterRefusal(ctx context.Context, method string, refused error, again bool) error {
	c.branch.doubt()
	if method != http.MethodGet && !refuses(refused) {
		return refused // the write is verified, which looks at the branch first
	}
	if _, err := c.enterBranch(ctx); err != nil {
		if e, ok := errors.AsType[*BranchError](err); ok && ctx.Err() == nil {
			err = e.because(refused)
		}
		return &unsentError{err}
	}
	switch {
	case !refuses(refused): // the branch is ready: the fault is another one
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
