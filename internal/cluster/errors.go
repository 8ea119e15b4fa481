package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Class is the kind of an [Error].
type Class string

// The classes of errors.
const (
	ClassConfig          Class = "config"          // the configuration cannot work; nothing was sent
	ClassUnreachable     Class = "unreachable"     // no connection, a broken one, or a name that does not resolve
	ClassTimeout         Class = "timeout"         // no complete answer in time
	ClassTLS             Class = "tls"             // no secure connection: a bad certificate, or no TLS on one side
	ClassUnauthenticated Class = "unauthenticated" // no token, or one that the server does not accept
	ClassForbidden       Class = "forbidden"       // the token's user cannot do this
	ClassNotKubernetes   Class = "not_kubernetes"  // something other than a Kubernetes API server answers
	ClassOther           Class = "other"           // also a canceled call, which is a context.Canceled
)

// Error is a failed request to a cluster. Its text is one sentence with the server, the
// cause and what to check. It never contains the token.
type Error struct {
	Class  Class
	Server string // URL; "" if the configuration has none
	Kind   string // name of the kind that was asked for, such as VPC; "" if none was
	Err    error  // may be nil

	text string
}

// Error implements error.
func (e *Error) Error() string {
	switch {
	case e.text != "":
		return e.text
	case e.Err != nil:
		return e.Server + ": " + e.Err.Error()
	}
	return e.Server + ": " + string(e.Class)
}

func (e *Error) Unwrap() error { return e.Err }

// explain returns the error of a failed request. seen is its latest attempt.
func (c *Cluster) explain(ctx context.Context, kind fabric.Kind, seen *exchange, err error) *Error {
	if explained, ok := errors.AsType[*Error](err); ok {
		return explained
	}
	class, text := c.classify(ctx, kind, seen, err)
	return &Error{
		Class: class, Server: c.config.Server, Kind: kind.Name, Err: c.clean(err),
		text: c.redact(c.config.Server + " " + text),
	}
}

// classify returns the class of a failed request, and the sentence without the server.
func (c *Cluster) classify(ctx context.Context, kind fabric.Kind, seen *exchange, err error) (Class, string) {
	if ctx.Err() != nil {
		if late, ok := errors.AsType[*connection.TimeoutError](context.Cause(ctx)); ok {
			return ClassTimeout, fmt.Sprintf("gave no complete answer within %s; check the address, any firewall "+
				"in between, and whether the API server is overloaded", fabric.Humanize(late.After))
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return ClassTimeout, "gave no complete answer before the timeout ended; check the address, and any " +
				"firewall in between"
		}
		return ClassOther, "was not read completely, because the command was stopped"
	}
	if errors.Is(err, errTooLarge) {
		return ClassOther, fmt.Sprintf("sent an answer that is larger than %d MiB; look for very large objects of the "+
			"fabric, or for a proxy that answers instead", maxAnswer>>20)
	}
	if errors.Is(err, errNoDate) {
		return ClassOther, "answers without a Date header, so the age of a heartbeat is not known; if a proxy " +
			"removes it, configure the proxy to pass it on"
	}
	if elsewhere, ok := errors.AsType[*redirectError](err); ok {
		return ClassNotKubernetes, fmt.Sprintf("redirects to %s, which is not followed because the token is for this "+
			"server only; set kubernetes_server to the API server's own address", c.quote(elsewhere.to))
	}
	// Under a 200 the status is client-go's: it could not read the content type.
	if answer, ok := errors.AsType[*apierrors.StatusError](err); ok && seen.status >= http.StatusMultipleChoices {
		return c.classifyAnswer(ctx, kind, seen, answer.Status(), apierrors.IsUnexpectedServerError(err))
	}
	if _, lost := errors.AsType[*url.Error](err); lost || seen.broken != nil {
		return c.classifyConnection(ctx, seen, err)
	}
	// There is an answer that client-go could not read.
	if errors.Is(err, errForeign) || seen.status != 0 {
		return ClassNotKubernetes, c.foreign(seen)
	}
	return ClassOther, "could not be asked: " + c.quote(err.Error()) + "; check kubernetes_server"
}

// foreign returns the sentence on an answer that is not from a Kubernetes API server.
func (c *Cluster) foreign(seen *exchange) string {
	kind := "without a content type"
	if seen.contentType != "" {
		kind = "of type " + c.quote(seen.contentType)
	}
	if body := c.quote(string(seen.head)); body != "" {
		kind += " that begins: " + body
	}
	if seen.status == http.StatusUnauthorized || seen.status == http.StatusForbidden {
		return fmt.Sprintf("is not a Kubernetes API server, or a gateway answers for it: %s gives status %d and a "+
			"body %s; check kubernetes_server, and whether kubernetes_token is one that the gateway accepts", seen.path,
			seen.status, kind)
	}
	return fmt.Sprintf("is not a Kubernetes API server: it answers %s with status %d and a body %s; "+
		"check host, port and path in kubernetes_server", seen.path, seen.status, kind)
}

// shortestSecret is the length from which tokens are masked. A shorter token is part of
// many messages, and masking it would make messages unreadable. NetBox's client has the same
// rule.
const shortestSecret = 4

// redact masks the token in a string, also where it is escaped for HTML or a URL.
func (c *Cluster) redact(text string) string {
	token := c.config.Token
	if len(token) < shortestSecret {
		return text
	}
	const masked = "(redacted)"
	// In one pass, so that nothing is masked within the mask.
	return strings.NewReplacer(
		token, masked, html.EscapeString(token), masked, url.QueryEscape(token), masked,
	).Replace(text)
}

// clean returns the error itself, or only its masked text if that contains the token.
func (c *Cluster) clean(err error) error {
	text := err.Error()
	if answer, ok := errors.AsType[*apierrors.StatusError](err); ok { // has more of the answer than its text shows
		all, _ := json.Marshal(answer.Status())
		text += string(all)
	}
	if c.redact(text) == text {
		return err
	}
	return errors.New(c.redact(err.Error()))
}

// maxQuote is how much of a server's words is quoted, in characters.
const maxQuote = 300

// quote makes a server's text fit into a sentence. It masks the token before it cuts the
// text, so that no part of the token is left.
func (c *Cluster) quote(text string) string {
	text = strings.ToValidUTF8(strings.Join(strings.Fields(c.redact(text)), " "), "")
	if utf8.RuneCountInString(text) > maxQuote {
		text = string([]rune(text)[:maxQuote]) + "…"
	}
	return text
}
