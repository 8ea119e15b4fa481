package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// refusing starts a server that requires a client certificate with TLS 1.3. refused receives when
// it has refused a connection.
func refusing(t *testing.T) (address string, authority *testserver.Authority, refused chan error) {
	t.Helper()
	authority, err := testserver.NewAuthority("lab")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := authority.Issue(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate},
		ClientAuth: tls.RequireAnyClientCert, ClientCAs: authority.Pool(), MinVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	refused = make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if tlsConn, ok := conn.(*tls.Conn); ok {
				refused <- tlsConn.HandshakeContext(context.Background())
			}
			_ = conn.Close()
		}
	}()
	return l.Addr().String(), authority, refused
}

// If a connection fails during a write, the client reads the server's alert when it closes the
// connection.
func TestClientCertificate_alertThatNobodyRead(t *testing.T) {
	address, authority, refused := refusing(t)
	client := &ClientCertificate{Current: func() *tls.Certificate { return nil }}
	config := &tls.Config{RootCAs: authority.Pool(), MinVersion: tls.VersionTLS12}
	client.Use(config)
	conn, err := newTLSDialer((&net.Dialer{}).DialContext, config).connect(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-refused; err == nil {
		t.Fatal("the server accepted the connection")
	}
	_ = conn.Close()
	got := client.Explain(fmt.Errorf("write: %w", ErrBroken))
	failure := Diagnose(got)
	asked, ok := errors.AsType[*ClientCertificateError](got)
	if failure.Cause != ClientCertificateWanted || failure.Detail != "certificate required" || !ok ||
		len(asked.Authorities) != 1 || asked.Authorities[0] != "CN=lab" {
		t.Errorf("%v: %+v, %+v", got, failure, asked)
	}

	client.Accepted()
	if got := client.Explain(ErrBroken); !errors.Is(got, ErrBroken) || client.Asked(got) != nil {
		t.Errorf("after an answer: %v", got)
	}
}

// Other failures do not mention a certificate, and do not wait for a connection that other requests
// use.
func TestClientCertificate_otherFailures(t *testing.T) {
	client := &ClientCertificate{Current: func() *tls.Certificate { return nil }}
	client.last.Store(&certificateRequest{over: &dialedConn{plain: &handshakeConn{closed: make(chan struct{})}}})
	for _, err := range []error{context.Canceled, context.DeadlineExceeded, &TimeoutError{time.Second},
		ErrTLSExpected, &ProxyError{}} {
		if got := client.Explain(err); got != err { //nolint:errorlint // the very same
			t.Errorf("%v became %v", err, got)
		}
	}
}
