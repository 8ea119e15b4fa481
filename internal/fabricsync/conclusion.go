package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// ending is what a sync came to: the facts to store, and how to tell of them.
type ending struct {
	outcome Outcome
	message string
	class   cluster.Class
	facts   map[string]any // nil: none, the record shows the status from before
}

func (r *run) tell(end *ending) {
	if end != nil {
		r.result.Outcome, r.result.Message, r.result.Class = end.outcome, end.message, end.class
	}
}

// broken is the ending of a sync that NetBox failed, or whose time was over before it
// was done. connected says whether the cluster had answered by then.
func (r *run) broken(ctx context.Context, err error, connected bool) (*ending, error) {
	text := "NetBox could not be read or written: " + netbox.Reason(err)
	_, moved := errors.AsType[*movedError](err)
	_, unlocked := errors.AsType[*lockError](err)
	switch {
	case isEnd(err), moved, unlocked, ctx.Err() != nil && !late(ctx):
		return nil, err
	case late(ctx):
		text = context.Cause(ctx).Error()
		if n := len(r.result.Kinds); n > 0 {
			text += fmt.Sprintf("; it had come to %s, kind %d of %d", r.result.Kinds[n-1].Kind.Name, n,
				len(fabric.Kinds()))
		}
	}
	text = r.line(text)
	facts := fabric.SyncFailedFacts(text)
	if !connected {
		for fact := range fabric.ConnectedFacts() {
			delete(facts, fact)
		}
	}
	return &ending{outcome: Failed, message: text, facts: facts}, nil
}

// unconnected is the ending of a sync whose cluster cannot be used.
func (r *run) unconnected(ctx context.Context, err error) *ending {
	status, class := fabric.ConnectionError, cluster.ClassOther
	if failed, ok := errors.AsType[*cluster.Error](err); ok {
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
func (i *inventory) summary() *ending {
	end := &ending{outcome: Synced, class: i.class}
	text := i.problems()
	switch {
	case text != "":
		end.outcome, end.message, end.facts = Failed, text, fabric.SyncFailedFacts(text)
	case i.run.options.DryRun:
		end.outcome = Planned
	default:
		end.facts = fabric.SyncedFacts(i.run.now())
	}
	if !i.run.options.DryRun && !i.doubtful {
		maps.Copy(end.facts, fabric.CountFacts(i.counts))
	}
	return end
}
