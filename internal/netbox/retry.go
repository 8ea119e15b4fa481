package netbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// maxConnectRetries bounds the repetitions after connection errors: with doubling
// pauses from 250 ms a server that refuses connections is reported after about 4
// to 8 seconds. What NetBox puts off is repeated until the operation's deadline.
const maxConnectRetries = 5

// InterruptedError is an operation that ended while a request waited to be made
// again.
type InterruptedError struct {
	Last error // what came of the request before
	End  error // the context's error
}

func (e *InterruptedError) Error() string   { return fmt.Sprintf("%v; then %v", e.Last, e.End) }
func (e *InterruptedError) Unwrap() []error { return []error{e.Last, e.End} }

// unsentError is a request that was not made, because what has to come before it
// failed.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// deliver makes a request, again where that may help, until there is an answer.
// Where the operation ends first, the error tells what came of the last attempt.
func (c *Client) deliver(ctx context.Context, m *message) (*answer, error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	var before error
	broken := 0
	for attempt := 0; ; attempt++ {
		if m.before != nil {
			if err := m.before(ctx); err != nil {
				return nil, &unsentError{err}
			}
		}
		a, err := c.try(ctx, m)
		if err == nil {
			return a, nil
		}
		if before != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return nil, &InterruptedError{Last: before, End: ctx.Err()}
		}
		if _, lost := asError[*TransportError](err); lost {
			broken++
		}
		if broken > maxConnectRetries || !mayRepeat(ctx, m.Method, err) {
			return nil, err
		}
		tellTrouble(ctx, err)
		if c.pauseAfter(ctx, attempt, err) != nil {
			return nil, interrupted(ctx, err)
		}
		before = err
	}
}

// interrupted adds the end of an operation, if that is why it goes no further, to
// the error that it was at.
func interrupted(ctx context.Context, last error) error {
	if ctx.Err() == nil {
		return last
	}
	return &InterruptedError{Last: last, End: ctx.Err()}
}

// mayRepeat reports whether a request may be made again: reads after connection
// errors and after the statuses by which a server or proxy puts a client off, and
// writes only where they surely did not reach NetBox, or it answered 429.
func mayRepeat(ctx context.Context, method string, err error) bool {
	write := method != http.MethodGet
	if server, ok := asError[*ServerError](err); ok {
		return server.Status == http.StatusTooManyRequests || (!write && server.PutsOff())
	}
	lost, ok := asError[*TransportError](err)
	if !ok || (write && !lost.unsent) {
		return false
	}
	_, late := asError[*timeoutError](lost.Err)
	return connectionError(lost.Err) || (late && ctx.Value(settlingKey{}) != nil)
}

// PutsOff reports whether the status is one by which a server, or a proxy before it,
// says that it cannot answer for the moment.
func (e *ServerError) PutsOff() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// connectionError reports whether a connection failed or broke in a way that may pass,
// and not in one that repetition cannot fix.
func connectionError(err error) bool {
	switch diagnose(err).Cause {
	case connection.NoResolver, connection.Refused, connection.NoRoute, connection.Broken:
		return true
	case connection.Late, connection.Other:
		_, network := errors.AsType[*net.OpError](err)
		return network
	}
	return false
}

// diagnose is [connection.Diagnose] for a request of this package.
func diagnose(err error) connection.Failure {
	failure := connection.Diagnose(err)
	if failure.Cause == connection.Other && errors.Is(err, errBroken) {
		failure.Cause = connection.Broken
	}
	return failure
}
