package clustertest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Request is one request that the server received.
type Request struct {
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
}

type requestLog struct {
	mu      sync.Mutex
	entries []Request
}

// Requests returns the requests received since the start or ResetRequests, in order.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.entries)
}

// ResetRequests clears the log of requests.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
}

// Count returns how many logged requests have this method ("" for any) and a path that
// starts with pathPrefix.
func (s *Server) Count(method, pathPrefix string) int {
	n := 0
	for _, r := range s.Requests() {
		if (method == "" || r.Method == method) && strings.HasPrefix(r.Path, pathPrefix) {
			n++
		}
	}
	return n
}

// Intercept adds a middleware around the server, outside of those added before. Calling remove
// removes it.
func (s *Server) Intercept(mw func(next http.Handler) http.Handler) (remove func()) {
	return s.middleware.Add(mw)
}

// Answer makes a handler answer every request whose path starts with pathPrefix, until
// remove is called.
func (s *Server) Answer(pathPrefix string, by http.HandlerFunc) (remove func()) {
	return s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, pathPrefix) {
				by(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
}

func (s *Server) handler() http.Handler {
	app := s.middleware.Around(http.HandlerFunc(s.serve))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil { // the client disconnected while sending
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.log.mu.Lock()
		s.log.entries = append(s.log.entries, Request{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), body})
		s.log.mu.Unlock()
		app.ServeHTTP(w, r)
	})
}
