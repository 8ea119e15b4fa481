package netbox

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
)

const serverSetting = "server_url (or NETBOX_SERVER_URL)"

// Advice says what may help, in the terms of the configuration: the beginning of a
// sentence without a capital and a full stop.
func (e *TransportError) Advice() string {
	if advice := adviceOnTLS(e.Err); advice != "" {
		return advice
	}
	if _, late := asError[*timeoutError](e.Err); late {
		if e.unsent {
			return "no connection came about: check the host and the port in " + serverSetting + ", and the firewalls and proxies on the way"
		}
		return "NetBox, or what lies on the way to it, is slow: run it again, or raise request_timeout (or NETBOX_REQUEST_TIMEOUT)"
	}
	_, refused := asError[*ProxyError](e.Err)
	if op, ok := asError[*net.OpError](e.Err); refused || ok && op.Op == "proxyconnect" {
		return "check the proxy that HTTPS_PROXY or HTTP_PROXY names, or add NetBox's host to NO_PROXY"
	}
	if _, ok := asError[*net.DNSError](e.Err); ok {
		return "check the host in " + serverSetting + ", and this machine's DNS"
	}
	return "check the host and the port in " + serverSetting + ", that NetBox runs, and the network"
}

// adviceOnTLS is Advice where no secure connection came about, and "" otherwise.
func adviceOnTLS(err error) string {
	if _, ok := asError[x509.UnknownAuthorityError](err); ok {
		return "the certificate's authority is not one that this machine trusts: name a file with the authority's certificate in ca_cert_file (or NETBOX_CA_CERT_FILE)"
	}
	if _, ok := asError[x509.HostnameError](err); ok {
		return "use a name that the certificate has in " + serverSetting + ", or have the certificate renewed"
	}
	if invalid, ok := asError[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "have the certificate renewed, or check this machine's clock"
	}
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "check the scheme and the port in " + serverSetting
	case strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "x509: "): // most have no type of their own
		return "check the port in " + serverSetting + ", and that it speaks TLS 1.2 or newer with a certificate that is valid"
	}
	return ""
}
