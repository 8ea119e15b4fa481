package netbox

import (
	"context"
	"errors"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// guardedWrite is a PATCH or DELETE with If-Match whose outcome is verified.
type guardedWrite struct {
	fabrics  *Fabrics
	sent     writeAttempts
	id       int64
	revision Revision
	method   string
	body     map[string]any
	// judge decides by a record whether the write is done or may continue. Its error ends
	// the write.
	judge func(*Read) (fabric.Verdict, error)

	entityTags bool // NetBox is known to have entity tags
	// ownOnly says that a record as planned counts as done only if we have sent a write.
	ownOnly bool
	move    *move // names that it gives up or wants; nil for none
}

// run returns the fabric after a PATCH, and nil after a DELETE. If the fabric does not
// exist, the error is a [*rest.NotFoundError].
func (w *guardedWrite) run(ctx context.Context) (*Read, error) {
	ctx, cancel := w.fabrics.client.rest.WithDeadline(ctx)
	defer cancel()
	w.fabrics.client.reads.exclude(w.id)
	tag := w.revision.EntityTag()
	// NetBox before 4.6 ignores If-Match. Until an answer has an ETag, read before writing.
	// A change in the short time between the two is not noticed.
	readFirst := tag == "" || (!w.entityTags && !w.fabrics.client.HasEntityTags())
	var lastErr error
	for attempt := 1; ; attempt++ {
		if readFirst {
			read, done, err := w.readAndJudge(ctx, lastErr)
			if err != nil || done {
				return read, err
			}
			current := RevisionOf(&read.Fabric).EntityTag()
			if refused, ok := errors.AsType[*rest.PreconditionError](lastErr); ok && current == tag {
				rewritten := &RewrittenTagError{ID: w.id, Request: refused.Request,
					LastUpdated: read.Fabric.LastUpdated}
				return nil, w.sent.failed(ctx, rewritten)
			}
			if err := w.pauseBefore(ctx, attempt, lastErr); err != nil {
				return nil, err
			}
			tag = current
		}
		read, err := w.sendMoving(ctx, tag)
		if err == nil {
			return read, nil
		}
		w.sent.note(err)
		_, changed := errors.AsType[*rest.PreconditionError](err)
		_, missing := errors.AsType[*rest.NotFoundError](err)
		if missing || (w.sent.unknown == nil && !changed) {
			return nil, err
		}
		readFirst, lastErr = true, err // an earlier attempt of ours may be the reason for a refusal
	}
}

// pauseBefore waits before the write is sent again, or returns why it is not sent.
func (w *guardedWrite) pauseBefore(ctx context.Context, attempt int, lastErr error) error {
	switch {
	case lastErr == nil: // nothing was sent yet
		return nil
	case w.sent.exhausted(lastErr):
		return w.sent.failed(ctx, lastErr)
	case !rest.OutcomeUnknown(lastErr): // the record has changed, and may change again while we wait
		return nil
	}
	if err := w.fabrics.client.rest.Pause(ctx, attempt, lastErr); err != nil {
		return w.sent.ended(ctx, lastErr, err)
	}
	return nil
}

// sendMoving sends the write. If its name is taken, it sends it again each time that the
// name becomes free.
func (w *guardedWrite) sendMoving(ctx context.Context, tag string) (*Read, error) {
	if w.move == nil {
		return w.send(ctx, tag)
	}
	for {
		w.move.sending()
		read, err := w.send(ctx, tag)
		if !refusedName(err) || !w.move.wait(ctx, w.fabrics.client.moveWait()) {
			return read, err
		}
	}
}

func (w *guardedWrite) send(ctx context.Context, tag string) (*Read, error) {
	header := http.Header{}
	if tag != "" {
		header.Set("If-Match", tag)
	}
	m := rest.Message{Method: w.method, Path: fabricPath(w.id), Query: withoutDisplayURL(), Header: header}
	if w.body != nil {
		m.Body = w.body
	}
	a, err := w.fabrics.client.rest.Do(ctx, &m)
	switch {
	case err != nil:
		return nil, err
	case w.method != http.MethodDelete:
		return w.fabrics.client.readFabric(a)
	case a.Status != http.StatusNoContent: // a login page, for example: the outcome is unknown
		return nil, a.Unexpected("expected 204 after deleting a fabric")
	}
	return nil, nil //nolint:nilnil // there is nothing to read any more
}

// readAndJudge reads the fabric and judges whether the write is done. After a write of unknown
// outcome, it continues even if the operation was canceled.
func (w *guardedWrite) readAndJudge(ctx context.Context, lastErr error) (read *Read, done bool, err error) {
	if lastErr != nil {
		var cancel context.CancelFunc
		ctx, cancel = w.fabrics.client.rest.Verifying(ctx)
		defer cancel()
	}
	read, err = w.fabrics.get(ctx, w.id)
	_, missing := errors.AsType[*rest.NotFoundError](err)
	switch {
	case missing:
		return nil, false, err
	case err != nil && w.sent.unknown != nil: // also after a 412, which an earlier write of ours may have caused
		return nil, false, &UnverifiedError{Write: w.sent.unknown, Read: err}
	case err != nil:
		return nil, false, err
	}
	if err := w.revision.Matches(&read.Fabric); err != nil {
		return nil, false, err
	}
	verdict, err := w.judge(read)
	if err != nil {
		return nil, false, err
	}
	return read, verdict == fabric.AsPlanned && lastErr != nil && (w.sent.unknown != nil || !w.ownOnly), nil
}
