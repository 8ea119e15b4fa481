package netboxtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// Start starts a server for a test. The end of the test closes it.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// StartHTTP starts an HTTP server for a test, with any handler.
func StartHTTP(t testing.TB, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s
}

// InterceptFabrics passes every request of a method on fabrics to handle, with its number,
// counted from 1. Other requests pass.
func InterceptFabrics(s *Server, method string,
	handle func(n int, next http.Handler, w http.ResponseWriter, r *http.Request)) {
	var n atomic.Int64
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != method || !strings.Contains(r.URL.Path, pluginPath+fabricEndpoint) {
				next.ServeHTTP(w, r)
				return
			}
			handle(int(n.Add(1)), next, w, r)
		})
	})
}

// Commit lets the server handle a request and records the answer.
func Commit(next http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	next.ServeHTTP(w, r)
	return w
}

// Cut closes a connection without an answer.
func Cut(http.ResponseWriter) { panic(http.ErrAbortHandler) }

// AnswerHTML answers with a page, as an overloaded server or a proxy does.
func AnswerHTML(w http.ResponseWriter, status int, retryAfter string) {
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html>try again</html>"))
}

// AnswerJSON answers in JSON as NetBox 4.7 does.
func AnswerJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("API-Version", V47.Minor())
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
