package netbox

import (
	"context"
	"errors"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Update is a change of a fabric.
type Update struct {
	ID       int64
	Revision Revision
	// Before and Planned are all managed attributes, by NetBox's field name.
	Before, Planned fabric.Attributes
	// Set are the values to send: those that change, and those that follow from them.
	Set map[string]any
	// EntityTags reports whether NetBox is known to have entity tags.
	EntityTags bool
	// Consequences reports whether Set has more values than Planned compares (facts that
	// are reset). Then another user's equal change does not do everything.
	Consequences bool
}

// Update changes a fabric and returns it from NetBox's answer. It writes only to the fabric
// of the revision (otherwise the error is an [*AnotherFabricError]). It never overwrites
// another user's change of a managed attribute ([*ConflictError]). It verifies writes of
// unknown outcome. If another fabric has the name, the error is a [*NameTakenError], unless
// another write of this client is giving the name up. If tags don't exist, the error is a
// [*MissingTagsError].
func (f *Fabrics) Update(ctx context.Context, u Update) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	own := func(ctx context.Context) []fabric.Tag {
		read, err := f.get(ctx, u.ID)
		if err != nil { // the user needs NetBox's refusal then
			return nil
		}
		return read.Fabric.Tags
	}
	return f.client.spellTags(ctx, u.Set, own, func(set map[string]any) (*Read, error) {
		u.Set = set
		return f.update(ctx, u)
	})
}

func (f *Fabrics) update(ctx context.Context, u Update) (*Read, error) {
	f.client.keepSecrets(u.Set)
	w := guardedWrite{
		fabrics: f, id: u.ID, revision: u.Revision, entityTags: u.EntityTags, ownOnly: u.Consequences,
		method: http.MethodPatch, body: f.client.body(ctx, u.Set),
		judge: func(current *Read) (fabric.Verdict, error) {
			return compareManaged("update", u.Before, u.Planned, current)
		},
	}
	to, renamed := u.Set["name"].(string)
	if renamed {
		w.move = f.client.moving.begin(nameOf(u.Before), to)
	}
	read, err := w.run(ctx)
	if renamed {
		w.move.end(err == nil)
	}
	if renamed && refusedName(err) {
		return nil, f.nameTaken(ctx, w.move)
	}
	if err == nil {
		f.client.names.learn(&read.Fabric)
	}
	return read, err
}

// Delete is a fabric to delete, with everything that was imported into it.
type Delete struct {
	ID       int64
	Revision Revision
	Before   fabric.Attributes // all managed attributes, by NetBox's field name
	// EntityTags reports whether NetBox is known to have entity tags.
	EntityTags bool
}

// Delete deletes a fabric. It reports whether the fabric was already gone: NetBox gives the
// same answer for a fabric that this token cannot see. It returns the errors of
// [Fabrics.Update].
func (f *Fabrics) Delete(ctx context.Context, d Delete) (gone bool, err error) {
	if err := f.client.Check(ctx); err != nil {
		return false, err
	}
	w := guardedWrite{
		fabrics: f, id: d.ID, revision: d.Revision, entityTags: d.EntityTags, method: http.MethodDelete,
		body: f.client.body(ctx, nil),
		judge: func(current *Read) (fabric.Verdict, error) {
			verdict, err := compareManaged("delete", d.Before, d.Before, current)
			return max(verdict, fabric.NotYet), err // it is still there
		},
	}
	w.move = f.client.moving.begin(nameOf(d.Before), "")
	_, err = w.run(ctx)
	_, missing := errors.AsType[*rest.NotFoundError](err)
	w.move.end(err == nil || missing)
	if missing {
		return w.sent.unknown == nil, nil
	}
	return false, err
}
