package netbox

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Mark identifies a fabric beyond its id, and the version of it that was read.
type Mark struct {
	Created     time.Time // birth mark; zero when not known
	LastUpdated time.Time // of the version that was read; zero when not known
}

// MarkOf returns the mark of a fabric that was read.
func MarkOf(f *fabric.Fabric) Mark { return Mark{f.Created, f.LastUpdated} }

// Update is a change of a fabric.
type Update struct {
	ID   int64
	Mark Mark
	// Before and Planned are all managed attributes, by NetBox's field name.
	Before, Planned fabric.Attributes
	// Set are the values to send: those that change, and what follows from them.
	Set map[string]any
	// Consequences tells that Set holds more than Planned compares (facts that
	// start afresh): then somebody else's same change does not do the whole of it.
	Consequences bool
}

// Update changes a fabric and returns it as NetBox answered. It writes only to
// the fabric of the mark ([*BirthMarkError] otherwise), never over a change of a
// managed attribute by somebody else ([*ConflictError]), and settles unknown
// outcomes by reading.
func (f *Fabrics) Update(ctx context.Context, u Update) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	f.client.keepSecrets(u.Set)
	w := guardedWrite{
		Fabrics: f, id: u.ID, mark: u.Mark, ownOnly: u.Consequences, method: http.MethodPatch, body: f.client.body(u.Set),
		judge: func(current *Read) (fabric.Verdict, error) {
			return compareManaged("update", u.Before, u.Planned, current)
		},
	}
	read, err := w.run(ctx)
	if err == nil {
		f.client.names.learn(&read.Fabric)
	}
	return read, err
}

// Delete is a fabric to be removed, with all that was imported into it.
type Delete struct {
	ID     int64
	Mark   Mark
	Before fabric.Attributes // all managed attributes, by NetBox's field name
}

// Delete removes a fabric. It reports whether it was gone already: NetBox gives
// the same answer for a fabric that this token may not see. Errors are those of
// [Fabrics.Update].
func (f *Fabrics) Delete(ctx context.Context, d Delete) (gone bool, err error) {
	if err := f.client.Check(ctx); err != nil {
		return false, err
	}
	w := guardedWrite{
		Fabrics: f, id: d.ID, mark: d.Mark, method: http.MethodDelete, body: f.client.body(nil),
		judge: func(current *Read) (fabric.Verdict, error) {
			verdict, err := compareManaged("delete", d.Before, d.Before, current)
			return max(verdict, fabric.NotYet), err // it is still there
		},
	}
	_, err = w.run(ctx)
	var missing *NotFoundError
	if errors.As(err, &missing) {
		return w.unknown == nil, nil
	}
	return false, err
}

// compareManaged judges a record by its managed attributes. One that somebody
// else has changed is a [*ConflictError].
func compareManaged(operation string, before, planned fabric.Attributes, current *Read) (fabric.Verdict, error) {
	verdict, differences := fabric.Compare(before, planned, AttributesOf(&current.Fabric))
	if verdict == fabric.Conflict {
		return verdict, &ConflictError{ID: current.Fabric.ID, Operation: operation, Differences: differences}
	}
	return verdict, nil
}

// guardedWrite is a PATCH or DELETE that carries If-Match and whose outcome is
// settled by reading.
type guardedWrite struct {
	*Fabrics
	outstanding
	id     int64
	mark   Mark
	method string
	body   map[string]any
	// judge says of a record that was read whether the write is done, or may go
	// on. Its error ends the write.
	judge func(*Read) (fabric.Verdict, error)

	// ownOnly: a record as planned means done only after a write of our own.
	ownOnly bool
}

// run returns the fabric after a PATCH, and nil after a DELETE. A fabric that
// is not there is a [*NotFoundError].
func (w *guardedWrite) run(ctx context.Context) (*Read, error) {
	ctx, cancel := w.client.bounded(ctx)
	defer cancel()
	w.client.reads.writing(w.id)
	tag := EntityTag(w.mark.LastUpdated)
	// A NetBox before 4.6 ignores If-Match: until an answer has shown an ETag,
	// look before writing. The short window that stays is documented.
	look := tag == "" || w.mark.Created.IsZero() || !w.client.seen.hasETag()
	var lastErr error
	for attempt := 1; ; attempt++ {
		if look {
			read, done, err := w.look(ctx, lastErr)
			if err != nil || done {
				return read, err
			}
			if err := w.again(ctx, attempt, lastErr); err != nil {
				return nil, err
			}
			tag = read.Tag
		}
		read, err := w.send(ctx, tag)
		if err == nil {
			return read, nil
		}
		w.note(err)
		var changed *PreconditionError
		var missing *NotFoundError
		if errors.As(err, &missing) || (w.unknown == nil && !errors.As(err, &changed)) {
			return nil, err
		}
		look, lastErr = true, err // a refusal may be due to an earlier attempt of ours
	}
}

// again waits before the write is sent again, or tells why it is not.
func (w *guardedWrite) again(ctx context.Context, attempt int, lastErr error) error {
	switch {
	case lastErr == nil: // nothing was sent yet
		return nil
	case w.exhausted(lastErr):
		return w.givenUp(lastErr, lastErr)
	case !unknownOutcome(lastErr): // the record has changed; it may again while we wait
		return nil
	}
	if err := w.client.pauseAfter(ctx, attempt, lastErr); err != nil {
		return w.givenUp(interrupted(ctx, lastErr), err)
	}
	return nil
}

func (w *guardedWrite) send(ctx context.Context, tag string) (*Read, error) {
	header := http.Header{}
	if tag != "" {
		header.Set("If-Match", tag)
	}
	var body any
	if w.body != nil {
		body = w.body
	}
	a, err := w.client.send(ctx, w.method, fabricPath(w.id), withoutDisplayURL(), header, body)
	switch {
	case err != nil:
		return nil, err
	case w.method != http.MethodDelete:
		return w.client.readFabric(a)
	case a.status != http.StatusNoContent: // a login page, say: nobody knows what became of the fabric
		return nil, w.client.unexpected(a, "204 was expected of a fabric that is removed")
	}
	return nil, nil //nolint:nilnil // there is nothing to read any more
}

// look reads the fabric and judges whether the write is done. After a write of
// unknown outcome it goes on even when the operation was cancelled.
func (w *guardedWrite) look(ctx context.Context, lastErr error) (read *Read, done bool, err error) {
	if lastErr != nil {
		var cancel context.CancelFunc
		ctx, cancel = w.client.settling(ctx)
		defer cancel()
	}
	read, err = w.get(ctx, w.id)
	var missing *NotFoundError
	switch {
	case errors.As(err, &missing):
		return nil, false, err
	case err != nil && w.unknown != nil: // also after a 412, which an earlier write of ours may have caused
		return nil, false, &UnsettledError{Write: w.unknown, Read: err}
	case err != nil:
		return nil, false, err
	}
	if err := w.mark.Matches(&read.Fabric); err != nil {
		return nil, false, err
	}
	verdict, err := w.judge(read)
	if err != nil {
		return nil, false, err
	}
	return read, verdict == fabric.AsPlanned && lastErr != nil && (w.unknown != nil || !w.ownOnly), nil
}

// Matches compares birth marks. Another fabric under the same id is a
// [*BirthMarkError]; a mark without a time matches any.
func (m Mark) Matches(f *fabric.Fabric) error {
	if m.Created.IsZero() || m.Created.Equal(f.Created) {
		return nil
	}
	return &BirthMarkError{
		ID: f.ID, Name: f.Name,
		Expected: m.Created.UTC().Format(time.RFC3339Nano), Present: f.Created.UTC().Format(time.RFC3339Nano),
	}
}
