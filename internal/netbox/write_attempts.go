package netbox

import (
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// maxAttempts bounds how often a write is sent that NetBox itself has answered, so
// that nothing can come of an attempt any more once it was looked for. While it
// may, there is no end but the operation's.
const maxAttempts = 4

// rolledBack reports whether it is no use to repeat a write that did not take effect:
// the plugin's fault occurs every time.
func rolledBack(err error) bool {
	server, ok := errors.AsType[*rest.ServerError](err)
	return ok && PluginBug(server)
}

// writeAttempts is what is known of the writes that an operation has sent.
type writeAttempts struct {
	unknown  error // of the newest whose outcome its answer did not show; nil for none
	late     error // of the newest that may take effect after it was looked for; nil for none
	answered int   // how many NetBox itself has answered
}

// note takes the error of a write.
func (a *writeAttempts) note(err error) {
	if rest.OutcomeUnknown(err) {
		a.unknown = err
	}
	if rest.MayBeLate(err) {
		a.late = err
	} else {
		a.answered++
	}
}

// exhausted reports whether a write that was not found done is not worth sending again
// after this error.
func (a *writeAttempts) exhausted(err error) bool {
	_, changed := errors.AsType[*rest.PreconditionError](err)
	return rolledBack(err) || a.answered >= maxAttempts || (!changed && !rest.OutcomeUnknown(err))
}

// givenUp is the error of an operation that does not send its write again: last is
// the newest attempt's, why the reason. What may yet take effect is an
// [*UnverifiedError], since an object that is not reported would be lost.
func (a *writeAttempts) givenUp(last, why error) error {
	if a.late != nil && !rolledBack(last) {
		return &UnverifiedError{Write: a.late, Read: why, Interrupted: true}
	}
	return last
}
