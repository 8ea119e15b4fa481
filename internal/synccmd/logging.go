package synccmd

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const noDateWarning = "NetBox's answers have no Date header, perhaps because a proxy removes it: this machine's " +
	"clock decides what is due"

// warnUntested logs, once, that NetBox is newer than the newest tested version.
func (s *syncer) warnUntested() {
	if found := s.netbox.TakeUntested(); found != nil {
		s.log.Warn("NetBox is newer than the tested versions; look for a newer version of this "+
			"program", "netbox_version", found.Version,
			"newest_tested", found.Newest)
	}
}

// maskedWriter masks secrets in the log. No caller should log one: this is the last line of
// defense.
type maskedWriter struct {
	out  io.Writer
	mask atomic.Pointer[func(string) string] // nil until there is a client that knows secrets
}

func (m *maskedWriter) Write(line []byte) (int, error) {
	text := string(line)
	if mask := m.mask.Load(); mask != nil {
		text = (*mask)(text)
	}
	if _, err := io.WriteString(m.out, text); err != nil {
		return 0, err
	}
	return len(line), nil
}

func newLogger(o *options, out io.Writer, progress bool) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case o.logLevel != nil:
		level = *o.logLevel
	case o.once && progress:
		level = slog.LevelWarn
	}
	if o.logFormat == formatJSON {
		return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
}

// logExchange returns a function that logs requests to NetBox. They contain no secrets.
func logExchange(log *slog.Logger) func(context.Context, rest.Exchange) {
	return func(ctx context.Context, x rest.Exchange) {
		log := log
		if run := fabricsync.RunID(ctx); run != "" {
			log = log.With("run", run)
		}
		log.DebugContext(ctx, "request to NetBox", "method", x.Method, "path", x.Path, "status", x.Status,
			"seconds", x.Duration.Round(time.Millisecond).Seconds(), "problem", x.Problem)
	}
}
