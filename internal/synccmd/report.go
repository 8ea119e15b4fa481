package synccmd

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// report is what became of one fabric.
type report struct {
	id     int64
	name   string
	took   time.Duration
	result *fabricsync.Result
	err    error
}

// failed reports whether something is wrong that somebody has to look at: the exit
// code says so. A fabric that is skipped is as somebody wants it.
func (r *report) failed(stopping bool) bool {
	switch r.result.Outcome {
	case fabricsync.Synced, fabricsync.Planned, fabricsync.NotDue, fabricsync.Busy, fabricsync.Skipped:
		return false
	case fabricsync.Interrupted:
		return !stopping
	}
	return true
}

// unanswered tells that NetBox could not be reached, or a proxy said so, which is no
// fault of the fabric.
func (r *report) unanswered() bool {
	var (
		lost   *netbox.TransportError
		server *netbox.ServerError
	)
	return errors.As(r.err, &lost) || errors.As(r.err, &server) && server.PutsOff()
}

// Classes of failures beyond those of a cluster.
const (
	failureNetBox     = "netbox"     // NetBox could not be read or written
	failureObjects    = "objects"    // cluster and NetBox answered, and not all could be stored
	failureSuperseded = "superseded" // another user's change overtook the sync
	failureToken      = "token"      // NetBox does not show the cluster's token
)

// failureClasses returns all classes of failures.
func failureClasses() []string {
	return []string{
		string(cluster.ClassConfig), string(cluster.ClassUnreachable), string(cluster.ClassTimeout),
		string(cluster.ClassTLS), string(cluster.ClassUnauthenticated), string(cluster.ClassForbidden),
		string(cluster.ClassNotKubernetes), string(cluster.ClassOther), failureNetBox, failureObjects,
		failureSuperseded, failureToken,
	}
}

// failureClass returns the class of what is wrong with a sync that failed.
func (r *report) failureClass() string {
	switch {
	case r.result.Class != "":
		return string(r.result.Class)
	case r.result.Outcome == fabricsync.Superseded:
		return failureSuperseded
	case r.result.Outcome == fabricsync.Refused:
		return failureToken
	case r.err != nil:
		return failureNetBox
	}
	return failureObjects
}

// begun tells whether the cluster was asked.
func (r *report) begun() bool { return !r.result.StartedAt.IsZero() }

// skipped is the report of a fabric that a sync is not due for.
func skipped(f *fabric.Fabric, now time.Time) *report {
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
		result.Message = "the interval is 0: there is no timer"
	}
	return &report{id: f.ID, name: f.Name, result: result, err: err}
}

func absent(name string) *report {
	return &report{name: name, result: &fabricsync.Result{
		Fabric: name, Outcome: notFound, Message: "NetBox has no such fabric, or does not show it to this API token",
	}}
}

// unbegun is the report of a fabric whose turn did not come.
func unbegun(f *fabric.Fabric, outcome fabricsync.Outcome, why string, err error) *report {
	return &report{id: f.ID, name: f.Name, result: &fabricsync.Result{
		FabricID: f.ID, Fabric: f.Name, Outcome: outcome, Message: why,
	}, err: err}
}

// explain puts an error of NetBox's into words for somebody who has only the
// command's environment to change.
func explain(err error) string {
	var (
		lost      *netbox.TransportError
		large     *netbox.TooLargeError
		forbidden *netbox.ForbiddenError
		plugin    *netbox.PluginMissingError
		foreign   *netbox.UnexpectedAnswerError
		unsettled *netbox.UnsettledError
		server    *netbox.ServerError
	)
	switch {
	case errors.As(err, &unsettled): // first: it wraps the others
		return err.Error()
	case errors.As(err, &lost):
		what, advice := lost.Explain()
		return "NetBox cannot be reached: " + what + "; " + advice
	case errors.As(err, &forbidden) && forbidden.BadToken():
		return "NetBox refused the API token (NETBOX_API_TOKEN): " + err.Error()
	case errors.As(err, &plugin):
		return err.Error() + "; check NETBOX_SERVER_URL"
	case errors.As(err, &large):
		return err.Error() + ", which is the most that is read; a fabric with very long texts can be the reason, or " +
			"a proxy that answers instead of NetBox"
	case errors.As(err, &foreign) && foreign.Unchecked:
		return err.Error() + "; if it is NetBox's own answer, a proxy removes API-Version: unset " +
			"NETBOX_SKIP_VERSION_CHECK, so that the version check shows this"
	case errors.As(err, &foreign):
		return err.Error() + "; check that NETBOX_SERVER_URL is the URL of NetBox, and NETBOX_HEADERS where a " +
			"gateway wants credentials"
	case errors.As(err, &server) && server.RetryAfter != "":
		return err.Error() + "; NetBox asks to wait before the next request (Retry-After: " + server.RetryAfter + ")"
	case errors.Is(err, context.DeadlineExceeded):
		return "NetBox gave no complete answer within " + fabric.Humanize(listTimeout)
	}
	return err.Error()
}

// oneLine makes a text of others safe to show: a fabric's name may hold what
// moves a terminal's cursor.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)), " ")
}
