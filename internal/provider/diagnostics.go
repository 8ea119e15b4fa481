package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func asError[E error](err error) (E, bool) {
	var e E
	return e, errors.As(err, &e)
}

// addError makes diagnostics of an error of package netbox: what was tried,
// what was seen, and what to do. Values that NetBox refused are errors on their
// attributes.
func addError(diags *diag.Diagnostics, action string, err error) {
	// First: it wraps the errors of write and reading, which would be found in it.
	if unsettled, ok := asError[*netbox.UnsettledError](err); ok {
		diags.AddError("Outcome of a write is unknown", fmt.Sprintf("It is not certain whether this succeeded: %s. %s",
			action, explainUnsettled(unsettled)))
		return
	}
	if invalid, ok := asError[*rest.InvalidError](err); ok {
		addInvalid(diags, action, invalid, &fabricModel{})
		return
	}
	if taken, ok := asError[*netbox.NameTakenError](err); ok {
		diags.AddAttributeError(path.Root("name"), "Fabric name is taken", explainNameTaken(action, taken))
		return
	}
	if conflict, ok := asError[*netbox.ConflictError](err); ok {
		diags.AddError("Fabric was changed by another user", explainConflict(action, conflict))
		return
	}
	summary, detail := explain(err)
	diags.AddError(summary, fmt.Sprintf("Could not %s. %s", action, detail))
}

// addLookupError is addError for a fabric that a configuration names: that there
// is none is an error on the attribute that names it. Hints say what else may be meant.
func addLookupError(diags *diag.Diagnostics, client *netbox.Client, at path.Path, what string, err error,
	hints ...string) {
	if _, missing := asError[*rest.NotFoundError](err); missing {
		detail := fmt.Sprintf("NetBox at %s has no fabric %s, or this API token may not see it: NetBox gives the "+
			"same answer for both.", client.ServerURL(), what)
		if strings.HasPrefix(what, "named ") {
			detail += " Names are case-sensitive. A fabric that is created in the same apply is referred to by its id."
		}
		diags.AddAttributeError(at, "Fabric not found in NetBox", strings.Join(append([]string{detail}, hints...), " "))
		return
	}
	if e, ambiguous := asError[*netbox.AmbiguousNameError](err); ambiguous {
		diags.AddAttributeError(at, "Fabric name is ambiguous", explainAmbiguousName(e))
		return
	}
	addError(diags, "read the fabric "+what, err)
}

func explainAmbiguousName(e *netbox.AmbiguousNameError) string {
	ids := make([]string, len(e.IDs))
	for i, id := range e.IDs {
		ids[i] = strconv.FormatInt(id, 10)
	}
	return fmt.Sprintf("NetBox has several fabrics whose names differ from %q only in their Unicode form, and none "+
		"with exactly this name. Their ids are %s. Give the id of one of them instead of the name.", e.Name,
		strings.Join(ids, ", "))
}

// explain tells an error in words.
func explain(err error) (summary, detail string) {
	if e, ok := asError[*rest.TransportError](err); ok && !cutShort(e.Err) {
		what, advice := e.Explain()
		return "NetBox cannot be reached", fmt.Sprintf("%s. %s.", capital(what), capital(advice))
	}
	if e, ok := asError[*rest.TooLargeError](err); ok {
		return "Answer from NetBox is too large", fmt.Sprintf("The answer to %s is larger than %d MiB, which is the "+
			"most that the provider reads. A fabric with very long texts, such as certificates or custom fields, can "+
			"be the reason, or a proxy that answers instead of NetBox.",
			e.Request, e.Limit>>20)
	}
	if e, ok := asError[*rest.ForbiddenError](err); ok {
		if e.BadToken() {
			return "NetBox refused the API token", fmt.Sprintf("NetBox answered %q to %s. Check api_token (or "+
				"NETBOX_API_TOKEN): it may be mistyped, expired, disabled, or not allowed from this address.",
				e.Detail, e.Request)
		}
		return "Permission denied by NetBox", fmt.Sprintf("NetBox answered %q to %s. %s", e.Detail, e.Request,
			neededPermission(e.Request))
	}
	if e, ok := asError[*rest.NotFoundError](err); ok {
		return "Fabric not found in NetBox", fmt.Sprintf("NetBox answered %q to %s. The fabric was deleted, or this "+
			"API token may not see it: NetBox gives the same answer for both.", e.Detail, e.Request)
	}
	if e, ok := asError[*rest.PluginMissingError](err); ok {
		return "NetBox has no Hedgehog plugin", fmt.Sprintf("The NetBox at %s%s does not have the plugin "+
			"netbox_hedgehog. Check that server_url names the right NetBox, and that its PLUGINS setting lists "+
			"\"netbox_hedgehog\".", e.ServerURL, versionClause(e.Version))
	}
	if e, ok := asError[*rest.VersionError](err); ok {
		return "NetBox is too old", fmt.Sprintf("The NetBox at %s is version %s; the provider needs %s or newer "+
			"(4.5.2 or newer with the plugin as published). Upgrade NetBox; skip_version_check leaves this check out.",
			e.ServerURL, e.Version, e.Minimum)
	}
	if e, ok := asError[*netbox.BirthMarkError](err); ok {
		return "Another fabric has this id", fmt.Sprintf("Under the id %d, NetBox has the fabric %q, created at %s; "+
			"the one in the state was created at %s. This is the wrong NetBox, or one that was restored from a "+
			"backup. Nothing was written. Correct server_url, or remove the fabric from the state and import it again.",
			e.ID, e.Name, e.Present, e.Expected)
	}
	if e, ok := asError[*rest.ServerError](err); ok {
		return explainServerError(e)
	}
	if e, ok := asError[*rest.RefusedError](err); ok {
		return "NetBox refused the request", fmt.Sprintf("%s was answered with %d: %s", e.Request, e.Status, e.Detail)
	}
	if e, ok := asError[*rest.RedirectError](err); ok {
		return "NetBox redirects elsewhere", fmt.Sprintf("%s %s is redirected to %s, which is not followed: the "+
			"token is sent to the host of server_url only, and a write must not become a read. Set server_url to the "+
			"final URL.", e.Method, e.From, e.To)
	}
	if e, ok := asError[*rest.UnexpectedAnswerError](err); ok {
		return "Unexpected answer from NetBox", explainUnexpected(e)
	}
	if e, ok := asError[*netbox.RewrittenTagError](err); ok {
		return "Entity tags are rewritten on the way to NetBox", explainRewrittenTag(e)
	}
	if e, ok := asError[*rest.PreconditionError](err); ok {
		return "Fabric keeps changing", fmt.Sprintf("Something changes the fabric in NetBox faster than it can be "+
			"written (%s). Nothing was written. Run it again; a sync that is running may be the reason.", e.Request)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "Operation was interrupted", "It was stopped before it was done. Run it again; a plan shows what " +
			"NetBox has."
	case errors.Is(err, context.DeadlineExceeded):
		return "Operation took longer than its timeout", "NetBox had not answered to the end when the time was up. " +
			"Run it again, or raise the timeout (timeouts of the resource or data source). A refresh of a resource " +
			"has the timeout from the state: apply the new one with -refresh=false first."
	}
	return "NetBox request failed", capital(sentenceOf(err.Error())) + " Run it again; if it stays so, NetBox's log " +
		"may tell more."
}

// cutShort tells whether it was the operation's end that a request failed by.
func cutShort(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// neededPermission says what a user of NetBox lacks who may not make a request.
func neededPermission(r rest.Request) string {
	action := map[string]string{http.MethodPost: "add", http.MethodPatch: "change",
		http.MethodDelete: "delete"}[r.Method]
	_, object, ours := strings.Cut(r.URL, "/api/plugins/hedgehog/")
	object, _, _ = strings.Cut(object, "/")
	switch {
	case !ours:
		return "The API token's user lacks the permission to view it."
	case object == "fabrics":
		object = "Hedgehog Fabric Manager: Hedgehog Fabric"
	default:
		object = "the plugin's " + object
	}
	if action == "" {
		return "The API token's user needs the permission view on " + object + "."
	}
	return fmt.Sprintf("The API token's user needs the permission %s on %s, and the API token itself must allow "+
		"writing.", action, object)
}

func explainUnexpected(e *rest.UnexpectedAnswerError) string {
	text := fmt.Sprintf("%s was answered with status %d and content type %q: %s. Is server_url the URL of NetBox, or "+
		"does a proxy or login page answer for it?", e.Request, e.Status, e.ContentType, e.Problem)
	if e.NotPermitted() {
		text += " If a gateway in front of NetBox wants credentials, give them in headers (or NETBOX_HEADERS)."
	}
	if e.Unchecked {
		text += " If it is NetBox's own answer, a proxy removes API-Version: unset skip_version_check (or " +
			"NETBOX_SKIP_VERSION_CHECK), so that the version check shows this."
	}
	return text + " The answer begins: " + e.Excerpt
}

// explainUnsettled tells what is not known of a write, and how to find out.
func explainUnsettled(e *netbox.UnsettledError) string {
	_, written := explain(e.Write)
	// whose advice is for a write that is known to be undone
	if server, ok := asError[*rest.ServerError](e.Write); ok && netbox.PluginBug(server) {
		written = fmt.Sprintf("%s was answered with 500 ImproperlyConfigured, which the plugin's fault gives after a "+
			"write as well as instead of one.", server.Request)
	}
	if e.Interrupted {
		return fmt.Sprintf("The write got no clear answer: %s It had not taken effect when NetBox was read "+
			"afterwards, and the operation was ended (%v) before it could be sent again. It may still take effect: "+
			"run a plan, which shows what NetBox has.", written, e.Read)
	}
	_, read := explain(e.Read)
	return fmt.Sprintf("It is not known whether NetBox made the change: %s Reading it back failed as well: %s Run a "+
		"plan once NetBox answers again. A fabric that was created after all has its name in NetBox: import it by "+
		"that name.", written, read)
}

func versionClause(version string) string {
	if version == "" {
		return ""
	}
	return " (version " + version + ")"
}

func explainServerError(e *rest.ServerError) (summary, detail string) {
	if netbox.PluginBug(e) {
		return "Fault in NetBox's Hedgehog plugin", explainPluginBug(e)
	}
	text := fmt.Sprintf("%s was answered with %d", e.Request, e.Status)
	if e.Exception != "" {
		text += " " + e.Exception
	}
	if e.Detail != "" {
		text += ": " + strings.TrimSuffix(e.Detail, ".")
	}
	if e.RetryAfter != "" {
		return "NetBox asks to wait", text + fmt.Sprintf(". It asks to wait before the next request (Retry-After: "+
			"%s). Run it again later; if the wait is longer than the operation's timeout, raise that.", e.RetryAfter)
	}
	if e.Status == http.StatusTooManyRequests {
		return "NetBox refuses requests for the moment", text + ". There are too many. Run it again later, or with a " +
			"lower -parallelism."
	}
	return "NetBox answered with an error", text + ". NetBox's log has more; if a proxy stands before NetBox, it may " +
		"be the proxy's answer."
}

func addInvalid(diags *diag.Diagnostics, action string, e *rest.InvalidError, plan *fabricModel) {
	known := map[string]bool{}
	for _, a := range managedAttributes() {
		known[a.name] = true
	}
	rest := slices.Clone(e.Detail)
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		text := plan.withoutFieldValues(field, strings.Join(e.Fields[field], " "))
		at, what := path.Root(field), field
		if key, custom := fabric.CustomFieldKey(field); custom {
			at, what = plan.pathOf(field), fmt.Sprintf("the custom field %q", key)
		} else if !known[field] {
			rest = append(rest, field+": "+text)
			continue
		}
		diags.AddAttributeError(at, "NetBox refused the value", fmt.Sprintf("Could not %s: NetBox says of %s: %s",
			action, what, text))
	}
	if len(rest) > 0 || len(e.Fields) == 0 {
		diags.AddError("NetBox refused the values", fmt.Sprintf("Could not %s: NetBox says: %s", action,
			strings.Join(rest, " ")))
	}
}
