package provider

import (
	"context"
	"fmt"
	"maps"
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
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func fabricValues(name string) map[string]any {
	return map[string]any{"name": name, "kubernetes_server": lab, "description": "ours"}
}

func standin(t *testing.T) (*acctest.NetBox, *driver) {
	t.Helper()
	n := acctest.Standin(t, netboxtest.Options{})
	return n, newDriver(t, n)
}

// standinFor is like standin. With restricted, the token may not read definitions.
func standinFor(t *testing.T, restricted bool) (*acctest.NetBox, *driver) {
	t.Helper()
	n, d := standin(t)
	if restricted {
		n = n.WithoutDefinitions(t)
		d = newDriver(t, n)
	}
	return n, d
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	return strings.Contains(render(diagnostics), "ERROR")
}

func TestFabricResource_goneAtRefresh(t *testing.T) {
	n, d := standin(t)
	made := d.do(nil, fabricValues("lab"))
	n.Standin.DeleteFabric(1)
	gone, diagnostics := d.read(made)
	if got := render(diagnostics); !gone.value.IsNull() || !strings.HasPrefix(got, "WARNING: Fabric not found in "+
		"NetBox") ||
		!strings.Contains(got, "check the token's permissions and their constraints before you apply") {
		t.Errorf("got %s, state %v", got, gone.value)
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
			got := render(diagnostics)
			if !gone.value.IsNull() || !strings.HasPrefix(got, "WARNING: Fabric was not in NetBox") ||
				hasError(diagnostics) {
				t.Errorf("got %s, state %v", got, gone.value)
			}
		})
	}
}

func TestFabricResource_goneAtUpdate(t *testing.T) {
	n, d := standin(t)
	c := planned(d, http.MethodPatch)
	n.Standin.DeleteFabric(1)
	kept, diagnostics := c.apply(d)
	if got := render(diagnostics); !strings.HasPrefix(got, "ERROR: Fabric not found in NetBox") ||
		!kept.value.Equal(c.prior.value) {
		t.Errorf("got %s, state %v", got, kept.value)
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
		if got := render(diagnostics); !strings.HasPrefix(got, "ERROR: Another fabric has this id") ||
			!kept.value.Equal(made.value) {
			t.Errorf("%s: got %s, state %v", name, got, kept.value)
		}
	}
	if f, ok := n.Standin.Fabric(1); !ok || f["sync_interval"] != float64(300) {
		t.Errorf("the other fabric was written to: %v", f)
	}
}

func TestFabricResource_answerWithoutTime(t *testing.T) {
	n, d := standin(t)
	config := fabricValues("lab")
	made := d.do(nil, config)
	n.Standin.UpdateFabric(1, map[string]any{"last_sync": time.Now().UTC().Format(time.RFC3339),
		"sync_status": "in_sync"})
	n.Standin.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answered := httptest.NewRecorder()
			next.ServeHTTP(answered, r)
			maps.Copy(w.Header(), answered.Header())
			w.Header()["Date"] = nil
			w.WriteHeader(answered.Code)
			_, _ = w.Write(answered.Body.Bytes())
		})
	})
	now, diagnostics := d.read(made)
	if got := render(diagnostics); !strings.HasPrefix(got, "WARNING: NetBox's answer has no time") {
		t.Errorf("got %s", got)
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
	if got := render(diagnostics); !strings.HasPrefix(got, "WARNING: Fabric not refreshed: The provider's server_url "+
		"is known only after apply") ||
		!kept.value.Equal(made.value) {
		t.Errorf("got %s, state %v", got, kept.value)
	}
	plan := other.plan(nil, fabricValues("new"))
	if _, diagnostics = other.apply(nil, fabricValues("new"), plan); !strings.Contains(render(diagnostics),
		"Provider configuration not known yet") {
		t.Errorf("got %s", render(diagnostics))
	}
	if n.Standin.Count("", "/") != 0 {
		t.Error("NetBox got a request")
	}
}

func TestFabricResource_destroySaysWhatElseItDeletes(t *testing.T) {
	n, d := standin(t)
	config := fabricValues("lab")
	made := d.do(nil, config)
	d = newDriver(t, n) // another run than the one that created the fabric
	if got := render(d.plan(made, nil).Diagnostics); got != "" {
		t.Errorf("an empty fabric: got %s", got)
	}
	// The cluster had five objects; NetBox stores three of them.
	n.Standin.UpdateFabric(1, map[string]any{"vpcs_count": 2, "switches_count": 3, "cached_crd_count": 4})
	made, _ = d.read(made)
	// A token with constraints gets an empty list, and NetBox deletes what it does not show.
	if got := render(newDriver(t, n).plan(made, nil).Diagnostics); !strings.Contains(got, "(up to 5, the number that "+
		"its cluster had at the last sync; this API token sees none of them)") {
		t.Errorf("counts without objects: got %s", got)
	}
	storeObjects(t, n, 1, 3)
	if got := render(d.plan(made, nil).Diagnostics); !strings.HasPrefix(got, "WARNING: Imported objects are deleted "+
		"with the fabric") ||
		!strings.Contains(got, "also deletes the 3 objects that were imported into it.") {
		t.Errorf("got %s", got)
	}
	n.Standin.Fault(netboxtest.Fault{Path: "/api/plugins/hedgehog/vpcs/", Kind: netboxtest.Detail(403, "No.")})
	other := newDriver(t, n)
	if got := render(other.plan(made, nil).Diagnostics); !strings.Contains(got, "(up to 5, the number that its "+
		"cluster had") {
		t.Errorf("objects that cannot be counted: got %s", got)
	}
	config["deletion_policy"] = deletionAbandon
	if got := render(d.plan(d.do(made, config), nil).Diagnostics); got != "" {
		t.Errorf("deletion_policy abandon: got %s", got)
	}
}

// storeObjects stores VPCs of a fabric, as a sync does.
func storeObjects(t *testing.T, n *acctest.NetBox, fabricID int64, count int) {
	t.Helper()
	client, err := netbox.New(rest.Config{ServerURL: n.URL, APIToken: n.Token})
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
		if got := render(d.plan(made, nil).Diagnostics); !strings.Contains(got, fmt.Sprintf("the %d objects", i+1)) {
			t.Errorf("%d: got %s", i, got)
		}
	}
	lists := 0
	for _, r := range n.Standin.Requests() {
		if strings.HasPrefix(r.Path, "/api/plugins/hedgehog/") && r.Path != fabricsAPI &&
			!strings.HasPrefix(r.Path, fabricsAPI) {
			lists++
		}
	}
	// For the first one, two requests find out whether NetBox filters by fabric.
	if want := len(fabric.Kinds()) + 2; lists != want {
		t.Errorf("got %d requests for objects, want %d", lists, want)
	}
}
