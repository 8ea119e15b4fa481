package netboxtest

import (
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Fault says what goes wrong, with which requests and how often. Server.Fault
// switches it on.
type Fault struct {
	// Method of the requests; "" for any.
	Method string
	// Path starts the requests' paths, without Options.PathPrefix; "" for any.
	// With a * in it, it is a pattern of the whole path as path.Match has it.
	Path string
	// When further narrows the requests down; nil for no further condition. It
	// may be called from several goroutines.
	When func(*http.Request) bool
	// Skip lets so many of these requests pass first.
	Skip int
	// Times is how many requests are struck; 0 for no end.
	Times int
	// Probability of striking a request, from 0 to 1; 0 means 1. The choices
	// follow from Options.Seed and the order of the requests.
	Probability float64
	// AfterCommit lets NetBox handle the request first, whose answer is then lost.
	// Without it, NetBox never sees the request, but for a Kind that says otherwise.
	AfterCommit bool
	// Kind is what happens.
	Kind Kind
}

// Kind is what a fault does to a request. The functions that return one make them.
type Kind struct {
	name   string
	strike func(*strike)
	// spares leaves some requests out, whatever the Fault says.
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
	seen    int // requests it is for
	hits    int
	held    []*held
	changed chan struct{} // closed and replaced whenever held changes
}

// faultBook is what a server knows of all its faults.
type faultBook struct {
	seed uint64
	mu   sync.Mutex
	made uint64
	hits map[string]int // by name
}

// Fault switches a fault on, outside of the interceptors and faults there are.
// One request is struck by one fault at most: by the latest that wants it.
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

// FaultsHit counts by name the requests that faults have struck since the start.
func (s *Server) FaultsHit() map[string]int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	hits := map[string]int{}
	for name, n := range s.faults.hits {
		hits[name] = n
	}
	return hits
}

// Hits is how many requests the fault has struck.
func (h *FaultHandle) Hits() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hits
}

// Remove switches the fault off. What it holds stays held until Release.
func (h *FaultHandle) Remove() { h.remove() }

// Name is how the log names the fault.
func (h *FaultHandle) Name() string {
	if h.fault.AfterCommit {
		return h.fault.Kind.name + " after commit"
	}
	return h.fault.Kind.name
}

// wants decides on a request and notes a hit, which it numbers from 1; 0 lets
// the request pass.
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

// struck reports whether a fault has had a request already.
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

// commit lets NetBox handle the request if the fault strikes afterwards.
func (k *strike) commit() {
	if k.fault.AfterCommit {
		k.handle()
	}
}

// handle lets NetBox handle the request and keeps the answer.
func (k *strike) handle() *recorder {
	answer := newRecorder()
	k.next.ServeHTTP(answer, k.r)
	return answer
}
