package connection

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var (
	// ErrTLSExpected means that a server expects TLS and got a plain HTTP request. The
	// opposite is [http.ErrSchemeMismatch].
	ErrTLSExpected = errors.New("the server expects TLS")
	// ErrIncomplete means that the body of an answer could not be read completely. Callers
	// wrap it.
	ErrIncomplete = errors.New("the connection broke before the answer was complete")
)

// TimeoutError means that the answer to a request was not complete in time. Callers use it
// as the cause of the context that limits the request.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("no complete answer within %s", e.After) }

// Timeout makes it a [net.Error].
func (e *TimeoutError) Timeout() bool { return true }

// Temporary makes it a [net.Error].
func (e *TimeoutError) Temporary() bool { return true }

// HandshakeError means that a TLS handshake did not complete in time.
type HandshakeError struct{ After time.Duration }

func (e *HandshakeError) Error() string { return fmt.Sprintf("no TLS handshake within %s", e.After) }

// Timeout makes it a [net.Error].
func (e *HandshakeError) Timeout() bool { return true }

// Temporary makes it a [net.Error].
func (e *HandshakeError) Temporary() bool { return true }

// ProxyError means that a proxy answered and did not connect to the server.
type ProxyError struct {
	Proxy  string // host and port
	Status string // such as "407 Proxy Authentication Required"
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy %s answered %s", e.Proxy, e.Status)
}

// WantsPassword reports whether the proxy wants a user and a password.
func (e *ProxyError) WantsPassword() bool {
	return strings.HasPrefix(e.Status, strconv.Itoa(http.StatusProxyAuthRequired))
}
