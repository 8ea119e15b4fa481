package rest

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// Request identifies a request in an error, without secrets.
type Request struct {
	Method string
	URL    string // with the path, without the query
}

func (r Request) String() string { return r.Method + " " + r.URL }

// TooLargeError means that an answer has more bytes than the client reads.
type TooLargeError struct {
	Request Request
	Limit   int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s: the answer is larger than %d MiB", e.Request, e.Limit>>20)
}

// NotFoundError is a 404 in JSON: the object does not exist, or this token cannot see it.
// NetBox gives the same answer for both.
type NotFoundError struct {
	Request Request
	Detail  string
}

func (e *NotFoundError) Error() string { return fmt.Sprintf("%s: not found: %s", e.Request, e.Detail) }

// PreconditionError is a 412: the object has changed since it was read.
type PreconditionError struct{ Request Request }

func (e *PreconditionError) Error() string { return fmt.Sprintf("%s: precondition failed", e.Request) }

// ServerError is a 5xx, or a 429 after the last retry.
type ServerError struct {
	Request    Request
	Status     int
	Exception  string // the Python exception that NetBox names, if any
	Detail     string // NetBox's reason, or the beginning of another server's answer
	RetryAfter string
	NetBox     string        // its version as far as it is known, such as "4.5.10" or "4.5"; "" if not
	wait       time.Duration // the time in RetryAfter; 0 for none
	// Proxy is a sentence about a proxy that may have answered, without a capital letter and
	// a period. It is "" if there is none.
	Proxy string
}

// Wait returns how long NetBox asks to wait before the next request, or 0 if it does not, or
// not in a form that can be read.
func (e *ServerError) Wait() time.Duration { return e.wait }

func (e *ServerError) Error() string {
	text := fmt.Sprintf("%s: %d %s", e.Request, e.Status, http.StatusText(e.Status))
	if e.Exception != "" {
		text += ": " + e.Exception
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// readOnlyWords match NetBox's text when its database is read-only. From 4.6.5 on, NetBox has
// its own text in maintenance mode. Before, it is the database's.
var readOnlyWords = regexp.MustCompile(`(?i)\bmaintenance mode\b|\bread-only\b`)

// ReadOnly reports whether NetBox refused a write because it accepts none: it is in
// maintenance mode, or its database is read-only.
func (e *ServerError) ReadOnly() bool {
	return e.Status == http.StatusInternalServerError && e.Exception == "InternalError" &&
		readOnlyWords.MatchString(e.Detail)
}

// UnexpectedAnswerError is an answer that NetBox's API does not give: a proxy's HTML,
// another API's JSON, an incomplete body, a 401.
type UnexpectedAnswerError struct {
	Request     Request
	Status      int
	ContentType string
	Excerpt     string // first 200 characters, secrets masked
	Problem     string // what is wrong with it
	// Certificate is a sentence about the client certificate, which may be the reason. It
	// is "" if the server did not ask for one, and has no period.
	Certificate string
	// Proxy is a sentence like Certificate, about a proxy that may have answered.
	Proxy string
	// Unchecked reports whether the answer may come from NetBox, with its API-Version
	// removed by a proxy. The version check, which was skipped, shows whether a proxy does
	// that.
	Unchecked bool
}

func (e *UnexpectedAnswerError) Error() string {
	return fmt.Sprintf("%s: unexpected answer with status %d that begins: %q; content type %q; %s",
		e.Request, e.Status, e.Excerpt, e.ContentType, e.Problem)
}

// NotPermitted reports whether the server wants other credentials, or refuses these. A
// gateway in front of NetBox does that, or a server that is not NetBox.
func (e *UnexpectedAnswerError) NotPermitted() bool {
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// PluginMissingError means that NetBox does not have the plugin of the requested API.
type PluginMissingError struct {
	ServerURL string
	Plugin    string
	Version   string // of NetBox, "" if not known
}

func (e *PluginMissingError) Error() string {
	return fmt.Sprintf("the NetBox at %s has no plugin %s", e.ServerURL, e.Plugin)
}

// VersionError means that NetBox is too old.
type VersionError struct{ ServerURL, Version, Minimum string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the NetBox at %s is version %s; %s or newer is needed", e.ServerURL, e.Version, e.Minimum)
}

// RefusedError is a 4xx with which NetBox refuses a request, but not because of its values.
// An example is a 409 if other objects depend on the one to be deleted.
type RefusedError struct {
	Request Request
	Status  int
	Detail  string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.Request, e.Status, http.StatusText(e.Status), e.Detail)
}

// Unavailable reports whether the status means that a server, or a proxy in front of it, cannot
// answer at the moment.
func (e *ServerError) Unavailable() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// ForbiddenError is NetBox's 403: the token is missing, wrong or expired, or a permission
// is missing.
type ForbiddenError struct {
	Request Request
	Detail  string
	token   bool
}

func (e *ForbiddenError) Error() string { return fmt.Sprintf("%s: forbidden: %s", e.Request, e.Detail) }

// BadToken reports whether NetBox refused the token itself.
func (e *ForbiddenError) BadToken() bool { return e.token }

// unsentError means that a request was not made, because a step before it failed.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// InterruptedError means that an operation ended while a request waited to be repeated.
type InterruptedError struct {
	Last error // the error of the last request
	End  error // the context's error
}

func (e *InterruptedError) Error() string { return fmt.Sprintf("%v; then %v", e.Last, e.End) }

func (e *InterruptedError) Unwrap() []error { return []error{e.Last, e.End} }

// Interrupted returns last. If the operation has ended, it adds that, since that is why
// there is no further attempt.
func Interrupted(ctx context.Context, last error) error {
	if ctx.Err() == nil {
		return last
	}
	return &InterruptedError{Last: last, End: ctx.Err()}
}
