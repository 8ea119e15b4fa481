package synccmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

const (
	// readyFor is how old the list of fabrics may be: two readings of it may take
	// as long as they can.
	readyFor = 2 * (listEvery + listTimeout)
	// aliveFor is how long a turn of a watch's loop may take: it reads the list, and waits.
	aliveFor = listTimeout + 2*listEvery
)

// health says whether a watch works (alive), and whether it can do its work (ready).
type health struct {
	clock fabricsync.Clock

	mu       sync.Mutex
	problem  string    // why the list of fabrics could not be read at the last try; "" if it could
	readAt   time.Time // local time of the last list that could be read
	turnedAt time.Time // local time of the loop's latest turn
	stopping bool      // the loop has ended, and the syncs that are running come to their end
}

func newHealth(clock fabricsync.Clock) *health {
	return &health{clock: clock, problem: "the fabrics have not been read yet", turnedAt: clock.Now()}
}

// turned notes a turn of the loop.
func (h *health) turned() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turnedAt = h.clock.Now()
}

// stops notes that the loop has ended, as it should.
func (h *health) stops() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
}

// read notes that the list could be read, and reports whether that is news.
func (h *health) read() (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news = h.problem != ""
	h.problem, h.readAt = "", h.clock.Now()
	return news
}

// failed notes why the list could not be read.
func (h *health) failed(problem string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.problem = problem
}

// unready returns why the watch cannot do its work; "" means that it can.
func (h *health) unready() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.problem != "" {
		return h.problem
	}
	if age := h.clock.Now().Sub(h.readAt); age > readyFor {
		return fmt.Sprintf("the fabrics were last read %s ago", fabric.Humanize(age))
	}
	return ""
}

// dead returns why the process does not work and should be started again; "" means that
// it works. A NetBox that does not answer is no reason: a restart changes nothing.
func (h *health) dead() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if still := h.clock.Now().Sub(h.turnedAt); still > aliveFor && !h.stopping {
		return fmt.Sprintf("the loop has stood still for %s", fabric.Humanize(still))
	}
	return ""
}

// probe answers 200, or 503 with the reason.
func probe(reason func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		header(w, "text/plain; charset=utf-8")
		if reason := reason(); reason != "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, oneLine(reason)+"\n") // the client may have gone
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	}
}

// header sets the headers of every answer but that of the metrics.
func header(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// handler answers what --listen promises.
func handler(h *health, page, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page)
	mux.Handle("GET /livez", probe(h.dead))
	mux.Handle("GET /readyz", probe(h.unready))
	mux.Handle("GET /healthz", probe(h.unready)) // the older name
	mux.Handle("GET /metrics", metrics)
	return mux
}

// serve answers on a listener until stop is called, also when the context has ended.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) (stop func()) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout:   30 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("status, probes and metrics can no longer be served", "message", err.Error())
		}
	}()
	log.Info("serving /, /livez, /readyz and /metrics", "address", listener.Addr().String())
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // there is nothing left to do about it
		}
		<-done
	}
}
