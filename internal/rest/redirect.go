package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const maxHops = 5

// RedirectError means that a redirect was not followed.
type RedirectError struct {
	Method, From, To string
	Hops             int
	// ServerURL is the URL to configure if the redirect leads to https on the same host; ""
	// otherwise.
	ServerURL string
	to        Audience
}

func (e *RedirectError) Error() string {
	text, setting := fmt.Sprintf("%s %s is redirected to %s; ", e.Method, e.From, e.To), e.to.Name(settingServerURL)
	if e.ServerURL != "" {
		return text + "set " + setting + " to " + e.ServerURL
	}
	return text + "check " + setting + ", and whether a gateway asks for a login"
}

// redirectPolicy decides which redirects are followed.
type redirectPolicy struct {
	base    *url.URL
	secrets *redactor
	to      Audience // of its errors
}

// check follows redirects of reads only to the configured scheme, host and port, so that
// the token goes nowhere else. It does not even follow one to https on the same host, since
// every request would first have sent the token unencrypted. It leaves a redirected write
// to [redirectPolicy.errorOf], since following would turn it into a read.
func (p redirectPolicy) check(req *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	if len(via) >= maxHops || origin(req.URL) != origin(p.base) {
		return &RedirectError{
			Method: via[0].Method, From: via[0].URL.Redacted(), To: p.secrets.redact(req.URL.Redacted()),
			Hops: len(via), ServerURL: p.secureURL(req.URL), to: p.to,
		}
	}
	return nil
}

// errorOf returns the error for a redirect.
func (p redirectPolicy) errorOf(a *Answer) error {
	location := a.Header.Get("Location")
	e := &RedirectError{
		Method: a.Request.Method, From: a.Request.URL, To: p.secrets.redact(location), Hops: 1, to: p.to,
	}
	if to, err := url.Parse(location); err == nil {
		e.ServerURL = p.secureURL(to)
	}
	return e
}

// secureURL returns the URL to configure after a redirect from http to https on the same host; ""
// for other redirects.
func (p redirectPolicy) secureURL(to *url.URL) string {
	if p.base.Scheme != "http" || to.Scheme != "https" || !strings.EqualFold(to.Hostname(), p.base.Hostname()) {
		return ""
	}
	secure := *p.base
	secure.Scheme, secure.Host = to.Scheme, to.Host
	return p.secrets.redact(secure.String())
}
