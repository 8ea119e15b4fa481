package connection

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"
)

// The errors have the form in which net, crypto/tls and net/http return them.
func TestDiagnose(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	read := func(err error) error { return &net.OpError{Op: "read", Net: "tcp", Err: err} }
	proxy := func(err error) error { return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err} }
	verify := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	issued := &x509.Certificate{Issuer: pkix.Name{CommonName: "Lab CA"}, DNSNames: []string{"a.example.com"},
		IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)}}
	many := &x509.Certificate{DNSNames: []string{"a", "b", "c", "d", "e", "f"}}
	for name, test := range map[string]struct {
		err  error
		want Failure // without a Detail: that is the error's text
	}{
		"unknown name": {dial(&net.DNSError{Name: "a.example.com", IsNotFound: true}),
			Failure{Cause: UnknownName, Detail: "a.example.com"}},
		"no name server": {dial(&net.DNSError{Err: "server misbehaving", Name: "a.example.com", IsTemporary: true}),
			Failure{Cause: NoResolver, Transient: true, Detail: "a.example.com"}},
		"silent name server": {dial(&net.DNSError{Name: "a.example.com", IsTimeout: true}),
			Failure{Cause: NoResolver, Transient: true, Detail: "a.example.com"}},
		"refused": {dial(os.NewSyscallError("connect", ErrRefused)),
			Failure{Cause: Refused, Transient: true, Detail: "connect: connection refused"}},
		"no host route": {dial(ErrNoHostRoute), Failure{Cause: NoRoute, Transient: true}},
		"no net route":  {dial(ErrNoNetRoute), Failure{Cause: NoRoute, Transient: true}},

		"hung up":     {io.EOF, Failure{Cause: Broken, Transient: true}},
		"cut":         {io.ErrUnexpectedEOF, Failure{Cause: Broken, Transient: true}},
		"reset":       {read(ErrReset), Failure{Cause: Broken, Transient: true}},
		"broken pipe": {read(ErrBroken), Failure{Cause: Broken, Transient: true}},
		"broken body": {fmt.Errorf("%w: %w", ErrIncomplete, errors.New("stream error")),
			Failure{Cause: Broken, Transient: true}},
		"late body": {fmt.Errorf("%w: %w", ErrIncomplete, &TimeoutError{time.Second}), Failure{Cause: TimedOut}},
		"request's limit": {&TimeoutError{time.Second},
			Failure{Cause: TimedOut, Detail: "no complete answer within 1s"}},
		"caller's limit": {context.DeadlineExceeded, Failure{Cause: TimedOut}},
		"dial's limit":   {dial(os.ErrDeadlineExceeded), Failure{Cause: TimedOut, Transient: true}},
		"no handshake": {&HandshakeError{time.Second},
			Failure{Cause: TimedOut, Detail: "no TLS handshake within 1s"}},

		"proxy not reached": {proxy(dial(ErrRefused)), Failure{Cause: Refused, Proxy: true, Transient: true}},
		"proxy refuses": {&ProxyError{Proxy: "proxy.example.com:3128", Status: "407 Proxy Authentication Required"},
			Failure{Cause: ProxyRefused, Detail: "the proxy proxy.example.com:3128 answered 407 Proxy Authentication " +
				"Required"}},

		"authority": {verify(x509.UnknownAuthorityError{Cert: issued}),
			Failure{Cause: UntrustedCertificate, Detail: `"CN=Lab CA"`}},
		"nameless authority": {x509.UnknownAuthorityError{},
			Failure{Cause: UntrustedCertificate, Detail: "an unknown authority"}},
		"another host": {verify(x509.HostnameError{Certificate: issued, Host: "b"}),
			Failure{Cause: OtherHostCertificate, Detail: "a.example.com, 192.0.2.1"}},
		"many hosts": {verify(x509.HostnameError{Certificate: many, Host: "x"}),
			Failure{Cause: OtherHostCertificate, Detail: "a, b, c, d, e, others"}},
		"no host": {verify(x509.HostnameError{Certificate: &x509.Certificate{}}),
			Failure{Cause: OtherHostCertificate, Detail: "no host at all"}},
		"expired": {verify(x509.CertificateInvalidError{Reason: x509.Expired, Detail: "it is late"}), Failure{
			Cause: ExpiredCertificate, Detail: "certificate has expired or is not yet valid: it is late"}},
		"not to sign": {verify(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}), Failure{
			Cause: BadCertificate, Detail: "certificate is not authorized to sign other certificates"}},
		"odd certificate": {verify(errors.New("x509: odd")), Failure{Cause: BadCertificate, Detail: "odd"}},

		"plain HTTP":   {http.ErrSchemeMismatch, Failure{Cause: PlainHTTP}},
		"TLS expected": {ErrTLSExpected, Failure{Cause: TLSExpected}},
		"no TLS":       {tls.RecordHeaderError{Msg: "first record does not look like TLS"}, Failure{Cause: NoTLS}},
		"alert": {&net.OpError{Op: "remote error", Err: errors.New("tls: protocol version not supported")},
			Failure{Cause: NoTLS, Detail: "tls: protocol version not supported"}},
		"renegotiation": {&net.OpError{Op: "local error", Err: errors.New("tls: no renegotiation")},
			Failure{Cause: Renegotiation}},
		"old version": {errors.New("tls: server selected unsupported protocol version 302"), Failure{Cause: NoTLS}},

		"client certificate wanted": {&ClientCertificateError{Err: &net.OpError{Op: "remote error",
			Err: errors.New("tls: certificate required")}},
			Failure{Cause: ClientCertificateWanted, Detail: "certificate required"}},
		"client certificate refused": {&ClientCertificateError{Given: issued, Err: &net.OpError{Op: "remote error",
			Err: errors.New("tls: unknown certificate authority")}},
			Failure{Cause: ClientCertificateRefused, Detail: "unknown certificate authority"}},
		"client certificate refused by a page": {&ClientCertificateError{Given: issued, Err: Refusal("400 No")},
			Failure{Cause: ClientCertificateRefused, Detail: `it answered "400 No"`}},
		"client certificate, then hung up": {&ClientCertificateError{Err: io.EOF},
			Failure{Cause: Broken, Transient: true, Detail: "EOF"}},

		"unheard of":            {errors.New("odd"), Failure{Cause: Other}},
		"unheard of in network": {dial(errors.New("odd")), Failure{Cause: Other, Transient: true, Detail: "odd"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.want.Detail == "" {
				test.want.Detail = innermost(test.err).Error()
			}
			for _, err := range []error{test.err, &url.Error{Op: "Get", URL: "https://a.example.com", Err: test.err}} {
				if got := Diagnose(err); got != test.want {
					t.Errorf("%v:\n%+v, want\n%+v", err, got, test.want)
				}
			}
		})
	}
}

// Only an answer that a TLS port may give to a plain request leads to a TLS probe.
func TestFailure_mayExpectTLS(t *testing.T) {
	for cause := Other; cause <= NoTLS; cause++ {
		want := cause == Other || cause == Broken
		if got := (Failure{Cause: cause}).MayExpectTLS(); got != want {
			t.Errorf("cause %d: %t", cause, got)
		}
	}
}
