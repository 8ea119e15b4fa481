package connection

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// helloTimeout is how long a server may take to answer a TLS hello. After that, it is
	// asked whether it speaks plain HTTP.
	helloTimeout = 2 * time.Second
	// probeTimeout is the time limit for asking a server whether it speaks plain HTTP, or
	// expects TLS.
	probeTimeout = 2 * time.Second
	// handshakeTimeout is the time limit of a TLS handshake.
	handshakeTimeout = 10 * time.Second
	// closeTimeout is how long a failed connection may take to close.
	closeTimeout = time.Second
	// maxKept is how much of the data of a closing connection is kept, in bytes.
	maxKept = 16 << 10
)

// tlsDialer makes TLS connections that go through no proxy. It recognizes servers that
// speak plain HTTP. Like slow servers, some of them don't answer a TLS hello: they wait for
// the end of what they take for a request.
type tlsDialer struct {
	dial         func(ctx context.Context, network, address string) (net.Conn, error)
	config       *tls.Config
	helloTimeout time.Duration
}

func newTLSDialer(dial func(ctx context.Context, network, address string) (net.Conn, error),
	config *tls.Config) *tlsDialer {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config = config.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	return &tlsDialer{dial: dial, config: config, helloTimeout: helloTimeout}
}

// connect makes a connection. If the server says nothing within helloTimeout, connect hangs up
// and asks whether it speaks plain HTTP. If it does not, it gets a second connection and
// more time. Hanging up frees the worker of a plain HTTP server, which would otherwise wait
// for the rest of the hello.
func (d *tlsDialer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.handshake(ctx, network, address, d.helloTimeout)
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
	return d.handshake(ctx, network, address, handshakeTimeout)
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
	_ = plain.SetReadDeadline(time.Now().Add(first)) // if this fails, the request's own deadline remains
	below := &handshakeConn{Conn: plain, closed: make(chan struct{})}
	conn := tls.Client(below, config)
	if err := conn.HandshakeContext(context.WithValue(ctx, dialedKey{}, &dialedConn{conn, below})); err != nil {
		_ = below.Close() // report the error of the handshake
		if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() && ctx.Err() == nil {
			return nil, &HandshakeError{After: first}
		}
		return nil, err
	}
	_ = plain.SetReadDeadline(time.Time{})
	return conn, nil
}

// handshakeConn extends the read deadline once, at the server's first byte, so that a
// server that answers has the full time for a handshake.
type handshakeConn struct {
	net.Conn
	extended atomic.Bool

	// keeps makes Close read the data that has arrived, for a later Read.
	keeps   atomic.Bool
	closing sync.Once
	closed  chan struct{}
	kept    bytes.Reader // once it is closed
}

// Read implements net.Conn.
func (c *handshakeConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.extended.Swap(true) {
		_ = c.SetReadDeadline(time.Now().Add(handshakeTimeout))
	}
	if n == 0 && err != nil {
		select {
		case <-c.closed:
			if n, _ := c.kept.Read(p); n > 0 {
				return n, nil
			}
		default:
		}
	}
	return n, err
}

// Close implements net.Conn.
func (c *handshakeConn) Close() error {
	c.closing.Do(func() {
		if c.keeps.Load() {
			_ = c.SetReadDeadline(time.Now().Add(time.Millisecond)) // data that is here is read immediately
			arrived, _ := io.ReadAll(io.LimitReader(c.Conn, maxKept))
			c.kept.Reset(arrived)
		}
		close(c.closed)
	})
	return c.Conn.Close()
}

// speaksHTTP reports whether a server answers a plain request with a status other than 400,
// which is the answer of a TLS port. The request contains no secrets.
func (d *tlsDialer) speaksHTTP(ctx context.Context, network, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, err := d.dial(ctx, network, address)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(probeTimeout))
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

// ExpectsTLS reports whether the server of a request to an http URL answers a TLS hello,
// and so expects TLS there. It sends nothing else. It returns false for other URLs, and if
// there is a proxy in between.
func ExpectsTLS(ctx context.Context, transport *http.Transport, request *http.Request) bool {
	if request.URL.Scheme != "http" {
		return false
	}
	if transport.Proxy != nil {
		if proxy, err := transport.Proxy(request); err != nil || proxy != nil {
			return false
		}
	}
	address := request.URL.Host
	if request.URL.Port() == "" {
		address = net.JoinHostPort(request.URL.Hostname(), "80")
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
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
