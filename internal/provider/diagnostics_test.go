package provider

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestAddError_unknownOutcomeIsNotReportedAsARefusal(t *testing.T) {
	taken := &rest.InvalidError{Fields: map[string][]string{"name": {"Hedgehog Fabric with this name already " +
		"exists."}}}
	failed := &rest.ServerError{Status: 502}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"not readable": {&netbox.UnverifiedError{Write: taken, Read: failed},
			"Reading NetBox afterwards failed as well"},
		"interrupted": {&netbox.UnverifiedError{Write: failed, End: context.Canceled},
			"read afterwards, and the operation was interrupted before it could be sent again."},
		"out of time": {&netbox.UnverifiedError{Write: failed, End: context.DeadlineExceeded},
			"read afterwards, and the time limit passed before it could be sent again."},
		"out of attempts": {&netbox.UnverifiedError{Write: failed, Attempt: failed, Attempts: 5},
			"read afterwards. It was sent 5 times, and the last attempt failed as well:"},
		"refused": {&netbox.UnverifiedError{Write: failed, Attempt: &rest.ForbiddenError{Detail: "No."}, Attempts: 2},
			`read afterwards. It was sent again, and that attempt failed: NetBox answered "No."`},
	} {
		var diags diag.Diagnostics
		addError(&diags, "create the fabric", c.err)
		if len(diags) != 1 || diags[0].Summary() != "Outcome of a write is unknown" ||
			!strings.Contains(diags[0].Detail(), c.want) {
			t.Errorf("%s: got %v", name, diags)
		}
	}
	var diags diag.Diagnostics
	addError(&diags, "create the fabric", errors.Join(&netbox.NameTakenError{Name: "lab", Unread: true}, failed))
	if len(diags) != 1 || !strings.Contains(diags[0].Detail(), "The provider could not read which one. Nothing was "+
		"written. Names are unique in NetBox. First check that no other resource, of this or another configuration, "+
		"has this name") {
		t.Errorf("name taken: %v", diags)
	}
}

// The text says what may have happened and how to find out, and gives no advice twice. A plan is no
// way to find out about a create: a fabric that may have been created is not in the state.
func TestAddError_unknownOutcomeSaysHowToFindOut(t *testing.T) {
	refused := &rest.TransportError{Host: "netbox.example.com", Err: syscall.ECONNREFUSED}
	for action, want := range map[string][]string{
		`create the fabric "lab"`: {`NetBox may or may not have created the fabric "lab".`, "apply again: if NetBox " +
			`has created the fabric, the message "Fabric name is taken"`},
		`update the fabric 1 ("lab")`: {`NetBox may or may not have updated the fabric 1 ("lab").`, "run a plan"},
		`decommission the fabric 1`:   {"NetBox may or may not have decommissioned the fabric 1.", "run a plan"},
	} {
		var diags diag.Diagnostics
		addError(&diags, action, &netbox.UnverifiedError{Write: refused, Read: refused})
		text := diags[0].Detail()
		for _, part := range append(want, "The connection to netbox.example.com was refused.") {
			if !strings.Contains(text, part) {
				t.Errorf("%s: got no %q in %s", action, part, text)
			}
		}
		if n := strings.Count(text, "that NetBox is running"); n != 1 {
			t.Errorf("%s: got the advice %d times: %s", action, n, text)
		}
		if !strings.HasSuffix(text, ".") || strings.Contains(text, "..") {
			t.Errorf("%s: got %s", action, text)
		}
	}
}

// For any name of a fabric, the import block is valid HCL with that name.
func TestImportBlock_isHCL(t *testing.T) {
	for _, id := range []string{
		"7", "name:lab", `name:"lab" \n`, "name:${var.secret}", "name:%{ if true }", "name:$${x} %%{y}", "name:$",
		"name:a\nb\t\x00\u200b\U000e0001", "name:ä \u1ec7 ${", "name:\U0001f600",
	} {
		file, problems := hclsyntax.ParseConfig([]byte(importBlock(id)), "import.tf", hcl.InitialPos)
		if problems.HasErrors() {
			t.Errorf("%q: got %v", id, problems)
			continue
		}
		body, _ := file.Body.(*hclsyntax.Body)
		attributes := body.Blocks[0].Body.Attributes
		value, problems := attributes["id"].Expr.Value(nil)
		if problems.HasErrors() || value.AsString() != norm.NFC.String(id) {
			t.Errorf("%q: got %#v, %v", id, value, problems)
		}
		if to, problems := hcl.AbsTraversalForExpr(attributes["to"].Expr); problems.HasErrors() || len(to) != 2 {
			t.Errorf("%q: to %v, %v", id, to, problems)
		}
	}
}

// Without the version check, the provider does not notice a proxy that removes API-Version.
func TestExplain_versionThatMayHaveBeenRemoved(t *testing.T) {
	for unchecked, want := range map[bool]int{true: 1, false: 0} {
		_, detail := explain(&rest.UnexpectedAnswerError{Status: 404, Problem: "this one has not",
			Unchecked: unchecked})
		if got := strings.Count(detail, "unset skip_version_check (or NETBOX_SKIP_VERSION_CHECK)"); got != want {
			t.Errorf("%t: got %s", unchecked, detail)
		}
	}
}

func TestExplain_proxyThatMayHaveAnswered(t *testing.T) {
	for _, err := range []error{&rest.UnexpectedAnswerError{Status: 403, Proxy: "the proxy did it"},
		&rest.ServerError{Status: 503, Proxy: "the proxy did it"}} {
		if _, detail := explain(err); !strings.Contains(detail, ". The proxy did it. ") {
			t.Errorf("%T: got %s", err, detail)
		}
	}
}

// NetBox before 4.6.5 does not name maintenance mode.
func TestExplain_maintenance(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V44, netboxtest.V45, netboxtest.V46, netboxtest.V47} {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel() // the write is tried again for some seconds
			n, d := impatient(t, netboxtest.Options{Version: version})
			made := d.do(nil, fabricValues("lab"))
			n.Standin.Fault(netboxtest.Fault{Kind: netboxtest.Maintenance()})
			config := fabricValues("lab")
			config["sync_interval"] = 600
			_, diagnostics := d.apply(d.refresh(made), config, d.plan(made, config))
			const want = "ERROR: NetBox accepts no changes: Could not update"
			if got := render(diagnostics); !strings.HasPrefix(got, want) {
				t.Errorf("got %s", got)
			}
		})
	}
	for _, e := range []rest.ServerError{
		{Status: http.StatusInternalServerError, Exception: "InternalError", Detail: "current transaction is aborted"},
		{Status: http.StatusInternalServerError, Detail: "<h1>Maintenance mode</h1>"},
		{Status: http.StatusServiceUnavailable, Detail: "<h1>Maintenance mode</h1>"},
	} {
		summary, detail := explain(&e)
		if proxy := strings.Contains(detail, "as during maintenance"); summary != "NetBox answered with an error" ||
			proxy != (e.Status == http.StatusServiceUnavailable) {
			t.Errorf("%v: %s: %s", e, summary, detail)
		}
	}
}

// The message gives the advice once.
func TestExplain_listThatShifted(t *testing.T) {
	summary, detail := explain(&rest.PagingError{Problem: "objects were removed while the list was being read"})
	want := "NetBox's list cannot be read completely: objects were removed while the list was being read. Run " +
		"Terraform again. If it fails again, look into NetBox's log."
	if summary != "NetBox request failed" || detail != want {
		t.Errorf("%s: got %s", summary, detail)
	}
}

// If the operation ended during a request, the error does not blame the network.
func TestExplain_operationThatEnded(t *testing.T) {
	refused := &rest.TransportError{Host: "netbox.example.com", Err: errors.New("connection refused")}
	for want, err := range map[string]error{
		"Operation took longer than its timeout": &rest.TransportError{Host: "netbox.example.com",
			Err: context.DeadlineExceeded},
		"Operation was interrupted": &rest.TransportError{Host: "netbox.example.com",
			Err: context.Canceled},
		"NetBox cannot be reached": &rest.InterruptedError{Last: refused,
			End: context.DeadlineExceeded},
	} {
		if got, _ := explain(err); got != want {
			t.Errorf("%v: got %s, want %s", err, got, want)
		}
	}
}

// No record in NetBox may crash the provider.
func TestFabricStatus_timesAtTheEndOfTheCalendar(t *testing.T) {
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	west := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -12*3600))
	client, err := netbox.New(rest.Config{ServerURL: "https://netbox.example.com", APIToken: "secret"})
	must(t, err)
	for _, lastSync := range []*time.Time{&last, &west} {
		read := &netbox.Read{ObservedAt: time.Now(), Fabric: fabric.Fabric{
			KubernetesServer: lab, SyncEnabled: true, SyncInterval: 300, LastSync: lastSync,
		}}
		record, status := newFabricRecord(read, client), newFabricStatus(read)
		if !status.NextSyncAt.IsNull() || record.SyncStatus.ValueString() != "in_sync" ||
			status.Consistent.ValueBool() {
			t.Errorf("%s: next %s, %s", lastSync, status.NextSyncAt, record.SyncStatus)
		}
	}
}

func TestProviderConfig_headersWithUnknownAndNullElements(t *testing.T) {
	headers := func(values map[string]attr.Value) types.Map { return types.MapValueMust(types.StringType, values) }
	later := &providerModel{Headers: headers(map[string]attr.Value{"X-A": types.StringUnknown()})}
	if got := later.unknown(); got != "headers" {
		t.Errorf("unknown attribute %q, want headers", got)
	}
	var diags diag.Diagnostics
	mixed := &providerModel{Headers: headers(map[string]attr.Value{"X-A": types.StringNull(),
		"X-B": types.StringValue("b")})}
	if got := mixed.headers(t.Context(), &diags); len(diags) > 0 || len(got) != 1 || got["X-B"] != "b" {
		t.Errorf("headers %v, %v", got, diags)
	}
}
