package netbox

import (
	"context"
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// maxAttempts limits how often a write is sent if NetBox itself answered each attempt, so
// that no attempt can take effect after it was looked for. If one can, only the end of the
// operation is a limit.
const maxAttempts = 4

// rolledBack reports whether a write that did not take effect is not worth repeating: the
// plugin's fault occurs every time.
func rolledBack(err error) bool {
	server, ok := errors.AsType[*rest.ServerError](err)
	return ok && PluginBug(server)
}

// writeAttempts is what is known about the writes that an operation has sent.
type writeAttempts struct {
	unknown  error // of the newest write with an unknown outcome; nil for none
	late     error // of the newest write that may take effect after it was looked for; nil for none
	sent     int   // number of writes
	answered int   // number that NetBox itself has answered
}

// note records the error of a write.
func (a *writeAttempts) note(err error) {
	a.sent++
	if rest.OutcomeUnknown(err) {
		a.unknown = err
	}
	if rest.MayBeLate(err) {
		a.late = err
	} else {
		a.answered++
	}
}

// exhausted reports whether a write that was not done is not worth sending again after this
// error.
func (a *writeAttempts) exhausted(err error) bool {
	_, changed := errors.AsType[*rest.PreconditionError](err)
	return rolledBack(err) || a.answered >= maxAttempts || (!changed && !rest.OutcomeUnknown(err))
}

// failed returns the error of an operation that does not send its write again after an
// attempt that failed with last.
func (a *writeAttempts) failed(ctx context.Context, last error) error {
	if end := ctx.Err(); end != nil && errors.Is(last, end) { // before that attempt was sent
		return a.ended(ctx, last, end)
	}
	if a.mayBeLate(last) {
		return &UnverifiedError{Write: a.late, Attempt: last, Attempts: a.sent}
	}
	return last
}

// ended returns the error of an operation that ended before its write could be sent again.
func (a *writeAttempts) ended(ctx context.Context, last, end error) error {
	if a.mayBeLate(last) {
		return &UnverifiedError{Write: a.late, End: end}
	}
	return rest.Interrupted(ctx, last)
}

// mayBeLate reports whether an attempt may still take effect. That is an
// [*UnverifiedError], since an object that is not reported would be lost.
func (a *writeAttempts) mayBeLate(last error) bool {
	return a.late != nil && !rolledBack(last)
}
