package rest

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// An idle connection may turn out to be closed before anything is sent over it. Go then opens
// another one. If that fails, nothing was sent.
func TestTransport_staleConnectionLeavesNothingUnknown(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", withoutCheck)
	attempts := 0
	bounded := c.http.Transport.(*roundTripper)
	bounded.next = netboxtest.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		if attempts++; attempts == 1 {
			trace.GetConn("netbox.example.com:80")
			trace.GotConn(httptrace.GotConnInfo{Reused: true})
		}
		trace.GetConn("netbox.example.com:80")
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: connection.ErrRefused}
	})
	_, err := send(t.Context(), c, "POST", recordsPath)
	if lost := wantError[*TransportError](t, err); !lost.unsent || OutcomeUnknown(err) || attempts != maxConnectRetries+
		1 {
		t.Errorf("got %v after %d attempts", err, attempts)
	}
}

// A proxy's own answer has the proxy's time. Only the time in an answer of the API counts.
func TestTransport_dateOfAProxyIsNotNetBoxs(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.SetNow(recordedTime)
	c := newClient(t, s.URL(), withoutCheck, func(c *Config) { c.Now = func() time.Time { return recordedTime } })
	intercept(s, "GET", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", recordedTime.Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusNotFound)
	})
	_, err := get(t.Context(), c, 1)
	wantError[*UnexpectedAnswerError](t, err)
	if date, fresh := c.seen.newestDate(); fresh || !date.IsZero() {
		t.Errorf("a proxy's time counts: %s", date)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	if date, fresh := c.seen.newestDate(); !fresh || !date.Equal(recordedTime.Truncate(time.Second)) {
		t.Errorf("got %s, fresh %t, want %s", date, fresh, recordedTime)
	}
}

// twoConnections is a transport that loses its connection before anything is sent. Then it gets
// no other connection, or loses a second one too.
type twoConnections struct{ second bool }

func (c twoConnections) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(r.Context())
	trace.GetConn("netbox.invalid:80")
	trace.GotConn(httptrace.GotConnInfo{Reused: true})
	trace.GetConn("netbox.invalid:80")
	if c.second {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
}

// Go sends a write over another connection only if nothing was sent over the first one. So only
// the last connection counts.
func TestTransport_theLastConnectionCounts(t *testing.T) {
	for _, second := range []bool{false, true} {
		c := newClient(t, "http://netbox.invalid", withoutCheck)
		c.http.Transport = twoConnections{second}
		_, err := c.doOnce(t.Context(), &encodedMessage{request: Request{Method: http.MethodPost},
			target: "http://netbox.invalid/", header: http.Header{}})
		if OutcomeUnknown(err) != second {
			t.Errorf("second connection %t: %v, unknown %t", second, err, OutcomeUnknown(err))
		}
	}
}
