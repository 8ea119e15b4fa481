package connection

import (
	"errors"
	"fmt"
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
