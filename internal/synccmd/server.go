package synccmd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// probe returns a handler that answers 200, or 503 with the reason.
func probe(reason func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		header(w, "text/plain; charset=utf-8")
		if reason := reason(); reason != "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, terminal.OneLine(reason)+"\n") // the client may have gone
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	}
}

// header sets the headers of every answer except the metrics.
func header(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// handler serves the paths of --listen.
func handler(h *health, page, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page)
	mux.Handle("GET /livez", probe(h.dead))
	mux.Handle("GET /readyz", probe(h.unready))
	mux.Handle("GET /healthz", probe(h.unready)) // a name that many monitoring systems expect
	mux.Handle("GET /metrics", metrics)
	return mux
}

// serve answers on a listener until stop is called, even after the context has ended.
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
