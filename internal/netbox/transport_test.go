package netbox

import (
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A connection that was open may turn out to be closed before anything is sent by it. Go
// makes another one then, and only that one counts: where it fails, nothing was sent.
func TestTransport_staleConnectionLeavesNothingUnknown(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", withoutCheck)
	attempts := 0
	bounded := c.http.Transport.(*boundedTransport)
	bounded.next = roundTripper(func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		if attempts++; attempts == 1 {
			trace.GetConn("netbox.example.com:80")
			trace.GotConn(httptrace.GotConnInfo{Reused: true})
		}
		trace.GetConn("netbox.example.com:80")
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: connection.ErrRefused}
	})
	_, err := c.send(t.Context(), "POST", fabricsPath, nil, nil, map[string]any{})
	if lost := wantError[*TransportError](t, err); !lost.unsent || unknownOutcome(err) || attempts != maxConnectRetries+
		1 {
		t.Errorf("%v after %d attempts", err, attempts)
	}
}

// A proxy's own answer has its time, not NetBox's: only an answer of the API counts.
func TestTransport_dateOfAProxyIsNotNetBoxs(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL(), withoutCheck)
	setClock(s, c, recordedTime)
	intercept(s, "GET", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", recordedTime.Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusNotFound)
	})
	_, err := c.Fabrics().Get(t.Context(), 1)
	wantError[*UnexpectedAnswerError](t, err)
	if date, fresh := c.seen.newestDate(); fresh || !date.IsZero() {
		t.Errorf("a proxy's time counts: %s", date)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	if date, fresh := c.seen.newestDate(); !fresh || !date.Equal(recordedTime.Truncate(time.Second)) {
		t.Errorf("%s, fresh %t, want %s", date, fresh, recordedTime)
	}
}
