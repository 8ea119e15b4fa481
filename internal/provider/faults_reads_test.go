package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A refresh that gets no good answer is an error in plain words, in time, and
// changes neither state nor NetBox.
func TestFaults_refreshFails(t *testing.T) {
	for name, c := range map[string]struct {
		kind netboxtest.Kind
		want string
	}{
		"no answer": {netboxtest.Hold(), "ERROR: NetBox cannot be reached: Could not read the fabric 1 " +
			"(\"lab\"). There was no complete answer from 127.0.0.1"},
		"no whole answer": {netboxtest.Stall(), " within 1s. NetBox, or what lies on the way to it, is slow: run " +
			"it again, or raise request_timeout"},
		"endless": {netboxtest.Endless(), "is larger than 32 MiB"},
		"a login page": {netboxtest.Page(200), "ERROR: Unexpected answer from NetBox: Could not read the fabric " +
			"1 (\"lab\")."},
		"empty":    {netboxtest.Empty(200), "it is empty or cut off"},
		"cut JSON": {netboxtest.CutJSON(), "it is empty or cut off"},
		"no object": {netboxtest.Rewrite("a list", func(*http.Request, any) any { return []any{} }),
			"ERROR: Unexpected answer"},
		"404 in HTML": {netboxtest.Page(404), "ERROR: Unexpected answer"},
		"403": {netboxtest.Detail(403, "You do not have permission to perform this action."),
			"ERROR: Permission denied by NetBox"},
		"to another host": {netboxtest.Redirect(302, "https://elsewhere.example.com"),
			"is redirected to https://elsewhere.example.com/api/"},
		"500": {netboxtest.PluginErrorPage(), "ERROR: NetBox answered with an error"},
		"503, in a year": {netboxtest.RetryAfter(503, "31536000"), "It asks to wait before the next request " +
			"(Retry-After: 31536000)"},
		"another plugin":    {netboxtest.PluginError(), "ERROR: Fault in NetBox's Hedgehog plugin"},
		"an object's error": {netboxtest.Detail(418, "I am a teapot"), "I am a teapot"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, d := impatient(t, netboxtest.Options{})
			made := d.do(nil, fabricValues("lab"))
			handle := n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: c.kind})
			kept, diagnostics := d.read(made)
			if got := told(diagnostics); !strings.Contains(got, c.want) || !hasError(diagnostics) {
				t.Errorf("told %s", got)
			}
			if !kept.value.Equal(made.value) {
				t.Errorf("the state is %v", kept.value)
			}
			handle.Remove()
			wantAgreement(d, n, kept, fabricValues("lab"))
		})
	}
}

// No value of a field of any type is taken for another: it is an error that names
// the field, or what was answered. Nothing panics.
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
				if got := told(diagnostics); !read.value.Equal(made.value) || !strings.Contains(got, `"`+field+`"`) &&
					field != "id" && field != "created" {
					t.Errorf("%s %s: told %s, state %v", field, kind, got, read.value)
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
				if field != managed && got != was || field == managed && !stands(got, value) {
					t.Errorf("%s %s: the state has %s %v", field, kind, managed, got)
				}
			}
		}
	}
	wantAgreement(d, n, made, fabricValues("lab"))
}

// stands tells whether a value of a state stands for what was answered.
func stands(got, answered any) bool {
	if object, is := answered.(map[string]any); is {
		answered = object["value"]
	}
	if answered == "" {
		answered = nil // as NetBox means it
	}
	return fmt.Sprint(got) == fmt.Sprint(answered)
}

// 2 GB are not read, wherever they come.
func TestFaults_hugeAnswer(t *testing.T) {
	n, d := impatient(t, netboxtest.Options{})
	made := d.do(nil, fabricValues("lab"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	handle := n.Standin.Fault(netboxtest.Fault{Path: fabricsAPI, Kind: netboxtest.Huge(2 << 30)})
	kept, diagnostics := d.read(made)
	handle.Remove()
	runtime.ReadMemStats(&after)
	if got := told(diagnostics); !strings.Contains(got, "is larger than 32 MiB") || !kept.value.Equal(made.value) {
		t.Errorf("told %s, state %v", got, kept.value)
	}
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 512 {
		t.Errorf("it took %d MiB", took)
	}
	wantAgreement(d, n, kept, fabricValues("lab"))
}

// Links that lead astray cost the walk over the list, and no fabric. Those that are
// read are on its second page.
func TestFaults_nextLinks(t *testing.T) {
	for name, kind := range astray() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := crowded(t, netboxtest.V47)
			d, elsewhere := impatientDriver(t, n), acctest.Standin(t, netboxtest.Options{})
			const many = 8
			var made []*instance
			for i := range many {
				made = append(made, d.do(nil, fabricValues(fmt.Sprintf("lab-%d", i))))
			}
			d = newDriver(t, n) // which has not read them yet
			handle := n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI,
				Kind: kind(elsewhere.URL),
				When: func(r *http.Request) bool { return r.URL.Path == fabricsAPI }})
			n.Standin.ResetRequests()
			begun := time.Now()
			var reads sync.WaitGroup
			for i := range many {
				reads.Go(func() {
					if kept, diagnostics := d.read(made[i]); len(diagnostics) != 0 || !kept.value.Equal(made[i].value) {
						t.Errorf("told %s, state %v", told(diagnostics), kept.value)
					}
				})
			}
			reads.Wait()
			if handle.Hits() == 0 || len(elsewhere.Standin.Requests()) != 0 {
				t.Errorf("struck %d times, %d requests to another host", handle.Hits(),
					len(elsewhere.Standin.Requests()))
			}
			// Where the link leads on, its position does: the second page has them. Of a
			// list that is slow, reads make themselves independent after five seconds.
			if all := n.Standin.Count(http.MethodGet, fabricsAPI); name == "another host" &&
				time.Since(begun) < 4*time.Second && (handle.Hits() != 2 || all >= many) {
				t.Errorf("%d pages, %d requests", handle.Hits(), all)
			}
		})
	}
}

// A token that no longer sees a fabric loses it with a warning, and cannot make a
// second one of the name.
func TestFaults_hidden(t *testing.T) {
	n, d := impatient(t, netboxtest.Options{})
	made := d.do(nil, fabricValues("lab"))
	n.Token = n.LimitedToken
	limited := impatientDriver(t, n)
	gone, diagnostics := limited.read(made)
	if got := told(diagnostics); !gone.value.IsNull() || !strings.HasPrefix(got, "WARNING: Fabric not found in "+
		"NetBox") ||
		!strings.Contains(got, "for one that this API token may not see") {
		t.Errorf("told %s, state %v", got, gone.value)
	}
	if n.Standin.Count(http.MethodGet, fabricsAPI+"1/") != 2 {
		t.Errorf("%d reads", n.Standin.Count(http.MethodGet, fabricsAPI+"1/"))
	}
	// It may create, though it does not see what others have.
	n.Standin.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				r.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
			}
			next.ServeHTTP(w, r)
		})
	})
	again, diagnostics := limited.apply(nil, fabricValues("lab"), limited.plan(nil, fabricValues("lab")))
	if got := told(diagnostics); !again.value.IsNull() || !strings.Contains(got, "this API token may not see it") ||
		len(n.Standin.Fabrics()) != 1 {
		t.Errorf("told %s, NetBox has %v", got, n.Standin.Fabrics())
	}
	wantAgreement(d, n, made, fabricValues("lab"))
}

// A fabric that somebody renamed is drift; one that somebody made anew under its
// name is another one, and is not touched.
func TestFaults_renamedAndRecreated(t *testing.T) {
	n, d := impatient(t, netboxtest.Options{})
	made := d.do(nil, fabricValues("lab"))
	n.Standin.UpdateFabric(1, map[string]any{"name": "renamed"})
	renamed, diagnostics := d.read(made)
	if len(diagnostics) != 0 || d.attribute(renamed, "name") != "renamed" {
		t.Errorf("told %s, state %v", told(diagnostics), renamed.value)
	}
	named := d.do(renamed, fabricValues("lab"))
	wantAgreement(d, n, named, fabricValues("lab"))
	n.Standin.DeleteFabric(1)
	id := n.Standin.AddFabric(map[string]any{"name": "lab", "description": "ours", "kubernetes_server": lab})
	gone, diagnostics := d.read(named)
	if !gone.value.IsNull() || !strings.HasPrefix(told(diagnostics), "WARNING: Fabric not found in NetBox") {
		t.Errorf("told %s, state %v", told(diagnostics), gone.value)
	}
	before, _ := n.Standin.Fabric(id)
	_, diagnostics = d.apply(nil, fabricValues("lab"), d.plan(nil, fabricValues("lab")))
	if got := told(diagnostics); !strings.Contains(got, fmt.Sprintf("id = %q", fmt.Sprint(id))) {
		t.Errorf("told %s", got)
	}
	if after, _ := n.Standin.Fabric(id); after["last_updated"] != before["last_updated"] {
		t.Errorf("NetBox has %v", n.Standin.Fabrics())
	}
}

// A list that does not end is given up.
func TestFaults_listWithoutEnd(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V45} {
		n, d := impatient(t, netboxtest.Options{Version: version})
		d.do(nil, fabricValues("lab"))
		d.do(nil, fabricValues("lab-2"))
		n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: netboxtest.NextForever()})
		const source = "hedgehog_fabrics"
		schemas, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		must(t, err)
		kind, _ := schemas.DataSourceSchemas[source].ValueType().(tftypes.Object)
		read, err := d.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: source,
			Config: d.dynamic(kind, fill(kind, nil))})
		must(t, err)
		if got := told(read.Diagnostics); !strings.Contains(got, "list cannot be read to its end") {
			t.Errorf("NetBox %s: told %s", version, got)
		}
		if asked := n.Standin.Count(http.MethodGet, fabricsAPI); asked > 1100 {
			t.Errorf("NetBox %s: asked %d times", version, asked)
		}
	}
}
