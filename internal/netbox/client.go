// Package netbox reads and writes NetBox's objects: the fabrics of its Hedgehog plugin and
// the objects that are imported into them. It knows how NetBox behaves, and its faults.
// Package rest makes the requests; package fabric has the rules about fabrics.
package netbox

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	pluginName = "netbox_hedgehog"
	// minimumVersion is the oldest NetBox on which the plugin's migrations work.
	minimumVersion = "4.4.7"
	// newestTested is the newest minor version of NetBox that the tests have run on.
	newestTested = "4.7"
)

// Client reads and writes the objects of one NetBox. It is safe for concurrent use.
type Client struct {
	rest             *rest.Client
	changelog        string      // the configured message; "" for none
	entityTags       atomic.Bool // single answers carry an ETag (NetBox >= 4.6)
	reads            sharedRefreshes
	names            nameIndex
	moving           movingNames
	inventory        *inventory                        // nil for none
	countedAlone     atomic.Int64                      // fabrics whose imported objects were counted one by one
	objectsUncounted atomic.Bool                       // there are too many to read them all
	objectCounts     atomic.Pointer[map[int64]int64]   // imported objects by fabric
	customFields     atomic.Pointer[definitionsAnswer] // with their definitions
	customKeys       atomic.Pointer[definitionsAnswer] // with only their keys
}

// New returns a client. It makes no network call. It returns the errors of [rest.New].
func New(config rest.Config) (*Client, error) {
	config.Needs = rest.Requirements{Plugin: pluginName, API: pluginPath, Version: minimumVersion, Tested: newestTested}
	transport, err := rest.New(config)
	if err != nil {
		return nil, err
	}
	c := &Client{rest: transport}
	c.reads.after = func(d time.Duration, do func()) { time.AfterFunc(d, do) }
	return c, nil
}

// ServerURL returns the configured URL of NetBox.
func (c *Client) ServerURL() string { return c.rest.ServerURL() }

// Check checks, once, that NetBox has the plugin and is new enough.
func (c *Client) Check(ctx context.Context) error { return c.rest.Check(ctx) }

// TakeUntested returns, once, a warning about a NetBox that is newer than the newest tested
// version; see [rest.Client.TakeUntested].
func (c *Client) TakeUntested() *rest.Untested { return c.rest.TakeUntested() }

// Status asks NetBox for its version and plugins.
func (c *Client) Status(ctx context.Context) (rest.Status, error) { return c.rest.Status(ctx) }

// Ping checks whether NetBox answers, whatever it has answered before.
func (c *Client) Ping(ctx context.Context) error { return c.rest.Ping(ctx) }

// InBranch reports whether the client works in a branch of NetBox Branching, and returns
// the branch as configured: its name or its schema id.
func (c *Client) InBranch() (configured string, in bool) { return c.rest.InBranch() }

// Branch returns the branch of the client's requests. It is zero for main, and until the
// first request.
func (c *Client) Branch() rest.Branch { return c.rest.Branch() }

// FindBranch is like [Client.Branch], but makes a request if the client has not made one yet.
func (c *Client) FindBranch(ctx context.Context) (rest.Branch, error) {
	if _, in := c.InBranch(); !in {
		return rest.Branch{}, nil
	}
	if err := c.Check(ctx); err != nil {
		return rest.Branch{}, err
	}
	return c.rest.FindBranch(ctx)
}

// KeepSecret remembers a secret that did not come from NetBox, so that it is masked in all
// messages that the client writes or reports.
func (c *Client) KeepSecret(secret string) { c.rest.KeepSecret(secret) }

// Mask masks every secret that the client has handled in a string.
func (c *Client) Mask(text string) string { return c.rest.Mask(text) }

// Audience returns who reads the client's messages.
func (c *Client) Audience() rest.Audience { return c.rest.Audience() }

// HasEntityTags reports whether an answer of NetBox has had an entity tag.
func (c *Client) HasEntityTags() bool { return c.entityTags.Load() }

// definitionsAnswer is NetBox's answer to a request for definitions.
type definitionsAnswer struct {
	definitions map[string]fabric.CustomFieldDefinition
	err         error
	asked       time.Time // before the request was sent
}

// moveWait is how long a write waits for a taken name while no other write is giving it up.
func (c *Client) moveWait() time.Duration { return moveWaitFactor * c.rest.RetryWait() }
