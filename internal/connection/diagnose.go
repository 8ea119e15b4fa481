// Package connection makes connections to NetBox and to clusters. It is the one place that
// finds out why a connection failed and whether a retry makes sense. Its callers put this
// into words, except what is about proxies, which is the same for all servers.
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
	Other         Cause = iota
	UnknownName         // the host's name does not resolve
	NoResolver          // resolving the name failed
	Refused             // the host refused the connection
	NoRoute             // the network has no route to the host
	Broken              // the connection broke before the answer was complete
	TimedOut            // nothing came in time
	ProxyRefused        // a proxy answered, and did not pass the request on
	ProxyVariable       // a variable is not the URL of a proxy

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
	// Proxy reports whether the connection to the proxy failed, and not the connection to
	// the server.
	Proxy bool
	// Transient reports whether the cause may pass, so that the same request may succeed
	// soon. [Trace] says whether it may be sent again.
	Transient bool
	// Detail depends on the cause: the issuer, in quotes, of a certificate that is not
	// trusted; the names in a certificate for another host; the name that does not resolve;
	// the variable that is not a proxy's URL.
	// Otherwise, it is the error's text without the request's method and URL.
	Detail string
}

// MayExpectTLS reports whether a TLS port may have caused the failure by its answer to a
// plain request: bytes that are not HTTP, or a closed connection. [ExpectsTLS] finds out.
func (f Failure) MayExpectTLS() bool { return f.Cause == Broken || f.Cause == Other }

// Diagnose classifies the error of a failed request. It uses the types in the error's
// chain. It compares messages only for errors of crypto/tls, few of which have a type.
func Diagnose(err error) Failure {
	if request, ok := errors.AsType[*url.Error](err); ok { // itself a net.Error, which hides the errors inside
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
	case TimedOut, Other: // the network's deadline, not that for the whole request
		failure.Transient = network
	}
	return failure
}

// causeOf returns the cause of an error, and the detail if that is not the error's text.
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
	if wrong, ok := errors.AsType[*ProxyVariableError](err); ok {
		return ProxyVariable, wrong.Variable
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

// hostsOf describes the hosts that a certificate is for.
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

// innermost unwraps the errors that only repeat the request's address.
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
