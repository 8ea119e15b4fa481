package netbox

import (
	"context"
	"net/http"

	"github.com/hashicorp/go-version"
)

const (
	pluginName = "netbox_hedgehog"
	// minimumVersion is the oldest NetBox that can migrate the plugin.
	minimumVersion = "4.4.7"
	// publishedPluginVersion is the oldest NetBox whose fabrics can be written while the
	// plugin is as it was published.
	publishedPluginVersion = "4.5.2"
)

// Status is what NetBox says of itself.
type Status struct {
	NetBoxVersion string
	PluginVersion string // of netbox_hedgehog; "" when it is not installed
}

// Status asks NetBox for its version and plugins.
func (c *Client) Status(ctx context.Context) (Status, error) {
	a, err := c.send(ctx, http.MethodGet, "/api/status/", nil, nil, nil)
	if missing, ok := asError[*NotFoundError](err); ok { // of no fabric: this is not a NetBox
		return Status{}, &UnexpectedAnswerError{
			Request: missing.Request, Status: http.StatusNotFound, ContentType: "application/json",
			Excerpt: missing.Detail,
			Problem: "NetBox's API has its status there",
		}
	}
	if forbidden, ok := asError[*ForbiddenError](err); ok { // the status takes no permission
		forbidden.token = true
	}
	if err != nil {
		return Status{}, err
	}
	var body struct {
		Version string            `json:"netbox-version"`
		Plugins map[string]string `json:"plugins"`
	}
	if err := c.decode(a, &body); err != nil {
		return Status{}, err
	}
	if body.Version == "" {
		return Status{}, c.unexpected(a, "the status names no NetBox version")
	}
	c.seen.setVersion(body.Version, a.apiVersion())
	return Status{NetBoxVersion: body.Version, PluginVersion: body.Plugins[pluginName]}, nil
}

// Ping asks NetBox for a sign of life, whatever it has said before.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.Status(ctx)
	return err
}

// Check makes sure, once, that there is a NetBox with the plugin, new enough.
// Operations at the same time share a check; a failed one is made again by the
// next operation.
func (c *Client) Check(ctx context.Context) error {
	if c.config.SkipVersion || c.checked.Load() {
		return nil
	}
	return c.together(ctx, "check", c.check)
}

func (c *Client) check(ctx context.Context) error {
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	if status.PluginVersion == "" {
		return &PluginMissingError{ServerURL: c.ServerURL(), Version: status.NetBoxVersion}
	}
	if v, err := version.NewVersion(status.NetBoxVersion); err == nil &&
		v.Core().LessThan(version.Must(version.NewVersion(minimumVersion))) {
		return &VersionError{ServerURL: c.ServerURL(), Version: status.NetBoxVersion, Minimum: minimumVersion}
	}
	c.checked.Store(true)
	return nil
}

// setVersion notes NetBox's version, and that of its API as the answer's header has it.
func (o *observations) setVersion(netbox, api string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.version, o.stripped = netbox, api == ""
}

func (o *observations) netboxVersion() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.version
}

// unversioned reports whether NetBox's answers come without the header API-Version.
func (o *observations) unversioned() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stripped
}

// answered reports whether NetBox has answered, as far as that can be told.
func (o *observations) answered() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.version != "" || !o.lastDate.IsZero()
}
