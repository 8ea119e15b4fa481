package cli

import (
	"context"
	"errors"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// NoFabrics explains an empty list of fabrics.
const NoFabrics = "NetBox shows no fabrics: there are none, or this API token is not allowed to view them"

// Explain describes an error from NetBox to a user who can only change the command's
// environment. NetBox had the time within for all of its answers.
func Explain(err error, within time.Duration) string {
	if _, ok := errors.AsType[*netbox.UnverifiedError](err); ok { // first: it wraps the others
		return err.Error()
	}
	if branch, ok := errors.AsType[*rest.BranchError](err); ok {
		what, advice := branch.Explain()
		return what + "; " + advice
	}
	if lost, ok := errors.AsType[*rest.TransportError](err); ok {
		what, advice := lost.Explain()
		return "NetBox cannot be reached: " + what + "; " + advice
	}
	if forbidden, ok := errors.AsType[*rest.ForbiddenError](err); ok && forbidden.BadToken() {
		return "NetBox refused the API token (NETBOX_API_TOKEN): " + err.Error()
	}
	next := nextStep(err)
	if next == "" && errors.Is(err, context.DeadlineExceeded) {
		return "NetBox gave no complete answer within " + fabric.Humanize(within)
	}
	return err.Error() + next
}

// nextStep returns what a user can do about an error from NetBox, as the end of the error's
// text.
func nextStep(err error) string {
	if _, ok := errors.AsType[*rest.PluginMissingError](err); ok {
		return "; check NETBOX_SERVER_URL"
	}
	if _, ok := errors.AsType[*rest.PagingError](err); ok {
		return "; run the command again, and if it fails again, look into NetBox's log"
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
		return next
	}
	server, failed := errors.AsType[*rest.ServerError](err)
	switch {
	case failed && server.ReadOnly():
		return "; NetBox is in maintenance mode, or its database is read-only: run the command again when NetBox " +
			"accepts changes"
	case failed && server.RetryAfter != "":
		return "; NetBox asks you to wait before the next request (Retry-After: " + server.RetryAfter + ")"
	}
	return ""
}
