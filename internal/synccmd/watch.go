package synccmd

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// source lists a watch's fabrics and syncs them.
type source interface {
	list(ctx context.Context) *listing
	ping(ctx context.Context) error
	sync(ctx context.Context, f *fabric.Fabric, known *netbox.Read) *report
}

// watch syncs each fabric on its own interval. Workers take the fabrics that are due from
// the schedule's queue. One more goroutine reads the list of fabrics.
type watch struct {
	syncer     *syncer
	clock      clock.WithTicker
	log        *slog.Logger
	source     source
	out        output
	health     *health
	metrics    *metrics
	board      *statusBoard
	onActivity func(activity) // called when something has ended; nil in production
	pingNow    chan struct{}

	mu          sync.Mutex
	answers     *sync.Cond // NetBox answers again, or the watch is stopping
	schedule    *schedule
	running     int
	asking      bool      // reading the list, or pinging NetBox
	listAt      time.Time // local time of the next reading of the list
	failedLists int       // failed readings of the list in a row
	// pingDue: a sync got no answer, and NetBox has not been pinged since.
	pingDue bool
	missing []string // named fabrics that NetBox does not have
	others  []string // named fabrics of other shards
	noDate  bool     // the warning was logged
}

// activity is what a watch is doing at a local time.
type activity struct {
	at      time.Time
	asking  bool
	running int
	wait    time.Duration // until there is something to do
}

func newWatch(s *syncer, out output, m *metrics, b *statusBoard, random func() float64) *watch {
	w := &watch{
		syncer: s, clock: s.clock, log: s.log, source: s, out: out, health: newHealth(s.clock), metrics: m, board: b,
		schedule: newSchedule(s.clock, m.queue, s.options.parallelism, random), listAt: s.clock.Now(),
		pingNow: make(chan struct{}, 1),
	}
	w.answers = sync.NewCond(&w.mu)
	m.waiting = w.waiting
	return w
}

// run watches until the context ends, then waits until the running syncs have released
// their locks. It returns the exit code.
func (w *watch) run(ctx context.Context, listener net.Listener) int {
	if listener != nil {
		page := &page{board: w.board, health: w.health, mask: w.syncer.netbox.Mask, link: w.syncer.netbox.FabricPage}
		defer serve(ctx, listener, handler(w.health, page, w.metrics.handler()), w.log)()
	}
	w.log.Info("watch started", w.started()...)
	w.syncer.netbox.KeepInventory(w.clock.Now)
	var workers sync.WaitGroup
	for range w.syncer.options.parallelism {
		workers.Go(func() { w.work(ctx) })
	}
	for ctx.Err() == nil {
		w.health.loopRan()
		w.waitForNext(ctx, w.poll(ctx))
	}
	w.health.loopEnds()
	w.mu.Lock()
	w.log.Info("stopping: no new sync begins", "running", w.running, "reason", context.Cause(ctx).Error())
	w.answers.Broadcast()
	w.mu.Unlock()
	w.schedule.queue.ShutDown()
	workers.Wait()
	w.log.Info("watch stopped")
	return cli.ExitSuccess
}

func (w *watch) started() []any {
	attributes := []any{"netbox", w.syncer.netbox.ServerURL(), "parallelism", w.syncer.options.parallelism}
	if w.syncer.options.shard.of > 0 {
		attributes = append(attributes, "shard", w.syncer.options.shard.number, "shards", w.syncer.options.shard.of)
	}
	return attributes
}

// poll reads the list of fabrics if that is due. Otherwise, it pings NetBox if a sync got
// no answer. It returns the timer of the next list.
func (w *watch) poll(ctx context.Context) clock.Timer {
	w.mu.Lock()
	list, ping := !w.clock.Now().Before(w.listAt), w.pingDue
	w.asking = list || ping
	w.mu.Unlock()
	var (
		l   *listing
		err error
	)
	switch {
	case list:
		l = w.source.list(ctx)
		err = l.err
	case ping:
		err = w.source.ping(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asking && ctx.Err() == nil {
		w.handleAnswer(ctx, l, err)
	}
	w.asking = false
	defer w.reportActivity()
	return w.clock.NewTimer(w.listAt.Sub(w.clock.Now()))
}

// waitForNext waits until the next list or a ping is due.
func (w *watch) waitForNext(ctx context.Context, list clock.Timer) {
	defer list.Stop()
	select {
	case <-ctx.Done():
	case <-list.C():
	case <-w.pingNow:
	}
}

// reportActivity reports the watch's activity to tests.
func (w *watch) reportActivity() {
	if w.onActivity == nil {
		return
	}
	now := w.clock.Now()
	r := activity{at: now, asking: w.asking || w.pingDue, running: w.running, wait: w.listAt.Sub(now)}
	if next, timed := w.schedule.next(); timed && w.failedLists == 0 {
		r.wait = min(r.wait, next)
	}
	w.onActivity(r)
}

// work syncs the fabrics from the queue, one after the other, until the queue is shut down.
func (w *watch) work(ctx context.Context) {
	for {
		one, shut := w.schedule.queue.Get()
		if shut {
			return
		}
		if f, known := w.begin(ctx, one); f != nil {
			w.finish(ctx, one, w.source.sync(ctx, f, known))
		}
		w.schedule.queue.Done(one)
	}
}

// begin waits until NetBox answers. Then it returns the fabric, with its record if that is
// kept, or nil if its sync does not begin.
func (w *watch) begin(ctx context.Context, one *watched) (*fabric.Fabric, *netbox.Read) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.reportActivity()
	for ctx.Err() == nil && (w.failedLists > 0 || w.pingDue) {
		w.answers.Wait()
	}
	if ctx.Err() != nil || !w.schedule.begin(one) {
		return nil, nil
	}
	w.running++
	w.metrics.running.Set(float64(w.running))
	w.publish(one)
	f := one.fabric // a copy: the schedule may change its own
	return &f, w.schedule.known(one)
}

// waiting returns how many fabrics are due and have no slot yet.
func (w *watch) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.schedule.queue.Len() + w.schedule.failing.waiting.Len()
}

func (w *watch) finish(ctx context.Context, one *watched, r *report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.metrics.running.Set(float64(w.running))
	w.schedule.ended(one, r)
	w.metrics.ended(r)
	w.board.ended(r)
	w.publish(one)
	w.syncer.logResult(ctx, r)
	if r.unanswered() && !w.pingDue { // an unreachable NetBox concerns all fabrics
		w.pingDue = true
		select {
		case w.pingNow <- struct{}{}:
		default:
		}
	}
	if r.begun() || r.failed(ctx.Err() != nil) {
		if err := w.out.add(r); err != nil {
			w.log.Error("the output cannot be written", "message", err.Error())
		}
	}
	w.reportActivity()
}

// handleAnswer applies the answer to a list, or to a ping, which has no list.
func (w *watch) handleAnswer(ctx context.Context, l *listing, err error) {
	w.pingDue = false
	if err != nil {
		w.listAt = w.clock.Now().Add(min(listEvery, doubled(netboxRetry, w.failedLists)))
		w.failedLists++
		w.listFailed(ctx, cli.Explain(err, listTimeout))
		return
	}
	w.answers.Broadcast()
	if w.failedLists = 0; l != nil {
		w.applyList(ctx, l)
	}
}

func (w *watch) applyList(ctx context.Context, l *listing) {
	w.listAt = l.begun.Add(listEvery)
	if w.health.listRead() {
		w.log.Info("the fabrics are read", "fabrics", len(l.fabrics))
	}
	w.metrics.netboxUp.Set(1)
	if l.noDate && !w.noDate {
		w.log.Warn(noDateWarning)
	}
	w.noDate = l.noDate
	w.logChanges(ctx, l)
	w.schedule.update(l)
	w.board.listed(w.schedule.observed, w.schedule.received,
		func(id int64) bool { return w.schedule.fabrics[id] != nil })
	for _, one := range w.schedule.fabrics {
		w.publish(one)
	}
}

// publish puts a fabric on the board.
func (w *watch) publish(one *watched) {
	if one.gone {
		return
	}
	next, timed := w.schedule.startsAt(one)
	if now := w.clock.Now(); timed && next.Before(now) {
		next = now
	}
	w.board.show(&one.fabric, next, one.running)
}

// listFailed records that the list cannot be read. It logs the first failure as an error
// and the following ones at the debug level.
func (w *watch) listFailed(ctx context.Context, problem string) {
	level := slog.LevelDebug
	if w.failedLists == 1 {
		level = slog.LevelError
	}
	w.health.listFailed(problem)
	w.metrics.netboxUp.Set(0)
	w.log.Log(ctx, level, "the fabrics cannot be read; retrying", "message", problem)
}

// logChanges logs what has changed since the previous list.
func (w *watch) logChanges(ctx context.Context, l *listing) {
	if !slices.Equal(w.missing, l.missing) {
		for i, name := range l.missing {
			w.log.Warn(notFoundMessage+l.similar[i], "fabric", name)
		}
	}
	w.missing = l.missing
	var others []string
	for _, f := range l.elsewhere {
		others = append(others, f.Name)
	}
	if !slices.Equal(w.others, others) && len(others) > 0 {
		w.log.Info("--fabric names fabrics that belong to another shard", "fabrics", others)
	}
	w.others = others
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
			w.log.Info("no longer watching", "fabric", known.fabric.Name, "fabric_id", id)
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
	return interval(f).String()
}
