package netbox

import (
	"net/http"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// pass sends a handler's answer with another Date; without a Date for the zero time.
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

// Without a Date in answers, the client cannot know whether the fabric existed before.
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
		t.Errorf("got %+v after %d POSTs", e, s.Count("POST", ""))
	}
}

// The reference time is before the first POST that may have arrived. A fabric that this POST
// created late is older than the second POST, and still ours.
func TestCreate_timeIsThatBeforeTheFirstPOST(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.SetNow(recordedTime)
	var late *http.Request
	intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			late = copyRequest(t, r)
			answerHTML(w, http.StatusGatewayTimeout, "")
			return
		}
		next.ServeHTTP(w, r)
	})
	intercept(s, "GET", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		answer := commit(next, r)
		if n == 1 { // now the first POST takes effect, and a minute passes
			commit(next, late)
			s.Advance(time.Minute)
		}
		pass(w, answer.Header(), answer.Code, answer.Body.Bytes(), s.Now())
	})
	read, err := createAlpha(t, s)
	wantAlpha(t, s, read, err, 2)
}
