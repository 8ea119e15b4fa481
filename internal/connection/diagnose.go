// Package connection makes the connections to NetBox and to clusters, and is the one
// place that says why one failed and what that means for a retry. How a failure reads
// is up to its callers.
package connection

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Cause is why a request has no answer.
type Cause int

// The causes.
const (
	Other        Cause = iota
	UnknownName        // the host's name does not resolve
	NoResolver         // resolving the name failed
	Refused            // the host refused the connection
	NoRoute            // the network has no route to the host
	Broken             // the connection broke before the answer was complete
	TimedOut           // nothing came in time
	ProxyRefused       // a proxy answered, and did not connect to the server

	UntrustedCertificate // from an authority that is not trusted
	OtherHostCertificate // for other names
	ExpiredCertificate   // not valid yet, or no longer
	BadCertificate       // not valid for another reason

	ClientCertificateWanted  // the server wants a client certificate and got none
	ClientCertificateRefused // the server got a client certificate that it does not accept
	Renegotiation            // the server wants another handshake, as for a client certificate

	PlainHTTP   // the server answers in plain HTTP where TLS was expected
	TLSExpected // the server expects TLS and got a plain HTTP request
	NoTLS       // no secure connection for another reason
)

// Failure is a request without an answer.
type Failure struct {
	Cause Cause
	// Proxy reports that the connection to the proxy failed, not that to the server.
	Proxy bool
	// Transient reports that the cause may pass, so that the same request may succeed in
	// a moment. Whether it may be sent again is another question: see [Trace].
	Transient bool
	// Detail is the certificate's issuer, in quotes, where it is not trusted; the names
	// in it where it is for another host; the name that does not resolve; and otherwise
	// the error's text, without the request's method and URL.
	Detail string
}

// MayExpectTLS reports whether the failure may be how a TLS port answers a plain
// request: with bytes that are not HTTP, or by hanging up. [ExpectsTLS] finds out.
func (f Failure) MayExpectTLS() bool { return f.Cause == Broken || f.Cause == Other }

// Diagnose classifies the error of a failed request. It goes by the types in the error's
// chain, and by the text only for the errors of crypto/tls, of which few have a type.
func Diagnose(err error) Failure {
	if request, ok := errors.AsType[*url.Error](err); ok { // itself a net.Error, which hides those inside
		err = request.Err
	}
	if asked, ok := errors.AsType[*ClientCertificateError](err); ok {
		failure := Diagnose(asked.Err)
		if _, said := errors.AsType[Refusal](asked.Err); said || failure.Cause == NoTLS {
			failure.Cause, failure.Detail = asked.cause(), strings.TrimPrefix(failure.Detail, "tls: ")
		}
		return failure
	}
	cause, detail := causeOf(err)
	if detail == "" {
		detail = innermost(err).Error()
	}
	op, network := errors.AsType[*net.OpError](err)
	failure := Failure{Cause: cause, Detail: detail, Proxy: network && op.Op == "proxyconnect"}
	switch cause {
	case NoResolver, Refused, NoRoute, Broken:
		failure.Transient = true
	case TimedOut, Other: // not the deadline of the whole request, but one of the network's
		failure.Transient = network
	}
	return failure
}

// causeOf returns the cause of an error, and the detail where it is not the error's text.
func causeOf(err error) (Cause, string) {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		if name.IsNotFound {
			return UnknownName, name.Name
		}
		return NoResolver, name.Name
	}
	if cause, detail, ok := certificateCause(err); ok {
		return cause, detail
	}
	if _, ok := errors.AsType[*ProxyError](err); ok {
		return ProxyRefused, ""
	}
	timed, isTimed := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return PlainHTTP, ""
	case errors.Is(err, ErrTLSExpected):
		return TLSExpected, ""
	case isTimed && timed.Timeout():
		return TimedOut, ""
	case errors.Is(err, ErrRefused):
		return Refused, ""
	case errors.Is(err, ErrNoHostRoute), errors.Is(err, ErrNoNetRoute):
		return NoRoute, ""
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, ErrReset),
		errors.Is(err, ErrBroken):
		return Broken, ""
	case innermost(err).Error() == "tls: no renegotiation":
		return Renegotiation, ""
	case strings.HasPrefix(innermost(err).Error(), "tls: "): // few errors of a handshake have a type
		return NoTLS, ""
	case errors.Is(err, ErrIncomplete):
		return Broken, ""
	}
	return Other, ""
}

func certificateCause(err error) (cause Cause, detail string, ok bool) {
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		issuer := "an unknown authority"
		if unknown.Cert != nil && unknown.Cert.Issuer.String() != "" {
			issuer = `"` + unknown.Cert.Issuer.String() + `"`
		}
		return UntrustedCertificate, issuer, true
	}
	if other, ok := errors.AsType[x509.HostnameError](err); ok {
		return OtherHostCertificate, hostsOf(other.Certificate), true
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		cause := BadCertificate
		if invalid.Reason == x509.Expired {
			cause = ExpiredCertificate
		}
		return cause, strings.TrimPrefix(invalid.Error(), "x509: "), true
	}
	if other, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return BadCertificate, strings.TrimPrefix(other.Err.Error(), "x509: "), true
	}
	return Other, "", false
}

// hostsOf lists the hosts that a certificate is for, in words.
func hostsOf(certificate *x509.Certificate) string {
	const most = 5
	var names []string
	if certificate != nil {
		names = append(names, certificate.DNSNames...)
		for _, ip := range certificate.IPAddresses {
			names = append(names, ip.String())
		}
	}
	switch n := len(names); {
	case n == 0:
		return "no host at all"
	case n > most:
		names = append(names[:most:most], "others")
	}
	return strings.Join(names, ", ")
}

// innermost removes the layers that only repeat the request's address.
func innermost(err error) error {
	for {
		var inner error
		if request, ok := errors.AsType[*url.Error](err); ok {
			inner = request.Err
		} else if op, ok := errors.AsType[*net.OpError](err); ok {
			inner = op.Err
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}
