package netbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer bounds an answer's size: a page of 1,000 fabrics has about 1 MB,
// with large certificates ten.
const maxAnswer = 32 << 20

var errBroken = errors.New("the connection broke before the answer was complete")

// timeoutError is a request whose answer did not come in time.
type timeoutError struct{ after time.Duration }

// Timeout makes it a [net.Error].
func (e *timeoutError) Timeout() bool { return true }

// Temporary makes it a [net.Error].
func (e *timeoutError) Temporary() bool { return true }

func (e *timeoutError) Error() string { return fmt.Sprintf("no complete answer within %s", e.after) }

// boundedTransport sends one request: with credentials, to the configured origin
// only; bounded in time and size; and, when it is a write, to its own end even
// if the caller is cancelled, since its outcome would be unknown otherwise. It
// returns only once the answer's body is here.
type boundedTransport struct {
	client *Client
	next   http.RoundTripper
}

func (t *boundedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if req.Method != http.MethodGet {
		ctx = context.WithoutCancel(ctx)
	}
	timeout := t.client.config.RequestTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
	defer cancel()

	start, asked := time.Now(), t.client.seen.now()
	resp, err := t.send(ctx, t.prepare(ctx, req))
	exchange := Exchange{Method: req.Method, Path: req.URL.RequestURI(), Duration: time.Since(start)}
	if req.Response != nil { // a redirect's address is the server's text
		exchange.Path = t.client.secrets.redact(exchange.Path)
	}
	if err != nil {
		exchange.Problem = t.client.secrets.redact(err.Error())
	} else {
		exchange.Status = resp.StatusCode
		resp.Request = req
		t.client.observe(resp, asked)
	}
	t.client.config.ObserveExchange(req.Context(), exchange)
	return resp, err
}

func (t *boundedTransport) prepare(ctx context.Context, req *http.Request) *http.Request {
	req = req.Clone(ctx)
	if origin(req.URL) == origin(t.client.base) {
		for name, value := range t.client.config.Headers {
			req.Header.Set(name, value)
		}
		if a := t.client.authorization(); a != "" {
			req.Header.Set("Authorization", a)
		}
	}
	req.Header.Set("User-Agent", t.client.config.UserAgent)
	return req
}

func (t *boundedTransport) send(ctx context.Context, req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer resp.Body.Close()
	limit := t.client.maxAnswer
	if resp.ContentLength > limit {
		return nil, &TooLargeError{Limit: limit}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, cause(ctx, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	case int64(len(body)) > limit:
		return nil, &TooLargeError{Limit: limit}
	}
	resp.Body = &readBody{bytes.NewReader(body), body}
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// readBody is an answer's body that is in memory already.
type readBody struct {
	*bytes.Reader
	all []byte
}

// Close implements io.Closer.
func (*readBody) Close() error { return nil }

// origin is where a request goes: scheme, host and port.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// cause prefers the reason why a context ended to the plain context error.
func cause(ctx context.Context, err error) error {
	var late *timeoutError
	switch {
	case ctx.Err() != nil && errors.As(context.Cause(ctx), &late):
		return late
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // before, or in, the header
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return err
}

// observe learns from an answer's headers.
func (c *Client) observe(resp *http.Response, asked time.Time) {
	if t, err := http.ParseTime(resp.Header.Get("Date")); err == nil && resp.Header.Get("API-Version") != "" {
		c.seen.date(t, asked)
	}
}

// ProxyError is a proxy that does not connect to NetBox.
type ProxyError struct {
	Proxy  string // host and port
	Status string // such as "407 Proxy Authentication Required"
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy %s answered %s", e.Proxy, e.Status)
}

// refusedByProxy makes an error that names the proxy, which that of package net/http
// does not.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{proxy.Host, answer.Status}
}
