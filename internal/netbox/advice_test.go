package netbox

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTransportError_advice(t *testing.T) {
	verify := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for want, e := range map[string]TransportError{
		"raise request_timeout (or NETBOX_REQUEST_TIMEOUT)":        {Err: &timeoutError{time.Second}},
		"no connection came about: check the host":                 {Err: &timeoutError{time.Second}, unsent: true},
		"in ca_cert_file (or NETBOX_CA_CERT_FILE)":                 {Err: verify(x509.UnknownAuthorityError{})},
		"use a name that the certificate has in server_url":        {Err: verify(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "a"})},
		"this machine's clock":                                     {Err: verify(x509.CertificateInvalidError{Reason: x509.Expired})},
		"with a certificate that is valid":                         {Err: verify(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign})},
		"it speaks TLS 1.2 or newer":                               {Err: fmt.Errorf("remote error: %w", errors.New("tls: protocol version not supported"))},
		"check the scheme and the port":                            {Err: http.ErrSchemeMismatch},
		"check the host in server_url (or NETBOX_SERVER_URL), and": {Err: &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}},
		"check the proxy that HTTPS_PROXY":                         {Err: &net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}},
		"add NetBox's host to NO_PROXY":                            {Err: &ProxyError{"proxy.example.com:3128", "407 Proxy Authentication Required"}},
		"that NetBox runs, and the network":                        {Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}},
	} {
		if got := e.Advice(); !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", e.Err, got, want)
		}
	}
}
