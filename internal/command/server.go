package command

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

// healthyFor is how old the list of fabrics may be: two readings of it may take
// as long as they can.
const healthyFor = 2 * (listEvery + listTimeout)

// health is whether a watch does its work.
type health struct {
	clock fabricsync.Clock

	mu      sync.Mutex
	problem string    // why the list of fabrics could not be read at the last try; "" if it could
	readAt  time.Time // local time of the last list that could be read
}

func newHealth(clock fabricsync.Clock) *health {
	return &health{clock: clock, problem: "the fabrics have not been read yet"}
}

// read notes that the list could be read, and tells whether that is news.
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

// reason says why the watch is not healthy; "" means that it is.
func (h *health) reason() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.problem != "" {
		return h.problem
	}
	if age := h.clock.Now().Sub(h.readAt); age > healthyFor {
		return fmt.Sprintf("the fabrics were last read %s ago", fabric.Humanize(age))
	}
	return ""
}

func (h *health) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if reason := h.reason(); reason != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, oneLine(reason)+"\n") // whoever asked may be gone
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// serve answers on a listener until stop is called, also when the context has ended.
func serve(ctx context.Context, listener net.Listener, health, metrics http.Handler, log *slog.Logger) (stop func()) {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", health)
	mux.Handle("GET /metrics", metrics)
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("health and metrics can no longer be served", "message", err.Error())
		}
	}()
	log.Info("serving /healthz and /metrics", "address", listener.Addr().String())
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // there is nothing left to do about it
		}
		<-done
	}
}
