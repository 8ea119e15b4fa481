// Package rest is the transport to NetBox's REST API. It makes requests and returns answers
// or typed errors. It handles retries and pauses, deadlines, redirects, TLS, the masking
// of secrets, and the shapes of NetBox's refusals. It knows nothing about the API's objects.
package rest

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// Client makes requests to one NetBox. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	http    *http.Client
	direct  *http.Transport // what http sends by
	config  Config
	secrets *redactor
	seen    *serverFacts
	answers classifier
	shared  sharedCalls
	checked atomic.Bool // NetBox meets the configuration's requirements
	branch  *branchUse  // nil for main
	// untested is set by the check. The first caller of TakeUntested gets it.
	untested atomic.Pointer[Untested]

	files       *certificateFiles // nil for none
	certificate *connection.ClientCertificate
}

// New returns a client. It makes no network call. The error is a [*ConfigError] with the
// field that is wrong.
func New(config Config) (*Client, error) {
	base, err := checkConfig(config)
	if err != nil {
		return nil, err
	}
	config = config.withDefaults()
	branch, err := config.takeBranch()
	if err != nil {
		return nil, err
	}
	files, err := newCertificateFiles(config)
	if err != nil {
		return nil, err
	}
	certificate := &connection.ClientCertificate{Current: files.get}
	direct, err := newTransport(config, certificate)
	if err != nil {
		return nil, err
	}
	secrets, seen := newRedactor(config), &serverFacts{now: config.Now}
	policy := redirectPolicy{base, secrets, config.Audience}
	c := &Client{
		base: base, direct: direct, files: files, certificate: certificate,
		config: config, secrets: secrets, seen: seen, branch: branch,
		answers: classifier{config: config, redirects: policy, secrets: secrets, seen: seen},
		http: &http.Client{
			Transport: &roundTripper{base: base, branch: branch != nil, config: config, secrets: secrets, seen: seen,
				next: direct},
			CheckRedirect: policy.check,
		},
	}
	if config.WrapTransport != nil {
		c.http.Transport = config.WrapTransport(c.http.Transport)
	}
	return c, nil
}

// Audience returns who reads the client's messages.
func (c *Client) Audience() Audience { return c.config.Audience }

// ServerURL returns the configured URL of NetBox.
func (c *Client) ServerURL() string { return c.base.String() }

// URL returns the URL of a path of NetBox's API.
func (c *Client) URL(path string) string { return c.urlOf(path).String() }

func (c *Client) urlOf(path string) *url.URL {
	target := *c.base
	target.Path = strings.TrimSuffix(target.Path, "/") + path
	target.RawPath = ""
	return &target
}

// RetryWait returns the first pause before a retry.
func (c *Client) RetryWait() time.Duration { return c.config.RetryWait }

// KeepSecret remembers a secret that the client handles, so that it is masked in all messages
// that the client reports.
func (c *Client) KeepSecret(secret string) { c.secrets.add(secret) }

// Mask masks every secret that the client has handled in a string.
func (c *Client) Mask(text string) string { return c.secrets.redact(text) }
