package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

const (
	// maxAnswer is the largest answer, in bytes. A page of 500 connections is about 1 MB.
	maxAnswer = 64 << 20
	maxHeader = 1 << 20
	maxHead   = 64 << 10 // of an error's body
	// maxRetryAfter is the longest pause, in seconds, before client-go repeats a request. It
	// repeats ten times.
	maxRetryAfter = 2
	maxRedirects  = 5
)

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)

// redirectError means that a redirect was not followed.
type redirectError struct{ to string }

func (e *redirectError) Error() string { return "redirected to " + e.to }

// transport sends requests. It sends the token to the configured server only, and limits
// the size of the answers.
type transport struct {
	next      http.RoundTripper
	origin    *url.URL
	token     string
	userAgent string
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	seen := exchangeOf(req.Context())
	*seen = exchange{path: req.URL.Path}
	ctx, maybeSent := connection.Trace(req.Context())
	req = req.Clone(ctx)
	if t.token != "" && t.sameOrigin(req.URL) {
		req.Header.Set("Authorization", "Bearer "+t.token)
	}
	if t.userAgent != "" {
		req.Header.Set("User-Agent", t.userAgent)
	}
	resp, err := t.next.RoundTrip(req)
	seen.sent = maybeSent()
	if err != nil {
		return nil, err
	}
	if err := connection.RefusedByProxy(resp); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	seen.status, seen.contentType = resp.StatusCode, resp.Header.Get("Content-Type")
	seen.date = resp.Header.Get("Date")
	if resp.ContentLength > maxAnswer {
		_ = resp.Body.Close()
		return nil, errTooLarge
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, left: maxAnswer, seen: seen}
	// client-go waits as long as this header says, ten times. Without the header it does not
	// repeat the request, and the server's answer is the error.
	if pause, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && pause > maxRetryAfter {
		resp.Header.Del("Retry-After")
	}
	return resp, nil
}

func (t *transport) sameOrigin(u *url.URL) bool {
	return u.Scheme == t.origin.Scheme && strings.EqualFold(u.Host, t.origin.Host)
}

// checkRedirect follows redirects of reads on the configured server only. A Kubernetes API
// rarely redirects, and a login page elsewhere is not a Kubernetes API.
func (t *transport) checkRedirect(req *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet || len(via) > maxRedirects || !t.sameOrigin(req.URL) {
		return &redirectError{to: req.URL.Scheme + "://" + req.URL.Host}
	}
	return nil
}

// limitedBody returns an error once an answer is too large.
type limitedBody struct {
	io.ReadCloser
	left int64 // bytes
	seen *exchange
}

// Read implements io.Reader.
func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.seen.status >= http.StatusMultipleChoices {
		b.seen.head = append(b.seen.head, p[:min(n, maxHead-len(b.seen.head))]...)
	}
	if b.left -= int64(n); b.left < 0 {
		err = errTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.seen.broken = err
	}
	return n, err
}

// exchange is the outcome of the latest attempt of a request. client-go's errors alone do
// not show whether another server answered or the answer was lost.
type exchange struct {
	path        string
	sent        bool // a byte may have reached the server
	status      int  // 0 when there was no answer
	contentType string
	date        string // header
	head        []byte // beginning of an error's body
	broken      error  // why the answer's body could not be read
}

type exchangeKey struct{}

func withExchange(ctx context.Context, seen *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, seen)
}

func exchangeOf(ctx context.Context) *exchange {
	if seen, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return seen
	}
	return &exchange{}
}
