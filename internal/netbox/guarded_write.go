package netbox

import (
	"context"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

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

	entityTags bool // NetBox is known to have entity tags
	// ownOnly: a record as planned means done only after a write of our own.
	ownOnly bool
	move    *move // which names it gives up or wants; nil for none
}

// run returns the fabric after a PATCH, and nil after a DELETE. A fabric that
// is not there is a [*NotFoundError].
func (w *guardedWrite) run(ctx context.Context) (*Read, error) {
	ctx, cancel := w.client.bounded(ctx)
	defer cancel()
	w.client.reads.writing(w.id)
	tag := w.mark.EntityTag()
	// A NetBox before 4.6 ignores If-Match: until an answer has shown an ETag,
	// look before writing. The short window that stays is documented.
	look := tag == "" || (!w.entityTags && !w.client.seen.hasETag())
	var lastErr error
	for attempt := 1; ; attempt++ {
		if look {
			read, done, err := w.look(ctx, lastErr)
			if err != nil || done {
				return read, err
			}
			current := MarkOf(&read.Fabric).EntityTag()
			if refused, ok := asError[*PreconditionError](lastErr); ok && current == tag {
				rewritten := &RewrittenTagError{ID: w.id, Request: refused.Request,
					LastUpdated: read.Fabric.LastUpdated}
				return nil, w.givenUp(rewritten, rewritten)
			}
			if err := w.again(ctx, attempt, lastErr); err != nil {
				return nil, err
			}
			tag = current
		}
		read, err := w.sendMoving(ctx, tag)
		if err == nil {
			return read, nil
		}
		w.note(err)
		_, changed := asError[*PreconditionError](err)
		_, missing := asError[*NotFoundError](err)
		if missing || (w.unknown == nil && !changed) {
			return nil, err
		}
		look, lastErr = true, err // a refusal may be due to an earlier attempt of ours
	}
}

// again waits before the write is sent again, or returns why it is not.
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

// sendMoving sends the write, and again as often as the name that it was refused for
// becomes free.
func (w *guardedWrite) sendMoving(ctx context.Context, tag string) (*Read, error) {
	if w.move == nil {
		return w.send(ctx, tag)
	}
	for {
		w.move.sending()
		read, err := w.send(ctx, tag)
		if !refusedName(err) || !w.move.wait(ctx, w.client.movePatience()) {
			return read, err
		}
	}
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
	_, missing := asError[*NotFoundError](err)
	switch {
	case missing:
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
