package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// addError adds an error: what was tried, what happened, and what to do.
func addError(diags *diag.Diagnostics, action string, err error) {
	addWriteError(diags, action, err, &fabricModel{}, &managedFabrics{})
}

// addWriteError is like addError, but for a write of a plan. It puts an error about a refused value
// on its attribute, and one about a missing tag on the element with that tag.
func addWriteError(diags *diag.Diagnostics, action string, err error, plan *fabricModel, managed *managedFabrics) {
	// First, since it wraps the errors of the write and of the reading, which the others
	// would find.
	if unverified, ok := errors.AsType[*netbox.UnverifiedError](err); ok {
		diags.AddError("Outcome of a write is unknown", explainUnverified(action, unverified))
		return
	}
	if missing, ok := errors.AsType[*netbox.MissingTagsError](err); ok {
		addMissingTags(diags, action, missing, plan)
		return
	}
	if invalid, ok := errors.AsType[*rest.InvalidError](err); ok {
		addInvalid(diags, action, invalid, plan)
		return
	}
	if taken, ok := errors.AsType[*netbox.NameTakenError](err); ok {
		diags.AddAttributeError(path.Root("name"), "Fabric name is taken", explainNameTaken(action, taken,
			managed.nameIsShared(taken.Name)))
		return
	}
	if conflict, ok := errors.AsType[*netbox.ConflictError](err); ok {
		diags.AddError("Fabric was changed by another user", explainConflict(action, conflict))
		return
	}
	summary, detail := explain(err)
	diags.AddError(summary, fmt.Sprintf("Could not %s. %s%s", action, detail, whatNext(action, err, summary)))
}

// whatNext returns what follows from an error for this action alone, with a space in front.
func whatNext(action string, err error, summary string) string {
	verb, _, _ := strings.Cut(action, " ")
	_, missing := errors.AsType[*rest.NotFoundError](err)
	server, failed := errors.AsType[*rest.ServerError](err)
	switch {
	case summary == tookTooLong:
		return " " + adviceOnTimeout(verb)
	case missing && verb == "sync":
		return " Check fabric_id, or create the fabric first."
	case missing:
		return " Run a new plan: it creates the fabric again if the configuration still has it. If the fabric should " +
			"stay deleted, remove its resource block first."
	case failed && server.Request.Method != http.MethodGet && !netbox.PluginBug(server) && !server.ReadOnly():
		if verb == "sync" { // it may have stored objects before
			return " " + nextSyncCorrects
		}
		return " The change was not made."
	}
	return ""
}

const (
	tookTooLong      = "Operation took longer than its timeout"
	nextSyncCorrects = "The next sync corrects the record."
)

// adviceOnTimeout returns what to do about the timeout of an operation with this verb.
func adviceOnTimeout(verb string) string {
	switch verb {
	case "create", "update":
		return "Nothing was changed. Run Terraform again, or raise timeouts." + verb + "."
	case "delete", "decommission":
		return "Nothing was changed. Run Terraform again. A destroy uses the timeout that is stored in the state: to " +
			"raise timeouts.delete, apply the change first."
	case "sync": // only its last write ends here; that has a time limit that cannot be set
		return nextSyncCorrects + " Run Terraform again."
	case "query": // a list resource has no timeouts
		return "Run Terraform again, or find out why NetBox is slow."
	}
	return "Run Terraform again, or raise timeouts.read in the resource or data source. A refresh uses the timeout " +
		"that is stored in the state: to raise that one, apply the change once with -refresh=false."
}

// explain describes the error of a request, and what to do.
func explain(err error) (summary, detail string) {
	for _, explain := range []func(error) (summary, detail string){
		explainBranch, explainAccess, explainNetBox, explainAnswer, explainEnd,
	} {
		if summary, detail = explain(err); summary != "" {
			return summary, detail
		}
	}
	return "NetBox request failed", capital(sentenceOf(err.Error())) + " Run Terraform again. If it fails again, " +
		"look into NetBox's log."
}

// explainAccess describes a NetBox that does not answer, or refuses this token.
func explainAccess(err error) (summary, detail string) {
	if e, ok := errors.AsType[*rest.TransportError](err); ok && !cutShort(e.Err) {
		what, advice := e.Explain()
		return "NetBox cannot be reached", fmt.Sprintf("%s. %s.", capital(what), capital(advice))
	}
	if e, ok := errors.AsType[*rest.ForbiddenError](err); ok {
		if e.BadToken() {
			return "NetBox refused the API token", fmt.Sprintf("NetBox answered %q to %s. Check api_token (or "+
				"NETBOX_API_TOKEN): it may be mistyped, expired, disabled, or not allowed from this address.%s",
				e.Detail, e.Request, adviceOnParts(e))
		}
		return "Permission denied by NetBox", fmt.Sprintf("NetBox answered %q to %s. %s", e.Detail, e.Request,
			neededPermission(e.Request))
	}
	if e, ok := errors.AsType[*rest.NotFoundError](err); ok {
		return "Fabric not found in NetBox", fmt.Sprintf("NetBox answered %q to %s. The fabric was deleted, or this "+
			"API token cannot see it: NetBox gives the same answer for both.", e.Detail, e.Request)
	}
	return "", ""
}

// explainNetBox describes a NetBox that lacks what the provider needs.
func explainNetBox(err error) (summary, detail string) {
	if e, ok := errors.AsType[*rest.PluginMissingError](err); ok {
		return "NetBox has no Hedgehog plugin", fmt.Sprintf("The NetBox at %s%s does not have the "+
			"netbox_hedgehog plugin. Check that server_url names the right NetBox, and that its PLUGINS setting lists "+
			"\"netbox_hedgehog\".", e.ServerURL, versionClause(e.Version))
	}
	if e, ok := errors.AsType[*rest.VersionError](err); ok {
		return "NetBox is too old", fmt.Sprintf("The NetBox at %s has version %s. The provider needs %s or newer "+
			"(4.5.2 or newer with the published plugin). Upgrade NetBox. skip_version_check = true skips this check.",
			e.ServerURL, e.Version, e.Minimum)
	}
	if e, ok := errors.AsType[*netbox.AnotherFabricError](err); ok {
		return "Another fabric has this id", fmt.Sprintf("In NetBox, the fabric with the id %d is %q, created at %s. "+
			"The one in the state was created at %s. This is the wrong NetBox, or one that was restored from a "+
			"backup. Nothing was written. Correct server_url, or remove the fabric from the state and import it again.",
			e.ID, e.Name, e.Present, e.Expected)
	}
	return "", ""
}

// explainAnswer describes an answer that was not expected.
func explainAnswer(err error) (summary, detail string) {
	if e, ok := errors.AsType[*rest.ServerError](err); ok {
		return explainServerError(e)
	}
	if e, ok := errors.AsType[*rest.RefusedError](err); ok {
		return "NetBox refused the request", fmt.Sprintf("NetBox answered %s with %d: "+
			"%s Change what it names, or look into NetBox's log.", e.Request, e.Status, sentenceOf(e.Detail))
	}
	if e, ok := errors.AsType[*rest.RedirectError](err); ok {
		return "NetBox redirects elsewhere", explainRedirect(e)
	}
	if e, ok := errors.AsType[*rest.UnexpectedAnswerError](err); ok {
		return "Unexpected answer from NetBox", explainUnexpected(e)
	}
	if e, ok := errors.AsType[*rest.TooLargeError](err); ok {
		return "Answer from NetBox is too large", fmt.Sprintf("The answer to %s is larger than %d MiB, the most that "+
			"the provider reads. Look for a fabric with very long texts, such as certificates or custom fields, or "+
			"for a proxy that answers instead of NetBox.",
			e.Request, e.Limit>>20)
	}
	if e, ok := errors.AsType[*netbox.RewrittenTagError](err); ok {
		return "Proxy changes the If-Match header", explainRewrittenTag(e)
	}
	if e, ok := errors.AsType[*rest.PreconditionError](err); ok {
		return "Fabric keeps changing", fmt.Sprintf("Each time the provider was about to write the fabric (%s), it "+
			"had changed again in NetBox. Nothing was written. A running sync may be the reason. Run Terraform again.",
			e.Request)
	}
	return "", ""
}

// explainEnd describes an operation that ended early.
func explainEnd(err error) (summary, detail string) {
	switch {
	case errors.Is(err, context.Canceled):
		return "Operation was interrupted", "Terraform was stopped before it had finished. Run a plan to see " +
			"what NetBox has, then apply again."
	case errors.Is(err, context.DeadlineExceeded):
		return tookTooLong, "NetBox did not answer within the timeout."
	}
	return "", ""
}

// cutShort reports whether a request failed because its operation ended.
func cutShort(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// adviceOnParts returns advice on a token of version 2 that may be incomplete, with a space in
// front. NetBox names version 1 for a token that was not sent as one of version 2.
func adviceOnParts(e *rest.ForbiddenError) string {
	if strings.Contains(e.Detail, "v1") {
		return ""
	}
	return " If the token begins with nbt_, give both of its parts, nbt_<key>.<secret>, with the dot."
}

// neededPermission returns the permission that a refused request needs.
func neededPermission(r rest.Request) string {
	action, object := netbox.NeededPermission(r)
	if object == "" {
		return "The API token's user lacks the permission for this request."
	}
	text := fmt.Sprintf("The API token's user needs the permission %s on %s", action, object)
	if r.Method != http.MethodGet {
		text += ", and the API token itself must allow writing"
	}
	return text + "."
}

func explainRedirect(e *rest.RedirectError) string {
	text := fmt.Sprintf("NetBox redirects %s %s to %s. The provider does not follow: it sends the token to the host "+
		"of server_url only, and a write must not become a read.", e.Method, e.From, e.To)
	if e.ServerURL != "" {
		return text + " Set server_url to " + e.ServerURL + "."
	}
	return text + " Check server_url. If a gateway in front of NetBox asks for a login, set its credentials in " +
		"headers (or NETBOX_HEADERS)."
}

func explainUnexpected(e *rest.UnexpectedAnswerError) string {
	text := fmt.Sprintf("The answer to %s has the status %d and the content type %q: %s. Check that server_url is the "+
		"URL of NetBox, and that no proxy or login page answers for it.", e.Request, e.Status, e.ContentType, e.Problem)
	if e.NotPermitted() {
		text += " If a gateway in front of NetBox needs credentials, set them in headers (or NETBOX_HEADERS)."
	}
	if e.Certificate != "" {
		text += " " + e.Certificate + "."
	}
	if e.Proxy != "" {
		text += " " + capital(sentenceOf(e.Proxy))
	}
	if e.Unchecked {
		text += " If it is NetBox's own answer, a proxy removes the API-Version header. To find out, unset " +
			"skip_version_check (or NETBOX_SKIP_VERSION_CHECK): the version check notices it."
	}
	return text + " The answer begins: " + e.Excerpt
}

func versionClause(version string) string {
	if version == "" {
		return ""
	}
	return " (version " + version + ")"
}

func explainServerError(e *rest.ServerError) (summary, detail string) {
	if netbox.PluginBug(e) {
		return "Fault in the NetBox plugin", explainPluginBug(e)
	}
	text := serverAnswer(e)
	if e.Proxy != "" {
		text += ". " + capital(e.Proxy)
	}
	if e.ReadOnly() {
		return "NetBox accepts no changes", text + ". NetBox is in maintenance mode (MAINTENANCE_MODE), or its " +
			"database is read-only: it answers reads and refuses every change. Run Terraform again when NetBox " +
			"accepts changes."
	}
	if e.RetryAfter != "" {
		return "NetBox asks to wait", text + ". " + adviceOnWait(e)
	}
	if e.Status == http.StatusTooManyRequests {
		return "NetBox is refusing requests", text + ". There were too many at once. Run Terraform again " +
			"later, or with a lower -parallelism."
	}
	if e.Unavailable() {
		return "NetBox answered with an error", text + ". NetBox, or a proxy in front of it, is not available, as " +
			"during maintenance or a restart. Run Terraform again later. If it fails again, look into NetBox's log " +
			"and the proxy's."
	}
	return "NetBox answered with an error", text + ". Look into NetBox's log. If there is a proxy in front of " +
		"NetBox, the answer may be the proxy's."
}

// adviceOnWait returns how long NetBox asks to wait, and what to do.
func adviceOnWait(e *rest.ServerError) string {
	wait := e.Wait()
	if wait == 0 {
		return fmt.Sprintf("It asks to wait before the next request (Retry-After: %s). Run Terraform again later.",
			e.RetryAfter)
	}
	return fmt.Sprintf("It asks to wait %s. Run Terraform again after that. To let Terraform wait, raise timeouts to "+
		"more than that.", fabric.Humanize(wait))
}

// serverAnswer describes an answer of 5xx or 429, without a period.
func serverAnswer(e *rest.ServerError) string {
	text := fmt.Sprintf("NetBox answered %s with %d", e.Request, e.Status)
	if e.Exception != "" {
		text += " " + e.Exception
	}
	if e.Detail != "" {
		text += ": " + strings.TrimSuffix(e.Detail, ".")
	}
	return text
}

// warnLocalClock warns if an answer's time comes from this machine.
func warnLocalClock(diags *diag.Diagnostics, read *netbox.Read) {
	if read.LocalClock {
		diags.AddWarning("NetBox's answer has no time", fmt.Sprintf(
			"The answer about the fabric %q had no readable Date header, so the age of its last sync was computed "+
				"with this machine's clock. If a proxy removes the header, configure it to pass the header on.",
			read.Fabric.Name))
	}
}
