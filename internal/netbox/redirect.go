package netbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const maxHops = 5

// RedirectError is a redirect that is not followed.
type RedirectError struct {
	Method, From, To string
	Hops             int
	// ServerURL is what server_url has to be where the redirect leads to https on
	// the same host; "" for another one.
	ServerURL string
}

func (e *RedirectError) Error() string {
	text := fmt.Sprintf("%s %s is redirected to %s", e.Method, e.From, e.To)
	if e.ServerURL != "" {
		text += "; set server_url to " + e.ServerURL
	}
	return text
}

// checkRedirect follows redirects of reads to the configured scheme, host and port
// only, so that the token goes nowhere else: not even to https on the same host,
// since every request would have carried it in clear first. A redirected write is
// left to [Client.redirectOf]: following would turn it into a read.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	if len(via) >= maxHops || origin(req.URL) != origin(c.base) {
		return &RedirectError{
			Method: via[0].Method, From: via[0].URL.Redacted(), To: c.secrets.redact(req.URL.Redacted()),
			Hops: len(via), ServerURL: c.secureURL(req.URL),
		}
	}
	return nil
}

// redirectOf is the error of a redirect that was answered with.
func (c *Client) redirectOf(a *answer) error {
	location := a.header.Get("Location")
	e := &RedirectError{Method: a.request.Method, From: a.request.URL, To: c.secrets.redact(location), Hops: 1}
	if to, err := url.Parse(location); err == nil {
		e.ServerURL = c.secureURL(to)
	}
	return e
}

// secureURL is the server_url that a redirect from http to https on the same host
// calls for; "" for another redirect.
func (c *Client) secureURL(to *url.URL) string {
	if c.base.Scheme != "http" || to.Scheme != "https" || !strings.EqualFold(to.Hostname(), c.base.Hostname()) {
		return ""
	}
	secure := *c.base
	secure.Scheme, secure.Host = to.Scheme, to.Host
	return c.secrets.redact(secure.String())
}
