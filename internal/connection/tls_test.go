package connection

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// held is a server that does not answer its first connections.
type held struct {
	net.Listener
	silent int
	held   chan net.Conn
}

func (h *held) Accept() (net.Conn, error) {
	for {
		conn, err := h.Listener.Accept()
		if err != nil || h.silent == 0 {
			return conn, err
		}
		h.silent--
		h.held <- conn
	}
}

func secure(t *testing.T, silent int) (s *httptest.Server, unanswered chan net.Conn) {
	t.Helper()
	s = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	h := &held{Listener: s.Listener, silent: silent, held: make(chan net.Conn, 10)}
	s.Listener, s.EnableHTTP2, s.Config.ErrorLog = h, true, quiet
	s.StartTLS()
	t.Cleanup(func() {
		s.Close()
		close(h.held)
		for conn := range h.held {
			_ = conn.Close()
		}
	})
	return s, h.held
}

func dialerOf(s *httptest.Server, first time.Duration) *tlsDialer {
	config := s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.ServerName = "example.com"
	return &tlsDialer{dial: (&net.Dialer{}).DialContext, config: config, helloTimeout: first}
}

// If a server answers neither a hello nor a plain request at first, the client tries once more, with
// the full time of a handshake.
func TestNewTransport_slowServerGetsMoreTime(t *testing.T) {
	s, unanswered := secure(t, 2)
	conn, err := dialerOf(s, 50*time.Millisecond).connect(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if len(unanswered) != 2 {
		t.Errorf("%d connections were not answered, want the hello and the question", len(unanswered))
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Error(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
}

// A server that breaks the connection is neither slow nor a plain one.
func TestNewTransport_brokenHandshakeIsNotRepeated(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan struct{}, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- struct{}{}
			_ = conn.Close()
		}
	}()
	d := &tlsDialer{dial: (&net.Dialer{}).DialContext, config: &tls.Config{MinVersion: tls.VersionTLS12},
		helloTimeout: time.Second}
	_, err = d.connect(t.Context(), "tcp", l.Addr().String())
	if Diagnose(err).Cause != Broken || len(accepted) != 2 {
		t.Errorf("got %v after %d connections", err, len(accepted))
	}
}

func TestNewTransport_keepsHTTP2(t *testing.T) {
	s, _ := secure(t, 0)
	transport := NewTransport(s.Client().Transport.(*http.Transport).TLSClientConfig)
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "HTTP/2.0" {
		t.Errorf("got %s, %v", body, err)
	}
}
