package synccmd

import (
	"errors"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// report is the result of one fabric's sync.
type report struct {
	id     int64
	name   string
	took   time.Duration
	result *fabricsync.Result
	err    error
}

// failed reports whether the fabric needs attention. If so, the exit code is not 0. A
// skipped fabric has not failed: its record asks for that.
func (r *report) failed(stopping bool) bool {
	switch r.result.Outcome {
	case fabricsync.Synced, fabricsync.Planned, fabricsync.NotDue, fabricsync.Busy, fabricsync.Skipped:
		return false
	case fabricsync.Interrupted:
		return !stopping
	}
	return true
}

// unanswered reports whether NetBox could not be reached, or a proxy said so. Then the
// fabric is not the reason.
func (r *report) unanswered() bool {
	if _, lost := errors.AsType[*rest.TransportError](r.err); lost {
		return true
	}
	server, answered := errors.AsType[*rest.ServerError](r.err)
	return answered && server.Unavailable()
}

// begun reports whether the cluster was asked.
func (r *report) begun() bool { return !r.result.StartedAt.IsZero() }

// skippedReport returns the report of a fabric that is not due or must not be synced.
func skippedReport(f *fabric.Fabric, now time.Time) *report {
	result := &fabricsync.Result{
		FabricID: f.ID, Fabric: f.Name, Outcome: fabricsync.NotDue, Status: fabric.SyncStatus(f.Facts(), now).Status,
	}
	err := f.MaySync()
	timer := fabric.SyncTimer(f.Facts(), now)
	switch {
	case err != nil:
		result.Outcome, result.Message = fabricsync.Skipped, err.Error()
	case timer.Next != nil:
		result.Message = "the next sync is due in " + fabric.Humanize(timer.Next.Sub(now))
	default:
		result.Message = "the interval is 0, so no sync is ever due"
	}
	return &report{id: f.ID, name: f.Name, result: result, err: err}
}

const notFoundMessage = "NetBox has no such fabric, or does not show it to this API token"

func notFoundReport(name, similar string) *report {
	return &report{name: name, result: &fabricsync.Result{
		Fabric: name, Outcome: notFound, Message: notFoundMessage + similar,
	}}
}

// notBegunReport returns the report of a fabric whose sync did not begin.
func notBegunReport(f *fabric.Fabric, outcome fabricsync.Outcome, why string, err error) *report {
	return &report{id: f.ID, name: f.Name, result: &fabricsync.Result{
		FabricID: f.ID, Fabric: f.Name, Outcome: outcome, Message: why,
	}, err: err}
}
