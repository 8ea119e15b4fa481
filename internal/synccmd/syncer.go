package synccmd

import (
	"context"
	"log/slog"
	"time"

	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// listTimeout is the time limit for reading the list of fabrics, with its retries.
const listTimeout = time.Minute

// syncer reads the list of fabrics and syncs single fabrics, for both modes.
type syncer struct {
	options  *options
	netbox   *netbox.Client
	clock    clock.WithTicker
	template fabricsync.Options
	log      *slog.Logger
	display  *display
}

// list reads all fabrics and returns the selected ones.
func (s *syncer) list(ctx context.Context) *listing {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	defer s.warnUntested()
	l := &listing{begun: s.clock.Now()}
	var names []string
	for read, err := range s.netbox.Fabrics().ForSchedule(ctx) {
		if err != nil {
			l.err = err
			return l
		}
		l.observed, l.received = read.ObservedAt, s.clock.Now()
		l.noDate = l.noDate || read.LocalClock
		names = append(names, read.Fabric.Name)
		if s.options.fabrics.Has(&read.Fabric) {
			l.fabrics = append(l.fabrics, &read.Fabric)
		}
	}
	l.fabrics = s.options.fabrics.Narrowed(l.fabrics)
	for _, one := range s.options.fabrics.Missing(l.fabrics) {
		l.missing = append(l.missing, one.String())
		l.similar = append(l.similar, cli.DidYouMean("", one.Name, names))
	}
	var others []*fabric.Fabric
	if l.fabrics, others = s.options.shard.split(l.fabrics); len(s.options.fabrics) > 0 {
		l.elsewhere = others
	}
	return l
}

// ping checks whether NetBox answers.
func (s *syncer) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	return s.netbox.Ping(ctx)
}

// sync syncs a fabric and shows its progress. If known is not nil, the record need not be
// read.
func (s *syncer) sync(ctx context.Context, f *fabric.Fabric, known *netbox.Read) *report {
	r := &report{id: f.ID, name: f.Name}
	line := s.display.begin(f.Name)
	defer line.end()
	o := s.template
	o.Run = fabricsync.NewRunID()
	s.log.DebugContext(ctx, "sync begins", "fabric", f.Name, "fabric_id", f.ID, "run", o.Run)
	o.OnlyIfDue = !s.options.force
	o.Known, o.KnownAt = known, s.clock.Now()
	o.Progress = func(p fabricsync.Progress) { line.update(p) }
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.timeout, &fabricsync.TimeoutError{After: s.options.timeout,
		Setting: "--timeout"})
	defer cancel()
	start := s.clock.Now()
	r.result, r.err = fabricsync.Run(ctx, o, f.ID)
	r.took = s.clock.Now().Sub(start)
	if r.result.Fabric == "" {
		r.result.Fabric = f.Name
	}
	return r
}

// logResult logs the result of a sync.
func (s *syncer) logResult(ctx context.Context, r *report) {
	level := slog.LevelInfo
	switch {
	case r.failed(ctx.Err() != nil):
		level = slog.LevelError
	case r.result.Outcome == fabricsync.NotDue, r.result.Outcome == fabricsync.Skipped:
		level = slog.LevelDebug
	}
	ctx = context.WithoutCancel(ctx)
	attributes := []slog.Attr{slog.String("fabric", r.result.Fabric)}
	known := r.result.Outcome != notFound
	if known {
		attributes = append(attributes, slog.Int64("fabric_id", r.id))
	}
	attributes = append(attributes, slog.String("outcome", string(r.result.Outcome)))
	if known {
		attributes = append(attributes, slog.String("status", string(r.result.Status)),
			slog.Float64("seconds", r.took.Round(time.Millisecond).Seconds()))
	}
	if r.result.Run != "" {
		attributes = append(attributes, slog.String("run", r.result.Run))
	}
	if r.result.Kinds != nil {
		for action, n := range actions(r.result.Totals()) {
			attributes = append(attributes, slog.Int(action, n))
		}
	}
	if r.result.Message != "" {
		attributes = append(attributes, slog.String("message", r.result.Message))
	}
	s.log.LogAttrs(ctx, level, "sync ended", attributes...)
	for _, warning := range r.result.Warnings {
		s.log.WarnContext(ctx, "sync warning", "fabric", r.result.Fabric, "fabric_id", r.id, "run", r.result.Run,
			"message", warning)
	}
}
