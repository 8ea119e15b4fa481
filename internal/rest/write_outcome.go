package rest

import (
	"errors"
	"net/http"
)

// OutcomeUnknown reports whether an error leaves open whether a write took effect: every
// 5xx, and every lost or unreadable answer. A 4xx is a refusal, from NetBox or from a
// proxy. The exception is 408, with which a proxy says that NetBox did not answer it.
func OutcomeUnknown(err error) bool {
	if _, unsent := errors.AsType[*unsentError](err); unsent {
		return false
	}
	if server, ok := errors.AsType[*ServerError](err); ok {
		return server.Status >= 500
	}
	if foreign, ok := errors.AsType[*UnexpectedAnswerError](err); ok {
		return foreign.Status < 400 || foreign.Status >= 500 || foreign.Status == http.StatusRequestTimeout
	}
	if lost, ok := errors.AsType[*TransportError](err); ok {
		return !lost.unsent
	}
	_, unread := errors.AsType[*TooLargeError](err)
	return unread
}

// MayBeLate reports whether a write of unknown outcome may still take effect after it was
// looked for: NetBox may be working on it, or a proxy may hold it back. A 500 in which
// NetBox names its own exception is the end of a request.
func MayBeLate(err error) bool {
	server, ok := errors.AsType[*ServerError](err)
	return OutcomeUnknown(err) && (!ok || server.Exception == "")
}
