package rest

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// attribute matches the names of a setting for users of Terraform.
var attribute = regexp.MustCompile(`\w+ \(or (NETBOX_\w+)\)`)

// The first sentence is the same for each cause, and the second one is about the cause.
func TestTransportError_explain(t *testing.T) {
	verify := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	issued := &x509.Certificate{Issuer: pkix.Name{CommonName: "Lab CA"}, DNSNames: []string{"a.example.com",
		"b.example.com"}}
	server, dns := "server_url (or NETBOX_SERVER_URL)", "this machine's DNS"
	throughLab := connection.Route{Proxy: &url.URL{Scheme: "http", Host: "proxy.example.com:3128"},
		Variable: "HTTPS_PROXY"}
	for _, c := range []struct {
		e            TransportError
		what, advice string
	}{
		{TransportError{Err: &connection.TimeoutError{After: time.Second}},
			"there was no complete answer from H within 1 s",
			"run the command again, raise request_timeout (or NETBOX_REQUEST_TIMEOUT), or find out whether NetBox " +
				"or a proxy in between is slow"},
		{TransportError{Err: &connection.TimeoutError{After: time.Second}, unsent: true},
			"there was no connection to H within 1 s",
			"check the host and port in " + server + ", and any firewall or proxy in between"},
		{TransportError{Err: &connection.HandshakeError{After: time.Second}, unsent: true},
			"there was no TLS handshake with H within 1 s",
			"check the port in " + server + "; if NetBox speaks plain HTTP there, write http:// instead of https://"},
		{TransportError{Err: verify(x509.UnknownAuthorityError{Cert: issued})},
			`the certificate of H is not trusted: it is signed by "CN=Lab CA"`,
			"set ca_cert_file (or NETBOX_CA_CERT_FILE) to a file with the CA's certificate"},
		{TransportError{Err: verify(x509.HostnameError{Certificate: issued, Host: "a"})},
			"the certificate of H is for another host: it names a.example.com, b.example.com",
			"use a name from the certificate in " + server + ", or replace the certificate"},
		{TransportError{Err: verify(x509.CertificateInvalidError{Reason: x509.Expired, Detail: "it is late"})},
			"the certificate of H is not valid now: certificate has expired or is not yet valid: it is late",
			"renew the certificate, or check this machine's clock"},
		{TransportError{Err: verify(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign})},
			"the certificate of H is not valid: certificate is not authorized to sign other certificates",
			"replace the certificate"},
		{TransportError{Err: verify(errors.New("x509: odd"))}, "the certificate of H is not valid: odd",
			"replace the certificate"},
		{TransportError{Err: &net.OpError{Op: "remote error", Err: errors.New("tls: protocol version not supported")}},
			"no secure connection to H could be made: tls: protocol version not supported",
			"check the port in " + server + ", and that it speaks TLS 1.2 or newer"},
		{TransportError{Err: errors.New("tls: server selected unsupported protocol version 302")},
			"no secure connection to H could be made: tls: server selected unsupported protocol version 302",
			"check the port in " + server + ", and that it speaks TLS 1.2 or newer"},
		{TransportError{Err: http.ErrSchemeMismatch}, "the server at H speaks plain HTTP and not TLS",
			"write http:// instead of https:// in " + server + ", or use the port that speaks TLS"},
		{TransportError{Err: &net.OpError{Op: "local error", Err: errors.New("tls: no renegotiation")}},
			"the server at H asks for a second TLS handshake on the same connection, most likely for a client " +
				"certificate, which is not supported",
			"configure the server to ask for the certificate in the first handshake, for every path: with Apache, " +
				"SSLVerifyClient must not be in a <Location>"},
		{TransportError{Err: connection.ErrTLSExpected}, "the server at H expects TLS",
			"write https:// instead of http:// in " + server},
		{TransportError{Err: dial(&net.DNSError{Name: "netbox.example.com", IsNotFound: true})},
			`the name "netbox.example.com" does not resolve`,
			"check the host in " + server + ", and " + dns},
		{TransportError{Err: dial(&net.DNSError{Name: "netbox.example.com", IsTimeout: true})},
			`resolving the name "netbox.example.com" failed`,
			"check " + dns + ", and the host in " + server},
		{TransportError{Err: dial(connection.ErrRefused)}, "the connection to H was refused",
			"check the host and port in " + server + ", and that NetBox is running"},
		{TransportError{Err: dial(connection.ErrNoHostRoute)}, "there is no route to H", "check the host in " +
			server + ", and this machine's network"},
		{TransportError{Err: fmt.Errorf("%w: %w", connection.ErrIncomplete, io.EOF)},
			"the connection to H broke before the answer was complete",
			"check the host and port in " + server + ", that NetBox is running, and any proxy or gateway in between"},
		{TransportError{Err: fmt.Errorf("%w: %w", connection.ErrIncomplete, errors.New("stream error"))},
			"the connection to H broke before the answer was complete",
			"check the host and port in " + server + ", that NetBox is running, and any proxy or gateway in between"},
		{TransportError{Err: verify(x509.UnknownAuthorityError{}), ownCAs: true},
			"the certificate of H is not trusted: it is signed by an unknown authority",
			"add the CA's certificate to the file in ca_cert_file (or NETBOX_CA_CERT_FILE), which must have those of " +
				"NetBox and of a proxy that inspects TLS"},
		{TransportError{Err: &net.OpError{Op: "proxyconnect", Err: x509.UnknownAuthorityError{}}},
			"the certificate of the proxy is not trusted: it is signed by an unknown authority",
			"add the certificate of its CA to the file in ca_cert_file (or NETBOX_CA_CERT_FILE), or to the " +
				"system's CAs if that is not set, or add NetBox's host to NO_PROXY"},
		{TransportError{Err: io.EOF, unsent: true, route: throughLab},
			"the connection to H through the proxy proxy.example.com:3128 broke",
			"check the host and port in " + server + ", and the proxy's URL in HTTPS_PROXY: if the proxy expects " +
				"TLS, it begins with https://"},
		{TransportError{Err: dial(connection.ErrNoHostRoute), route: connection.Route{Variable: "HTTPS_PROXY"}},
			"there is no route to H", "check the host in " + server + ", and this machine's network; if this machine " +
				"reaches it through a proxy, set HTTPS_PROXY"},
		{TransportError{Err: errors.New("odd"), text: "odd"}, "the request to H failed: odd",
			"check the host and port in " + server + ", that NetBox is running, and the network"},
	} {
		c.e.Host = "H"
		if what, advice := c.e.Explain(); what != c.what || advice != c.advice {
			t.Errorf("%v:\n%s\n%s\nwant\n%s\n%s", c.e.Err, what, advice, c.what, c.advice)
		}
		c.e.to = CommandUsers
		want := attribute.ReplaceAllString(c.advice, "$1")
		if what, advice := c.e.Explain(); what != c.what || advice != want {
			t.Errorf("%v, of a command:\n%s\n%s\nwant\n%s\n%s", c.e.Err, what, advice, c.what, want)
		}
	}
}
