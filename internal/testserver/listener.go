// Package testserver provides what the stand-ins for NetBox and Kubernetes share: a server that can
// stop and start on the same port, middleware, and certificates.
package testserver

import (
	"bytes"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Listener serves HTTP on an address. It can be closed and opened again on the same port.
type Listener struct {
	Handler http.Handler
	TLS     *tls.Config // nil for plain HTTP
	// HTTP1 disables HTTP/2, so that a fault can cut a single request's connection.
	HTTP1 bool

	mu      sync.Mutex
	address string // the requested address, then the actual one
	server  *http.Server
	done    chan struct{} // closed when server has ended
}

// Open listens on an address. Later calls listen on the first call's address. It does nothing
// if the listener is open.
func (l *Listener) Open(address string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		return nil
	}
	if l.address != "" {
		address = l.address
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	l.address = listener.Addr().String()
	server := &http.Server{Handler: l.Handler, TLSConfig: l.TLS.Clone(), ReadHeaderTimeout: 30 * time.Second,
		ErrorLog: log.New(complaints{}, "", log.LstdFlags)}
	if l.HTTP1 {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	done := make(chan struct{})
	l.server, l.done = server, done
	go func() {
		defer close(done)
		if l.TLS == nil {
			_ = server.Serve(listener) // ends with ErrServerClosed
		} else {
			_ = server.ServeTLS(listener, "", "")
		}
	}()
	return nil
}

// complaints is the error log of the HTTP server. It drops errors about clients that distrust
// a certificate, since some tests provoke them.
type complaints struct{}

func (complaints) Write(line []byte) (int, error) {
	if !bytes.Contains(line, []byte("http: TLS handshake error")) {
		return os.Stderr.Write(line)
	}
	return len(line), nil
}

// Close stops listening and cuts the connections that are open.
func (l *Listener) Close() {
	l.mu.Lock()
	server, done := l.server, l.done
	l.server = nil
	l.mu.Unlock()
	if server != nil {
		_ = server.Close()
		<-done
	}
}

// URL returns the address with its scheme and without a trailing slash.
func (l *Listener) URL() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.TLS == nil {
		return "http://" + l.address
	}
	return "https://" + l.address
}
