package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// waitPause is how often a fabric that another sync has marked is looked at.
	waitPause = 5 * time.Second
	// takeTries bounds how often a record may change just before it is marked.
	takeTries = 10
)

// run is one sync of one fabric.
type run struct {
	Options
	id     int64
	result *Result
	mark   *mark
}

// ending is what a sync came to: the facts to store, and how to tell of them.
type ending struct {
	outcome Outcome
	message string
	class   cluster.Class
	facts   map[string]any // nil: none, the record shows the status from before
}

func (r *run) run(ctx context.Context) error {
	read, err := r.begin(ctx)
	if err != nil || read == nil {
		return err
	}
	if r.DryRun {
		end, err := r.work(ctx)
		if r.tell(end); err != nil {
			return r.unread(ctx, err)
		}
		return nil
	}
	kept, stop := r.mark.keep(ctx)
	end, err := r.work(kept)
	stop()
	return r.conclude(ctx, end, err)
}

// begin reads the fabric and marks it, unless there is nothing to do: then it
// returns none, and has set the outcome.
func (r *run) begin(ctx context.Context) (*netbox.Read, error) {
	for tries := 1; ; {
		read, err := r.NetBox.Fabrics().Get(ctx, r.id)
		if err != nil {
			return nil, r.unread(ctx, err)
		}
		r.result.Outcome, r.result.Message = "", ""
		r.observe(read)
		if err := r.permits(read); err != nil {
			return nil, err
		}
		if r.OnlyIfDue && !fabric.SyncTimer(read.Fabric.Facts(), read.ObservedAt).Due {
			r.result.Outcome = NotDue
			return nil, nil
		}
		if r.DryRun {
			r.mark = &mark{clock: r.Clock, before: read.Fabric, current: read, readAt: r.Clock.Now()}
			r.result.StartedAt = read.ObservedAt
			return read, nil
		}
		if read.Fabric.SyncInProgress(read.ObservedAt) {
			if again, err := r.busy(ctx, read); !again {
				return nil, err
			}
			continue
		}
		r.mark, err = take(ctx, r.NetBox.Fabrics(), r.Clock, read)
		var moved *movedError
		if errors.As(err, &moved) && tries < takeTries {
			tries++
			continue
		}
		if r.mark == nil {
			r.result.MarkUnknown = mayHaveMarked(err)
			return nil, r.unread(ctx, err)
		}
		r.result.StartedAt = r.mark.current.ObservedAt
		r.Progress(Progress{Step: StepMark, Message: fmt.Sprintf("Fabric %q is marked as syncing.", read.Fabric.Name)})
		if err != nil { // changed while it was marked, on a NetBox without If-Match
			return nil, r.conclude(ctx, nil, err)
		}
		return read, nil
	}
}

// permits says why a fabric is not to be synced, and sets the outcome then.
func (r *run) permits(read *netbox.Read) error {
	if err := read.Fabric.MaySync(); err != nil {
		r.result.Outcome = Skipped
		return err
	}
	if read.Fabric.TokenHidden && (r.Credentials == nil || r.Credentials.Token == "") {
		r.result.Outcome = Refused
		return &CredentialsError{read.Fabric.Name}
	}
	return nil
}

// busy waits a while for another sync, if that is wanted, and tells whether to
// look again.
func (r *run) busy(ctx context.Context, read *netbox.Read) (again bool, err error) {
	r.result.Outcome = Busy
	r.result.Message = fmt.Sprintf("another sync of the fabric %q is running; it last renewed NetBox's record %s ago",
		read.Fabric.Name, fabric.Humanize(fabric.Age(read.Fabric.LastUpdated, read.ObservedAt)))
	if !r.WaitForMark {
		return false, nil
	}
	r.Progress(Progress{Step: StepWait, Message: r.result.Message + "."})
	select {
	case <-r.Clock.After(waitPause):
		return true, nil
	case <-ctx.Done():
		return false, r.unread(ctx, ctx.Err())
	}
}

// unread sets the outcome of a sync that could not begin.
func (r *run) unread(ctx context.Context, err error) error {
	switch {
	case r.result.Outcome == Busy && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil // it has waited as long as it may
	case ctx.Err() != nil:
		r.result.Outcome, r.result.Message = Interrupted, ""
		if !errors.Is(err, ctx.Err()) { // as of a write whose outcome could not be found out in the end
			err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	default:
		r.result.Outcome = Failed
	}
	return err
}

// observe takes what a version of the record tells into the result.
func (r *run) observe(read *netbox.Read) {
	r.result.Fabric = read.Fabric.Name
	r.result.Status = fabric.SyncStatus(read.Fabric.Facts(), read.ObservedAt).Status
	r.result.FinishedAt, r.result.Record = read.ObservedAt, read
}

func (r *run) tell(end *ending) {
	if end != nil {
		r.result.Outcome, r.result.Message, r.result.Class = end.outcome, end.message, end.class
	}
}

// work does the sync and says what it came to. No ending means that the sync was
// cut short: by the context, or by an error that ends the hold on the fabric.
func (r *run) work(ctx context.Context) (*ending, error) {
	read := r.mark.record()
	c, err := r.Connect(r.config(&read.Fabric))
	if err != nil {
		return r.unconnected(ctx, err), nil
	}
	defer c.Close()
	report := c.Check(ctx)
	// What the token may not read is told kind by kind, by the lists themselves.
	unusable := report.Err != nil && report.Err.Class != cluster.ClassForbidden
	switch {
	case unusable && (ctx.Err() == nil || late(ctx)):
		return r.unconnected(ctx, report.Err), nil
	case ctx.Err() != nil:
		return r.broken(ctx, context.Cause(ctx))
	}
	r.Progress(Progress{Step: StepConnect, Message: fmt.Sprintf("Connected to %s, Kubernetes %s.", read.Fabric.KubernetesServer, report.ServerVersion)})
	if !r.DryRun && !read.Fabric.Holds(fabric.ConnectedFacts()) {
		if err := r.mark.write(ctx, fabric.ConnectedFacts()); err != nil {
			return r.broken(ctx, err)
		}
	}
	i := &inventory{run: r, refusal: report.Err, cluster: c, namespace: namespaceOf(&read.Fabric)}
	if err := i.read(ctx); err != nil {
		if end := i.lost; end != nil {
			return end, nil
		}
		return r.broken(ctx, err)
	}
	i.prune(ctx)
	if ctx.Err() != nil {
		return r.broken(ctx, context.Cause(ctx))
	}
	return r.summary(ctx, i)
}

// late reports whether a sync's time is over. It was not stopped then: its outcome
// is stored as that of any other sync that failed.
func late(ctx context.Context) bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) }

// broken is the ending of a sync that NetBox failed, or whose time was over before it
// was done.
func (r *run) broken(ctx context.Context, err error) (*ending, error) {
	text := "NetBox could not be read or written: " + netbox.Reason(err)
	switch {
	case isEnd(err), ctx.Err() != nil && !late(ctx):
		return nil, err
	case late(ctx):
		text = context.Cause(ctx).Error()
		if n := len(r.result.Kinds); n > 0 {
			text += fmt.Sprintf("; it had come to %s, kind %d of %d", r.result.Kinds[n-1].Kind.Name, n, len(fabric.Kinds()))
		}
	}
	text = r.line(text)
	return &ending{outcome: Failed, message: text, facts: fabric.SyncFailedFacts(text)}, nil
}

// unconnected is the ending of a sync whose cluster cannot be used.
func (r *run) unconnected(ctx context.Context, err error) *ending {
	status, class := fabric.ConnectionError, cluster.ClassOther
	var failed *cluster.Error
	if errors.As(err, &failed) {
		class = failed.Class
	}
	if class == cluster.ClassUnreachable || class == cluster.ClassTimeout {
		status = fabric.ConnectionDisconnected
	}
	text := err.Error()
	if late(ctx) {
		text += "; " + context.Cause(ctx).Error()
	}
	text = r.line(text)
	return &ending{outcome: Failed, message: text, class: class, facts: fabric.ConnectionFailedFacts(status, text)}
}

// summary is the ending of a sync that came to its end.
func (r *run) summary(ctx context.Context, i *inventory) (*ending, error) {
	end := &ending{outcome: Synced, class: i.class}
	text := i.problems()
	if text != "" {
		end.outcome, end.message, end.facts = Failed, text, fabric.SyncFailedFacts(text)
	}
	if r.DryRun {
		if text == "" {
			end.outcome = Planned
		}
		return end, nil
	}
	if text == "" {
		// The time of the sync is NetBox's own, not one that was told a while ago.
		read, err := r.mark.look(ctx)
		if err != nil {
			return r.broken(ctx, err)
		}
		end.facts = fabric.SyncedFacts(read.ObservedAt)
	}
	maps.Copy(end.facts, fabric.CountFacts(i.counts))
	return end, nil
}

// conclude stores the outcome, also when the sync's context has ended, and takes
// the mark off where that is still ours to do.
func (r *run) conclude(ctx context.Context, end *ending, err error) error {
	var (
		superseded *SupersededError
		changed    *changedError
		facts      map[string]any
	)
	switch {
	case errors.As(err, &superseded):
		r.result.Outcome = Superseded
		return err
	case errors.As(err, &changed):
		r.result.Outcome, err = Superseded, &SupersededError{changed.reason}
	case err != nil && ctx.Err() != nil:
		r.result.Outcome = Interrupted
		err = fmt.Errorf("the sync was interrupted: %w", context.Cause(ctx))
	case err != nil:
		r.result.Outcome = Failed
		return err // the fabric is gone, or another one
	default:
		r.tell(end)
		facts = end.facts
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	read, finishErr := r.mark.finish(last, facts)
	if finishErr != nil {
		if errors.As(finishErr, &superseded) {
			r.result.Outcome = Superseded
			return finishErr
		}
		r.result.Outcome = Failed
		return errors.Join(err, fmt.Errorf("the outcome of the sync could not be stored: %w", finishErr))
	}
	r.observe(read)
	r.Progress(Progress{Step: StepRecord, Message: fmt.Sprintf("Fabric %q: %s.", r.result.Fabric, r.result.Status.Display())})
	return r.overtaken(read, facts, err)
}

// overtaken is the error of a sync whose outcome was not stored because the
// fabric had changed by then.
func (r *run) overtaken(read *netbox.Read, facts map[string]any, err error) error {
	if err != nil || read.Fabric.Holds(facts) {
		return err
	}
	r.result.Outcome, r.result.Message = Superseded, ""
	if why := r.mark.changed(read); why != nil {
		return &SupersededError{why.Error()}
	}
	return &SupersededError{"somebody has changed the fabric"}
}
