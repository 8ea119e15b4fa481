package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/hashicorp/go-cleanhttp"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// newTransport returns what makes connections to NetBox.
func newTransport(config Config) (*http.Transport, error) {
	transport := cleanhttp.DefaultPooledTransport()
	transport.MaxIdleConnsPerHost = 16
	transport.OnProxyConnectResponse = refusedByProxy
	var err error
	if transport.TLSClientConfig, err = tlsConfig(config); err != nil {
		return nil, err
	}
	connection.DirectTLS(transport)
	return transport, nil
}

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

// refusedByProxy makes an error that names the proxy, which that of package net/http
// does not.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{proxy.Host, answer.Status}
}
