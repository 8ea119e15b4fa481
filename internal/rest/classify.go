package rest

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// tokenWords match NetBox's words in a 403 about the token itself. A status and the shape
// of a body decide first. For this NetBox has only words, in English: every request asks
// for that language. A recording holds them.
var tokenWords = regexp.MustCompile(`(?i)\btoken\b|\bcredentials\b`)

// djangoException is an exception of NetBox's framework. Errors show its name even if it
// contains a secret, since decisions depend on it.
const djangoException = "ImproperlyConfigured"

// classifier turns answers into typed errors.
type classifier struct {
	config    Config
	redirects redirectPolicy
	secrets   *redactor
	seen      *serverFacts
}

// errorOf returns the typed error of an answer without success. The status and the shape of
// the body decide.
func (c *classifier) errorOf(a *Answer) error {
	if a.Status >= 300 && a.Status < 400 {
		return c.redirects.errorOf(a)
	}
	var body any
	isJSON := a.isJSON() && json.Unmarshal(a.Body, &body) == nil
	fields, _ := body.(map[string]any)
	switch {
	case a.Status >= 500 || a.Status == http.StatusTooManyRequests:
		return c.serverError(a, fields)
	case !isJSON && a.Status == http.StatusNotFound && a.apiVersion() != "":
		return &PluginMissingError{
			ServerURL: c.redirects.base.String(), Plugin: c.config.Needs.Plugin, Version: c.seen.netboxVersion(),
		}
	case !isJSON:
		e := a.Unexpected(NotJSON)
		e.Proxy = c.proxy()
		return e
	case a.Status == http.StatusUnauthorized:
		return a.Unexpected("NetBox refuses with 403 and never with 401")
	case !c.fromNetBox(a):
		e := a.Unexpected("each answer of NetBox's API has the API-Version header, but this one does not")
		e.Unchecked = c.config.SkipVersion
		return e
	case a.Status == http.StatusBadRequest:
		return newInvalidError(a.Request, body, c.secrets)
	}
	detail, isText := fields["detail"].(string)
	if !isText {
		return a.Unexpected("NetBox's API gives a reason in \"detail\", but this answer has none")
	}
	shown := c.secrets.redact(detail)
	switch a.Status {
	case http.StatusForbidden:
		return &ForbiddenError{Request: a.Request, Detail: shown, token: tokenWords.MatchString(detail)}
	case http.StatusNotFound:
		return &NotFoundError{Request: a.Request, Detail: shown}
	case http.StatusPreconditionFailed:
		return &PreconditionError{Request: a.Request}
	case http.StatusRequestTimeout: // only a proxy answers with it
		return a.Unexpected("this status is not expected here")
	}
	return &RefusedError{Request: a.Request, Status: a.Status, Detail: shown}
}

// fromNetBox reports whether an error comes from NetBox itself. Each answer of its API has
// the API-Version header, unless a proxy removes it. In that case, the answer to the status
// request did not have it either.
func (c *classifier) fromNetBox(a *Answer) bool { return a.apiVersion() != "" || c.seen.unversioned() }

func (c *classifier) serverError(a *Answer, fields map[string]any) *ServerError {
	e := &ServerError{Request: a.Request, Status: a.Status, RetryAfter: c.secrets.redact(a.Header.Get("Retry-After")),
		wait: retryAfter(a.Header)}
	e.NetBox = cmp.Or(c.seen.netboxVersion(), a.apiVersion())
	if e.Exception = joined(fields["exception"]); e.Exception != djangoException {
		e.Exception = c.secrets.redact(e.Exception)
	}
	e.Detail = c.secrets.redact(joined(fields["error"]) + joined(fields["detail"]))
	if e.Exception == "" && e.Detail == "" {
		e.Detail, e.Proxy = a.excerpt(), c.proxy()
	}
	return e
}

// proxy returns a sentence about the proxy that may have answered instead of NetBox.
func (c *classifier) proxy() string {
	base := c.redirects.base
	route, err := connection.RouteTo(base)
	if err != nil {
		return ""
	}
	return connection.Server{Host: base.Host, Owner: "NetBox's", Route: route}.MayBeProxys()
}

// retryAfter returns how long an answer asks the client to wait, or 0 if it does not. A date
// is compared with the answer's own Date, so that the local clock does not matter.
func retryAfter(header http.Header) time.Duration {
	asked := strings.TrimSpace(header.Get("Retry-After"))
	if asked == "" {
		return 0
	}
	if strings.Trim(asked, "0123456789") == "" {
		seconds, err := strconv.ParseInt(asked, 10, 64)
		if err != nil || seconds > int64(math.MaxInt64/time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(asked)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now)) // Sub saturates at the limits
}
