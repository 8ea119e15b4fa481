// Package netbox is the client for NetBox's REST API and for that of its
// Hedgehog plugin. It knows their manners and faults; what a fabric's values
// mean is the business of package fabric.
package netbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-cleanhttp"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	// DefaultRequestTimeout bounds one request with its answer.
	DefaultRequestTimeout = 30 * time.Second
	// defaultRetryWait is the first pause before a request is repeated; it doubles from there.
	defaultRetryWait = 250 * time.Millisecond
	// v2TokenPrefix is how NetBox >= 4.5 begins its newer tokens.
	v2TokenPrefix = "nbt_"
)

// Config is what a client needs to know.
type Config struct {
	ServerURL        string // with scheme; a path prefix is kept
	APIToken         string // v1 or v2, told apart by the prefix "nbt_"
	Headers          map[string]string
	InsecureTLS      bool   // do not verify the server's certificate
	CACertFile       string // PEM file of authorities to trust instead of the system's
	RequestTimeout   time.Duration
	RetryWait        time.Duration // first pause before a repetition; 0 means 250 ms
	ChangelogMessage string        // goes with every write into NetBox's change log; may be ""
	SkipVersion      bool          // do not ask for NetBox's version first
	UserAgent        string
	ObserveExchange  func(context.Context, Exchange) // called after every request; nil is allowed
}

// Exchange is one request and its outcome, with nothing secret in it.
type Exchange struct {
	Method   string
	Path     string // with the query
	Status   int    // 0 when there was no answer
	Duration time.Duration
	Problem  string // why there was no answer
}

// Client talks to one NetBox. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	http    *http.Client
	config  Config
	secrets *redactor
	seen    observations

	joint        jointCalls
	checked      atomic.Bool
	reads        sharedReads
	customFields atomic.Pointer[map[string]fabric.CustomFieldDefinition]
}

// New returns a client. It makes no network call. The errors are those of the
// configuration: [*ConfigError] with the field that is wrong.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.ServerURL)
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https"):
		return nil, &ConfigError{"server_url", fmt.Sprintf("The URL %q (of server_url or NETBOX_SERVER_URL) must be absolute, http or https, such as "+
			"https://netbox.example.com.", withoutPassword(config.ServerURL))}
	case base.User != nil:
		return nil, &ConfigError{"server_url", "The URL (of server_url or NETBOX_SERVER_URL) must not contain a user name or password: NetBox wants an API token."}
	case base.RawQuery != "" || base.Fragment != "":
		return nil, &ConfigError{"server_url", "The URL (of server_url or NETBOX_SERVER_URL) must not contain a query or a fragment."}
	case path.Base(base.Path) == "api":
		return nil, &ConfigError{"server_url", fmt.Sprintf("The URL %q (of server_url or NETBOX_SERVER_URL) is that of NetBox's API. Give the one of "+
			"NetBox itself, without /api.", config.ServerURL)}
	case strings.TrimSpace(config.APIToken) != config.APIToken || strings.ContainsAny(config.APIToken, " \t\r\n"):
		return nil, &ConfigError{"api_token", "The API token (api_token or NETBOX_API_TOKEN) contains white space, which no token of NetBox does."}
	}
	if problem := checkHeaders(config.Headers); problem != "" {
		return nil, &ConfigError{"headers", problem}
	}
	if config.RequestTimeout <= 0 {
		config.RequestTimeout = DefaultRequestTimeout
	}
	if config.RetryWait <= 0 {
		config.RetryWait = defaultRetryWait
	}
	if config.ObserveExchange == nil {
		config.ObserveExchange = func(context.Context, Exchange) {}
	}
	c := &Client{base: base, config: config, secrets: newRedactor(config)}
	c.seen.now = time.Now
	c.reads.now, c.reads.after = time.Now, time.After
	transport := cleanhttp.DefaultPooledTransport()
	transport.MaxIdleConnsPerHost = 16
	transport.OnProxyConnectResponse = refusedByProxy
	if transport.TLSClientConfig, err = tlsConfig(config); err != nil {
		return nil, err
	}
	c.http = &http.Client{Transport: &boundedTransport{client: c, next: transport}, CheckRedirect: c.checkRedirect}
	return c, nil
}

// withoutPassword leaves out what stands before the host, also of what is no URL.
func withoutPassword(text string) string {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		return "…" + text[i:]
	}
	return text
}

// ServerURL returns the configured URL of NetBox.
func (c *Client) ServerURL() string { return c.base.String() }

func tlsConfig(config Config) (*tls.Config, error) {
	// Not verifying is the user's explicit choice (allow_insecure_https).
	t := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: config.InsecureTLS} //nolint:gosec // as chosen
	if config.CACertFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(config.CACertFile)
	if err != nil {
		return nil, &ConfigError{"ca_cert_file", fmt.Sprintf("The file that ca_cert_file (or NETBOX_CA_CERT_FILE) names cannot be read: %v.", err)}
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, &ConfigError{"ca_cert_file", fmt.Sprintf("The file %s (of ca_cert_file or NETBOX_CA_CERT_FILE) holds no PEM certificate.", config.CACertFile)}
	}
	return t, nil
}

func (c *Client) authorization() string {
	switch {
	case c.config.APIToken == "":
		return ""
	case strings.HasPrefix(c.config.APIToken, v2TokenPrefix):
		return "Bearer " + c.config.APIToken
	}
	return "Token " + c.config.APIToken
}

func asError[E error](err error) (E, bool) {
	var e E
	return e, errors.As(err, &e)
}
