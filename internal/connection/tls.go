package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// firstWord is how long a server may take to say anything to a TLS hello before it is
	// asked whether it speaks plain HTTP.
	firstWord = 2 * time.Second
	// probing bounds that question, and the one whether a server speaks TLS.
	probing = 2 * time.Second
	// handshaking bounds a TLS handshake.
	handshaking = 10 * time.Second
)

// HandshakeError is a TLS handshake that was not complete in time.
type HandshakeError struct{ After time.Duration }

func (e *HandshakeError) Error() string { return fmt.Sprintf("no TLS handshake within %s", e.After) }

// Timeout makes it a [net.Error].
func (e *HandshakeError) Timeout() bool { return true }

// Temporary makes it a [net.Error].
func (e *HandshakeError) Temporary() bool { return true }

// DirectTLS makes a transport's TLS connections that go through no proxy. It tells a
// server that speaks plain HTTP from one that is slow. Some such servers say nothing to
// a TLS hello: they wait for the end of what they take for a request.
func DirectTLS(transport *http.Transport) {
	config := transport.TLSClientConfig
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config = config.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	d := &tlsDialer{dial: transport.DialContext, config: config, firstWord: firstWord}
	transport.DialTLSContext = d.connect
}

type tlsDialer struct {
	dial      func(ctx context.Context, network, address string) (net.Conn, error)
	config    *tls.Config
	firstWord time.Duration
}

// connect makes a connection. It gives up early on a server that says nothing, and comes
// back with more time unless that server speaks plain HTTP. Between the two, none of its
// workers is kept waiting for the rest of a hello.
func (d *tlsDialer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.handshake(ctx, network, address, d.firstWord)
	if err == nil {
		return conn, nil
	}
	record, notTLS := errors.AsType[tls.RecordHeaderError](err)
	if notTLS && string(record.RecordHeader[:]) == "HTTP/" {
		return nil, http.ErrSchemeMismatch
	}
	_, silent := errors.AsType[*HandshakeError](err)
	if !notTLS && !silent && Diagnose(err).Cause != Broken {
		return nil, err
	}
	if d.speaksHTTP(ctx, network, address) {
		return nil, http.ErrSchemeMismatch
	}
	if !silent {
		return nil, err
	}
	return d.handshake(ctx, network, address, handshaking)
}

func (d *tlsDialer) handshake(ctx context.Context, network, address string, first time.Duration) (net.Conn, error) {
	plain, err := d.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := d.config.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(address)
	}
	heard := &hearing{Conn: plain}
	_ = plain.SetReadDeadline(time.Now().Add(first)) // what cannot be bounded ends with the request
	conn := tls.Client(heard, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close() // it failed already
		if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() && ctx.Err() == nil {
			return nil, &HandshakeError{After: first}
		}
		return nil, err
	}
	_ = plain.SetReadDeadline(time.Time{})
	return conn, nil
}

// hearing gives a server that has said something the rest of a handshake's time.
type hearing struct {
	net.Conn
	said atomic.Bool
}

func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if n > 0 && !h.said.Swap(true) {
		_ = h.SetReadDeadline(time.Now().Add(handshaking))
	}
	return n, err
}

// speaksHTTP reports whether a server answers a plain request, one without anything
// secret, by anything but 400: that is what a TLS port answers too.
func (d *tlsDialer) speaksHTTP(ctx context.Context, network, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, probing)
	defer cancel()
	conn, err := d.dial(ctx, network, address)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(probing))
	if _, err := fmt.Fprintf(conn, "HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", address); err != nil {
		return false
	}
	line := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(conn, line); err != nil {
		return false
	}
	protocol, code, _ := strings.Cut(string(line), " ")
	status, err := strconv.Atoi(code)
	return strings.HasPrefix(protocol, "HTTP/1.") && err == nil && status != http.StatusBadRequest
}

// Secure reports whether the server at an http URL's host and port answers a TLS hello:
// then it is TLS that it expects. Nothing else is sent.
func Secure(ctx context.Context, transport *http.Transport, request *http.Request) bool {
	if transport.Proxy != nil {
		if proxy, err := transport.Proxy(request); err != nil || proxy != nil {
			return false
		}
	}
	address := request.URL.Host
	if request.URL.Port() == "" {
		address = net.JoinHostPort(request.URL.Hostname(), "80")
	}
	ctx, cancel := context.WithTimeout(ctx, probing)
	defer cancel()
	plain, err := transport.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer plain.Close()
	config := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // nothing is sent
	config.ServerName = request.URL.Hostname()
	err = tls.Client(plain, config).HandshakeContext(ctx)
	alert, refused := errors.AsType[*net.OpError](err)
	return err == nil || refused && alert.Op == "remote error"
}
