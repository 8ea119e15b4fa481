package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// after lets the stand-in answer a method's requests and then hands the answer
// over to be replaced: the write has been committed by then.
func after(n *acctest.NetBox, method string, replace func(w http.ResponseWriter,
	answered *httptest.ResponseRecorder)) func() {
	return n.Standin.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != method {
				next.ServeHTTP(w, r)
				return
			}
			answered := httptest.NewRecorder()
			next.ServeHTTP(answered, r)
			replace(w, answered)
		})
	})
}

func bug(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("API-Version", "4.7")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(`{"error":"Could not resolve URL","exception":"ImproperlyConfigured"}`))
}

func htmlBug(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(`<html>Server Error</html>`))
}

func lost(http.ResponseWriter, *httptest.ResponseRecorder) { panic(http.ErrAbortHandler) }

// altered gives the answer with other values in it.
func altered(values map[string]any) func(http.ResponseWriter, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, answered *httptest.ResponseRecorder) {
		var body map[string]any
		_ = json.Unmarshal(answered.Body.Bytes(), &body)
		for k, v := range values {
			body[k] = v
		}
		for k, v := range answered.Header() {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answered.Code)
		_ = json.NewEncoder(w).Encode(body)
	}
}

func fabricValues(name string) map[string]any {
	return map[string]any{"name": name, "kubernetes_server": lab, "description": "ours"}
}

func standin(t *testing.T) (*acctest.NetBox, *driver) {
	t.Helper()
	n := acctest.Standin(t, netboxtest.Options{})
	return n, newDriver(t, n)
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	return strings.Contains(told(diagnostics), "ERROR")
}

func TestFabricResource_writeCommittedAnswerLost(t *testing.T) {
	for name, fault := range map[string]func(http.ResponseWriter, *httptest.ResponseRecorder){
		"500 of the plugin": bug, "500 as HTML": htmlBug, "connection lost": lost,
	} {
		t.Run(name, func(t *testing.T) {
			n, d := standin(t)
			config := fabricValues("lab")
			plan := d.plan(nil, config)
			remove := after(n, http.MethodPost, fault)
			made, diagnostics := d.apply(nil, config, plan)
			remove()
			if len(diagnostics) != 0 || d.attribute(made, "id") != int64(1) || len(n.Standin.Fabrics()) != 1 {
				t.Fatalf("create: told %q, id %v, NetBox has %v", told(diagnostics), d.attribute(made, "id"),
					n.Standin.Fabrics())
			}
			config["sync_interval"] = 900
			plan = d.plan(made, config)
			remove = after(n, http.MethodPatch, fault)
			changed, diagnostics := d.apply(made, config, plan)
			remove()
			if f, _ := n.Standin.Fabric(1); len(diagnostics) != 0 ||
				d.attribute(changed, "sync_interval") != int64(900) || f["sync_interval"] != float64(900) {
				t.Fatalf("update: told %q, NetBox has %v", told(diagnostics), f)
			}
			plan = d.plan(changed, nil)
			remove = after(n, http.MethodDelete, fault)
			gone, diagnostics := d.apply(changed, nil, plan)
			remove()
			if len(diagnostics) != 0 || !gone.value.IsNull() || len(n.Standin.Fabrics()) != 0 {
				t.Fatalf("delete: told %q, NetBox has %v", told(diagnostics), n.Standin.Fabrics())
			}
		})
	}
}

// An error together with a state would taint the fabric.
func TestFabricResource_createAnsweredOtherwise(t *testing.T) {
	n, d := standin(t)
	plan := d.plan(nil, fabricValues("lab"))
	defer after(n, http.MethodPost, altered(map[string]any{"description": "theirs"}))()
	made, diagnostics := d.apply(nil, fabricValues("lab"), plan)
	want := `WARNING at AttributeName("description"): NetBox stored another value: The fabric "lab" was created, but ` +
		`NetBox stored another ` +
		`value than was asked for: description: expected "ours", is now "theirs". The next plan will show it.`
	if told(diagnostics) != want {
		t.Errorf("told %s\nwant %s", told(diagnostics), want)
	}
	if d.attribute(made, "description") != "ours" || d.attribute(made, "id") != int64(1) {
		t.Errorf("the state does not hold the plan: %v", made.value)
	}
}

func TestFabricResource_updateAnsweredOtherwise(t *testing.T) {
	n, d := standin(t)
	made := d.do(nil, fabricValues("lab"))
	config := fabricValues("lab")
	config["sync_interval"] = 900
	plan := d.plan(made, config)
	defer after(n, http.MethodPatch, altered(map[string]any{"sync_interval": 60}))()
	changed, diagnostics := d.apply(made, config, plan)
	if got := told(diagnostics); !strings.HasPrefix(got, `ERROR at AttributeName("sync_interval"): NetBox stored `+
		`another value`) {
		t.Errorf("told %s", got)
	}
	if d.attribute(changed, "sync_interval") != int64(60) {
		t.Errorf("the state does not hold what NetBox has: %v", changed.value)
	}
}

func TestFabricResource_goneAtRefresh(t *testing.T) {
	n, d := standin(t)
	made := d.do(nil, fabricValues("lab"))
	n.Standin.DeleteFabric(1)
	gone, diagnostics := d.read(made)
	if got := told(diagnostics); !gone.value.IsNull() || !strings.HasPrefix(got, "WARNING: Fabric not found in "+
		"NetBox") ||
		!strings.Contains(got, "check the token's permissions and constraints before applying") {
		t.Errorf("told %s, state %v", got, gone.value)
	}
}

func TestFabricResource_goneAtDestroy(t *testing.T) {
	for _, policy := range []string{deletionDelete, deletionDecommission} {
		t.Run(policy, func(t *testing.T) {
			n, d := standin(t)
			config := fabricValues("lab")
			config["deletion_policy"] = policy
			made := d.do(nil, config)
			n.Standin.DeleteFabric(1)
			gone, diagnostics := d.apply(made, nil, d.plan(made, nil))
			if got := told(diagnostics); !gone.value.IsNull() || !strings.HasPrefix(got, "WARNING: Fabric was not in "+
				"NetBox") || hasError(diagnostics) {
				t.Errorf("told %s, state %v", got, gone.value)
			}
		})
	}
}

// Nothing leaves the state, and nothing is written, when NetBox cannot tell.
func TestFabricResource_refreshFails(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(n *acctest.NetBox)
		want  string
	}{
		"token revoked": {func(n *acctest.NetBox) { n.Standin.RevokeToken(n.Token) }, "ERROR: NetBox refused " +
			"the API token"},
		"plugin uninstalled": {func(n *acctest.NetBox) { n.Standin.SetNoPlugin(true) },
			"ERROR: NetBox has no Hedgehog plugin"},
		"a login page": {func(n *acctest.NetBox) {
			after(n, http.MethodGet, func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<html>Log in</html>"))
			})
		}, "ERROR: Unexpected answer"},
		"another fabric": {func(n *acctest.NetBox) {
			n.Standin.DeleteFabric(1)
			n.Standin.AddFabric(map[string]any{"id": 1, "name": "theirs", "created": "2020-01-01T00:00:00Z"})
		}, `ERROR: Another fabric has this id: Could not read the fabric 1 ("lab"). Under the id 1, NetBox has the ` +
			`fabric "theirs", created at 2020-01-01T00:00:00Z`},
		"wrong types": {func(n *acctest.NetBox) {
			after(n, http.MethodGet, altered(map[string]any{"sync_enabled": "perhaps"}))
		}, `the field "sync_enabled" is not a boolean`},
	} {
		t.Run(name, func(t *testing.T) {
			n, d := standin(t)
			made := d.do(nil, fabricValues("lab"))
			c.fault(n)
			kept, diagnostics := d.read(made)
			if got := told(diagnostics); !strings.Contains(got, c.want) {
				t.Errorf("told %s\nwant %s", got, c.want)
			}
			if !kept.value.Equal(made.value) {
				t.Errorf("the state has changed: %v", kept.value)
			}
		})
	}
}

func TestFabricResource_anotherFabricIsNeverWritten(t *testing.T) {
	n, d := standin(t)
	made := d.do(nil, fabricValues("lab"))
	config := fabricValues("lab")
	config["sync_interval"] = 900
	update, destroy := d.plan(made, config), d.plan(made, nil)
	n.Standin.DeleteFabric(1)
	n.Standin.AddFabric(map[string]any{"id": 1, "name": "lab", "description": "ours", "kubernetes_server": lab})
	for name, do := range map[string]func() (*instance, []*tfprotov6.Diagnostic){
		"update": func() (*instance, []*tfprotov6.Diagnostic) { return d.apply(made, config, update) },
		"delete": func() (*instance, []*tfprotov6.Diagnostic) { return d.apply(made, nil, destroy) },
	} {
		kept, diagnostics := do()
		if got := told(diagnostics); !strings.HasPrefix(got, "ERROR: Another fabric has this id") ||
			!kept.value.Equal(made.value) {
			t.Errorf("%s: told %s, state %v", name, got, kept.value)
		}
	}
	if f, ok := n.Standin.Fabric(1); !ok || f["sync_interval"] != float64(300) {
		t.Errorf("the other fabric was written to: %v", f)
	}
}

func TestFabricResource_changedBetweenPlanAndApply(t *testing.T) {
	config := fabricValues("lab")
	config["sync_interval"] = 900
	for name, c := range map[string]struct {
		meanwhile map[string]any
		want      string // "" when it goes through
	}{
		"a sync has run": {map[string]any{"sync_status": "in_sync", "last_sync": "2026-11-23T12:00:00Z",
			"vpcs_count": 3}, ""},
		"somebody did the same": {map[string]any{"sync_interval": 900}, ""},
		"another attribute": {map[string]any{"description": "theirs"}, `- description: expected "ours", is now ` +
			`"theirs"`},
		"the same, to another": {map[string]any{"sync_interval": 60}, "- sync_interval: was 300, planned 900, is " +
			"now 60"},
	} {
		t.Run(name, func(t *testing.T) {
			n, d := standin(t)
			made := d.do(nil, fabricValues("lab"))
			plan, removal := d.plan(made, config), d.plan(made, nil)
			n.Standin.UpdateFabric(1, c.meanwhile)
			next, diagnostics := d.apply(made, config, plan)
			f, _ := n.Standin.Fabric(1)
			if c.want == "" {
				if len(diagnostics) != 0 || f["sync_interval"] != float64(900) {
					t.Fatalf("told %s, NetBox has %v", told(diagnostics), f)
				}
				for field, v := range c.meanwhile {
					if s, ok := v.(string); ok && f[field] != s {
						t.Errorf("%s was undone: %v", field, f[field])
					}
				}
				return
			}
			if got := told(diagnostics); !strings.HasPrefix(got, "ERROR: Fabric was changed by another user") ||
				!strings.Contains(got, c.want) {
				t.Errorf("told %s", got)
			}
			if !next.value.Equal(made.value) {
				t.Errorf("the state has changed: %v", next.value)
			}
			for field, v := range c.meanwhile {
				if s, ok := v.(string); ok && f[field] != s {
					t.Errorf("%s was undone: %v", field, f[field])
				}
			}
			// A destroy that was planned before is held to the same rule.
			_, diagnostics = d.apply(made, nil, removal)
			if _, there := n.Standin.Fabric(1); !there || !hasError(diagnostics) {
				t.Errorf("a changed fabric was deleted: %s", told(diagnostics))
			}
		})
	}
}

func TestFabricResource_answerWithoutTime(t *testing.T) {
	n, d := standin(t)
	config := fabricValues("lab")
	made := d.do(nil, config)
	n.Standin.UpdateFabric(1, map[string]any{"last_sync": time.Now().UTC().Format(time.RFC3339),
		"sync_status": "in_sync"})
	defer after(n, http.MethodGet, func(w http.ResponseWriter, answered *httptest.ResponseRecorder) {
		for k, v := range answered.Header() {
			w.Header()[k] = v
		}
		w.Header()["Date"] = nil
		w.WriteHeader(answered.Code)
		_, _ = w.Write(answered.Body.Bytes())
	})()
	now, diagnostics := d.read(made)
	if got := told(diagnostics); !strings.HasPrefix(got, "WARNING: NetBox's answer has no time") {
		t.Errorf("told %s", got)
	}
	if d.attribute(now, "sync_status") != "in_sync" {
		t.Errorf("status %v", d.attribute(now, "sync_status"))
	}
}

// A provider whose configuration is known only after apply plans without a server.
func TestFabricResource_providerNotKnownYet(t *testing.T) {
	n, d := standin(t)
	made := d.do(nil, fabricValues("lab"))
	other := newDriver(t, nil)
	schemas, err := other.server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	other.must(err, nil)
	kind, _ := schemas.Provider.ValueType().(tftypes.Object)
	config := fill(kind, map[string]any{"server_url": tftypes.UnknownValue, "api_token": n.Token})
	configured, err := other.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		Config: other.dynamic(kind, config)})
	other.must(err, configured.Diagnostics)
	n.Standin.ResetRequests()

	kept, diagnostics := other.read(made)
	if got := told(diagnostics); !strings.HasPrefix(got, "WARNING: Fabric not refreshed: The provider's server_url "+
		"is known only after apply") ||
		!kept.value.Equal(made.value) {
		t.Errorf("told %s, state %v", got, kept.value)
	}
	plan := other.plan(nil, fabricValues("new"))
	if _, diagnostics = other.apply(nil, fabricValues("new"), plan); !strings.Contains(told(diagnostics),
		"Provider configuration not known yet") {
		t.Errorf("told %s", told(diagnostics))
	}
	if n.Standin.Count("", "/") != 0 {
		t.Error("NetBox was asked")
	}
}

func TestFabricResource_destroyTellsWhatItTakesAlong(t *testing.T) {
	n, d := standin(t)
	config := fabricValues("lab")
	made := d.do(nil, config)
	if got := told(d.plan(made, nil).Diagnostics); got != "" {
		t.Errorf("an empty fabric: told %s", got)
	}
	// The cluster had five objects, of which NetBox stores three.
	n.Standin.UpdateFabric(1, map[string]any{"vpcs_count": 2, "switches_count": 3, "cached_crd_count": 4})
	storeObjects(t, n, 1, 3)
	made, _ = d.read(made)
	if got := told(d.plan(made, nil).Diagnostics); !strings.HasPrefix(got, "WARNING: Imported objects are deleted "+
		"with the fabric") ||
		!strings.Contains(got, "also deletes the 3 objects that were imported into it.") {
		t.Errorf("told %s", got)
	}
	n.Standin.Fault(netboxtest.Fault{Path: "/api/plugins/hedgehog/vpcs/", Kind: netboxtest.Detail(403, "No.")})
	other := newDriver(t, n)
	if got := told(other.plan(made, nil).Diagnostics); !strings.Contains(got, "up to 5, as many as its cluster had") {
		t.Errorf("objects that cannot be counted: told %s", got)
	}
	config["deletion_policy"] = deletionAbandon
	if got := told(d.plan(d.do(made, config), nil).Diagnostics); got != "" {
		t.Errorf("deletion_policy abandon: told %s", got)
	}
}

// storeObjects stores VPCs of a fabric, as a sync does.
func storeObjects(t *testing.T, n *acctest.NetBox, fabricID int64, count int) {
	t.Helper()
	client, err := netbox.New(netbox.Config{ServerURL: n.URL, APIToken: n.Token})
	must(t, err)
	writes := make([]netbox.ObjectWrite, count)
	for i := range writes {
		writes[i] = netbox.ObjectWrite{
			Namespace: "default", Name: fmt.Sprintf("vpc-%d", i), Spec: map[string]any{"subnets": map[string]any{}},
			Status: netbox.ObjectLive,
		}
	}
	_, err = client.Objects(fabric.Kinds()[0]).Create(t.Context(), fabricID, writes)
	must(t, err)
}

// The lists are read once, however many fabrics are destroyed.
func TestFabricResource_destroyCountsObjectsOnce(t *testing.T) {
	n, d := standin(t)
	var all []*instance
	for i := range 5 {
		made := d.do(nil, fabricValues(fmt.Sprintf("lab-%d", i)))
		n.Standin.UpdateFabric(int64(i+1), map[string]any{"cached_crd_count": 4})
		storeObjects(t, n, int64(i+1), i+1)
		made, _ = d.read(made)
		all = append(all, made)
	}
	n.Standin.ResetRequests()
	for i, made := range all {
		if got := told(d.plan(made, nil).Diagnostics); !strings.Contains(got, fmt.Sprintf("the %d objects", i+1)) {
			t.Errorf("%d: told %s", i, got)
		}
	}
	lists := 0
	for _, r := range n.Standin.Requests() {
		if strings.HasPrefix(r.Path, "/api/plugins/hedgehog/") && r.Path != fabricsAPI &&
			!strings.HasPrefix(r.Path, fabricsAPI) {
			lists++
		}
	}
	// The first also asks whether NetBox filters by fabric, which takes two requests.
	if want := len(fabric.Kinds()) + 2; lists != want {
		t.Errorf("%d requests for objects, want %d", lists, want)
	}
}
