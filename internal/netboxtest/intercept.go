package netboxtest

import (
	"net/http"
	"slices"
	"sync"
)

// interceptors are the middlewares of Intercept, the latest outermost.
type interceptors struct {
	mu   sync.RWMutex
	list []*interceptor
}

type interceptor struct {
	wrap func(http.Handler) http.Handler
}

// Intercept puts a middleware around the whole server, outside of those added
// before; remove takes it out again. The request log sees the status that the
// middleware lets through. A request whose body it reads must get it back.
func (s *Server) Intercept(mw func(next http.Handler) http.Handler) (remove func()) {
	entry := &interceptor{wrap: mw}
	s.chain.mu.Lock()
	defer s.chain.mu.Unlock()
	s.chain.list = append(s.chain.list, entry)
	return func() {
		s.chain.mu.Lock()
		defer s.chain.mu.Unlock()
		s.chain.list = slices.DeleteFunc(s.chain.list, func(e *interceptor) bool { return e == entry })
	}
}

func (s *Server) handler() http.Handler {
	app := http.HandlerFunc(s.serve)
	return s.record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.chain.mu.RLock()
		list := slices.Clone(s.chain.list)
		s.chain.mu.RUnlock()
		var h http.Handler = app
		for _, e := range list {
			h = e.wrap(h)
		}
		h.ServeHTTP(w, r)
	}))
}
