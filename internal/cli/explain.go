package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// NoFabrics explains an empty list of fabrics.
const NoFabrics = "NetBox has no fabrics, or this API token is not allowed to view them; check the permissions of " +
	"the token's user"

// Explain describes an error from NetBox to a user who can only change the command's
// environment. NetBox had the time within for all of its answers. The words fit a watch too,
// which tries again by itself.
func Explain(err error, within time.Duration) string {
	if _, ok := errors.AsType[*netbox.UnverifiedError](err); ok { // first: it wraps the others
		return err.Error() + "; the next sync finds out"
	}
	if branch, ok := errors.AsType[*rest.BranchError](err); ok {
		what, advice := branch.Explain()
		return what + "; " + advice
	}
	if lost, ok := errors.AsType[*rest.TransportError](err); ok {
		what, advice := lost.Explain()
		return "NetBox cannot be reached: " + what + "; " + advice
	}
	if forbidden, ok := errors.AsType[*rest.ForbiddenError](err); ok {
		return explainForbidden(forbidden)
	}
	next := nextStep(err)
	if next == "" && errors.Is(err, context.DeadlineExceeded) {
		return "NetBox gave no complete answer within " + fabric.Humanize(within) + "; if it takes as long again, " +
			"find out why NetBox is slow"
	}
	return err.Error() + next
}

func explainForbidden(e *rest.ForbiddenError) string {
	if e.BadToken() {
		return fmt.Sprintf("NetBox refused the API token: it answered %q to %s; check NETBOX_API_TOKEN: it may be "+
			"mistyped, expired, disabled, or not allowed from this address", e.Detail, e.Request)
	}
	text := fmt.Sprintf("NetBox answered %q to %s; the token's user ", e.Detail, e.Request)
	if action, object := netbox.NeededPermission(e.Request); object != "" {
		return text + "needs the permission " + action + " on " + object
	}
	return text + "lacks the permission for this request"
}

// nextStep returns what a user can do about an error from NetBox, as the end of the error's
// text.
func nextStep(err error) string {
	if _, ok := errors.AsType[*rest.PluginMissingError](err); ok {
		return "; check that NETBOX_SERVER_URL names the right NetBox, and that its PLUGINS setting lists " +
			"netbox_hedgehog"
	}
	if _, ok := errors.AsType[*rest.VersionError](err); ok {
		return "; upgrade NetBox, or set NETBOX_SKIP_VERSION_CHECK=true to try it anyway"
	}
	if _, ok := errors.AsType[*rest.PagingError](err); ok {
		return "; if it fails again, look into NetBox's log"
	}
	if _, ok := errors.AsType[*rest.TooLargeError](err); ok {
		return ", the most that this program reads; the reason can be a fabric with very long texts, or a proxy that " +
			"answers instead of NetBox"
	}
	if foreign, ok := errors.AsType[*rest.UnexpectedAnswerError](err); ok {
		if foreign.Unchecked {
			return "; if this is NetBox's own answer, a proxy removes the API-Version header: to confirm that, unset " +
				"NETBOX_SKIP_VERSION_CHECK"
		}
		next := "; check that NETBOX_SERVER_URL is the URL of NetBox, and that NETBOX_HEADERS has the credentials of " +
			"a gateway, if there is one"
		if foreign.Certificate != "" {
			next += ". " + foreign.Certificate
		}
		if foreign.Proxy != "" {
			next += "; " + foreign.Proxy
		}
		return next
	}
	server, failed := errors.AsType[*rest.ServerError](err)
	switch {
	case failed && server.Proxy != "":
		return "; " + server.Proxy
	case failed && server.ReadOnly():
		return "; NetBox is in maintenance mode, or its database is read-only: wait until it accepts changes"
	case failed && server.Wait() > 0:
		return "; NetBox asks you to wait " + fabric.Humanize(server.Wait())
	case failed && (server.Unavailable() || server.Status == http.StatusTooManyRequests):
		return "; if it still fails later, look into NetBox's log"
	case failed:
		return "; look into NetBox's log"
	}
	return ""
}
