package netbox

import (
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// attempts bounds how often a write is sent that NetBox itself has answered, so
// that nothing can come of an attempt any more once it was looked for. While it
// may, there is no end but the operation's.
const attempts = 4

// rolledBack tells that repeating a write which did not take effect is of no
// use: the plugin's fault meets it every time.
func rolledBack(err error) bool {
	server, ok := errors.AsType[*rest.ServerError](err)
	return ok && PluginBug(server)
}

// outstanding is what is not known of the writes that an operation has sent.
type outstanding struct {
	unknown  error // of the newest whose answer did not tell its outcome; nil for none
	late     error // of the newest that may take effect after it was looked for; nil for none
	answered int   // how many NetBox itself has answered
}

// note takes the error of a write.
func (o *outstanding) note(err error) {
	if rest.OutcomeUnknown(err) {
		o.unknown = err
	}
	if rest.MayBeLate(err) {
		o.late = err
	} else {
		o.answered++
	}
}

// exhausted tells that a write which was not found done is not worth sending again
// after this error.
func (o *outstanding) exhausted(err error) bool {
	_, changed := errors.AsType[*rest.PreconditionError](err)
	return rolledBack(err) || o.answered >= attempts || (!changed && !rest.OutcomeUnknown(err))
}

// givenUp is the error of an operation that does not send its write again: last is
// the newest attempt's, why the reason. What may yet take effect is told as such,
// since an object that nobody was told of would be lost.
func (o *outstanding) givenUp(last, why error) error {
	if o.late != nil && !rolledBack(last) {
		return &UnsettledError{Write: o.late, Read: why, Interrupted: true}
	}
	return last
}
