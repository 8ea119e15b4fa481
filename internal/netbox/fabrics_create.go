package netbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Create is a fabric to be made.
type Create struct {
	// Set are the values to send, by NetBox's field name.
	Set map[string]any
	// Planned are the same values as attributes, to recognise the fabric by.
	Planned fabric.Attributes
}

// attempts bounds how often a write of unknown outcome is sent.
const attempts = 4

// Create makes a fabric and returns it as NetBox answered. Where an answer is
// lost or a 5xx, it finds out by reading whether the fabric was made, so that
// there is never a second one and never a lost one. A name that another fabric
// has is a [*NameTakenError]; that fabric is not touched.
func (f *Fabrics) Create(ctx context.Context, create Create) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	if f.client.seen.newestDate().IsZero() {
		// The birth of the fabric will be judged by NetBox's own clock.
		if _, err := f.client.Status(ctx); err != nil {
			return nil, err
		}
	}
	f.client.keepSecrets(create.Set)
	name, _ := create.Planned["name"].(string)
	notBefore := f.client.seen.newestDate()
	var unknown error
	for attempt := 1; ; attempt++ {
		a, err := f.client.send(ctx, http.MethodPost, fabricsPath, withoutDisplayURL(), nil, f.client.body(create.Set))
		var read *Read
		if err == nil {
			if read, err = f.client.readFabric(a); err == nil {
				return read, nil
			}
		}
		invalid, isInvalid := asError[*InvalidError](err)
		switch {
		case unknownOutcome(err):
			unknown = err
		case isInvalid && invalid.nameTaken() && unknown == nil:
			return nil, f.nameTaken(ctx, name)
		case isInvalid && invalid.nameTaken(): // perhaps by an earlier attempt of ours
		default:
			return nil, err
		}
		read, settleErr := f.settleCreate(ctx, create, name, notBefore)
		var missing *NotFoundError
		switch {
		case settleErr == nil:
			return read, nil
		case !errors.As(settleErr, &missing):
			if taken, ok := asError[*NameTakenError](settleErr); ok {
				return nil, taken
			}
			return nil, &UnsettledError{Write: err, Read: settleErr}
		case isInvalid:
			return nil, &NameTakenError{Name: name}
		case attempt == attempts || rolledBack(err):
			return nil, err
		}
		if pauseErr := f.client.pauseAfter(ctx, attempt, err); pauseErr != nil {
			return nil, &UnsettledError{Write: err, Read: pauseErr, Interrupted: true}
		}
	}
}

// settleCreate looks for the fabric after a create of unknown outcome. It is
// ours only if every sent value is there and it was not made before we began.
func (f *Fabrics) settleCreate(ctx context.Context, create Create, name string, notBefore time.Time) (*Read, error) {
	ctx, cancel := f.client.settling(ctx)
	defer cancel()
	read, err := f.findByName(ctx, name)
	if err != nil {
		return nil, err
	}
	verdict, _ := fabric.Compare(fabric.Attributes{}, create.Planned, AttributesOf(&read.Fabric))
	if verdict != fabric.AsPlanned || read.Fabric.Created.Before(notBefore) {
		return nil, &NameTakenError{Name: name, ID: read.Fabric.ID}
	}
	return read, nil
}

// nameTaken finds out which fabric has the name.
func (f *Fabrics) nameTaken(ctx context.Context, name string) error {
	ctx, cancel := f.client.settling(ctx)
	defer cancel()
	read, err := f.findByName(ctx, name)
	var missing *NotFoundError
	switch {
	case err == nil:
		return &NameTakenError{Name: name, ID: read.Fabric.ID}
	case errors.As(err, &missing):
		return &NameTakenError{Name: name}
	}
	return fmt.Errorf("%w; which fabric has it could not be found out: %w", &NameTakenError{Name: name, Unread: true}, err)
}

// settling returns a context for finding out what a write did. It outlives the
// operation's: leaving the outcome unknown would lose an object.
func (c *Client) settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*c.config.RequestTimeout)
}

// pause waits before a write is sent again.
func (c *Client) pause(ctx context.Context, attempt int) error {
	return c.pauseAfter(ctx, attempt, nil)
}

// pauseAfter waits as the answer before asked for. It does not wait for what lies
// past the operation's end.
func (c *Client) pauseAfter(ctx context.Context, attempt int, before error) error {
	var asked *http.Response
	if server, ok := asError[*ServerError](before); ok && server.RetryAfter != "" {
		asked = &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {server.RetryAfter}}}
	}
	wait := backoff(c.config.RetryWait, maxRetryWait, attempt, asked)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// body makes what is sent of the values to set: tags are named by objects, custom
// fields are one object, and the message for NetBox's change log goes along. It
// is nil when empty.
func (c *Client) body(set map[string]any) map[string]any {
	var body map[string]any
	put := func(field string, value any) {
		if body == nil {
			body = map[string]any{}
		}
		body[field] = value
	}
	custom := map[string]any{}
	for field, value := range set {
		if key, ok := fabric.CustomFieldKey(field); ok {
			custom[key] = value
			put("custom_fields", custom)
		} else {
			put(field, value)
		}
	}
	if names, ok := set["tags"].([]string); ok {
		tags := make([]map[string]string, len(names))
		for i, name := range names {
			tags[i] = map[string]string{"name": name}
		}
		put("tags", tags)
	}
	if c.config.ChangelogMessage != "" {
		put("changelog_message", c.config.ChangelogMessage)
	}
	return body
}

// keepSecrets remembers secrets of a body, so that an answer that repeats them
// cannot bring them into an error.
func (c *Client) keepSecrets(body map[string]any) {
	for field, value := range body {
		if s, ok := value.(string); ok && fabric.Secret(field) {
			c.secrets.add(s)
		}
	}
}

// tagNames returns the names in order. It is never nil.
func tagNames(tags []fabric.Tag) []string {
	names := make([]string, len(tags))
	for i, t := range tags {
		names[i] = t.Name
	}
	slices.Sort(names)
	return names
}

// AttributesOf returns a fabric's managed values by NetBox's field name, for
// comparison. A token that NetBox does not show is not among them.
func AttributesOf(f *fabric.Fabric) fabric.Attributes {
	attributes := fabric.Attributes{
		"name":                 f.Name,
		"description":          f.Description,
		"status":               f.Lifecycle,
		"kubernetes_server":    f.KubernetesServer,
		"kubernetes_ca_cert":   f.KubernetesCACert,
		"kubernetes_namespace": f.KubernetesNamespace,
		"sync_enabled":         f.SyncEnabled,
		"sync_interval":        f.SyncInterval,
		"tags":                 tagNames(f.Tags),
	}
	if !f.TokenHidden {
		attributes["kubernetes_token"] = f.KubernetesToken
	}
	for key, value := range f.CustomFields {
		attributes[fabric.CustomField(key)] = value
	}
	return attributes
}
