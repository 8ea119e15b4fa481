package netboxtest

import (
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Fault is what goes wrong, with which requests and how often. Server.Fault adds it.
type Fault struct {
	// Method of the requests, or "" for any.
	Method string
	// Path is a prefix of the requests' paths, without Options.PathPrefix, or "" for any. With
	// a * in it, it is a pattern for the whole path, as in path.Match.
	Path string
	// When is a further condition, or nil if there is none. It may be called concurrently.
	When func(*http.Request) bool
	// Skip is how many of these requests pass first.
	Skip int
	// Times is how many requests are struck, or 0 for no limit.
	Times int
	// Probability is the probability of striking a request, from 0 to 1; 0 means 1. The choices
	// depend on Options.Seed and the order of the requests.
	Probability float64
	// AfterCommit lets NetBox handle the request first, and then drops the answer. Without it,
	// NetBox never sees the request, unless the Kind says otherwise.
	AfterCommit bool
	// Kind is what happens to the request.
	Kind Kind
}

// Kind is what a fault does to a request. Functions such as [Status] return one.
type Kind struct {
	name   string
	strike func(*strike)
	// spares reports whether a request is never struck.
	spares func(*Server, *http.Request) bool
}

// strike is a fault striking one request.
type strike struct {
	*FaultHandle
	w    http.ResponseWriter
	r    *http.Request
	next http.Handler
	hit  int // counted from 1
}

// FaultHandle is a fault that was switched on.
type FaultHandle struct {
	server *Server
	fault  Fault
	remove func()

	mu      sync.Mutex
	random  *rand.Rand
	seen    int // requests that match
	hits    int
	held    []*held
	changed chan struct{} // closed and replaced whenever held changes
}

// faultBook is a server's data about its faults.
type faultBook struct {
	seed uint64
	mu   sync.Mutex
	made uint64
	hits map[string]int // by name
}

// Fault adds a fault, outside of the interceptors and faults added before. At most one fault
// strikes a request: the latest that matches it.
func (s *Server) Fault(f Fault) *FaultHandle {
	if f.Kind.strike == nil {
		panic("stand-in NetBox: a fault without a Kind")
	}
	s.faults.mu.Lock()
	s.faults.made++
	random := rand.New(rand.NewPCG(s.faults.seed, s.faults.made))
	s.faults.mu.Unlock()
	h := &FaultHandle{server: s, fault: f, random: random, changed: make(chan struct{})}
	h.remove = s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hit := h.wants(r)
			if hit == 0 {
				next.ServeHTTP(w, r)
				return
			}
			f.Kind.strike(&strike{FaultHandle: h, w: w, r: r, next: next, hit: hit})
		})
	})
	return h
}

// FaultsHit returns the number of requests that faults have struck since the start, by name.
func (s *Server) FaultsHit() map[string]int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	hits := map[string]int{}
	for name, n := range s.faults.hits {
		hits[name] = n
	}
	return hits
}

// Hits returns how many requests the fault has struck.
func (h *FaultHandle) Hits() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hits
}

// Remove removes the fault. Requests that it holds stay held until Release.
func (h *FaultHandle) Remove() { h.remove() }

// Name returns the fault's name in the log.
func (h *FaultHandle) Name() string {
	if h.fault.AfterCommit {
		return h.fault.Kind.name + " after commit"
	}
	return h.fault.Kind.name
}

// wants returns the number of the hit, from 1, if the fault strikes the request, and 0 if the
// request passes.
func (h *FaultHandle) wants(r *http.Request) (hit int) {
	if !h.fault.covers(h.server, r) || h.server.log.struck(r) {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen++
	probability := h.fault.Probability
	switch {
	case h.seen <= h.fault.Skip,
		h.fault.Times > 0 && h.hits >= h.fault.Times,
		probability > 0 && h.random.Float64() >= probability:
		return 0
	}
	h.hits++
	h.server.log.note(r, func(entry *Request) { entry.Fault = h.Name() })
	h.server.faults.count(h.Name())
	return h.hits
}

func (b *faultBook) count(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hits == nil {
		b.hits = map[string]int{}
	}
	b.hits[name]++
}

// struck reports whether a fault has struck the request already.
func (l *requestLog) struck(r *http.Request) (struck bool) {
	l.note(r, func(entry *Request) { struck = entry.Fault != "" })
	return struck
}

func (f *Fault) covers(s *Server, r *http.Request) bool {
	at := strings.TrimPrefix(r.URL.Path, s.prefix)
	here := strings.HasPrefix(at, f.Path)
	if strings.Contains(f.Path, "*") {
		here, _ = path.Match(f.Path, at)
	}
	return here && (f.Method == "" || f.Method == r.Method) && (f.When == nil || f.When(r)) &&
		(f.Kind.spares == nil || !f.Kind.spares(s, r))
}

// commit lets NetBox handle the request if the fault is AfterCommit.
func (k *strike) commit() {
	if k.fault.AfterCommit {
		k.handle()
	}
}

// handle lets NetBox handle the request and records the answer.
func (k *strike) handle() *recorder {
	answer := newRecorder()
	k.next.ServeHTTP(answer, k.r)
	return answer
}
