package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A refresh without a good answer fails in time with a clear error, and changes neither the state
// nor NetBox.
func TestFaults_refreshFails(t *testing.T) {
	for name, c := range map[string]struct {
		kind netboxtest.Kind
		want string
	}{
		"no answer": {netboxtest.Hold(), "ERROR: NetBox cannot be reached: Could not read the fabric 1 " +
			"(\"lab\"). There was no complete answer from 127.0.0.1"},
		"no whole answer": {netboxtest.Stall(), " within 1 s. Run the command again, raise request_timeout"},
		"of 2 GB":         {netboxtest.Huge(2 << 30), "is larger than 32 MiB"},
		"a login page": {netboxtest.Page(200), "ERROR: Unexpected answer from NetBox: Could not read the fabric " +
			"1 (\"lab\")."},
		"cut JSON": {netboxtest.CutJSON(), "it is empty or cut off"},
		"no object": {netboxtest.Rewrite("a list", func(*http.Request, any) any { return []any{} }),
			"ERROR: Unexpected answer"},
		"403": {netboxtest.Detail(403, "You do not have permission to perform this action."),
			"ERROR: Permission denied by NetBox"},
		"token revoked": {netboxtest.Detail(403, "Invalid v1 token"), "ERROR: NetBox refused the API token"},
		"to another host": {netboxtest.Redirect(302, "https://elsewhere.example.com"),
			" to https://elsewhere.example.com/api/"},
		"500": {netboxtest.PluginErrorPage(), "ERROR: NetBox answered with an error"},
		"503, in a year": {netboxtest.RetryAfter(503, "31536000"), "It asks to wait 365 d. Run Terraform again after " +
			"that."},
		"another plugin":    {netboxtest.PluginError(), "ERROR: Fault in the NetBox plugin"},
		"an object's error": {netboxtest.Detail(418, "I am a teapot"), "I am a teapot"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, d := impatient(t, netboxtest.Options{})
			made := d.do(nil, fabricValues("lab"))
			handle := n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: c.kind})
			kept := wantKeptByRefresh(d, made, c.want)
			handle.Remove()
			wantAgreement(d, n, kept, fabricValues("lab"))
		})
	}
	t.Run("plugin uninstalled", func(t *testing.T) {
		n, d := standin(t)
		made := d.do(nil, fabricValues("lab"))
		n.Standin.SetNoPlugin(true)
		wantKeptByRefresh(d, made, "ERROR: NetBox has no Hedgehog plugin")
	})
	t.Run("another fabric under the id", func(t *testing.T) {
		n, d := standin(t)
		made := d.do(nil, fabricValues("lab"))
		n.Standin.DeleteFabric(1)
		n.Standin.AddFabric(map[string]any{"id": 1, "name": "theirs", "created": "2020-01-01T00:00:00Z"})
		wantKeptByRefresh(d, made, `ERROR: Another fabric has this id: Could not read the fabric 1 ("lab"). In `+
			`NetBox, the fabric with the id 1 is "theirs", created at 2020-01-01T00:00:00Z`)
	})
}

// wantKeptByRefresh checks that a refresh fails with this text, and that the state stays.
func wantKeptByRefresh(d *driver, made *instance, want string) *instance {
	d.t.Helper()
	kept, diagnostics := d.read(made)
	if got := render(diagnostics); !strings.Contains(got, want) || !hasError(diagnostics) {
		d.t.Errorf("got %s\nwant %s", got, want)
	}
	if !kept.value.Equal(made.value) {
		d.t.Errorf("the state is %v", kept.value)
	}
	return kept
}

// A value of a wrong type in any field is an error that names the field, or is kept as answered. It
// never causes a panic.
func TestFaults_everyFieldOfEveryType(t *testing.T) {
	values := map[string]any{
		"null": nil, "text": "a text", "empty": "", "number": json.Number("7"),
		"long":     json.Number("99999999999999999999"),
		"fraction": json.Number("1.5"), "huge": json.Number("1e400"), "negative": json.Number("-1"), "true": true,
		"list": []any{"x"}, "object": map[string]any{"value": []any{}}, "nothing": map[string]any{},
	}
	n, d := impatient(t, netboxtest.Options{})
	made := d.do(nil, fabricValues("lab"))
	record, _ := n.Standin.Fabric(1)
	for field := range record {
		for kind, value := range values {
			handle := n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI,
				Kind: netboxtest.Set(map[string]any{field: value})})
			read, diagnostics := d.read(made)
			handle.Remove()
			if hasError(diagnostics) {
				if got := render(diagnostics); !read.value.Equal(made.value) || !strings.Contains(got, `"`+field+`"`) &&
					field != "id" && field != "created" {
					t.Errorf("%s %s: got %s, state %v", field, kind, got, read.value)
				}
				continue
			}
			if read.value.IsNull() {
				t.Errorf("%s %s: left the state", field, kind)
				continue
			}
			for _, managed := range []string{"name", "description", "status", "kubernetes_server",
				"kubernetes_namespace", "sync_enabled", "sync_interval"} {
				got, was := d.attribute(read, managed), d.attribute(made, managed)
				if field != managed && got != was || field == managed && !represents(got, value) {
					t.Errorf("%s %s: the state has %s %v", field, kind, managed, got)
				}
			}
		}
	}
	wantAgreement(d, n, made, fabricValues("lab"))
}

// represents reports whether a value of a state represents the answered value.
func represents(got, answered any) bool {
	if object, is := answered.(map[string]any); is {
		answered = object["value"]
	}
	if answered == "" {
		answered = nil // as NetBox means it
	}
	return fmt.Sprint(got) == fmt.Sprint(answered)
}

// If the token no longer sees a fabric, a warning says that it is removed from the state. A second
// fabric with the name cannot be created.
func TestFaults_hidden(t *testing.T) {
	n, d := impatient(t, netboxtest.Options{})
	made := d.do(nil, fabricValues("lab"))
	limited := impatientDriver(t, n.Limited(t))
	gone, diagnostics := limited.read(made)
	if got := render(diagnostics); !gone.value.IsNull() || !strings.HasPrefix(got, "WARNING: Fabric not found in "+
		"NetBox") ||
		!strings.Contains(got, "for one that this API token cannot see") {
		t.Errorf("got %s, state %v", got, gone.value)
	}
	if n.Standin.Count(http.MethodGet, fabricsAPI+"1/") != 2 {
		t.Errorf("got %d reads", n.Standin.Count(http.MethodGet, fabricsAPI+"1/"))
	}
	// The token may create fabrics, but does not see those of others.
	n.Standin.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				r.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
			}
			next.ServeHTTP(w, r)
		})
	})
	again, diagnostics := limited.apply(nil, fabricValues("lab"), limited.plan(nil, fabricValues("lab")))
	if got := render(diagnostics); !again.value.IsNull() || !strings.Contains(got, "this API token cannot see it") ||
		len(n.Standin.Fabrics()) != 1 {
		t.Errorf("got %s, NetBox has %v", got, n.Standin.Fabrics())
	}
	wantAgreement(d, n, made, fabricValues("lab"))
}

// A renamed fabric is drift. A fabric that was created again with the same name is another fabric,
// and is not changed.
func TestFaults_renamedAndRecreated(t *testing.T) {
	n, d := impatient(t, netboxtest.Options{})
	made := d.do(nil, fabricValues("lab"))
	n.Standin.UpdateFabric(1, map[string]any{"name": "renamed"})
	renamed, diagnostics := d.read(made)
	if len(diagnostics) != 0 || d.attribute(renamed, "name") != "renamed" {
		t.Errorf("got %s, state %v", render(diagnostics), renamed.value)
	}
	n.Standin.UpdateFabric(1, map[string]any{"status": "quantum"}) // which no list has
	renamed, _ = d.read(renamed)
	named := d.do(renamed, fabricValues("lab"))
	wantAgreement(d, n, named, fabricValues("lab"))
	n.Standin.DeleteFabric(1)
	id := n.Standin.AddFabric(map[string]any{"name": "lab", "description": "ours", "kubernetes_server": lab})
	gone, diagnostics := d.read(named)
	if !gone.value.IsNull() || !strings.HasPrefix(render(diagnostics), "WARNING: Fabric not found in NetBox") {
		t.Errorf("got %s, state %v", render(diagnostics), gone.value)
	}
	before, _ := n.Standin.Fabric(id)
	d = impatientDriver(t, n) // another run
	_, diagnostics = d.apply(nil, fabricValues("lab"), d.plan(nil, fabricValues("lab")))
	if got := render(diagnostics); !strings.Contains(got, fmt.Sprintf("id = %q", fmt.Sprint(id))) {
		t.Errorf("got %s", got)
	}
	if after, _ := n.Standin.Fabric(id); after["last_updated"] != before["last_updated"] {
		t.Errorf("NetBox has %v", n.Standin.Fabrics())
	}
}

// The provider gives up on an endless list.
func TestFaults_listWithoutEnd(t *testing.T) {
	n, d := impatient(t, netboxtest.Options{})
	d.do(nil, fabricValues("lab"))
	n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: netboxtest.NextForever()})
	const source = "hedgehog_fabrics"
	schemas, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	kind, _ := schemas.DataSourceSchemas[source].ValueType().(tftypes.Object)
	read, err := d.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: source,
		Config: d.dynamic(kind, fill(kind, nil))})
	must(t, err)
	if got := render(read.Diagnostics); !strings.Contains(got, "list cannot be read completely") {
		t.Errorf("got %s", got)
	}
}
