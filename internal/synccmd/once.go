package synccmd

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// once syncs all fabrics that are due and returns the exit code.
func once(ctx context.Context, s *syncer, out output) int {
	l := s.list(ctx)
	if l.err != nil && ctx.Err() != nil {
		return cli.ExitStopped
	}
	if l.err != nil {
		s.log.Error("the fabrics cannot be read", "message", cli.Explain(l.err, listTimeout))
		return cli.ExitFailure
	}
	if l.noDate {
		s.log.Warn(noDateWarning)
	}
	o := &onceRun{syncer: s, out: out, nothing: l.observed.IsZero() && len(l.missing) == 0}
	for i, name := range l.missing {
		o.addReport(ctx, notFoundReport(name, l.similar[i]))
	}
	for _, f := range l.elsewhere {
		o.addReport(ctx, notBegunReport(f, fabricsync.Skipped, s.options.shard.refusal(f), nil))
	}
	var due []*fabric.Fabric
	for _, f := range l.fabrics {
		if f.MaySync() == nil && (s.options.force || fabric.SyncTimer(f.Facts(), l.observed).Due) {
			due = append(due, f)
			continue
		}
		o.addReport(ctx, skippedReport(f, l.observed))
	}
	slices.SortStableFunc(due, func(a, b *fabric.Fabric) int { return dueSince(a).Compare(dueSince(b)) })
	if len(due) > 1 {
		s.netbox.KeepInventory(s.clock.Now)
	}
	group := errgroup.Group{}
	group.SetLimit(s.options.parallelism)
	for _, f := range due {
		group.Go(func() error { // Go waits for a free slot
			o.addReport(ctx, o.syncOne(ctx, f))
			return nil
		})
	}
	_ = group.Wait() // no sync returns an error: each has a report
	if err := out.end(); err != nil {
		s.log.Error("the output cannot be written", "message", err.Error())
		return cli.ExitFailure
	}
	return o.code(ctx)
}

// dueSince returns when a fabric became due. In that order, a run that is cut short has
// synced the most overdue fabrics. A fabric that was never synced comes first.
func dueSince(f *fabric.Fabric) time.Time {
	if f.LastSync == nil {
		return time.Time{}
	}
	return f.LastSync.Add(interval(f))
}

// onceRun collects the reports of all fabrics.
type onceRun struct {
	syncer *syncer
	out    output

	mu          sync.Mutex
	failed      bool
	nothing     bool // NetBox shows no fabrics
	unfinished  bool // a signal came before everything was done
	writeFailed error

	netboxMu  sync.Mutex
	netboxErr error // why NetBox can no longer be reached
}

// syncOne syncs a fabric, unless the run was stopped or NetBox cannot be reached.
func (o *onceRun) syncOne(ctx context.Context, f *fabric.Fabric) *report {
	if ctx.Err() != nil {
		return notBegunReport(f, fabricsync.Interrupted, "it did not begin: the command was stopped",
			context.Cause(ctx))
	}
	if err := o.netboxGone(); err != nil {
		return notBegunReport(f, fabricsync.Failed, "it did not begin: "+cli.Explain(err, listTimeout), err)
	}
	r := o.syncer.sync(ctx, f, nil)
	if r.unanswered() && ctx.Err() == nil {
		o.checkNetBox(ctx)
	}
	return r
}

// checkNetBox checks whether NetBox can be reached. Otherwise every remaining fabric would
// wait for it again.
func (o *onceRun) checkNetBox(ctx context.Context) {
	o.netboxMu.Lock()
	defer o.netboxMu.Unlock()
	if o.netboxErr == nil {
		o.netboxErr = o.syncer.ping(ctx)
	}
}

func (o *onceRun) netboxGone() error {
	o.netboxMu.Lock()
	defer o.netboxMu.Unlock()
	return o.netboxErr
}

func (o *onceRun) addReport(ctx context.Context, r *report) {
	if o.syncer.display.terminal == nil || o.syncer.options.logLevel != nil { // otherwise, display and table show it
		o.syncer.logResult(ctx, r)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	stopping := ctx.Err() != nil
	o.failed = o.failed || r.failed(stopping)
	o.unfinished = o.unfinished || (stopping && r.result.Outcome == fabricsync.Interrupted)
	if err := o.out.add(r); o.writeFailed == nil { // all of them have the same reason
		o.writeFailed = err
	}
	o.syncer.display.done(r, r.failed(stopping))
}

func (o *onceRun) code(ctx context.Context) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.writeFailed != nil:
		o.syncer.log.ErrorContext(ctx, "the output cannot be written", "message", o.writeFailed.Error())
		return cli.ExitFailure
	case o.unfinished:
		return cli.ExitStopped
	case o.failed:
		return cli.ExitFailure
	case o.nothing:
		o.syncer.log.ErrorContext(ctx, "nothing was synced", "message", cli.NoFabrics)
		return cli.ExitUnknown
	}
	return cli.ExitSuccess
}
