package provider

import (
	"context"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// What to do next depends on what was tried.
func TestAddError_saysWhatToDoNext(t *testing.T) {
	request := func(method, path string) rest.Request {
		return rest.Request{Method: method, URL: "https://netbox.example.com/api/" + path}
	}
	missing := &rest.NotFoundError{Request: request("GET", "plugins/hedgehog/fabrics/7/"), Detail: "Not found."}
	const notFound = `NetBox answered "Not found." to GET ` +
		`https://netbox.example.com/api/plugins/hedgehog/fabrics/7/. The ` +
		`fabric was deleted, or this API token cannot see it: NetBox gives the same answer for both. `
	const notFollowed = "The provider does not follow: it sends the token to the host of server_url only, and a " +
		"write must not become a read. "
	const late = "NetBox did not answer within the timeout. "
	const theirs = "Could not update the fabric: since the plan, another user changed this:\n\n  - description: was " +
		"\"a\", planned \"b\", is now \"c\"\n\nNothing was written. "
	conflict := &netbox.ConflictError{ID: 7, Differences: []fabric.Difference{
		{Field: "description", Before: "a", Planned: "b", Current: "c"}}}
	for _, test := range []struct {
		action string
		err    error
		want   string
	}{
		{"sync the fabric 7", missing, "Could not sync the fabric 7. " + notFound + "Check fabric_id, or create the " +
			"fabric first."},
		{"update the fabric 7", missing, "Could not update the fabric 7. " + notFound + "Run a new plan: it creates " +
			"the " +
			"fabric again if the configuration still has it. If the fabric should stay deleted, remove its resource " +
			"block first."},
		{"create the fabric", context.DeadlineExceeded, "Could not create the fabric. " + late + "Nothing was " +
			"changed. Run Terraform again, or raise timeouts.create."},
		{"update the fabric", context.DeadlineExceeded, "Could not update the fabric. " + late + "Nothing was " +
			"changed. Run Terraform again, or raise timeouts.update."},
		{"delete the fabric", context.DeadlineExceeded, "Could not delete the fabric. " + late + "Nothing was " +
			"changed. " +
			"Run Terraform again. A destroy uses the timeout that is stored in the state: to raise timeouts.delete, " +
			"apply the change first."},
		{"read the fabric", context.DeadlineExceeded, "Could not read the fabric. " + late + "Run Terraform again, " +
			"or raise timeouts.read in the resource or data source. A refresh uses the timeout that is stored in the " +
			"state: to raise that one, apply the change once with -refresh=false."},
		{"update the " +
			"fabric", &rest.ServerError{Request: request("PATCH", "x/"), Status: http.StatusInternalServerError},
			"Could not update the fabric. NetBox answered PATCH https://netbox.example.com/api/x/ with 500. Look " +
				"into " +
				"NetBox's log. If there is a proxy in front of NetBox, the answer may be the proxy's. The change was " +
				"not made."},
		// A sync may have stored objects before, and has a separate time limit for its last write.
		{"sync the fabric 7", &rest.ServerError{Request: request("PATCH", "x/"), Status: 500, Exception: "KeyError"},
			"Could not sync the fabric 7. NetBox answered PATCH https://netbox.example.com/api/x/ with 500 KeyError. " +
				"Look into NetBox's log. If there is a proxy in front of NetBox, the answer may be the proxy's. " +
				"The next sync corrects the record."},
		{"sync the fabric 7", context.DeadlineExceeded, "Could not sync the fabric 7. " + late + "The next sync " +
			"corrects the record. Run Terraform again."},
		{"query the fabrics", context.DeadlineExceeded, "Could not query the fabrics. " + late + "Run Terraform " +
			"again, or find out why NetBox is slow."},
		{"read the fabric", &rest.ServerError{Request: request("GET", "x/"), Status: http.StatusInternalServerError},
			"Could not read the fabric. NetBox answered GET https://netbox.example.com/api/x/ with 500. Look into " +
				"NetBox's log. If there is a proxy in front of NetBox, the answer may be the proxy's."},
		{"read the fabric", &rest.ForbiddenError{Request: request("GET", "extras/tags/"), Detail: "No."},
			`Could not read the fabric. NetBox answered "No." to GET https://netbox.example.com/api/extras/tags/. ` +
				`The API ` +
				`token's user needs the permission view on Extras: Tag.`},
		{"sync the " +
			"fabric", &rest.ForbiddenError{Request: request("POST", "plugins/hedgehog/vpc-peerings/"), Detail: "No."},
			`Could not sync the fabric. NetBox answered "No." to POST ` +
				`https://netbox.example.com/api/plugins/hedgehog/` +
				`vpc-peerings/. The API token's user needs the permission add on Hedgehog Fabric Manager: VPC ` +
				`Peering, ` +
				`and the API token itself must allow writing.`},
		{"read the fabric", &rest.RedirectError{Method: "GET", From: "http://netbox.example.com/api/status/",
			To: "https://netbox.example.com/api/status/", ServerURL: "https://netbox.example.com"},
			"Could not read the fabric. NetBox redirects GET http://netbox.example.com/api/status/ to " +
				"https://netbox.example.com/api/status/. " + notFollowed + "Set server_url to " +
				"https://netbox.example.com."},
		{"read the fabric", &rest.RedirectError{Method: "GET", From: "https://netbox.example.com/api/status/",
			To: "https://sso.example.com/login"},
			"Could not read the fabric. NetBox redirects GET https://netbox.example.com/api/status/ to " +
				"https://sso.example.com/login. " + notFollowed + "Check server_url. If a gateway in front of NetBox " +
				"asks for a login, set its credentials in headers (or NETBOX_HEADERS)."},
		{"update the fabric", conflict, theirs + "A new plan sets these values back to yours. To keep the other " +
			"user's values, put them into the configuration first."},
	} {
		var diags diag.Diagnostics
		addError(&diags, test.action, test.err)
		if len(diags) != 1 || diags[0].Detail() != test.want {
			t.Errorf("got %v\nwant %s", diags, test.want)
		}
	}
}
