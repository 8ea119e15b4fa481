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
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-cleanhttp"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

const (
	// DefaultRequestTimeout bounds one request with its answer.
	DefaultRequestTimeout = 30 * time.Second
	// defaultRetryWait is the first pause before a request is repeated; it doubles from there.
	defaultRetryWait = 250 * time.Millisecond
	// v2TokenPrefix is how NetBox >= 4.5 begins its newer tokens.
	v2TokenPrefix = "nbt_"
)

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
	direct  *http.Transport // what http sends by
	config  Config
	secrets *redactor
	seen    observations
	// maxAnswer bounds an answer, in bytes: maxAnswer but for tests.
	maxAnswer int64

	joint            jointCalls
	checked          atomic.Bool
	reads            sharedReads
	names            nameIndex
	moving           movingNames
	inventory        *inventory                      // nil for none
	countedAlone     atomic.Int64                    // fabrics whose imported objects were counted each by itself
	objectsUncounted atomic.Bool                     // there are too many to read them all
	objectCounts     atomic.Pointer[map[int64]int64] // imported objects by fabric
	customFields     atomic.Pointer[recalled]        // with their definitions
	customKeys       atomic.Pointer[recalled]        // with nothing but their keys
}

// New returns a client. It makes no network call. The errors are those of the
// configuration: [*ConfigError] with the field that is wrong.
func New(config Config) (*Client, error) {
	base, err := checkConfig(config)
	if err != nil {
		return nil, err
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
	c := &Client{base: base, config: config, maxAnswer: maxAnswer, secrets: newRedactor(config)}
	c.seen.now = time.Now
	c.reads.after = func(d time.Duration, do func()) { time.AfterFunc(d, do) }
	transport := cleanhttp.DefaultPooledTransport()
	transport.MaxIdleConnsPerHost = 16
	transport.OnProxyConnectResponse = refusedByProxy
	if transport.TLSClientConfig, err = tlsConfig(config); err != nil {
		return nil, err
	}
	connection.DirectTLS(transport)
	c.direct = transport
	c.http = &http.Client{Transport: &boundedTransport{client: c, next: transport}, CheckRedirect: c.checkRedirect}
	if config.WrapTransport != nil {
		c.http.Transport = config.WrapTransport(c.http.Transport)
	}
	return c, nil
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
		return nil, &ConfigError{"ca_cert_file", fmt.Sprintf("The file that ca_cert_file (or NETBOX_CA_CERT_FILE) "+
			"names cannot be read: %v.", err)}
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, &ConfigError{"ca_cert_file", fmt.Sprintf("The file %s (of ca_cert_file or NETBOX_CA_CERT_FILE) "+
			"holds no PEM certificate.", config.CACertFile)}
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
