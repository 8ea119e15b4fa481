package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	// DefaultTimeout is the time limit of one request with its answer.
	DefaultTimeout = 30 * time.Second
	// DefaultNamespace is the default of the plugin and of Kubernetes.
	DefaultNamespace = "default"
	// DefaultPageSize is how many objects one request asks for.
	DefaultPageSize = 500
)

// Config says how to reach a fabric's cluster.
type Config struct {
	Server    string        // absolute http or https URL; a path prefix is kept
	Token     string        // bearer token, secret; "" means anonymous requests
	CACert    string        // PEM of the authorities to trust; "" means the system's
	Insecure  bool          // do not verify the server's certificate
	Namespace string        // "" means DefaultNamespace
	Timeout   time.Duration // of one request with its repetitions; 0 means DefaultTimeout
	UserAgent string
	PageSize  int64 // objects per request; 0 means DefaultPageSize
	// WrapTransport, if not nil, wraps the transport. It sees no credentials.
	WrapTransport func(http.RoundTripper) http.RoundTripper
}

// inResource says where to correct an attribute of a fabric.
const inResource = "in the hedgehog_fabric resource, or in NetBox"

// complete checks a configuration and fills in what it leaves to the defaults.
func (c Config) complete() (Config, *url.URL, error) {
	base, err := url.Parse(c.Server)
	wrong := func(format string, a ...any) (Config, *url.URL, error) {
		return Config{}, nil, &Error{Class: ClassConfig, text: fmt.Sprintf(format, a...)}
	}
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https"):
		return wrong("kubernetes_server is not an absolute URL such as https://k8s.example.com:6443; correct it " +
			inResource)
	case base.User != nil:
		return wrong("kubernetes_server contains a user name or password; remove it, and set kubernetes_token instead")
	case base.RawQuery != "" || base.Fragment != "":
		return wrong("%s cannot be a Kubernetes server: its URL has a query or a fragment; remove it from "+
			"kubernetes_server", base.Host)
	}
	c.Server = strings.TrimRight(base.String(), "/")
	c.Token = strings.TrimSpace(c.Token)
	if strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return wrong("the token for %s contains white space or other characters that no token has; store it again in "+
			"kubernetes_token", c.Server)
	}
	if c.Namespace == "" {
		c.Namespace = DefaultNamespace
	}
	if fabric.ValidateKubernetesNamespace(c.Namespace) != nil {
		return wrong("kubernetes_namespace is %q, which is not a DNS-1123 label; correct it "+
			"%s", c.Namespace, inResource)
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.PageSize <= 0 {
		c.PageSize = DefaultPageSize
	}
	return c, base, nil
}

// tls returns the TLS configuration for the transport.
func (c Config) tls() (*tls.Config, error) {
	// Not verifying is the user's explicit choice.
	t := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: c.Insecure} //nolint:gosec // as chosen
	if fabric.Blank(c.CACert) {
		return t, nil
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM([]byte(c.CACert)) {
		return nil, &Error{Class: ClassConfig, Server: c.Server, text: fmt.Sprintf(
			"the CA certificate for %s contains no certificate in PEM form; store it again in kubernetes_ca_cert",
			c.Server)}
	}
	return t, nil
}
