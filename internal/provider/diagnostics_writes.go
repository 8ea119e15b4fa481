package provider

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func explainNameTaken(action string, e *netbox.NameTakenError) string {
	begins := fmt.Sprintf("Could not %s: NetBox already has a fabric named %q", action, e.Name)
	switch {
	case e.Circle:
		return fmt.Sprintf("%s%s, and fabrics of this apply wait for each other's names. NetBox checks names at "+
			"every single write, so fabrics cannot swap names in one apply. Give one of them a third name and apply, "+
			"then give it the name that it should have, and apply again.", begins, idClause(e.ID))
	case e.Unread:
		return begins + "; it could not be read which one. Nothing was written. Names are unique in NetBox: choose " +
			"another, or import the fabric by its name.\n\n" + importBlock("name:"+e.Name)
	case e.ID == 0:
		return begins + ", and this API token may not see it. Names are unique in NetBox: choose another, or use a " +
			"token that may see the fabric and import it."
	}
	return fmt.Sprintf("%s%s. It was left untouched. Names are unique in NetBox: choose another, or bring that "+
		"fabric under Terraform. This block imports it, with your resource's name in place of example:\n\n%s\n\nIf "+
		"the same apply renames or deletes that fabric, apply again. A replacement with create_before_destroy cannot "+
		"work, since both fabrics would have the same name.",
		begins, idClause(e.ID), importBlock(fmt.Sprint(e.ID)))
}

func idClause(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf(", with the id %d", id)
}

// importBlock returns what imports the fabric of an import id, which may hold a name.
func importBlock(id string) string {
	return "import {\n  to = hedgehog_fabric.example\n  id = " + quoteHCL(id) + "\n}"
}

// quoteHCL returns a text as a literal of HCL, in which nothing is a template.
func quoteHCL(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return `"` + strings.NewReplacer("${", "$${", "%{", "%%{").Replace(b.String()) + `"`
}

func explainPluginBug(e *rest.ServerError) string {
	known := fmt.Sprintf("%s was answered with 500 ImproperlyConfigured. This is a known fault of the plugin as "+
		"published: its serializers hold a field display_url whose URL has no name", e.Request)
	patch := "NetBox's administrator can patch the plugin by setting display_url = None in the serializers of " +
		"netbox_hedgehog."
	if netbox.PluginNeedsPatch(e) {
		return fmt.Sprintf("%s. Before NetBox 4.5.2%s, every write of a fabric fails with it. Nothing was changed. "+
			"%s Without the patch, this NetBox's fabrics cannot be managed. deletion_policy = \"abandon\", applied "+
			"before the destroy, takes a fabric out of Terraform without a write.", known, thisVersionClause(e.NetBox),
			patch)
	}
	return known + ", and with it NetBox rolls every DELETE back. Nothing was changed. " + patch +
		" Until then, deletion_policy = " +
		"\"decommission\" or \"abandon\", applied before the destroy, takes the fabric out of Terraform and leaves " +
		"it in NetBox."
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
	return fmt.Sprintf("Could not %s: since the plan, another user changed\n\n%s\n\nNothing was written. Run a new "+
		"plan to see what NetBox has now.",
		action, strings.Join(lines, "\n"))
}

// addUnplannedValue reports a value of an updated fabric that is not the planned one:
// NetBox has made another of the one that it was sent, or has one of another writer.
func addUnplannedValue(diags *diag.Diagnostics, at path.Path, name string, d fabric.Difference, sent bool) {
	if sent {
		diags.AddAttributeError(at, "NetBox stored another value", fmt.Sprintf(
			"The fabric %q was updated, but NetBox stored another value than was asked for: %s. The state holds what "+
				"NetBox has.", name, d))
		return
	}
	diags.AddAttributeError(at, "Fabric was changed meanwhile", fmt.Sprintf(
		"The fabric %q was updated. While it was, another user changed what this update did not send: %s. Nothing "+
			"was lost, and nothing is wrong with NetBox. The state holds what NetBox has; a new plan shows it.", name,
		d))
}

func explainRewrittenTag(e *netbox.RewrittenTagError) string {
	since := "its last_updated is still null"
	if !e.LastUpdated.IsZero() {
		since = "its last_updated is still " + e.LastUpdated.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("NetBox answered 412 to %s, as if the fabric %d had changed, but it has not: %s. So a proxy "+
		"or gateway between Terraform and NetBox changes the header If-Match. Nothing was written. Have it pass the "+
		"headers If-Match and ETag on as they are.",
		e.Request, e.ID, since)
}
