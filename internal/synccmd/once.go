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

// once syncs what is due and returns the exit code.
func once(ctx context.Context, e *engine, out output) int {
	l := e.list(ctx)
	if l.err != nil && ctx.Err() != nil {
		return cli.ExitStopped
	}
	if l.err != nil {
		e.log.Error("the fabrics cannot be read", "message", explain(l.err))
		return cli.ExitFailure
	}
	if l.noDate {
		e.log.Warn(noDateWarning)
	}
	c := &collector{engine: e, out: out}
	for _, name := range l.missing {
		c.take(ctx, absent(name))
	}
	for _, f := range l.elsewhere {
		c.take(ctx, unbegun(f, fabricsync.Skipped, e.shard.refusal(f), nil))
	}
	var turn []*fabric.Fabric
	for _, f := range l.fabrics {
		if f.MaySync() == nil && (e.force || fabric.SyncTimer(f.Facts(), l.observed).Due) {
			turn = append(turn, f)
			continue
		}
		c.take(ctx, skipped(f, l.observed))
	}
	slices.SortStableFunc(turn, func(a, b *fabric.Fabric) int { return dueSince(a).Compare(dueSince(b)) })
	if len(turn) > 1 {
		e.netbox.KeepInventory(e.clock.Now)
	}
	group := errgroup.Group{}
	group.SetLimit(e.parallelism)
	for _, f := range turn {
		group.Go(func() error { // Go waits for a free place
			c.take(ctx, c.turn(ctx, f))
			return nil
		})
	}
	_ = group.Wait() // no sync returns an error: each has its report
	if err := out.end(); err != nil {
		e.log.Error("the output cannot be written", "message", err.Error())
		return cli.ExitFailure
	}
	return c.code(ctx)
}

// dueSince returns when a fabric's sync became due, for an order in which a run that is
// cut off has synced those that needed it most. One that was never synced comes first.
func dueSince(f *fabric.Fabric) time.Time {
	if f.LastSync == nil {
		return time.Time{}
	}
	return f.LastSync.Add(interval(f))
}

// collector takes the reports of all fabrics.
type collector struct {
	*engine
	out output

	mu          sync.Mutex
	failed      bool
	unfinished  bool // a signal came before all was done
	writeFailed error

	probing sync.Mutex
	away    error // why NetBox can no longer be asked
}

// turn syncs a fabric, unless there is no point in it any more.
func (c *collector) turn(ctx context.Context, f *fabric.Fabric) *report {
	if ctx.Err() != nil {
		return unbegun(f, fabricsync.Interrupted, "it was not begun: the command was stopped", context.Cause(ctx))
	}
	if err := c.gone(); err != nil {
		return unbegun(f, fabricsync.Failed, "it was not begun: "+explain(err), err)
	}
	r := c.sync(ctx, f, nil)
	if r.unanswered() && ctx.Err() == nil {
		c.probe(ctx)
	}
	return r
}

// probe finds out whether NetBox has gone as a whole. Otherwise, each of many
// fabrics would wait for it anew.
func (c *collector) probe(ctx context.Context) {
	c.probing.Lock()
	defer c.probing.Unlock()
	if c.away == nil {
		c.away = c.ping(ctx)
	}
}

func (c *collector) gone() error {
	c.probing.Lock()
	defer c.probing.Unlock()
	return c.away
}

func (c *collector) take(ctx context.Context, r *report) {
	if c.display.terminal == nil || c.logLevel != nil { // else the display and the table tell it
		c.tell(ctx, r)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	stopping := ctx.Err() != nil
	c.failed = c.failed || r.failed(stopping)
	c.unfinished = c.unfinished || (stopping && r.result.Outcome == fabricsync.Interrupted)
	if err := c.out.add(r); c.writeFailed == nil { // the reasons of all are the same
		c.writeFailed = err
	}
	c.display.done(r, r.failed(stopping))
}

func (c *collector) code(ctx context.Context) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.writeFailed != nil:
		c.log.ErrorContext(ctx, "the output cannot be written", "message", c.writeFailed.Error())
		return cli.ExitFailure
	case c.unfinished:
		return cli.ExitStopped
	case c.failed:
		return cli.ExitFailure
	}
	return cli.ExitSuccess
}
