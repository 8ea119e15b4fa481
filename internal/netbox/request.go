package netbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

const (
	excerptLength = 200 // characters of a foreign answer that an error shows
	notJSON       = "the answer is not JSON, as NetBox's API gives it"
)

// answer is a response that was read whole.
type answer struct {
	request Request
	status  int
	header  http.Header
	body    []byte
}

// apiVersion returns the version of NetBox's API that the answer names; "" if none.
func (a *answer) apiVersion() string { return a.header.Get("API-Version") }

// date returns NetBox's time of the answer, and whether it had a readable one.
func (a *answer) date() (time.Time, bool) {
	t, err := http.ParseTime(a.header.Get("Date"))
	return t, err == nil
}

// observed returns NetBox's time of the answer, or that of this machine where the
// answer has none.
func (a *answer) observed() (at time.Time, localClock bool) {
	if date, ok := a.date(); ok {
		return date, false
	}
	return time.Now().UTC(), true
}

// message is a request that can be made again and again.
type message struct {
	Request
	target string // URL with the query
	header http.Header
	body   []byte // nil for none
	// before is called before each attempt, unless it is nil. Its error is returned
	// instead of making the request.
	before func(context.Context) error
}

func (c *Client) message(method, path string, query url.Values, header http.Header, body any) (*message, error) {
	target := *c.base
	target.Path = strings.TrimSuffix(target.Path, "/") + path
	target.RawPath = ""
	m := &message{Request: Request{method, target.String()}, header: http.Header{
		"Accept":          {"application/json"},
		"Accept-Language": {"en"}, // NetBox's own default may be another language
	}}
	target.RawQuery = query.Encode()
	m.target = target.String()
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encoding the body of %s: %w", m.Request, err)
		}
		m.body = raw
		m.header.Set("Content-Type", "application/json")
	}
	maps.Copy(m.header, header)
	return m, nil
}

// send makes a request and returns its answer if the status is one of 2xx, and
// a typed error otherwise.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, header http.Header,
	body any) (*answer, error) {
	m, err := c.message(method, path, query, header, body)
	if err != nil {
		return nil, err
	}
	return c.deliver(ctx, m)
}

// try makes a request once.
func (c *Client) try(ctx context.Context, m *message) (*answer, error) {
	// Go goes on to another connection with a write only where nothing of it was sent.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, m.Method, m.target, bytes.NewReader(m.body))
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", m.Request, err)
	}
	req.Header = m.header.Clone()
	resp, err := c.http.Do(req)
	if err != nil {
		err = c.transportError(m.Request, err)
		if lost, ok := asError[*TransportError](err); ok {
			lost.unsent = !connected.Load() // also where a proxy did not connect, or TLS failed
		}
		return nil, c.overTLS(req, m.Request, err)
	}
	a, err := c.read(m.Request, resp)
	if err != nil {
		return nil, c.overTLS(req, m.Request, err)
	}
	return a, nil
}

// read takes a response to pieces and classifies it.
func (c *Client) read(request Request, resp *http.Response) (_ *answer, err error) {
	defer resp.Body.Close()
	a := &answer{request: request, status: resp.StatusCode, header: resp.Header}
	if here, ok := resp.Body.(*readBody); ok {
		a.body = here.all // a page of a list may be large, and is not copied
	} else if a.body, err = io.ReadAll(resp.Body); err != nil {
		return nil, c.transportError(request, err)
	}
	if a.status >= 200 && a.status < 300 {
		return a, nil
	}
	return nil, c.classify(a)
}

func (c *Client) transportError(request Request, err error) error {
	if redirect, ok := asError[*RedirectError](err); ok {
		return redirect
	}
	if large, ok := asError[*TooLargeError](err); ok {
		return &TooLargeError{Request: request, Limit: large.Limit}
	}
	// The url.Error around it repeats method and URL, with the query.
	if wrapped, ok := asError[*url.Error](err); ok {
		err = wrapped.Err
	}
	return &TransportError{Request: request, Host: c.base.Host, Err: err, text: c.secrets.redact(err.Error()),
		secrets: c.secrets}
}

// overTLS returns the error of a server that expects TLS, where that is why a plain
// request failed. Such servers differ in how they refuse it. All of them answer a TLS
// hello, so that decides.
func (c *Client) overTLS(req *http.Request, request Request, err error) error {
	if c.base.Scheme != "http" || c.seen.answered() || !maybeOverTLS(err) || !connection.Secure(req.Context(),
		c.direct, req) {
		return err
	}
	err = c.transportError(request, connection.ErrSpeaksTLS)
	if lost, ok := errors.AsType[*TransportError](err); ok {
		lost.unsent = true // to such a server it was not a request
	}
	return err
}

// maybeOverTLS reports whether an error may be how a TLS port answers a plain request:
// with a 400, with bytes that are not HTTP, or not at all.
func maybeOverTLS(err error) bool {
	if foreign, ok := errors.AsType[*UnexpectedAnswerError](err); ok {
		return foreign.Status == http.StatusBadRequest
	}
	lost, ok := errors.AsType[*TransportError](err)
	if !ok || lost.unsent {
		return false
	}
	cause := diagnose(lost.Err).Cause
	return cause == connection.Broken || cause == connection.Other
}

// classify makes the typed error of an answer that is not a success. Its status and
// the shape of its body decide.
func (c *Client) classify(a *answer) error {
	if a.status >= 300 && a.status < 400 {
		return c.redirectOf(a)
	}
	var body any
	isJSON := a.isJSON() && json.Unmarshal(a.body, &body) == nil
	fields, _ := body.(map[string]any)
	switch {
	case a.status >= 500 || a.status == http.StatusTooManyRequests:
		return c.serverError(a, fields)
	case !isJSON && a.status == http.StatusNotFound && a.apiVersion() != "":
		return &PluginMissingError{ServerURL: c.ServerURL(), Version: c.seen.netboxVersion()}
	case !isJSON:
		return c.unexpected(a, notJSON)
	case a.status == http.StatusUnauthorized:
		return c.unexpected(a, "NetBox refuses with 403 and never with 401")
	case !c.fromNetBox(a):
		e := c.unexpected(a, "each answer of NetBox's API has the header API-Version, and this one has not")
		e.Unchecked = c.config.SkipVersion
		return e
	case a.status == http.StatusBadRequest:
		return c.invalid(a.request, body)
	}
	detail, isText := fields["detail"].(string)
	if !isText {
		return c.unexpected(a, "NetBox's API gives the reason as \"detail\", and this answer has none")
	}
	shown := c.secrets.redact(detail)
	switch a.status {
	case http.StatusForbidden:
		return &ForbiddenError{Request: a.request, Detail: shown, token: tokenWords.MatchString(detail)}
	case http.StatusNotFound:
		return &NotFoundError{Request: a.request, Detail: shown}
	case http.StatusPreconditionFailed:
		return &PreconditionError{Request: a.request}
	case http.StatusRequestTimeout: // which only a proxy gives
		return c.unexpected(a, "this status is not expected here")
	}
	return &RefusedError{Request: a.request, Status: a.status, Detail: shown}
}

// fromNetBox reports whether an error is NetBox's own. Each answer of its API has the
// header API-Version, unless a proxy removes it: then so did the status.
func (c *Client) fromNetBox(a *answer) bool { return a.apiVersion() != "" || c.seen.unversioned() }

func (c *Client) serverError(a *answer, fields map[string]any) *ServerError {
	e := &ServerError{Request: a.request, Status: a.status, RetryAfter: c.secrets.redact(a.header.Get("Retry-After")),
		wait: retryAfter(a.header)}
	e.NetBox = cmp.Or(c.seen.netboxVersion(), a.apiVersion())
	if e.Exception = joined(fields["exception"]); e.Exception != pluginException {
		e.Exception = c.secrets.redact(e.Exception)
	}
	e.Detail = c.secrets.redact(joined(fields["error"]) + joined(fields["detail"]))
	if e.Exception == "" && e.Detail == "" {
		e.Detail = c.excerpt(a.body)
	}
	return e
}

func (a *answer) isJSON() bool {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

func (c *Client) unexpected(a *answer, problem string) *UnexpectedAnswerError {
	return &UnexpectedAnswerError{
		Request: a.request, Status: a.status, ContentType: c.secrets.redact(a.header.Get("Content-Type")),
		Excerpt: c.excerpt(a.body), Problem: problem,
	}
}

// excerpt shows how a foreign answer begins: one line, secrets masked.
func (c *Client) excerpt(body []byte) string {
	// Mask before cutting, so that no half of a secret is left.
	head := c.secrets.redact(string(body[:min(len(body), 64<<10)]))
	head = strings.Join(strings.Fields(strings.ToValidUTF8(head, "?")), " ")
	if r := []rune(head); len(r) > excerptLength {
		return string(r[:excerptLength])
	}
	return head
}

func joined(v any) string { return strings.Join(texts(v), " ") }

// texts flattens a message of NetBox's, which may be a text, a list or nested. It may
// hold secrets.
func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, x := range v {
			all = append(all, texts(x)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, key+": "+joined(v[key]))
		}
		return all
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return []string{string(raw)}
}

// decode reads a JSON answer. Numbers keep all their digits.
func (c *Client) decode(a *answer, into any) error {
	if !a.isJSON() {
		return c.unexpected(a, notJSON)
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		if field, ok := asError[*FieldError](err); ok {
			return c.unexpected(a, field.Error())
		}
		return c.unexpected(a, "the JSON cannot be read ("+jsonProblem(err)+")")
	}
	return nil
}

// jsonProblem tells a JSON error without a value of the answer in it.
func jsonProblem(err error) string {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field == "" && kind.Type.Kind() == reflect.Struct:
		return "it is not a JSON object"
	case errors.As(err, &kind) && kind.Field == "":
		return "a value in it has the wrong type"
	case errors.As(err, &kind):
		return fmt.Sprintf("field %q has the wrong type", kind.Field)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it is empty or cut off"
	}
	return "it is not valid JSON"
}
