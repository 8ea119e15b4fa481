package rest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// listen serves connections one by one, like a server with a single worker.
func listen(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(t.Context(), func() { _ = conn.Close() })
			serve(conn)
			stop()
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// plainServers are HTTP servers that receive a TLS hello.
var plainServers = map[string]func(net.Conn){
	"says nothing": func(conn net.Conn) { // and waits for the end of the request, as gunicorn does
		var request []byte
		for some := make([]byte, 4096); !bytes.Contains(request, []byte("\r\n\r\n")); {
			n, err := conn.Read(some)
			if err != nil {
				return
			}
			request = append(request, some[:n]...)
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 302 Found\r\nLocation: /login/\r\nContent-Length: 0\r\n\r\n")
	},
	"refuses it": func(conn net.Conn) {
		_, _ = bufio.NewReader(conn).Peek(1)
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
	},
	"hangs up": func(conn net.Conn) {
		if first, err := bufio.NewReader(conn).Peek(1); err == nil && first[0] == 'H' {
			_, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n")
		}
	},
	"answers a page": func(conn net.Conn) {
		if first, err := bufio.NewReader(conn).Peek(1); err == nil && first[0] == 'H' {
			_, _ = io.WriteString(conn, "HTTP/1.0 501 Unsupported method\r\n\r\n")
			return
		}
		_, _ = io.WriteString(conn, "<!DOCTYPE HTML>\n<title>Bad request version</title>")
	},
}

func TestScheme_serverThatSpeaksPlainHTTP(t *testing.T) {
	for name, serve := range plainServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET", "POST"} {
				var tries atomic.Int64
				c := newClient(t, "https://"+listen(t, serve), withoutCheck, counting(&tries))
				begun := time.Now()
				_, err := send(t.Context(), c, method, recordsPath)
				lost := wantError[*TransportError](t, err)
				if what, _ := lost.Explain(); !strings.HasSuffix(what, "speaks plain HTTP and not TLS") ||
					tries.Load() != 1 ||
					OutcomeUnknown(err) || time.Since(begun) > 8*time.Second {
					t.Errorf("%s: got %v after %d attempts and %s", method, err, tries.Load(), time.Since(begun))
				}
			}
		})
	}
}

// secureServers are TLS servers that receive a plain request.
var secureServers = map[string]func(net.Conn, *tls.Config){
	"hangs up": func(conn net.Conn, config *tls.Config) {
		_ = tls.Server(conn, config).Handshake() // fails, unless it is one
	},
	"answers an alert": func(conn net.Conn, config *tls.Config) {
		buffered := bufio.NewReader(conn)
		if first, err := buffered.Peek(1); err == nil && first[0] != 0x16 {
			_, _ = conn.Write([]byte{0x15, 3, 1, 0, 2, 2, 70})
			return
		}
		_ = tls.Server(&peeked{conn, buffered}, config).Handshake()
	},
	"answers 400": func(conn net.Conn, config *tls.Config) {
		buffered := bufio.NewReader(conn)
		if first, err := buffered.Peek(1); err == nil && first[0] != 0x16 {
			body := "<html>The plain HTTP request was sent to the secure port</html>"
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: "+
				"close\r\n\r\n"+body)
			return
		}
		_ = tls.Server(&peeked{conn, buffered}, config).Handshake()
	},
	"wants another version": func(conn net.Conn, config *tls.Config) {
		old := config.Clone()
		old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
		_ = tls.Server(conn, old).Handshake()
	},
}

type peeked struct {
	net.Conn
	buffered *bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.buffered.Read(b) }

func TestScheme_serverThatExpectsTLS(t *testing.T) {
	config := &tls.Config{Certificates: []tls.Certificate{newAuthority(t).issue(t, nil)}}
	for name, serve := range secureServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET", "POST"} {
				var tries atomic.Int64
				address := listen(t, func(conn net.Conn) { serve(conn, config) })
				_, err := send(t.Context(), newClient(t, "http://"+address, withoutCheck, counting(&tries)), method,
					recordsPath)
				lost := wantError[*TransportError](t, err)
				if what, advice := lost.Explain(); !strings.HasSuffix(what, " expects TLS") ||
					!strings.HasPrefix(advice,
						"write https://") ||
					tries.Load() != 1 || OutcomeUnknown(err) {
					t.Errorf("%s: got %v after %d attempts", method, err, tries.Load())
				}
			}
		})
	}
}

// A plain server that breaks connections or answers 400 is not taken for a TLS server.
func TestScheme_plainServerThatFails(t *testing.T) {
	broken := listen(t, func(conn net.Conn) { _, _ = bufio.NewReader(conn).Peek(1) })
	_, err := send(t.Context(), newClient(t, "http://"+broken, withoutCheck), "POST", recordsPath)
	if lost := wantError[*TransportError](t, err); connection.Diagnose(lost.Err).Cause != connection.Broken ||
		!OutcomeUnknown(err) {
		t.Errorf("got %v", err)
	}
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Bad Request",
			http.StatusBadRequest)
	})
	_, err = get(t.Context(), newClient(t, s.URL, withoutCheck), 1)
	if e := wantError[*UnexpectedAnswerError](t, err); e.Status != http.StatusBadRequest {
		t.Errorf("got %v", err)
	}
}
