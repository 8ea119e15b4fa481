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
	raw, resp, err := c.api.StatusAPI.StatusRetrieve(ctx).Execute()
	request := Request{http.MethodGet, c.base.JoinPath("api/status/").String()}
	if resp == nil {
		return Status{}, c.transportError(request, err)
	}
	// The client has put the body back after reading it, so that a failure can
	// be classified like any other.
	a, readErr := c.read(request, resp)
	switch {
	case readErr != nil:
		return Status{}, readErr
	case err != nil || raw == nil:
		return Status{}, c.unexpected(a, "NetBox's status is a JSON object")
	}
	var s Status
	s.NetBoxVersion, _ = raw["netbox-version"].(string)
	if s.NetBoxVersion == "" {
		return Status{}, c.unexpected(a, "NetBox's status names its version")
	}
	if plugins, ok := raw["plugins"].(map[string]any); ok {
		s.PluginVersion, _ = plugins[pluginName].(string)
	}
	c.seen.setVersion(s.NetBoxVersion)
	return s, nil
}

// Check makes sure, once, that there is a NetBox with the plugin, new enough.
// A failed check is made again by the next operation.
func (c *Client) Check(ctx context.Context) error {
	c.checking.Lock()
	defer c.checking.Unlock()
	if c.checked || c.config.SkipVersion {
		return nil
	}
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
	c.checked = true
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
