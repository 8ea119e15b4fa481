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

// source is where a watch has fabrics from, and what syncs them.
type source interface {
	list(ctx context.Context) *listing
	ping(ctx context.Context) error
	sync(ctx context.Context, f *fabric.Fabric, known *netbox.Read) *report
}

// watch syncs each fabric on its own interval: workers take those that are due from the
// schedule's queue. Beside them, one goroutine reads the list of fabrics.
type watch struct {
	*engine
	source  source
	out     output
	health  *health
	metrics *metrics
	board   *board
	settled func(rest) // is called when something has come to its end; nil for nobody
	doubts  chan struct{}

	mu       sync.Mutex
	answers  *sync.Cond // NetBox answers again, or the watch is stopping
	schedule *schedule
	running  int
	asking   bool      // the list is being read, or NetBox pinged
	listAt   time.Time // local time of the next reading of the list
	missed   int       // times in a row that NetBox gave no list
	// doubtful: a sync got no answer from NetBox, which was not asked since.
	doubtful bool
	missing  []string // fabrics that are named, and not there
	others   []string // named fabrics of other shards
	noDate   bool     // was warned of
}

// rest is what a watch has under way at a local time.
type rest struct {
	at      time.Time
	asking  bool
	running int
	wait    time.Duration // until there is something to do
}

func newWatch(e *engine, out output, m *metrics, b *board, random func() float64) *watch {
	w := &watch{
		engine: e, source: e, out: out, health: newHealth(e.clock), metrics: m, board: b,
		schedule: newSchedule(e.clock, m.queue, e.parallelism, random), listAt: e.clock.Now(),
		doubts: make(chan struct{}, 1),
	}
	w.answers = sync.NewCond(&w.mu)
	m.waiting = w.waiting
	return w
}

// run watches until the context ends, and then until the syncs that are running
// have taken their marks off. It returns the exit code.
func (w *watch) run(ctx context.Context, listener net.Listener) int {
	if listener != nil {
		page := &page{board: w.board, health: w.health, mask: w.netbox.Mask}
		defer serve(ctx, listener, handler(w.health, page, w.metrics.handler()), w.log)()
	}
	w.log.Info("watch started", w.started()...)
	w.netbox.KeepInventory(w.clock.Now)
	var workers sync.WaitGroup
	for range w.parallelism {
		workers.Go(func() { w.work(ctx) })
	}
	for ctx.Err() == nil {
		w.health.turned()
		w.wait(ctx, w.ask(ctx))
	}
	w.health.stops()
	w.mu.Lock()
	w.log.Info("stopping: no new sync is begun", "running", w.running, "reason", context.Cause(ctx).Error())
	w.answers.Broadcast()
	w.mu.Unlock()
	w.schedule.queue.ShutDown()
	workers.Wait()
	w.log.Info("watch stopped")
	return cli.ExitSuccess
}

func (w *watch) started() []any {
	attributes := []any{"netbox", w.netbox.ServerURL(), "parallelism", w.parallelism}
	if w.shard.of > 0 {
		attributes = append(attributes, "shard", w.shard.number, "shards", w.shard.of)
	}
	return attributes
}

// ask reads the list of fabrics if it is time to, and otherwise asks whether NetBox is
// there, if that is in doubt. It returns the timer of the next list.
func (w *watch) ask(ctx context.Context) clock.Timer {
	w.mu.Lock()
	list, ping := !w.clock.Now().Before(w.listAt), w.doubtful
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
		w.answered(ctx, l, err)
	}
	w.asking = false
	defer w.rests()
	return w.clock.NewTimer(w.listAt.Sub(w.clock.Now()))
}

// wait waits for the next list, or until NetBox's presence is in doubt.
func (w *watch) wait(ctx context.Context, list clock.Timer) {
	defer list.Stop()
	select {
	case <-ctx.Done():
	case <-list.C():
	case <-w.doubts:
	}
}

// rests tells how far the watch has come to rest.
func (w *watch) rests() {
	if w.settled == nil {
		return
	}
	now := w.clock.Now()
	r := rest{at: now, asking: w.asking || w.doubtful, running: w.running, wait: w.listAt.Sub(now)}
	if next, timed := w.schedule.next(); timed && w.missed == 0 {
		r.wait = min(r.wait, next)
	}
	w.settled(r)
}

// work syncs what the queue hands out, one fabric after the other, until it is shut.
func (w *watch) work(ctx context.Context) {
	for {
		one, shut := w.schedule.queue.Get()
		if shut {
			return
		}
		if f, known := w.begin(ctx, one); f != nil {
			w.takeReport(ctx, one, w.source.sync(ctx, f, known))
		}
		w.schedule.queue.Done(one)
	}
}

// begin waits until NetBox answers. Then it returns the fabric, with its record where
// that is kept; nil when its sync does not begin.
func (w *watch) begin(ctx context.Context, one *watched) (*fabric.Fabric, *netbox.Read) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.rests()
	for ctx.Err() == nil && (w.missed > 0 || w.doubtful) {
		w.answers.Wait()
	}
	if ctx.Err() != nil || !w.schedule.begin(one) {
		return nil, nil
	}
	w.running++
	w.metrics.running.Set(float64(w.running))
	w.show(one)
	f := one.fabric // a copy: the schedule may change its own
	return &f, w.schedule.known(one)
}

// waiting is how many fabrics are due and have no place yet.
func (w *watch) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.schedule.queue.Len() + w.schedule.failing.waiting.Len()
}

func (w *watch) takeReport(ctx context.Context, one *watched, r *report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.metrics.running.Set(float64(w.running))
	w.schedule.ended(one, r)
	w.metrics.ended(r)
	w.board.ended(r)
	w.show(one)
	w.tell(ctx, r)
	if r.unanswered() && !w.doubtful { // whether NetBox is there concerns all fabrics
		w.doubtful = true
		select {
		case w.doubts <- struct{}{}:
		default:
		}
	}
	if r.begun() || r.failed(ctx.Err() != nil) {
		if err := w.out.add(r); err != nil {
			w.log.Error("the output cannot be written", "message", err.Error())
		}
	}
	w.rests()
}

// answered takes a list, or the answer to a ping: then there is none.
func (w *watch) answered(ctx context.Context, l *listing, err error) {
	w.doubtful = false
	if err != nil {
		w.listAt = w.clock.Now().Add(min(listEvery, doubled(netboxRetry, w.missed)))
		w.missed++
		w.unread(ctx, explain(err))
		return
	}
	w.answers.Broadcast()
	if w.missed = 0; l != nil {
		w.takeList(ctx, l)
	}
}

func (w *watch) takeList(ctx context.Context, l *listing) {
	w.listAt = l.begun.Add(listEvery)
	if w.health.read() {
		w.log.Info("the fabrics are read", "fabrics", len(l.fabrics))
	}
	w.metrics.netboxUp.Set(1)
	if l.noDate && !w.noDate {
		w.log.Warn(noDateWarning)
	}
	w.noDate = l.noDate
	w.compare(ctx, l)
	w.schedule.update(l)
	w.board.listed(w.schedule.observed, w.schedule.received,
		func(id int64) bool { return w.schedule.fabrics[id] != nil })
	for _, one := range w.schedule.fabrics {
		w.show(one)
	}
}

// show puts what is known of a fabric on the board.
func (w *watch) show(one *watched) {
	if one.gone {
		return
	}
	next, timed := w.schedule.startsAt(one)
	if now := w.clock.Now(); timed && next.Before(now) {
		next = now
	}
	w.board.show(&one.fabric, next, one.running)
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
	var others []string
	for _, f := range l.elsewhere {
		others = append(others, f.Name)
	}
	if !slices.Equal(w.others, others) && len(others) > 0 {
		w.log.Info("another shard syncs these fabrics that --fabric names", "fabrics", others)
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
	return interval(f).String()
}
