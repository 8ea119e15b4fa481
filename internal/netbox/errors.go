package netbox

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-version"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Request names a request in an error, without anything secret.
type Request struct {
	Method string
	URL    string // with the path, without the query
}

func (r Request) String() string { return r.Method + " " + r.URL }

// TransportError is a request without an answer: no connection, a broken one,
// a TLS failure, or none in time.
type TransportError struct {
	Request Request
	Host    string
	Err     error
	text    string // Err's text, secrets masked
	unsent  bool   // there was no connection, so that no byte can have reached NetBox
	secrets *redactor
}

func (e *TransportError) Error() string { return fmt.Sprintf("%s: %s", e.Request, e.text) }
func (e *TransportError) Unwrap() error { return e.Err }

// mask masks secrets in a text of the server's, such as a certificate's names.
func (e *TransportError) mask(text string) string {
	if e.secrets == nil {
		return text
	}
	return e.secrets.redact(text)
}

// TooLargeError is an answer with more bytes than the client reads.
type TooLargeError struct {
	Request Request
	Limit   int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s: the answer is larger than %d MiB", e.Request, e.Limit>>20)
}

// NotFoundError is a 404 in JSON: the object does not exist, or this token may
// not see it. NetBox gives the same answer for both.
type NotFoundError struct {
	Request Request
	Detail  string
}

func (e *NotFoundError) Error() string { return fmt.Sprintf("%s: not found: %s", e.Request, e.Detail) }

// refusedName reports whether NetBox refused a write because another fabric has the
// name.
func refusedName(err error) bool {
	invalid, ok := asError[*InvalidError](err)
	_, unsettled := asError[*UnsettledError](err)
	return ok && !unsettled && invalid.nameTaken()
}

// PreconditionError is a 412: the object has changed since it was read.
type PreconditionError struct{ Request Request }

func (e *PreconditionError) Error() string { return fmt.Sprintf("%s: precondition failed", e.Request) }

// RewrittenTagError is a 412 although the fabric has not changed: something on the way
// to NetBox changes the header If-Match.
type RewrittenTagError struct {
	ID          int64
	Request     Request
	LastUpdated time.Time // of the fabric, as it was read before and after; zero for null
}

func (e *RewrittenTagError) Error() string {
	return fmt.Sprintf("%s: precondition failed, although the fabric has not changed: a proxy or gateway on the "+
		"way to NetBox changes the header If-Match; have it pass the headers If-Match and ETag on as they are",
		e.Request)
}

// ServerError is a 5xx, or a 429 that outlasted the retries.
type ServerError struct {
	Request    Request
	Status     int
	Exception  string // the Python exception that NetBox names, if any
	Detail     string // the reason that NetBox gives, or how another server's answer begins
	RetryAfter string
	NetBox     string        // its version as far as it is known, such as "4.5.10" or "4.5"; "" if not
	wait       time.Duration // what RetryAfter asks for; 0 for nothing
}

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

// pluginException is what NetBox answers with 500 where the plugin's display_url
// fault strikes.
const pluginException = "ImproperlyConfigured"

// PluginBug reports whether this is the plugin's display_url fault.
func (e *ServerError) PluginBug() bool { return e.Exception == pluginException }

// PluginNeedsPatch reports whether the plugin's fault is in the way of every write: on
// a NetBox that is too old for the plugin as published.
func (e *ServerError) PluginNeedsPatch() bool {
	if e.Request.Method != http.MethodDelete {
		return true
	}
	v, err := version.NewVersion(e.NetBox)
	if err == nil && len(strings.Split(e.NetBox, ".")) < 3 { // 4.5 may be any 4.5
		return v.LessThan(version.Must(version.NewVersion(publishedPluginVersion[:3])))
	}
	return err == nil && v.Core().LessThan(version.Must(version.NewVersion(publishedPluginVersion)))
}

// UnexpectedAnswerError is an answer that is not what NetBox's API gives there: a
// proxy's HTML, another API's JSON, a cut body, a 401.
type UnexpectedAnswerError struct {
	Request     Request
	Status      int
	ContentType string
	Excerpt     string // first 200 characters, secrets masked
	Problem     string // what is wrong with it
	// Unchecked reports that it may be NetBox's, from which a proxy removes API-Version:
	// the version check, which was skipped, shows whether one does.
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

// PluginMissingError is a NetBox that has no Hedgehog plugin (any more).
type PluginMissingError struct {
	ServerURL string
	Version   string // of NetBox, "" if not known
}

func (e *PluginMissingError) Error() string {
	return fmt.Sprintf("the NetBox at %s has no plugin netbox_hedgehog", e.ServerURL)
}

// VersionError is a NetBox that is too old.
type VersionError struct{ ServerURL, Version, Minimum string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the NetBox at %s is version %s; %s or newer is needed", e.ServerURL, e.Version, e.Minimum)
}

// BirthMarkError is another fabric under the id that was meant.
type BirthMarkError struct {
	ID                int64
	Name              string // of the fabric that is there
	Expected, Present string // created, RFC 3339
}

func (e *BirthMarkError) Error() string {
	return fmt.Sprintf("fabric %d is another one: it was created at %s, not at %s", e.ID, e.Present, e.Expected)
}

// ConflictError is a write given up because another user changed the fabric.
type ConflictError struct {
	ID          int64
	Operation   string // "update" or "delete"
	Differences []fabric.Difference
}

func (e *ConflictError) Error() string {
	lines := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		lines[i] = d.String()
	}
	return fmt.Sprintf("fabric %d was changed by another user: %s", e.ID, strings.Join(lines, "; "))
}

// NameTakenError is a create or a change whose name another fabric has.
type NameTakenError struct {
	Name string
	ID   int64 // of that fabric; 0 if this token cannot see it, or it was not found out
	// Unread reports that the list could not be read to find the fabric.
	Unread bool
	// Circle reports that the fabrics of this run wait for each other's names.
	Circle bool
}

func (e *NameTakenError) Error() string {
	if e.Unread {
		return fmt.Sprintf("the fabric name %q is taken", e.Name)
	}
	if e.ID == 0 {
		return fmt.Sprintf("the fabric name %q is taken by a fabric that this API token cannot see", e.Name)
	}
	return fmt.Sprintf("the fabric name %q is taken by fabric %d", e.Name, e.ID)
}

// UnsettledError is a write of which nobody knows whether it took effect, or will
// yet.
type UnsettledError struct {
	Write error // why the write's outcome is unknown
	Read  error // why it could not be settled
	// Interrupted reports that reading worked and found the write not done, and that
	// it was not sent again: the operation ended, or NetBox refused another attempt.
	// Read is why. NetBox may yet carry out what it was sent.
	Interrupted bool
}

func (e *UnsettledError) Error() string {
	if e.Interrupted {
		return fmt.Sprintf("the outcome of a write is unknown (%v): it had not taken effect when it was read back, "+
			"and it was not sent again: %v", e.Write, e.Read)
	}
	return fmt.Sprintf("the outcome of a write is unknown (%v), and reading back failed: %v", e.Write, e.Read)
}
func (e *UnsettledError) Unwrap() []error { return []error{e.Write, e.Read} }

// RefusedError is a 4xx by which NetBox refuses a request for another reason than
// its values: a 409, say, where other objects depend on the one to be deleted.
type RefusedError struct {
	Request Request
	Status  int
	Detail  string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.Request, e.Status, http.StatusText(e.Status), e.Detail)
}

// AmbiguousNameError is a name that several fabrics have in other Unicode forms, and
// none exactly.
type AmbiguousNameError struct {
	Name string
	IDs  []int64
}

func (e *AmbiguousNameError) Error() string {
	return fmt.Sprintf("the fabrics %v have the name %q in other Unicode forms, and none has exactly it", e.IDs, e.Name)
}
