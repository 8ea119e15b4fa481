package synccmd

import (
	"context"
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// explain describes an error of NetBox's to a user who can only change the command's
// environment.
func explain(err error) string {
	var (
		lost      *rest.TransportError
		large     *rest.TooLargeError
		forbidden *rest.ForbiddenError
		plugin    *rest.PluginMissingError
		foreign   *rest.UnexpectedAnswerError
		unsettled *netbox.UnsettledError
		server    *rest.ServerError
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
