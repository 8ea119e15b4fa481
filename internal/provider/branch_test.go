package provider

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// configured returns a driver of a provider with these settings, and the diagnostics about them.
func configured(t *testing.T, n *acctest.NetBox, typeName string, settings map[string]any) (*driver,
	[]*tfprotov6.Diagnostic) {
	t.Helper()
	d := newDriverOf(t, nil, typeName)
	schemas, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	d.must(err, schemas.Diagnostics)
	kind, _ := schemas.Provider.ValueType().(tftypes.Object)
	all := map[string]any{"server_url": n.URL, "api_token": n.Token}
	maps.Copy(all, settings)
	resp, err := d.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: d.dynamic(kind, fill(kind, all))})
	d.must(err, nil)
	return d, resp.Diagnostics
}

// onBranch returns a driver of a provider that works in a branch, or "" for main.
func onBranch(t *testing.T, n *acctest.NetBox, branch string) *driver {
	t.Helper()
	d, diagnostics := configured(t, n, fabricType, map[string]any{"branch": branch})
	d.must(nil, diagnostics)
	return d
}

// headersOf returns a value for the provider's headers.
func headersOf(name, value string) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{
		name: tftypes.NewValue(tftypes.String, value)})
}

// branching returns a stand-in with branches.
func branching(t *testing.T) *acctest.NetBox {
	t.Helper()
	return acctest.Standin(t, netboxtest.Options{Branching: true})
}

// wantRefused wants one error with a summary and other strings.
func wantRefused(t *testing.T, diagnostics []*tfprotov6.Diagnostic, summary string, words ...string) {
	t.Helper()
	if len(diagnostics) != 1 || !hasError(diagnostics) || diagnostics[0].Summary != summary {
		t.Errorf("got %s, want %q", render(diagnostics), summary)
	}
	for _, w := range words {
		if !strings.Contains(render(diagnostics), w) {
			t.Errorf("got %s, want %q", render(diagnostics), w)
		}
	}
}

// A fabric's whole life is in the branch. Main does not change and gets no request.
func TestBranch_aFabricsLife(t *testing.T) {
	n := branching(t)
	n.Standin.AddFabric(map[string]any{"name": "of-main"})
	id := n.Standin.AddBranch("pr-1")
	before := n.Standin.Fabrics()
	n.Standin.ResetRequests()
	d := onBranch(t, n, "pr-1")

	made := d.do(nil, fabricValues("lab"))
	made = d.wantNoChange("after the create", made, fabricValues("lab"))
	changed := maps.Clone(fabricValues("lab"))
	changed["sync_interval"], changed["tags"] = 900, tagValues("Lab")
	made = d.do(made, changed)
	made = d.wantNoChange("after the change", made, changed)
	if got := raw(t, d.data("hedgehog_fabric", map[string]any{"name": "lab"})); got == nil {
		t.Error("the data source found no fabric")
	}
	d.data("hedgehog_fabrics", nil)
	d.do(made, nil)

	if !reflect.DeepEqual(n.Standin.Fabrics(), before) {
		t.Errorf("main has changed to %v", n.Standin.Fabrics())
	}
	for _, r := range n.Standin.Requests() {
		outside := r.Path == "/api/status/" || strings.HasPrefix(r.Path, "/api/plugins/branching/")
		proof := r.Path == "/api/plugins/hedgehog/"
		if got := r.Header.Get("X-NetBox-Branch"); !outside && !proof && got != id {
			t.Errorf("%s %s was made in %q", r.Method, r.Path, got)
		}
	}
}

func tagValues(names ...string) tftypes.Value {
	values := make([]tftypes.Value, len(names))
	for i, name := range names {
		values[i] = tftypes.NewValue(tftypes.String, name)
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)
}

// A fabric that is missing in a branch other than the state's may still exist, so the provider
// neither creates it again nor removes it from the state.
func TestBranch_fabricThatIsMissingInAnother(t *testing.T) {
	const summary = "Fabric belongs to another branch"
	for _, test := range []struct {
		name, made, used string
		words            []string
	}{
		{"not merged yet", "pr-1", "", []string{`the fabric 1 ("lab") in main`, `in the branch "pr-1" (schema id `,
			`branch = "pr-1"`}},
		{"a branch that is older", "", "pr-1", []string{`in the branch "pr-1" (schema id `, "last refreshed in main",
			"Sync the branch in NetBox"}},
		{"one state for two branches", "pr-1", "pr-2", []string{`in the branch "pr-2" (schema id `,
			`last refreshed in the branch "pr-1"`, "one state for each branch"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := branching(t)
			for _, name := range []string{"pr-1", "pr-2"} {
				n.Standin.AddBranch(name)
			}
			made := onBranch(t, n, test.made).do(nil, fabricValues("lab"))
			d := onBranch(t, n, test.used)

			read, diagnostics := d.read(made)
			wantRefused(t, diagnostics, summary, test.words...)
			if !read.value.Equal(made.value) {
				t.Errorf("the state became %s", read.value)
			}
		})
	}
}

// A fabric that is missing in the state's own branch, or in main after the merge, was deleted.
func TestBranch_fabricThatWasDeleted(t *testing.T) {
	n := branching(t)
	b := n.Branch(t, "pr")
	d := onBranch(t, n, b.Name)
	made, other := d.do(nil, fabricValues("lab")), d.do(nil, fabricValues("lab-2"))
	b.Delete(t, fabricID(d, other))
	if read, diagnostics := d.read(other); !read.value.IsNull() || hasError(diagnostics) {
		t.Errorf("read %s, got %s", read.value, render(diagnostics))
	}

	b.Merge(t)
	if _, diagnostics := d.read(made); len(diagnostics) != 1 {
		t.Errorf("in the merged branch: got %s", render(diagnostics))
	}
	d = onBranch(t, n, "")
	merged := d.wantNoChange("in main", d.refresh(made), fabricValues("lab"))
	if strings.Contains(string(merged.private), b.SchemaID) {
		t.Errorf("in main, the state is of the branch: %s", merged.private)
	}
	changed := maps.Clone(fabricValues("lab"))
	changed["sync_interval"] = 900
	merged = d.do(merged, changed)
	n.Delete(t, fabricID(d, merged))
	if read, diagnostics := d.read(merged); !read.value.IsNull() || hasError(diagnostics) {
		t.Errorf("read %s, got %s", read.value, render(diagnostics))
	}
}

func fabricID(d *driver, i *instance) int64 {
	d.t.Helper()
	var id int64
	_, err := fmt.Sscan(fmt.Sprint(d.attribute(i, "id")), &id)
	must(d.t, err)
	return id
}

// Without a branch, states do not change.
func TestBranch_isInNoStateOfMain(t *testing.T) {
	n := branching(t)
	d := onBranch(t, n, "")
	made := d.do(nil, fabricValues("lab"))
	if read := d.refresh(made); strings.Contains(string(made.private)+string(read.private), `"branch"`) {
		t.Errorf("private state %s, %s", made.private, read.private)
	}
}

// If the branch is unusable, the error says why, and NetBox does not change.
func TestBranch_thatCannotBeUsed(t *testing.T) {
	gone := func(n *acctest.NetBox) { n.Standin.SetBranchStatus("pr-1", netboxtest.BranchMerged) }
	for name, test := range map[string]struct {
		options  netboxtest.Options
		settings map[string]any
		prepare  func(n *acctest.NetBox)
		summary  string
		words    string
	}{
		"plugin missing": {netboxtest.Options{}, map[string]any{"branch": "pr-1"}, nil,
			"NetBox has no plugin for branches", "unset branch (or NETBOX_BRANCH) to work in main"},
		"plugin missing, not checked": {netboxtest.Options{}, map[string]any{"branch": "pr-1",
			"skip_version_check": true}, nil, "NetBox has no plugin for branches", "every request would be made in " +
			"main"},
		"plugin missing, header": {netboxtest.Options{}, map[string]any{"headers": headersOf("X-NetBox-Branch",
			"abcd1234")}, nil, "NetBox has no plugin for branches", "unset X-NetBox-Branch in headers (or"},
		"unknown": {netboxtest.Options{Branching: true}, map[string]any{"branch": "PR-1"}, nil,
			"Branch not found in NetBox", `has no branch "PR-1"`},
		"merged": {netboxtest.Options{Branching: true}, map[string]any{"branch": "pr-1"}, gone,
			"Branch can no longer be used", `has the status "merged"`},
		"not permitted": {netboxtest.Options{Branching: true}, map[string]any{"branch": "pr-1",
			"api_token": netboxtest.LimitedToken}, nil, "Branch cannot be looked up", "schema id"},
	} {
		t.Run(name, func(t *testing.T) {
			n := acctest.Standin(t, test.options)
			id := n.Standin.AddFabric(map[string]any{"name": "lab"})
			if test.options.Branching {
				n.Standin.AddBranch("pr-1")
			}
			if test.prepare != nil {
				test.prepare(n)
			}
			state := newDriver(t, n).refresh(onlyID(t, n, id))
			d, diagnostics := configured(t, n, fabricType, test.settings)
			d.must(nil, diagnostics)
			n.Standin.ResetRequests()

			_, diagnostics = d.read(state)
			wantRefused(t, diagnostics, test.summary, test.words, "The provider did not use main instead.")
			_, diagnostics = d.apply(nil, fabricValues("new"), d.plan(nil, fabricValues("new")))
			wantRefused(t, diagnostics, test.summary, test.words)
			changed := maps.Clone(fabricValues("lab"))
			changed["sync_interval"] = 900
			_, diagnostics = d.apply(state, changed, d.plan(state, changed))
			wantRefused(t, diagnostics, test.summary, test.words)
			_, diagnostics = d.apply(state, nil, d.plan(state, nil))
			wantRefused(t, diagnostics, test.summary, test.words)
			_, diagnostics = d.readData("hedgehog_fabrics", nil)
			wantRefused(t, diagnostics, test.summary, test.words)
			if n.Standin.Count("", fabricsAPI) > 0 || len(n.Standin.Fabrics()) != 1 {
				t.Errorf("got requests for fabrics: NetBox has %v", n.Standin.Fabrics())
			}
		})
	}
}

// onlyID returns the state of an import.
func onlyID(t *testing.T, n *acctest.NetBox, id int64) *instance {
	t.Helper()
	d := newDriver(t, n)
	return &instance{d.config(map[string]any{"id": id}), nil}
}

func TestBranch_inWords(t *testing.T) {
	for reason, want := range map[rest.BranchReason][2]string{
		rest.BranchHeaderLost: {"Branch does not reach NetBox", "A proxy or gateway in front of NetBox " +
			"removes the header; configure it to pass"},
		rest.BranchGone: {"Branch not found in NetBox", "of the NetBox at https://netbox.example.com was " +
			"deleted"},
		rest.BranchRefused:  {"Branch cannot be looked up", "this API token cannot view branches"},
		rest.BranchNotReady: {"Branch is not ready", `has the status "new", and did not become ready`},
		rest.BranchMerging:  {"Branch can no longer be used", `has the status "new"`},
		rest.BranchBroken:   {"Branch cannot be used", "a NetBox administrator"},
	} {
		err := &rest.BranchError{ServerURL: "https://netbox.example.com", Branch: "pr-1", Reason: reason, Status: "new"}
		summary, detail := explain(errors.Join(err, &rest.ForbiddenError{}))
		if summary != want[0] || !strings.Contains(detail, want[1]) || !strings.Contains(detail, `the branch "pr-1"`) &&
			!strings.Contains(detail, `The branch "pr-1"`) {
			t.Errorf("%d: %s: %s", reason, summary, detail)
		}
	}
}

// A sync in a branch is refused. It would add the cluster's objects to the branch's review.
func TestBranch_takesNoSync(t *testing.T) {
	n := branching(t)
	schemaID := n.Standin.AddBranch("pr-1")
	id := n.Standin.AddFabric(map[string]any{"name": "lab"})
	n.Standin.ResetRequests()
	for name, settings := range map[string]map[string]any{
		"setting": {"branch": "pr-1"}, "header": {"headers": headersOf("x-netbox-branch", schemaID)},
	} {
		t.Run(name, func(t *testing.T) {
			d, diagnostics := configured(t, n, "hedgehog_fabric_sync", settings)
			d.must(nil, diagnostics)
			values := map[string]any{"fabric_id": id}
			plan := d.tryPlan(nil, values)
			wantRefused(t, plan.Diagnostics, "No sync in a branch", "Sync in main after the merge")
			server, config := d.actions(values)
			planned, err := server.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: syncAction,
				Config: config})
			must(t, err)
			wantRefused(t, planned.Diagnostics, "No sync in a branch")
			_, diagnostics = d.invoke(values)
			wantRefused(t, diagnostics, "No sync in a branch")
		})
	}
	d, diagnostics := configured(t, n, "hedgehog_fabric_sync", nil)
	d.must(nil, diagnostics)
	values := map[string]any{"fabric_id": id}
	plan := d.plan(nil, values) // in main
	d, diagnostics = configured(t, n, "hedgehog_fabric_sync", map[string]any{"branch": "pr-1"})
	d.must(nil, diagnostics)
	_, diagnostics = d.apply(nil, values, plan)
	wantRefused(t, diagnostics, "No sync in a branch")
	if n := n.Standin.Count("", "/"); n > 0 {
		t.Errorf("NetBox was asked %d times", n)
	}
}

// A plan that was saved in one branch must not be applied in another, where it was never
// reviewed. The same holds for a plan without a refresh.
func TestBranch_planOfAnother(t *testing.T) {
	for _, test := range []struct{ planned, applied, was, now string }{
		{"pr-1", "", `refreshed in the branch "pr-1" (schema id `, "the provider now works in main."},
		{"", "pr-1", "refreshed in main,", `the provider now works in the branch "pr-1" (schema id `},
		{"pr-1", "pr-2", `refreshed in the branch "pr-1"`, `the provider now works in the branch "pr-2"`},
	} {
		for _, method := range []string{http.MethodPatch, http.MethodDelete} {
			t.Run(test.planned+" to "+test.applied+" "+method, func(t *testing.T) {
				n := branching(t)
				id := n.Standin.AddFabric(map[string]any{"name": "lab"})
				for _, name := range []string{"pr-1", "pr-2"} {
					n.Standin.AddBranch(name)
				}
				d := onBranch(t, n, test.planned)
				c := &change{method: method, prior: d.refresh(onlyID(t, n, id))}
				if method == http.MethodPatch {
					c.config = fabricValues("lab")
					c.config["sync_interval"] = 900
				}
				c.plan = d.plan(c.prior, c.config)
				n.Standin.ResetRequests()
				_, diagnostics := c.apply(onBranch(t, n, test.applied))
				_, now, _ := strings.Cut(strings.TrimSuffix(test.now, "."), " works in ")
				wantRefused(t, diagnostics, "Plan was made in another branch", test.was, test.now,
					"This fabric was not changed.", "may have been created in "+now)
				if n := n.Standin.Count("", fabricsAPI); n > 0 {
					t.Errorf("got %d requests for fabrics", n)
				}
				if _, diagnostics := c.apply(onBranch(t, n, test.planned)); hasError(diagnostics) {
					t.Errorf("in the same branch: got %s", render(diagnostics))
				}
			})
		}
	}
}

// With the real CLI, a saved plan does not contain NETBOX_BRANCH.
func TestAccBranch_savedPlan(t *testing.T) {
	n := branching(t)
	n.Standin.AddFabric(map[string]any{"name": "lab", "kubernetes_server": lab, "description": "ours"})
	n.Standin.AddBranch("pr-1")
	x := newWorkspace(t, n, labConfig(n, 300))
	x.ok("import", "hedgehog_fabric.test", "lab")
	x.configure(labConfig(n, 900))
	x.env = append(x.env, "NETBOX_BRANCH=pr-1")
	x.ok("plan", "-out=saved")
	x.env = append(x.env, "NETBOX_BRANCH=")
	x.fails("Plan was made in another branch", "apply", "saved")
	if f, _ := n.Standin.FabricByName("lab"); fmt.Sprint(f["sync_interval"]) != "300" {
		t.Errorf("main has %v", f)
	}
}

func TestBranch_configuredTwice(t *testing.T) {
	n := branching(t)
	_, diagnostics := configured(t, n, fabricType, map[string]any{"branch": "pr-1",
		"headers": headersOf("x-netbox-branch", "abcd1234")})
	wantRefused(t, diagnostics, "Invalid provider configuration", "remove the header")
	if at := diagnostics[0].Attribute; at.String() != `AttributeName("branch")` {
		t.Errorf("it is on %s", at)
	}
}

// If the branch is unknown, the provider sends no request, since main would answer.
func TestBranch_notKnownYet(t *testing.T) {
	n := branching(t)
	state := newDriver(t, n).do(nil, fabricValues("lab"))
	n.Standin.ResetRequests()
	d, diagnostics := configured(t, n, fabricType, map[string]any{"branch": tftypes.UnknownValue})
	d.must(nil, diagnostics)
	_, diagnostics = d.read(state)
	if !strings.Contains(render(diagnostics), "The provider's branch is known only after apply") {
		t.Errorf("got %s", render(diagnostics))
	}
	_, diagnostics = d.apply(nil, fabricValues("new"), d.plan(nil, fabricValues("new")))
	wantRefused(t, diagnostics, "Provider configuration not known yet")
	if n := n.Standin.Count("", "/"); n > 0 {
		t.Errorf("NetBox was asked %d times", n)
	}
}
