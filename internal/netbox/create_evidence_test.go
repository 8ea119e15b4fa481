package netbox

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// What is found after a lost POST is ours only by what NetBox has said of the time.

// pass sends on what a handler has answered, with another Date; the zero time for none.
func pass(w http.ResponseWriter, answer http.Header, status int, body []byte, date time.Time) {
	for name, values := range answer {
		w.Header()[name] = values
	}
	w.Header()["Date"] = nil
	if !date.IsZero() {
		w.Header().Set("Date", date.UTC().Format(http.TimeFormat))
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// Where no answer has a Date, nobody knows whether the fabric was there before.
func TestCreate_withoutADateNothingFoundIsOurs(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := commit(next, r)
			if r.Method == http.MethodPost {
				cut(w)
			}
			pass(w, answer.Header(), answer.Code, answer.Body.Bytes(), time.Time{})
		})
	})
	_, err := createAlpha(t, s)
	if e := wantError[*NameTakenError](t, err); e.ID != 1 || s.Count("POST", "") != 1 {
		t.Errorf("%+v after %d POSTs", e, s.Count("POST", ""))
	}
}

// The time is taken before the first POST that may have arrived: a fabric that it made
// late is older than the second POST, and ours.
func TestCreate_timeIsThatBeforeTheFirstPOST(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.SetNow(recordedTime)
	var late *http.Request
	intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			late = copyRequest(t, r)
			putOff(w, http.StatusGatewayTimeout, "")
			return
		}
		next.ServeHTTP(w, r)
	})
	intercept(s, "GET", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		answer := commit(next, r)
		if n == 1 { // it has not found the fabric; now the first POST takes effect, and a minute goes by
			commit(next, late)
			s.Advance(time.Minute)
		}
		pass(w, answer.Header(), answer.Code, answer.Body.Bytes(), s.Now())
	})
	read, err := createAlpha(t, s)
	wantAlpha(t, s, read, err, 2)
}

func TestObservations_date(t *testing.T) {
	now := recordedTime
	o := observations{now: func() time.Time { return now }}
	newer, older := recordedTime.Add(time.Minute), recordedTime
	o.date(newer, now)
	o.date(older, now.Add(time.Second))
	if date, fresh := o.newestDate(); !date.Equal(newer) || !fresh {
		t.Errorf("after an older Date: %s, fresh %t", date, fresh)
	}
	now = now.Add(dateLife)
	if _, fresh := o.newestDate(); fresh {
		t.Error("a Date that is old counts as NetBox's time")
	}
	o.date(newer, now)
	if _, fresh := o.newestDate(); !fresh {
		t.Error("the same Date from a later answer does not count")
	}
}

// A proxy has a clock of its own.
func TestObservations_onlyNetBoxsDateCounts(t *testing.T) {
	c := newClient(t, "http://netbox.invalid")
	answer := &http.Response{Header: http.Header{"Date": {recordedTime.Format(http.TimeFormat)}}}
	c.observe(answer, time.Now())
	if date, _ := c.seen.newestDate(); !date.IsZero() {
		t.Errorf("the Date %s of another server counts", date)
	}
	answer.Header.Set("API-Version", "4.7")
	c.observe(answer, time.Now())
	if date, _ := c.seen.newestDate(); !date.Equal(recordedTime) {
		t.Errorf("NetBox's Date is %s, want %s", date, recordedTime)
	}
}

// twoConnections is a transport that gets a connection, loses it before anything was
// sent, and gets no other, or one that it loses as well.
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

// Go sends a write over another connection only where nothing of it was sent over the
// first: what counts is whether the last one came about.
func TestTransport_theLastConnectionCounts(t *testing.T) {
	for _, second := range []bool{false, true} {
		c := newClient(t, "http://netbox.invalid", withoutCheck)
		c.http.Transport = twoConnections{second}
		_, err := c.try(t.Context(), &message{Request: Request{Method: http.MethodPost},
			target: "http://netbox.invalid/", header: http.Header{}})
		if unknownOutcome(err) != second {
			t.Errorf("second connection %t: %v, unknown %t", second, err, unknownOutcome(err))
		}
	}
}
