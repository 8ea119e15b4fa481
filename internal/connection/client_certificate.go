package connection

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ClientCertificate answers servers that ask for a client certificate, and remembers that
// one asked. A server that wants a certificate, or another one, seldom says so. Most send
// an alert that has several meanings, hang up, or answer with an error page.
type ClientCertificate struct {
	// Current returns the certificate to send, or nil if there is none.
	Current func() *tls.Certificate

	last  atomic.Pointer[certificateRequest]
	asked atomic.Bool
}

// certificateRequest is a server's request for a client certificate, and what was sent for
// it.
type certificateRequest struct {
	authorities []string
	given       *x509.Certificate
	over        *dialedConn // nil through a proxy
}

// Use makes the connections of a configuration give the certificate.
func (c *ClientCertificate) Use(config *tls.Config) {
	config.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		request := &certificateRequest{authorities: names(info.AcceptableCAs)}
		if dialed, ok := info.Context().Value(dialedKey{}).(*dialedConn); ok {
			dialed.plain.keeps.Store(true)
			request.over = dialed
		}
		given := c.Current()
		if given == nil {
			given = &tls.Certificate{} // Go's form of no certificate
		}
		request.given = given.Leaf
		c.last.Store(request)
		c.asked.Store(true)
		return given, nil
	}
}

// Accepted records that the server has answered. Later failures then have another reason.
func (c *ClientCertificate) Accepted() { c.last.Store(nil) }

// NeverAsked reports whether no server has asked for a certificate.
func (c *ClientCertificate) NeverAsked() bool { return !c.asked.Load() }

// Asked returns err with the server's request for a client certificate, if no answer has
// been accepted since, and nil otherwise.
func (c *ClientCertificate) Asked(err error) *ClientCertificateError {
	if request := c.last.Load(); request != nil {
		return request.refused(err)
	}
	return nil
}

// Explain returns err, with the server's request for a client certificate if that may be
// the reason.
func (c *ClientCertificate) Explain(err error) error {
	request := c.last.Load()
	if request == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch Diagnose(err).Cause {
	case Broken, Other:
		if alert := request.over.alert(); alert != nil {
			err = alert
		}
	case NoTLS:
	default:
		return err
	}
	return request.refused(err)
}

func (r *certificateRequest) refused(err error) *ClientCertificateError {
	return &ClientCertificateError{Given: r.given, Authorities: r.authorities, Err: err}
}

// ClientCertificateError means that a server asked for a client certificate and then
// refused the connection or the request.
type ClientCertificateError struct {
	Given       *x509.Certificate // what was sent; nil for none
	Authorities []string          // whose certificates it accepts; empty if it does not say
	Err         error
}

func (e *ClientCertificateError) Error() string {
	if e.Given == nil {
		return fmt.Sprintf("the server asked for a client certificate and got none: %v", e.Err)
	}
	return fmt.Sprintf("the server got the client certificate of %q: %v", e.Given.Subject.String(), e.Err)
}

func (e *ClientCertificateError) Unwrap() error { return e.Err }

func (e *ClientCertificateError) cause() Cause {
	if e.Given == nil {
		return ClientCertificateWanted
	}
	return ClientCertificateRefused
}

// dialedConn is a TLS connection with its layers.
type dialedConn struct {
	tls   *tls.Conn
	plain *handshakeConn
}

// dialedKey is the key of a dialedConn in the context of its handshake.
type dialedKey struct{}

// alert returns the alert with which the server ended the connection, or nil if there was
// none. In TLS 1.3 the alert comes after the handshake, and net/http does not always report
// it. With HTTP/2, the request often fails with an error that says nothing.
func (d *dialedConn) alert() error {
	if d == nil {
		return nil
	}
	select {
	case <-d.plain.closed: // nothing else reads from it any more
	case <-time.After(closeTimeout):
		return nil
	}
	_, err := d.tls.Read(make([]byte, 1)) // from what was kept, or the error that ended the connection
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return err
	}
	return nil
}

// names returns distinguished names as strings. It leaves out those that cannot be read.
func names(encoded [][]byte) []string {
	var all []string
	for _, der := range encoded {
		var name pkix.RDNSequence
		if rest, err := asn1.Unmarshal(der, &name); err == nil && len(rest) == 0 {
			all = append(all, strings.TrimSpace(name.String()))
		}
	}
	return all
}

// Refusal is the reason in the words of a server that first completes the TLS handshake and
// then refuses the client's certificate.
type Refusal string

func (r Refusal) Error() string { return "it answered " + strconv.Quote(string(r)) }
