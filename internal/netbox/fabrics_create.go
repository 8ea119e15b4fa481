package netbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Create is a fabric to create.
type Create struct {
	// Set are the values to send, by NetBox's field name.
	Set map[string]any
	// Planned are the same values as attributes, to recognize the fabric.
	Planned fabric.Attributes
}

// Create creates a fabric and returns it from NetBox's answer. If the answer is lost or a
// 5xx, it reads NetBox to find out whether the fabric was created. So there is never a
// second fabric and never a lost one. If another fabric has the name, the error is a
// [*NameTakenError], unless another write of this client is giving the name up; that fabric
// is not touched. If tags don't exist, the error is a [*MissingTagsError].
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
	c := &creation{fabrics: f, name: name, planned: create.Planned}
	c.message = rest.Message{
		Method: http.MethodPost, Path: fabricsPath, Query: withoutDisplayURL(), Body: f.client.body(ctx, create.Set),
		Before: c.noteTime,
	}
	c.move = f.client.moving.begin("", name)
	read, err := c.run(ctx)
	c.move.end(false)
	if err == nil {
		f.client.reads.exclude(read.Fabric.ID)
		f.client.names.learn(&read.Fabric)
	}
	return read, err
}

// creation is a POST whose outcome is verified.
type creation struct {
	fabrics   *Fabrics
	sent      writeAttempts
	name      string
	planned   fabric.Attributes
	message   rest.Message
	notBefore time.Time // NetBox's time before the first POST that may have reached it
	move      *move
}

// noteTime records NetBox's time before a POST, until a POST may have reached NetBox.
// Otherwise, a fabric that another user created during a pause would count as ours.
func (c *creation) noteTime(ctx context.Context) (err error) {
	if c.sent.unknown == nil {
		c.notBefore, err = c.fabrics.client.rest.ServerTime(ctx)
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
		if c.sent.unknown == nil && taken {
			if c.move.wait(ctx, c.fabrics.client.moveWait()) {
				continue
			}
			return nil, c.fabrics.nameTaken(ctx, c.move)
		}
		c.sent.note(err)
		if c.sent.unknown == nil {
			return nil, err
		}
		// An earlier attempt of ours may be the reason for a refusal.
		read, verifyErr := c.verify(ctx)
		_, missing := errors.AsType[*rest.NotFoundError](verifyErr)
		_, others := errors.AsType[*NameTakenError](verifyErr)
		switch {
		case others && c.move.wait(ctx, c.fabrics.client.moveWait()):
			continue
		case verifyErr == nil, others:
			return read, verifyErr
		case !missing:
			return nil, &UnverifiedError{Write: c.sent.unknown, Read: verifyErr}
		case taken:
			return nil, &NameTakenError{Name: c.name}
		case c.sent.exhausted(err):
			return nil, c.sent.failed(ctx, err)
		}
		if pauseErr := c.fabrics.client.rest.Pause(ctx, attempt, err); pauseErr != nil {
			return nil, c.sent.ended(ctx, err, pauseErr)
		}
	}
}

func (c *creation) post(ctx context.Context) (*Read, error) {
	a, err := c.fabrics.client.rest.Do(ctx, &c.message)
	if err != nil {
		return nil, err
	}
	return c.fabrics.client.readFabric(a)
}

// verify looks for the fabric after a POST of unknown outcome. A fabric is ours only if it
// has every sent value and was not created before we began. One mistake remains possible:
// our POST never arrived, and between NetBox's last answer before it and our POST, a matter
// of seconds, another user created a fabric with exactly the same values.
func (c *creation) verify(ctx context.Context) (*Read, error) {
	ctx, cancel := c.fabrics.client.rest.Verifying(ctx)
	defer cancel()
	read, err := c.fabrics.holder(ctx, c.name)
	if err != nil {
		return nil, err
	}
	verdict, _ := fabric.Compare(fabric.Attributes{}, c.planned, AttributesOf(&read.Fabric))
	if verdict != fabric.AsPlanned || c.notBefore.IsZero() || read.Fabric.Created.Before(c.notBefore) {
		return nil, &NameTakenError{Name: c.name, ID: read.Fabric.ID}
	}
	return read, nil
}

// holder reads the fabric that has a name, so that no other can have it. To NetBox, a name
// in another Unicode form is another name.
func (f *Fabrics) holder(ctx context.Context, name string) (*Read, error) {
	read, err := f.findByName(ctx, name)
	_, ambiguous := errors.AsType[*AmbiguousNameError](err)
	if ambiguous || err == nil && read.Fabric.Name != name {
		return nil, f.notNamed(name)
	}
	return read, err
}

// nameTaken finds out which fabric has the name that a move wants.
func (f *Fabrics) nameTaken(ctx context.Context, m *move) error {
	ctx, cancel := f.client.rest.Verifying(ctx)
	defer cancel()
	taken := &NameTakenError{Name: m.to, Cycle: m.inCycle()}
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
