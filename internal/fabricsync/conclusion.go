package fabricsync

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// conclusion is the result of a sync: the facts to store, and what to report.
type conclusion struct {
	outcome Outcome
	message string
	class   cluster.Class
	facts   map[string]any // nil if there is nothing to store; the record then shows the status from before
}

// setConclusion puts a conclusion, if there is one, into the result.
func (r *run) setConclusion(end *conclusion) {
	if end != nil {
		r.result.Outcome, r.result.Message, r.result.Class = end.outcome, end.message, end.class
	}
}

// failedConclusion concludes a sync that failed because of NetBox, or whose time limit
// passed. connected says whether the cluster had answered by then. It returns the error
// instead where there is nothing to store.
func (r *run) failedConclusion(ctx context.Context, err error, connected bool) (*conclusion, error) {
	text := "NetBox could not be read or written: " + rest.Reason(err)
	_, conflict := errors.AsType[*conflictError](err)
	_, unlocked := errors.AsType[*lockFailedError](err)
	switch {
	case endsSync(err), conflict, unlocked, ctx.Err() != nil && !timedOut(ctx):
		return nil, err
	case timedOut(ctx):
		text = context.Cause(ctx).Error()
		if n := len(r.result.Kinds); n > 0 {
			text += fmt.Sprintf(" (it had reached %s, kind %d of %d)", r.result.Kinds[n-1].Kind.Name, n,
				len(fabric.Kinds()))
		}
	}
	text = r.recordText(text)
	facts := fabric.SyncFailedFacts(text)
	if !connected {
		for fact := range fabric.ConnectedFacts() {
			delete(facts, fact)
		}
	}
	return &conclusion{outcome: Failed, message: text, facts: facts}, nil
}

// unconnectedConclusion concludes a sync whose cluster cannot be used.
func (r *run) unconnectedConclusion(ctx context.Context, err error) *conclusion {
	status, class := fabric.ConnectionError, cluster.ClassOther
	if failed, ok := errors.AsType[*cluster.Error](err); ok {
		class = failed.Class
	}
	if class == cluster.ClassUnreachable || class == cluster.ClassTimeout {
		status = fabric.ConnectionDisconnected
	}
	text := err.Error()
	if timedOut(ctx) {
		text += "; " + context.Cause(ctx).Error()
	}
	text = r.recordText(text)
	return &conclusion{outcome: Failed, message: text, class: class, facts: fabric.ConnectionFailedFacts(status, text)}
}

// conclusion concludes a sync that has compared all kinds.
func (c *comparison) conclusion() *conclusion {
	end := &conclusion{outcome: Synced, class: c.class}
	text := c.problems()
	switch {
	case text != "":
		end.outcome, end.message, end.facts = Failed, text, fabric.SyncFailedFacts(text)
	case c.run.options.DryRun:
		end.outcome = Planned
	default:
		end.facts = fabric.SyncedFacts(c.run.now())
	}
	if !c.run.options.DryRun && !c.countsDoubtful {
		maps.Copy(end.facts, fabric.CountFacts(c.counts))
	}
	return end
}
