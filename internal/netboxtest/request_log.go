package netboxtest

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Request is one request that the server received.
type Request struct {
	Method string
	Path   string // without Options.PathPrefix
	Query  url.Values
	Header http.Header
	Body   []byte
	Status int // of the answer; 0 while it is outstanding or if the connection was cut
	// Fault names the fault that struck the request, or "" if there is none.
	Fault string
	// Handled is NetBox's own status, before a fault or an interceptor changed it, or 0 if NetBox
	// did not get the request.
	Handled int
}

type requestLog struct {
	mu      sync.Mutex
	entries []*Request
}

// Requests returns the requests received since the start or ResetRequests, in the order of their
// arrival.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	list := make([]Request, len(s.log.entries))
	for i, e := range s.log.entries {
		list[i] = *e
	}
	return list
}

// ResetRequests clears the log of requests.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
}

// Count returns how many logged requests have this method ("" for any) and a path that starts
// with pathPrefix.
func (s *Server) Count(method, pathPrefix string) int {
	n := 0
	for _, r := range s.Requests() {
		if (method == "" || r.Method == method) && strings.HasPrefix(r.Path, pathPrefix) {
			n++
		}
	}
	return n
}

// record logs a request on arrival and its status when the answer is given.
func (s *Server) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil { // the client disconnected while sending
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		entry := &Request{
			Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, s.prefix), Query: r.URL.Query(),
			Header: r.Header.Clone(), Body: body,
		}
		s.log.mu.Lock()
		s.log.entries = append(s.log.entries, entry)
		s.log.mu.Unlock()
		r = r.WithContext(context.WithValue(r.Context(), entryKey{}, entry))
		next.ServeHTTP(&statusWriter{ResponseWriter: w, log: &s.log, entry: entry}, r)
	})
}

// entryKey is the key of a request's entry in its context.
type entryKey struct{}

// note changes the entry of a request.
func (l *requestLog) note(r *http.Request, change func(*Request)) {
	if entry, logged := r.Context().Value(entryKey{}).(*Request); logged {
		l.mu.Lock()
		defer l.mu.Unlock()
		change(entry)
	}
}

// statusWriter logs the status before it is sent, so that it is in the log when the client has
// the answer.
type statusWriter struct {
	http.ResponseWriter
	log   *requestLog
	entry *Request
	wrote bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote && status >= 200 {
		w.wrote = true
		w.log.mu.Lock()
		w.entry.Status = status
		w.log.mu.Unlock()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Hijack and Flush let faults cut a connection in the middle of an answer.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap serves http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
