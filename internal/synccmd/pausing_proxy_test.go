//go:build unix

package synccmd

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// pausingProxy is a proxy in front of NetBox. It holds the answer to one request after NetBox has
// handled it.
type pausingProxy struct {
	url    string
	paused chan struct{} // closed when there is such a request
	resume chan struct{} // closed to let the answer through
	open   func()
}

// newPausingProxy returns a proxy that holds the answer to the first wanted request.
func newPausingProxy(t *testing.T, netbox string, wanted func(*http.Request) bool) *pausingProxy {
	t.Helper()
	target, err := url.Parse(netbox)
	if err != nil {
		t.Fatal(err)
	}
	g := &pausingProxy{paused: make(chan struct{}), resume: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.resume) })
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caught := false
		if wanted(r) {
			once.Do(func() { caught = true })
		}
		if !caught {
			pass.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		pass.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
		close(g.paused)
		select {
		case <-g.resume:
		case <-r.Context().Done():
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = io.Copy(w, answer.Body) // the program may be gone
	}))
	g.url = s.URL
	t.Cleanup(func() {
		g.open()
		s.Close()
	})
	return g
}

// await waits until a program has sent the request.
func (g *pausingProxy) await(p *process) {
	p.t.Helper()
	select {
	case <-g.paused:
	case <-p.ended:
		p.t.Fatalf("the program ended before the request:\n%s%s", p.out.String(), p.log.String())
	case <-time.After(time.Minute):
		p.t.Fatalf("the program did not send the request in time:\n%s", p.log.String())
	}
}

// writesObjects reports whether a request stores objects, which a sync does under its lock.
func writesObjects(r *http.Request) bool {
	return r.Method != http.MethodGet && !strings.Contains(r.URL.Path, "/fabrics/")
}
