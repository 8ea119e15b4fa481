package netbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Create is a fabric to be made.
type Create struct {
	// Set are the values to send, by NetBox's field name.
	Set map[string]any
	// Planned are the same values as attributes, to recognise the fabric by.
	Planned fabric.Attributes
}

// Create makes a fabric and returns it as NetBox answered. Where an answer is
// lost or a 5xx, it finds out by reading whether the fabric was made, so that
// there is never a second one and never a lost one. A name that another fabric
// has is a [*NameTakenError], unless another write of this client is giving it up;
// that fabric is not touched. Tags that do not exist are a [*MissingTagsError].
func (f *Fabrics) Create(ctx context.Context, create Create) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	none := func(context.Context) []fabric.Tag { return nil }
	return f.client.spellTags(ctx, create.Set, none, func(set map[string]any) (*Read, error) {
		return f.create(ctx, Create{Set: set, Planned: create.Planned})
	})
}

func (f *Fabrics) create(ctx context.Context, create Create) (*Read, error) {
	ctx, cancel := f.client.rest.WithDeadline(ctx)
	defer cancel()
	f.client.keepSecrets(create.Set)
	name, _ := create.Planned["name"].(string)
	c := &creation{Fabrics: f, name: name, planned: create.Planned}
	c.message = rest.Message{
		Method: http.MethodPost, Path: fabricsPath, Query: withoutDisplayURL(), Body: f.client.body(ctx, create.Set),
		Before: c.mark,
	}
	c.move = f.client.moving.begin("", name)
	read, err := c.run(ctx)
	c.move.end(false)
	if err == nil {
		f.client.reads.writing(read.Fabric.ID)
		f.client.names.learn(&read.Fabric)
	}
	return read, err
}

// creation is a POST whose outcome is settled by reading.
type creation struct {
	*Fabrics
	outstanding
	name      string
	planned   fabric.Attributes
	message   rest.Message
	notBefore time.Time // NetBox's time before the first POST that may have reached it
	move      *move
}

// mark takes NetBox's time before a POST, as long as none may have reached NetBox:
// pauses in between make nothing ours that somebody else has made meanwhile.
func (c *creation) mark(ctx context.Context) (err error) {
	if c.unknown == nil {
		c.notBefore, err = c.client.rest.ServerTime(ctx)
	}
	return err
}

func (c *creation) run(ctx context.Context) (*Read, error) {
	for attempt := 1; ; attempt++ {
		c.move.sending()
		read, err := c.post(ctx)
		if err == nil {
			return read, nil
		}
		taken := refusedName(err)
		if c.unknown == nil && taken {
			if c.move.wait(ctx, c.client.movePatience()) {
				continue
			}
			return nil, c.nameTaken(ctx, c.move)
		}
		c.note(err)
		if c.unknown == nil {
			return nil, err
		}
		// A refusal may be due to an earlier attempt of ours.
		read, settleErr := c.settle(ctx)
		_, missing := errors.AsType[*rest.NotFoundError](settleErr)
		_, others := errors.AsType[*NameTakenError](settleErr)
		switch {
		case others && c.move.wait(ctx, c.client.movePatience()):
			continue
		case settleErr == nil, others:
			return read, settleErr
		case !missing:
			return nil, &UnsettledError{Write: c.unknown, Read: settleErr}
		case taken:
			return nil, &NameTakenError{Name: c.name}
		case c.exhausted(err):
			return nil, c.givenUp(err, err)
		}
		if pauseErr := c.client.rest.Pause(ctx, attempt, err); pauseErr != nil {
			return nil, c.givenUp(rest.Interrupted(ctx, err), pauseErr)
		}
	}
}

func (c *creation) post(ctx context.Context) (*Read, error) {
	a, err := c.client.rest.Do(ctx, &c.message)
	if err != nil {
		return nil, err
	}
	return c.client.readFabric(a)
}

// settle looks for the fabric after a POST of unknown outcome. It is ours only if
// every sent value is there and it was not made before we began. What stays is a
// fabric with the very same values that somebody else has made since NetBox's last
// answer before our POST, seconds at most, while our POST never arrived.
func (c *creation) settle(ctx context.Context) (*Read, error) {
	ctx, cancel := c.client.rest.Verifying(ctx)
	defer cancel()
	read, err := c.holder(ctx, c.name)
	if err != nil {
		return nil, err
	}
	verdict, _ := fabric.Compare(fabric.Attributes{}, c.planned, AttributesOf(&read.Fabric))
	if verdict != fabric.AsPlanned || c.notBefore.IsZero() || read.Fabric.Created.Before(c.notBefore) {
		return nil, &NameTakenError{Name: c.name, ID: read.Fabric.ID}
	}
	return read, nil
}

// holder reads the fabric that keeps others from having a name. To NetBox, a name in
// another Unicode form is another name.
func (f *Fabrics) holder(ctx context.Context, name string) (*Read, error) {
	read, err := f.findByName(ctx, name)
	_, ambiguous := errors.AsType[*AmbiguousNameError](err)
	if ambiguous || err == nil && read.Fabric.Name != name {
		return nil, f.noneNamed(name)
	}
	return read, err
}

// nameTaken finds out which fabric has the name that a move wants.
func (f *Fabrics) nameTaken(ctx context.Context, m *move) error {
	ctx, cancel := f.client.rest.Verifying(ctx)
	defer cancel()
	taken := &NameTakenError{Name: m.to, Circle: m.inCircle()}
	read, err := f.holder(ctx, m.to)
	if _, missing := errors.AsType[*rest.NotFoundError](err); missing {
		return taken
	}
	if err != nil {
		taken.Unread = true
		return fmt.Errorf("%w; which fabric has it could not be found out: %w", taken, err)
	}
	taken.ID = read.Fabric.ID
	return taken
}

// body makes what is sent of the values to set: tags are named by objects, custom
// fields are one object, and the message for NetBox's change log goes along. It
// is nil when empty.
func (c *Client) body(ctx context.Context, set map[string]any) map[string]any {
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
	if message := c.changelogMessage(ctx); message != "" {
		put("changelog_message", message)
	}
	return body
}

// keepSecrets remembers secrets of a body, so that an answer that repeats them
// cannot bring them into an error.
func (c *Client) keepSecrets(body map[string]any) {
	for field, value := range body {
		if s, ok := value.(string); ok && fabric.Secret(field) {
			c.rest.KeepSecret(s)
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
