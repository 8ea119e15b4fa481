package netboxtest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// door is the listening side of a server. It can be shut and opened again on
// the same port.
type door struct {
	tls     *tls.Config
	handler http.Handler

	mu      sync.Mutex
	address string // as asked for, then as it is
	server  *http.Server
	done    chan struct{} // closed when server has ended
}

func (d *door) open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", d.address)
	if err != nil {
		return err
	}
	d.address = listener.Addr().String()
	if d.tls != nil {
		config := d.tls.Clone()
		config.NextProtos = []string{"http/1.1"}
		listener = tls.NewListener(listener, config)
	}
	server := &http.Server{Handler: d.handler, ReadHeaderTimeout: 30 * time.Second,
		ErrorLog: log.New(complaints{}, "", log.LstdFlags)}
	done := make(chan struct{})
	d.server, d.done = server, done
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with ErrServerClosed on close
	}()
	return nil
}

// complaints are what the HTTP server has to say. That a client distrusts a
// certificate is what some tests are after, and no complaint.
type complaints struct{}

func (complaints) Write(line []byte) (int, error) {
	if !bytes.Contains(line, []byte("http: TLS handshake error")) {
		return os.Stderr.Write(line)
	}
	return len(line), nil
}

func (d *door) close() {
	d.mu.Lock()
	server, done := d.server, d.done
	d.server = nil
	d.mu.Unlock()
	if server != nil {
		_ = server.Close()
		<-done
	}
}

func (d *door) hostPort() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.address
}

// Refuse closes the listening socket, so that connections are refused, and cuts
// those that are open. Data and log stay. Accept undoes it.
func (s *Server) Refuse() { s.door.close() }

// Accept listens again on the same port. The error says that something else
// took it meanwhile.
func (s *Server) Accept() error {
	if err := s.door.open(); err != nil {
		return fmt.Errorf("stand-in NetBox: listen again: %w", err)
	}
	return nil
}
