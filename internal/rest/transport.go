package rest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// newTransport returns what makes connections to NetBox.
func newTransport(config Config) (*http.Transport, error) {
	verification, err := tlsConfig(config)
	if err != nil {
		return nil, err
	}
	transport := connection.NewTransport(verification)
	transport.MaxIdleConnsPerHost = 16
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
