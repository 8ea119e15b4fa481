package testserver

import (
	"net/http"
	"slices"
	"sync"
)

// Middleware is the middleware that tests add to a running server. The latest is outermost.
type Middleware struct {
	mu   sync.RWMutex
	list []*wrapper
}

type wrapper struct {
	wrap func(http.Handler) http.Handler
}

// Add adds a middleware around those added before. remove removes it.
func (m *Middleware) Add(wrap func(next http.Handler) http.Handler) (remove func()) {
	entry := &wrapper{wrap: wrap}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, entry)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.list = slices.DeleteFunc(m.list, func(e *wrapper) bool { return e == entry })
	}
}

// Around returns a handler that passes each request through the current middleware.
func (m *Middleware) Around(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.RLock()
		list := slices.Clone(m.list)
		m.mu.RUnlock()
		h := app
		for _, e := range list {
			h = e.wrap(h)
		}
		h.ServeHTTP(w, r)
	})
}
