package command

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// watch syncs each fabric on its own interval. One goroutine owns the schedule;
// the list and the syncs run beside it and hand back what came of them.
type watch struct {
	*engine
	out      output
	schedule *schedule
	health   *health
	metrics  *metrics
	settled  func(listing bool, running int, wait time.Duration)

	listed  chan *listing
	ended   chan *report
	listing bool
	running int
	listAt  time.Time // local time of the next reading of the list
	missed  int       // readings in a row that failed
	// doubtful: a sync got no answer from NetBox, and the list was not read since.
	doubtful bool
	missing  []string // fabrics that are selected, and not there
	noDate   bool     // was warned of
}

func newWatch(e *engine, out output, version string, random func() float64) *watch {
	return &watch{
		engine: e, out: out, schedule: newSchedule(random), health: newHealth(e.clock), metrics: newMetrics(version),
		listed: make(chan *listing), ended: make(chan *report), listAt: e.clock.Now(),
	}
}

// run watches until the context ends, and then until the syncs that are running
// have taken their marks off. It returns the exit code.
func (w *watch) run(ctx context.Context, listener net.Listener) int {
	if listener != nil {
		defer serve(ctx, listener, w.health, w.metrics.handler(), w.log)()
	}
	w.log.Info("watch started", "netbox", w.netbox.ServerURL(), "parallelism", w.parallelism)
	stopped := ctx.Done()
	for {
		var wake <-chan time.Time
		if stopped != nil {
			wait := w.begin(ctx)
			wake = w.clock.After(wait)
			w.settled(w.listing, w.running, wait)
		} else if !w.listing && w.running == 0 {
			w.log.Info("watch stopped")
			return exitWell
		}
		select {
		case <-stopped:
			stopped = nil
			w.log.Info("stopping: no new sync is begun", "running", w.running, "reason", context.Cause(ctx).Error())
		case l := <-w.listed:
			w.listing = false
			w.takeList(ctx, l)
		case r := <-w.ended:
			w.running--
			w.takeReport(ctx, r)
		case <-wake:
		}
	}
}

// begin starts what is to be done now, and returns how long there is nothing more.
func (w *watch) begin(ctx context.Context) time.Duration {
	now := w.clock.Now()
	if !w.listing && !now.Before(w.listAt) {
		w.listing = true
		go func() { w.listed <- w.list(ctx) }()
	}
	wait := listEvery
	if !w.listing {
		wait = w.listAt.Sub(now)
	}
	waiting := 0
	if w.missed == 0 && !w.doubtful { // else NetBox is asked for the list alone, until it answers
		waiting = w.fill(ctx, now)
		if next, timed := w.schedule.next(now); timed && w.running < w.parallelism {
			wait = min(wait, next)
		}
	}
	w.metrics.running.Set(float64(w.running))
	w.metrics.waiting.Set(float64(waiting))
	return wait
}

// fill begins syncs as long as there is a free place, and returns how many wait for one.
func (w *watch) fill(ctx context.Context, now time.Time) (waiting int) {
	ready := w.schedule.ready(now)
	for i, one := range ready {
		if w.running == w.parallelism {
			return len(ready) - i
		}
		one.running = true
		w.running++
		f := one.fabric // a copy: the schedule may change its own
		go func() { w.ended <- w.sync(ctx, &f) }()
	}
	return 0
}

func (w *watch) takeReport(ctx context.Context, r *report) {
	now := w.clock.Now()
	w.schedule.ended(r, now)
	w.metrics.ended(r, w.schedule.fabric(r.id))
	w.metrics.count(w.schedule.statuses(now))
	w.tell(ctx, r)
	if r.unanswered() { // whether NetBox is there concerns all fabrics
		w.listAt, w.doubtful = now, true
	}
	if r.begun() || r.failed(ctx.Err() != nil) {
		if err := w.out.add(r); err != nil {
			w.log.Error("the output cannot be written", "message", err.Error())
		}
	}
}

func (w *watch) takeList(ctx context.Context, l *listing) {
	if ctx.Err() != nil {
		return
	}
	if l.err != nil {
		w.listAt = w.clock.Now().Add(min(listEvery, doubled(netboxRetry, w.missed)))
		w.missed++
		w.unread(ctx, explain(l.err))
		return
	}
	w.listAt, w.missed, w.doubtful = l.begun.Add(listEvery), 0, false
	if w.health.read() {
		w.log.Info("the fabrics are read", "fabrics", len(l.fabrics))
	}
	w.metrics.netboxUp.Set(1)
	if l.noDate && !w.noDate {
		w.log.Warn(noDateWarning)
	}
	w.noDate = l.noDate
	w.compare(ctx, l)
	w.metrics.listed(w.schedule, w.schedule.update(l))
	w.metrics.count(w.schedule.statuses(w.clock.Now()))
}

// unread notes that NetBox cannot be asked, and logs it once until it can again.
func (w *watch) unread(ctx context.Context, problem string) {
	level := slog.LevelDebug
	if w.missed == 1 {
		level = slog.LevelError
	}
	w.health.failed(problem)
	w.metrics.netboxUp.Set(0)
	w.log.Log(ctx, level, "the fabrics cannot be read; trying again until they can be", "message", problem)
}

// compare logs how the list differs from the one before.
func (w *watch) compare(ctx context.Context, l *listing) {
	if !slices.Equal(w.missing, l.missing) && len(l.missing) > 0 {
		w.log.Warn("NetBox has no such fabric, or does not show it to this API token", "fabrics", l.missing)
	}
	w.missing = l.missing
	level := slog.LevelInfo
	if w.schedule.observed.IsZero() { // all of them are new
		level = slog.LevelDebug
	}
	there := map[int64]bool{}
	for _, f := range l.fabrics {
		there[f.ID] = true
		known := w.schedule.fabrics[f.ID]
		if known == nil || !sameSettings(&known.fabric, f) || known.fabric.Name != f.Name {
			w.log.Log(ctx, level, "watching", "fabric", f.Name, "fabric_id", f.ID, "interval", timerText(f))
		}
	}
	for id, known := range w.schedule.fabrics {
		if !there[id] {
			w.log.Info("no longer there", "fabric", known.fabric.Name, "fabric_id", id)
		}
	}
}

func timerText(f *fabric.Fabric) string {
	switch {
	case f.MaySync() != nil:
		return "none: " + f.MaySync().Error()
	case f.SyncInterval <= 0:
		return "none"
	}
	return (&watched{fabric: *f}).interval().String()
}
