package rest

import (
	"errors"
	"net/http"
)

// OutcomeUnknown reports whether an error leaves open if a write took effect: every
// 5xx, and every lost or unreadable answer. A 4xx is a refusal, whether NetBox or a
// proxy gives it, except for 408: with that, a proxy says that NetBox did not answer it.
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

// MayBeLate reports whether a write of unknown outcome may still take effect after
// it was looked for: NetBox may be at work on it, or a proxy may hold it. The 500
// by which NetBox names its own exception ends a request.
func MayBeLate(err error) bool {
	server, ok := errors.AsType[*ServerError](err)
	return OutcomeUnknown(err) && (!ok || server.Exception == "")
}
