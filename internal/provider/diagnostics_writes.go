package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// explainNameTaken describes a name that another fabric has. If shared, another resource of
// the same run wants it as well.
func explainNameTaken(action string, e *netbox.NameTakenError, shared bool) string {
	begins := fmt.Sprintf("Could not %s: NetBox already has a fabric named %q", action, e.Name)
	switch {
	case e.Cycle:
		return fmt.Sprintf("%s%s, and fabrics of this apply wait for each other's names. NetBox checks the name at "+
			"every single write, so fabrics cannot swap names in one apply. Give one of them a third name and apply. "+
			"Then give it the name that it should have, and apply again.", begins, idClause(e.ID))
	case shared:
		return begins + idClause(e.ID) + ". Another resource of this apply has the same name. Nothing was written. " +
			"Names are unique in NetBox: rename this fabric, or remove this resource. Don't import the fabric: two " +
			"resources would manage it, and removing one of them would destroy it for both."
	case e.Unread:
		return begins + ". The provider could not read which one. Nothing was written. " +
			importAdvice("name:"+e.Name)
	case e.ID == 0:
		return begins + ", and this API token cannot see it. Names are unique in NetBox: choose another one, or " +
			"use a token that can see the fabric, and import the fabric."
	}
	return fmt.Sprintf("%s%s. Nothing was written. %s\n\n"+
		"If the same apply renames or deletes that fabric, apply again.\n"+
		"After -replace with a deletion_policy other than \"delete\", that fabric is the old one of your resource: "+
		"import it.\n"+
		"A replacement with create_before_destroy cannot work, since both fabrics would have the same name.",
		begins, idClause(e.ID), importAdvice(fmt.Sprint(e.ID)))
}

// importAdvice returns what to do about a fabric that has a name, with an import id.
func importAdvice(id string) string {
	return "Names are unique in NetBox. First check that no other resource, of this or another configuration, has " +
		"this name: if one has, rename or remove yours. Never import a fabric that another resource manages: " +
		"removing one of the two resources destroys it for both.\n\nIf no resource has the name, choose another " +
		"one, or import the fabric. Put your resource's address instead of hedgehog_fabric.example in this block, " +
		"and put the block into the root module:\n\n" + importBlock(id)
}

func idClause(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf(", with the id %d", id)
}

func explainPluginBug(e *rest.ServerError) string {
	known := fmt.Sprintf("NetBox answered %s with 500 ImproperlyConfigured. This is a known fault of the published "+
		"plugin: its serializers have a field display_url, for which the plugin defines no URL", e.Request)
	patch := "A NetBox administrator can patch the plugin by setting display_url = None in the serializers of " +
		"netbox_hedgehog."
	if netbox.PluginNeedsPatch(e) {
		return fmt.Sprintf("%s. Before NetBox 4.5.2%s, every write of a fabric fails because of it. Nothing was "+
			"changed. %s Without the patch, fabrics cannot be managed in this NetBox. To remove a fabric from "+
			"Terraform without a write, apply deletion_policy = \"abandon\" and then "+
			"destroy.", known, thisVersionClause(e.NetBox),
			patch)
	}
	return known + ". Because of it, NetBox rolls back every DELETE. Nothing was changed. " + patch +
		" Until then, apply deletion_policy = \"decommission\" or \"abandon\" and then destroy: the fabric leaves " +
		"Terraform and stays in NetBox. If you have removed its resource block, put it back for that apply. Or run " +
		"terraform state rm, which does the same as \"abandon\"."
}

func thisVersionClause(version string) string {
	if version == "" {
		return ""
	}
	return " (this one is " + version + ")"
}

func explainConflict(action string, e *netbox.ConflictError) string {
	lines := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		lines[i] = "  - " + d.String()
	}
	next := "Run a new plan to see what NetBox has now."
	if strings.HasPrefix(action, "update ") {
		next = "A new plan sets these values back to yours. To keep the other user's values, put them into the " +
			"configuration first."
	}
	return fmt.Sprintf("Could not %s: since the plan, another user changed this:\n\n%s\n\nNothing was written. %s",
		action, strings.Join(lines, "\n"), next)
}

// addUnplannedValue reports a value of an updated fabric that is not the planned one:
// NetBox changed it, or another user did.
func addUnplannedValue(diags *diag.Diagnostics, at path.Path, name string, d fabric.Difference, sent bool) {
	if sent {
		diags.AddAttributeError(at, "NetBox stored another value", fmt.Sprintf(
			"The fabric %q was updated, but NetBox did not store the value that it was sent (%s). The state has "+
				"NetBox's value. Look for a script or a validator in NetBox that changes it.", name, d))
		return
	}
	diags.AddAttributeError(at, "Another user changed the fabric during the update", fmt.Sprintf(
		"The fabric %q was updated. At the same moment, another user changed an attribute that this update did not "+
			"send: %s. Both changes are in NetBox, and in the state. Run a new plan to see the other user's "+
			"change.", name,
		d))
}

func explainRewrittenTag(e *netbox.RewrittenTagError) string {
	since := "its last_updated is still null"
	if !e.LastUpdated.IsZero() {
		since = "its last_updated is still " + e.LastUpdated.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("NetBox answered %s with 412, as if the fabric %d had changed. It has not: %s. A proxy or "+
		"gateway between Terraform and NetBox changes the If-Match header. Nothing was written. Configure it "+
		"to pass the headers If-Match and ETag on unchanged.",
		e.Request, e.ID, since)
}

// explainUnverified describes what is not known about a write, and how to find out.
func explainUnverified(action string, e *netbox.UnverifiedError) string {
	begins := fmt.Sprintf("NetBox may or may not have %s. The write got no clear answer: %s", inThePast(action),
		whatHappened(e.Write))
	if e.Read == nil {
		return fmt.Sprintf("%s It had not taken effect when NetBox was read afterwards%s It may still take effect. %s",
			begins, whyNotAgain(e), capital(howToFindOut(action)))
	}
	_, read := explain(e.Read)
	return fmt.Sprintf("%s Reading NetBox afterwards failed as well: %s Once NetBox answers again, %s", begins, read,
		howToFindOut(action))
}

// inThePast returns what an action has done: its verb comes first, and is regular.
func inThePast(action string) string {
	verb, object, _ := strings.Cut(action, " ")
	return strings.TrimSuffix(verb, "e") + "ed " + object
}

// howToFindOut returns how to find out what a write did. The state lacks a fabric that was
// created after all, so a plan does not show it.
func howToFindOut(action string) string {
	if strings.HasPrefix(action, "create ") {
		return "apply again: if NetBox has created the fabric, the message \"Fabric name is taken\" has the block " +
			"that imports it. A plan does not show such a fabric."
	}
	return "run a plan to see what NetBox has."
}

// whatHappened describes a write that got no clear answer, without the advice for a write
// that certainly did not take effect.
func whatHappened(err error) string {
	if lost, ok := errors.AsType[*rest.TransportError](err); ok && !cutShort(lost.Err) {
		what, _ := lost.Explain()
		return capital(what) + "."
	}
	if server, ok := errors.AsType[*rest.ServerError](err); ok {
		if netbox.PluginBug(server) {
			return fmt.Sprintf("NetBox answered %s with 500 ImproperlyConfigured. The published plugin has a fault "+
				"that gives this answer after a write as well as instead of one.", server.Request)
		}
		return sentenceOf(serverAnswer(server))
	}
	_, happened := explain(err)
	return happened
}

// whyNotAgain returns why a write that was not done was not sent again, or not once more.
func whyNotAgain(e *netbox.UnverifiedError) string {
	if e.End != nil {
		end := "the time limit passed"
		if errors.Is(e.End, context.Canceled) {
			end = "the operation was interrupted"
		}
		return ", and " + end + " before it could be sent again."
	}
	_, failed := explain(e.Attempt)
	if rest.OutcomeUnknown(e.Attempt) {
		return fmt.Sprintf(". It was sent %d times, and the last attempt failed as well: %s", e.Attempts, failed)
	}
	return ". It was sent again, and that attempt failed: " + failed
}

// addInvalid adds an error for each value that NetBox refused, on its attribute if it has
// one.
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
		diags.AddAttributeError(at, "NetBox refused the value", fmt.Sprintf("Could not %s. NetBox refused %s: %s "+
			"Change the value.", action, what, sentenceOf(text)))
	}
	if len(rest) > 0 || len(e.Fields) == 0 {
		diags.AddError("NetBox refused the values", fmt.Sprintf("Could not %s. NetBox refused the values: %s "+
			"Change the values.", action, sentenceOf(strings.Join(rest, " "))))
	}
}

// addMissingTags adds an error for each tag that NetBox does not have, and for everything
// else that it refused.
func addMissingTags(diags *diag.Diagnostics, action string, e *netbox.MissingTagsError, plan *fabricModel) {
	own, _ := tagNames(plan.Tags)
	all, _ := tagNames(plan.TagsAll)
	for _, tag := range e.Tags {
		detail := fmt.Sprintf("Could not %s: NetBox has no tag named %q (names are case-sensitive), or this API token "+
			"cannot see it. %s", action, tag.Name, adviceOnTag(tag, e.Unread))
		if name, ok := fabric.FindText(own, tag.Name); ok {
			at := path.Root("tags").AtSetValue(types.StringValue(name))
			diags.AddAttributeError(at, "Tag does not exist in NetBox", detail)
			continue
		}
		if named(all, tag.Name) {
			detail += " It is one of the provider's default_tags."
		}
		diags.AddError("Tag does not exist in NetBox", detail)
	}
	rest := *e.Refusal
	rest.Fields = maps.Clone(rest.Fields)
	delete(rest.Fields, "tags")
	if len(rest.Fields) > 0 || len(rest.Detail) > 0 {
		addInvalid(diags, action, &rest, plan)
	}
}

func adviceOnTag(tag netbox.MissingTag, unread error) string {
	var advice string
	if len(tag.Similar) > 0 {
		quoted := make([]string, len(tag.Similar))
		for i, name := range tag.Similar {
			quoted[i] = strconv.Quote(name)
		}
		advice = "Did you mean " + strings.Join(quoted, " or ") + "? "
	}
	advice += "Create the tag in NetBox, or correct the name."
	if _, forbidden := errors.AsType[*rest.ForbiddenError](unread); forbidden {
		return advice + " NetBox names only the first missing tag, and this API token cannot list tags. Others may " +
			"be missing too."
	}
	if unread != nil {
		return advice + fmt.Sprintf(" NetBox names only the first missing tag. Others may be missing too, but its "+
			"tags could not be listed (%s).", unread)
	}
	return advice
}
