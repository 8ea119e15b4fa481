package rest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/hashicorp/go-version"
)

// Status is NetBox's answer about itself.
type Status struct {
	NetBoxVersion string
	Plugins       map[string]string // their versions, by name
}

// Status reads NetBox's version and plugins.
func (c *Client) Status(ctx context.Context) (Status, error) {
	a, err := c.Do(ctx, &Message{Method: http.MethodGet, Path: "/api/status/", outside: true})
	if missing, ok := errors.AsType[*NotFoundError](err); ok { // not of an object: this is not a NetBox
		return Status{}, &UnexpectedAnswerError{
			Request: missing.Request, Status: http.StatusNotFound, ContentType: "application/json",
			Excerpt: missing.Detail,
			Problem: "NetBox's API reports its version at this URL, so this is not NetBox's API",
		}
	}
	if forbidden, ok := errors.AsType[*ForbiddenError](err); ok { // the status needs no permission
		forbidden.token = true
	}
	if err != nil {
		return Status{}, err
	}
	var body struct {
		Version string            `json:"netbox-version"`
		Plugins map[string]string `json:"plugins"`
	}
	if err := a.Decode(&body); err != nil {
		return Status{}, err
	}
	if body.Version == "" {
		return Status{}, a.Unexpected("the status names no NetBox version")
	}
	c.seen.setStatus(Status{NetBoxVersion: body.Version, Plugins: body.Plugins}, a.apiVersion())
	return Status{NetBoxVersion: body.Version, Plugins: body.Plugins}, nil
}

// Ping checks whether NetBox answers, whatever it has answered before.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.Status(ctx)
	return err
}

// Check checks, once, that NetBox meets the configuration's requirements. Concurrent
// operations share a check. After a failed one, the next operation checks again.
func (c *Client) Check(ctx context.Context) error {
	if c.config.SkipVersion || c.checked.Load() {
		return nil
	}
	return c.Singleflight(ctx, "check", c.check)
}

func (c *Client) check(ctx context.Context) error {
	if c.checked.Load() { // by a call that ended when this one began
		return nil
	}
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	needs := c.config.Needs
	if needs.Plugin != "" && status.Plugins[needs.Plugin] == "" {
		return &PluginMissingError{ServerURL: c.ServerURL(), Plugin: needs.Plugin, Version: status.NetBoxVersion}
	}
	if older(status.NetBoxVersion, needs.Version) {
		return &VersionError{ServerURL: c.ServerURL(), Version: status.NetBoxVersion, Minimum: needs.Version}
	}
	if needs.Tested != "" && newerMinor(status.NetBoxVersion, needs.Tested) {
		c.untested.Store(&Untested{ServerURL: c.ServerURL(), Version: status.NetBoxVersion, Newest: needs.Tested})
	}
	c.checked.Store(true)
	return nil
}

// Untested is a NetBox that is newer than the newest tested version.
type Untested struct {
	ServerURL string
	Version   string
	Newest    string // newest minor version that was tested
}

// TakeUntested returns, once, a NetBox that the check found untested. Afterwards, and for
// any other NetBox, it returns nil.
func (c *Client) TakeUntested() *Untested { return c.untested.Swap(nil) }

// older reports whether a version is older than another. It returns false for one that
// cannot be parsed.
func older(found, minimum string) bool {
	v, err := version.NewVersion(found)
	least, noLeast := version.NewVersion(minimum)
	return err == nil && noLeast == nil && v.Core().LessThan(least)
}

// newerMinor reports whether a version has a newer minor version than another. It returns
// false for one that cannot be parsed.
func newerMinor(found, newest string) bool {
	v, err := version.NewVersion(found)
	most, noMost := version.NewVersion(newest)
	return err == nil && noMost == nil && slices.Compare(v.Segments()[:2], most.Segments()[:2]) > 0
}

// ServerTime returns a time by NetBox's clock that is at most some seconds old. It asks
// NetBox if no recent answer has shown it. It returns zero if NetBox's answers have none.
func (c *Client) ServerTime(ctx context.Context) (time.Time, error) {
	date, fresh := c.seen.newestDate()
	if fresh {
		return date, nil
	}
	if _, err := c.Status(ctx); err != nil {
		return time.Time{}, err
	}
	date, _ = c.seen.newestDate()
	return date, nil
}
