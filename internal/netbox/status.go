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
)

// Status is what NetBox says of itself.
type Status struct {
	NetBoxVersion string
	PluginVersion string // of netbox_hedgehog; "" when it is not installed
}

// Status asks NetBox for its version and plugins.
func (c *Client) Status(ctx context.Context) (Status, error) {
	a, err := c.send(ctx, http.MethodGet, "/api/status/", nil, nil, nil)
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
		return Status{}, c.unexpected(a, "NetBox's status names its version")
	}
	c.seen.setVersion(body.Version)
	return Status{NetBoxVersion: body.Version, PluginVersion: body.Plugins[pluginName]}, nil
}

// Check makes sure, once, that there is a NetBox with the plugin, new enough.
// Operations at the same time share a check, so that a NetBox which does not
// answer is not waited for by one after the other; a failed check is made again
// by the next operation.
func (c *Client) Check(ctx context.Context) error {
	if c.config.SkipVersion || c.checked.Load() {
		return nil
	}
	result := c.checking.DoChan("", func() (any, error) {
		ctx, cancel := c.settling(ctx) // whoever waits may be cancelled; the others are not
		defer cancel()
		return nil, c.check(ctx)
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r := <-result:
		return r.Err
	}
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

func (o *observations) setVersion(v string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.version = v
}

func (o *observations) netboxVersion() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.version
}
