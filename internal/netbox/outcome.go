package netbox

import (
	"net/http"
)

// attempts bounds how often a write is sent that NetBox itself has answered, so
// that nothing can come of an attempt any more once it was looked for. While it
// may, there is no end but the operation's.
const attempts = 4

// unknownOutcome tells whether an error leaves open if a write took effect:
// every 5xx, and every lost or unreadable answer. A 4xx is a refusal, whoever
// gives it, but for 408, by which a proxy tells that NetBox did not answer it.
func unknownOutcome(err error) bool {
	if _, unsent := asError[*unsentError](err); unsent {
		return false
	}
	if server, ok := asError[*ServerError](err); ok {
		return server.Status >= 500
	}
	if foreign, ok := asError[*UnexpectedAnswerError](err); ok {
		return foreign.Status < 400 || foreign.Status >= 500 || foreign.Status == http.StatusRequestTimeout
	}
	if lost, ok := asError[*TransportError](err); ok {
		return !lost.unsent
	}
	_, unread := asError[*TooLargeError](err)
	return unread
}

// mayBeLate tells whether a write of unknown outcome may still take effect after
// it was looked for: NetBox may be at work on it, or a proxy may hold it. The 500
// by which NetBox names its own exception ends a request.
func mayBeLate(err error) bool {
	server, ok := asError[*ServerError](err)
	return unknownOutcome(err) && (!ok || server.Exception == "")
}

// rolledBack tells that repeating a write which did not take effect is of no
// use: the plugin's fault meets it every time.
func rolledBack(err error) bool {
	server, ok := asError[*ServerError](err)
	return ok && server.PluginBug()
}

// outstanding is what is not known of the writes that an operation has sent.
type outstanding struct {
	unknown  error // of the newest whose answer did not tell its outcome; nil for none
	late     error // of the newest that may take effect after it was looked for; nil for none
	answered int   // how many NetBox itself has answered
}

// note takes the error of a write.
func (o *outstanding) note(err error) {
	if unknownOutcome(err) {
		o.unknown = err
	}
	if mayBeLate(err) {
		o.late = err
	} else {
		o.answered++
	}
}

// exhausted tells that a write which was not found done is not worth sending again
// after this error.
func (o *outstanding) exhausted(err error) bool {
	_, changed := asError[*PreconditionError](err)
	return rolledBack(err) || o.answered >= attempts || (!changed && !unknownOutcome(err))
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
