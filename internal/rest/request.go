package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// Message is a request to NetBox.
type Message struct {
	Method string
	Path   string // path in NetBox's API, such as /api/status/
	Query  url.Values
	Header http.Header
	Body   any // sent as JSON; nil for none
	// Before, if not nil, is called before each attempt. If it returns an error, the
	// request is not made.
	Before func(context.Context) error
	// outside: the request is made in main, even if the client has a branch.
	outside bool
}

// Get makes a GET request, like [Client.Do].
func (c *Client) Get(ctx context.Context, path string, query url.Values) (*Answer, error) {
	return c.Do(ctx, &Message{Method: http.MethodGet, Path: path, Query: query})
}

// Do makes a request, and repeats it where that may help, until there is an answer. It
// returns a 2xx answer, and a typed error otherwise. If the operation ends first, the error
// also has the error of the last attempt.
func (c *Client) Do(ctx context.Context, m *Message) (*Answer, error) {
	encoded, err := c.encode(m)
	if err != nil {
		return nil, err
	}
	ctx, cancel := c.WithDeadline(ctx)
	defer cancel()
	var before error
	broken := 0
	refusals := 0
	for attempt := 0; ; attempt++ {
		there, err := c.enter(ctx, m)
		if err != nil {
			return nil, &unsentError{err}
		}
		if m.Before != nil {
			if err := m.Before(ctx); err != nil {
				return nil, &unsentError{err}
			}
		}
		a, err := c.doOnce(there, encoded)
		if err == nil {
			return a, nil
		}
		if c.branch != nil && !m.outside && mayRefuseBranch(err) {
			refusals++
			if err := c.afterRefusal(ctx, m.Method, err, refusals > 1); err != nil {
				return nil, err
			}
			continue
		}
		if before != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return nil, &InterruptedError{Last: before, End: ctx.Err()}
		}
		if _, lost := errors.AsType[*TransportError](err); lost {
			broken++
		}
		if broken > maxConnectRetries || !mayRepeat(ctx, m.Method, err) {
			return nil, err
		}
		reportRetry(ctx, err)
		if c.Pause(ctx, attempt, err) != nil {
			return nil, Interrupted(ctx, err)
		}
		before = err
	}
}

// encodedMessage is a request that can be repeated.
type encodedMessage struct {
	request Request
	target  string // URL with the query
	header  http.Header
	body    []byte // nil for none
}

func (c *Client) encode(m *Message) (*encodedMessage, error) {
	target := c.urlOf(m.Path)
	e := &encodedMessage{request: Request{m.Method, target.String()}, header: http.Header{
		"Accept":          {"application/json"},
		"Accept-Language": {"en"}, // NetBox's own default may be another language
	}}
	target.RawQuery = m.Query.Encode()
	e.target = target.String()
	if m.Body != nil {
		raw, err := json.Marshal(m.Body)
		if err != nil {
			return nil, fmt.Errorf("encoding the body of %s: %w", e.request, err)
		}
		e.body = raw
		e.header.Set("Content-Type", "application/json")
	}
	maps.Copy(e.header, m.Header)
	return e, nil
}

// doOnce makes a request once.
func (c *Client) doOnce(ctx context.Context, m *encodedMessage) (*Answer, error) {
	ctx, maybeSent := connection.Trace(ctx)
	req, err := http.NewRequestWithContext(ctx, m.request.Method, m.target, bytes.NewReader(m.body))
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", m.request, err)
	}
	req.Header = m.header.Clone()
	resp, err := c.http.Do(req)
	if err != nil {
		err = c.transportError(m.request, err)
		if lost, ok := errors.AsType[*TransportError](err); ok {
			lost.unsent = lost.unsent || !maybeSent()
		}
		return nil, c.overTLS(req, m.request, err)
	}
	a, err := c.read(m.request, resp)
	if err != nil {
		return nil, c.overTLS(req, m.request, c.overCertificate(m.request, err))
	}
	c.certificate.Accepted()
	return a, nil
}

// read reads a response and classifies it.
func (c *Client) read(request Request, resp *http.Response) (_ *Answer, err error) {
	defer resp.Body.Close()
	a := &Answer{Request: request, Status: resp.StatusCode, Header: resp.Header, secrets: c.secrets}
	if here, ok := resp.Body.(*readBody); ok {
		a.Body = here.all // a page of a list may be large, so it is not copied
	} else if a.Body, err = io.ReadAll(resp.Body); err != nil {
		return nil, c.transportError(request, err)
	}
	if a.Status >= 200 && a.Status < 300 {
		return a, nil
	}
	return nil, c.answers.errorOf(a)
}

func (c *Client) transportError(request Request, err error) error {
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return redirect
	}
	if large, ok := errors.AsType[*TooLargeError](err); ok {
		return &TooLargeError{Request: request, Limit: large.Limit}
	}
	// The url.Error around it repeats method and URL, with the query.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	err = c.certificate.Explain(err)
	lost := &TransportError{Request: request, Host: c.base.Host, Err: err, text: c.secrets.redact(err.Error()),
		secrets: c.secrets, unusable: c.files.unusable(), to: c.config.Audience, ownCAs: c.config.CACertFile != ""}
	lost.route, _ = connection.RouteTo(c.base) // a variable that is wrong is err itself
	switch connection.Diagnose(err).Cause {
	case connection.ClientCertificateWanted, connection.ClientCertificateRefused, connection.ProxyRefused:
		lost.unsent = true // the handshake failed, or the proxy did not pass the request on
	}
	return lost
}

// overTLS returns the error of a server that expects TLS, if that is why a plain request
// failed. Such servers refuse it in different ways. But all of them answer a TLS hello,
// which decides.
func (c *Client) overTLS(req *http.Request, request Request, err error) error {
	if c.base.Scheme != "http" || c.seen.answered() || !maybeOverTLS(err) ||
		!connection.ExpectsTLS(req.Context(), c.direct, req) {
		return err
	}
	err = c.transportError(request, connection.ErrTLSExpected)
	if lost, ok := errors.AsType[*TransportError](err); ok {
		lost.unsent = true // such a server did not see a request
	}
	return err
}

// maybeOverTLS reports whether an error may come from a TLS port that got a plain request:
// a 400, bytes that are not HTTP, or no answer.
func maybeOverTLS(err error) bool {
	if foreign, ok := errors.AsType[*UnexpectedAnswerError](err); ok {
		return foreign.Status == http.StatusBadRequest
	}
	lost, ok := errors.AsType[*TransportError](err)
	return ok && !lost.unsent && connection.Diagnose(lost.Err).MayExpectTLS()
}
