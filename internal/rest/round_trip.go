package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// v2TokenPrefix is the prefix of newer tokens in NetBox >= 4.5.
const v2TokenPrefix = "nbt_"

// errNoBranch means that the client has a branch and the request was not put into it. It
// would change main.
var errNoBranch = errors.New("the request has no branch, which is a bug")

// roundTripper sends one request with credentials, only to the configured origin, and
// limited in time and size. It completes a write even if the caller is canceled, since its
// outcome would be unknown otherwise. It returns only when the answer's body has arrived.
type roundTripper struct {
	base    *url.URL
	branch  bool // every request needs a branch, or a decision for main
	config  Config
	secrets *redactor
	seen    *serverFacts
	next    http.RoundTripper
}

func (t *roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if req.Method != http.MethodGet {
		ctx = context.WithoutCancel(ctx)
	}
	branch, decided := branchOf(ctx)
	if t.branch && !decided {
		return nil, errNoBranch
	}
	timeout := t.config.RequestTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &connection.TimeoutError{After: timeout})
	defer cancel()

	start, asked := time.Now(), t.seen.now()
	resp, err := t.send(ctx, t.prepare(ctx, req))
	exchange := Exchange{Method: req.Method, Path: req.URL.RequestURI(), Branch: branch, Duration: time.Since(start)}
	if req.Response != nil { // a redirect's address is the server's text
		exchange.Path = t.secrets.redact(exchange.Path)
	}
	if err != nil {
		exchange.Problem = t.secrets.redact(err.Error())
	} else {
		exchange.Status = resp.StatusCode
		resp.Request = req
		t.seen.learn(resp.Header, asked)
	}
	t.config.ObserveExchange(req.Context(), exchange)
	return resp, err
}

func (t *roundTripper) prepare(ctx context.Context, req *http.Request) *http.Request {
	req = req.Clone(ctx)
	if origin(req.URL) == origin(t.base) {
		for name, value := range t.config.Headers {
			req.Header.Set(name, value)
		}
		if a := authorization(t.config.APIToken); a != "" {
			req.Header.Set("Authorization", a)
		}
		if branch, _ := branchOf(ctx); branch != "" {
			req.Header.Set(branchHeader, branch)
		}
	}
	req.Header.Set("User-Agent", t.config.UserAgent)
	return req
}

// authorization returns the value of the Authorization header for a token, or "" if there is none.
func authorization(token string) string {
	switch {
	case token == "":
		return ""
	case strings.HasPrefix(token, v2TokenPrefix):
		return "Bearer " + token
	}
	return "Token " + token
}

func (t *roundTripper) send(ctx context.Context, req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer resp.Body.Close()
	if err := connection.RefusedByProxy(resp); err != nil {
		return nil, err
	}
	limit := t.config.MaxAnswer
	if resp.ContentLength > limit {
		return nil, &TooLargeError{Limit: limit}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, cause(ctx, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", connection.ErrIncomplete, err)
	case int64(len(body)) > limit:
		return nil, &TooLargeError{Limit: limit}
	}
	resp.Body = &readBody{bytes.NewReader(body), body}
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// readBody is an answer's body that is already in memory.
type readBody struct {
	*bytes.Reader
	all []byte
}

// Close implements io.Closer.
func (*readBody) Close() error { return nil }

// cause returns the cause of a context's end instead of the plain context error.
func cause(ctx context.Context, err error) error {
	late, timedOut := errors.AsType[*connection.TimeoutError](context.Cause(ctx))
	switch {
	case ctx.Err() != nil && timedOut:
		return late
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // before, or in, the header
		return fmt.Errorf("%w: %w", connection.ErrIncomplete, err)
	}
	return err
}
