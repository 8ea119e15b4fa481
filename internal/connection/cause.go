// Package connection finds out why a connection failed, for NetBox and for
// clusters alike. Types decide, and a look at the server where they cannot.
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

// Cause is why there is no answer.
type Cause int

// The causes.
const (
	Other       Cause = iota
	UnknownName       // the host's name does not resolve
	NoResolver        // resolving the name failed
	Refused
	NoRoute
	Broken         // the connection broke before the answer was complete
	Late           // nothing in time
	Untrusted      // the certificate is from an authority that is not trusted
	OtherHost      // the certificate is for other names
	Expired        // the certificate is not valid now
	BadCertificate // anything else about a certificate
	SpeaksHTTP     // the server answers in plain HTTP where TLS was meant
	SpeaksTLS      // the server expects TLS where plain HTTP was meant
	NoTLS          // no secure connection for another reason
)

// Failure is a failed connection: its cause, and what belongs to that.
type Failure struct {
	Cause Cause
	Proxy bool // it is the connection to the proxy that failed
	// Detail is the certificate's issuer where it is not trusted, the names that it has
	// where it is for another host, the name that does not resolve, and the text of any
	// other cause, without what only repeats the request.
	Detail string
}

// ErrSpeaksTLS is a server that expects TLS where plain HTTP was meant. The other way
// round, the error is [http.ErrSchemeMismatch].
var ErrSpeaksTLS = errors.New("the server expects TLS")

// Diagnose returns what a failed request failed by.
func Diagnose(err error) Failure {
	failure := diagnose(err)
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		failure.Proxy = true
	}
	if failure.Detail == "" {
		failure.Detail = innermost(err).Error()
	}
	return failure
}

func diagnose(err error) Failure {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		if name.IsNotFound {
			return Failure{Cause: UnknownName, Detail: name.Name}
		}
		return Failure{Cause: NoResolver, Detail: name.Name}
	}
	if failure, ok := ofCertificate(err); ok {
		return failure
	}
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" { // a TLS alert
		noTLS = true
	}
	late, timed := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return Failure{Cause: SpeaksHTTP}
	case errors.Is(err, ErrSpeaksTLS):
		return Failure{Cause: SpeaksTLS}
	case noTLS:
		return Failure{Cause: NoTLS}
	case timed && late.Timeout():
		return Failure{Cause: Late}
	case errors.Is(err, ErrRefused):
		return Failure{Cause: Refused}
	case errors.Is(err, ErrNoHostRoute), errors.Is(err, ErrNoNetRoute):
		return Failure{Cause: NoRoute}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, ErrReset),
		errors.Is(err, ErrBroken):
		return Failure{Cause: Broken}
	case strings.HasPrefix(innermost(err).Error(), "tls: "): // most of what a handshake refuses has no type
		return Failure{Cause: NoTLS}
	}
	return Failure{Cause: Other}
}

func ofCertificate(err error) (Failure, bool) {
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		issuer := "an unknown authority"
		if unknown.Cert != nil && unknown.Cert.Issuer.String() != "" {
			issuer = `"` + unknown.Cert.Issuer.String() + `"`
		}
		return Failure{Cause: Untrusted, Detail: issuer}, true
	}
	if other, ok := errors.AsType[x509.HostnameError](err); ok {
		return Failure{Cause: OtherHost, Detail: namesOf(other.Certificate)}, true
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		cause := BadCertificate
		if invalid.Reason == x509.Expired {
			cause = Expired
		}
		return Failure{Cause: cause, Detail: strings.TrimPrefix(invalid.Error(), "x509: ")}, true
	}
	if other, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return Failure{Cause: BadCertificate, Detail: strings.TrimPrefix(other.Err.Error(), "x509: ")}, true
	}
	return Failure{}, false
}

// namesOf lists the hosts that a certificate is for.
func namesOf(certificate *x509.Certificate) string {
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
