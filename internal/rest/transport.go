package rest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// newTransport returns the transport for connections to NetBox.
func newTransport(config Config, certificate *connection.ClientCertificate) (*http.Transport, error) {
	verification, err := tlsConfig(config)
	if err != nil {
		return nil, err
	}
	certificate.Use(verification)
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
	file := settingFile{settingCaCertFile, config.CACertFile, config.Audience}
	pem, err := file.read()
	if err != nil {
		return nil, err
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, &ConfigError{file.setting, fmt.Sprintf("The file %s %s", file.described(), notPEM(pem,
			"CA certificate"))}
	}
	return t, nil
}
