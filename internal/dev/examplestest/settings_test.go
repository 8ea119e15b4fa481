package examplestest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// setting has the special settings of a folder. A folder without any runs on a NetBox with the
// fabrics and tags that it reads.
type setting struct {
	variables map[string]string
	prepare   func(w *workspace, variant string) // before the first command
	queried   []string                           // what a query finds: list, identity, name
	warnings  []string                           // that the apply gives
	outputs   map[string]string                  // values after the apply, as JSON
	mayChange []string                           // addresses that a later plan changes, as is meant
	verify    func(*workspace)                   // what NetBox has after the apply
	left      []string                           // names of fabrics that a destroy leaves
}

var settings = map[string]setting{
	"data-sources/hedgehog_fabric": {
		outputs: map[string]string{"berlin_inconsistencies": `[]`},
		verify: func(w *workspace) {
			page := w.run("output", "-raw", "berlin_page").must(w.t)
			if !strings.HasPrefix(page, w.netbox.URL()+"/plugins/hedgehog/fabrics/") {
				w.t.Errorf("the page is %s", page)
			}
		},
	},
	"data-sources/hedgehog_fabric_connection": {
		prepare: func(w *workspace, _ string) { w.netbox.AddFabric(synced("berlin", startCluster(w.t))) },
		outputs: map[string]string{
			"berlin":          `"Kubernetes ` + clustertest.Version + ` with 2 switches"`,
			"berlin_switches": `"1 of 2 switches are ready."`,
		},
		verify: func(w *workspace) { // a cluster that cannot be asked has no health
			w.netbox.UpdateFabric(1, map[string]any{"kubernetes_token": "no-token"})
			w.run("apply", "-auto-approve").must(w.t)
			why := w.run("output", "-raw", "berlin_switches").must(w.t)
			if !strings.Contains(why, "does not accept the token") {
				w.t.Errorf("the switches are %q", why)
			}
		},
	},
	"data-sources/hedgehog_fabrics": {
		prepare: func(w *workspace, _ string) {
			w.netbox.AddFabric(synced("berlin", map[string]any{"sync_error": "no route to host",
				"sync_status": "error"}))
			w.netbox.AddFabric(synced("lisbon", map[string]any{"sync_error": "no route to host", "status": "planned"}))
		},
		outputs: map[string]string{
			"trouble": `{"berlin":"The last sync failed: no route to host."}`,
			"counts":  `{"disabled":0,"error":2,"in_sync":0,"never_synced":0,"not_configured":0,"out_of_sync":0}`,
		},
	},
	"ephemeral-resources/hedgehog_fabric_credentials": {
		prepare: func(w *workspace, _ string) {
			w.netbox.AddFabric(synced("berlin", map[string]any{"kubernetes_ca_cert": "the CA of berlin"}))
			useForeign(w)
		},
		verify: func(w *workspace) {
			wantForeign(w, "https://berlin.k8s.example.com:6443", "token-of-berlin", "the CA of berlin")
		},
	},
	"functions/sync_status": {
		outputs: map[string]string{"in_an_hour": `"out_of_sync"`, "without_server": `"not_configured"`},
	},
	"resources/hedgehog_fabric": {
		variables: map[string]string{"oslo_token": "token-of-oslo"},
		prepare: func(w *workspace, variant string) {
			if variant != "" {
				w.netbox.AddFabric(synced("berlin", map[string]any{"id": 7}))
			}
		},
		verify: func(w *workspace) {
			w.wantFields(w.netbox, "berlin", map[string]any{"sync_interval": 600.0, "kubernetes_namespace": "fabric"})
			w.wantFields(w.netbox, "oslo", map[string]any{"kubernetes_token": "token-of-oslo"})
			w.wantFields(w.netbox, "vienna", map[string]any{"rack_units": 4.0, "power_draw": 1250.5, "in_service": true,
				"notes": nil})
		},
		left: []string{"berlin"}, // decommissioned
	},
	"list-resources/hedgehog_fabric": {
		prepare: func(w *workspace, _ string) {
			w.netbox.AddFabric(synced("prague", map[string]any{"last_sync": observed.Add(-2 * time.Hour)}))
			w.netbox.AddFabric(synced("berlin", map[string]any{"tags": []any{"Prod"}}))
			w.netbox.AddFabric(synced("lisbon", nil))
		},
		queried: []string{"list.hedgehog_fabric.stale id=1 prague", "list.hedgehog_fabric.production id=2 berlin"},
	},
	"actions/hedgehog_fabric_sync": {
		prepare: func(w *workspace, _ string) { w.override("hedgehog_fabric", "berlin", startCluster(w.t)) },
		verify:  wantSynced,
	},
	"resources/hedgehog_fabric_sync": {
		prepare:   func(w *workspace, _ string) { w.override("hedgehog_fabric", "berlin", startCluster(w.t)) },
		mayChange: []string{"hedgehog_fabric_sync.when_due"}, // with each second
		verify:    wantSynced,
	},
	"modules/fabrics": {
		variables: map[string]string{
			"fabrics": `{"berlin":{"kubernetes_server":"https://berlin.k8s.example.com:6443",` +
				`"kubernetes_token_version":1},"rome":{"name":"roma"}}`,
			"custom_fields":     `{"rome":{"rack_units":4}}`,
			"kubernetes_tokens": `{"berlin":"token-of-berlin"}`,
		},
		outputs: map[string]string{"names": `{"berlin":"berlin","rome":"roma"}`},
		verify: func(w *workspace) {
			w.wantFields(w.netbox, "berlin", map[string]any{"kubernetes_token": "token-of-berlin",
				"sync_interval": 300.0})
			w.wantFields(w.netbox, "roma", map[string]any{"rack_units": 4.0})
		},
	},
	"many-fabrics": {
		variables: map[string]string{"kubernetes_tokens": `{"berlin":"token-of-berlin"}`},
		verify: func(w *workspace) {
			w.wantNames(w.netbox, "berlin", "lisbon", "madrid", "oslo")
			w.wantFields(w.netbox, "berlin", map[string]any{
				"kubernetes_token": "token-of-berlin", "description": "Production, hall 2",
				"owner": "netops", "rack_units": 42.0,
			})
			w.wantFields(w.netbox, "oslo", map[string]any{"sync_enabled": false})
		},
	},
	"multiple-netbox": {
		prepare: func(w *workspace, _ string) {
			w.lab = standin(w.t)
			w.set("TF_VAR_lab_server_url", w.lab.URL())
			w.set("TF_VAR_lab_api_token", netboxtest.AdminTokenV2)
		},
		verify: func(w *workspace) {
			w.wantNames(w.netbox, "berlin")
			w.wantNames(w.lab, "bench-1", "bench-2", "berlin")
			pages := w.run("output", "-json", "pages").must(w.t)
			for _, server := range []string{w.netbox.URL(), w.lab.URL()} {
				if !strings.Contains(pages, server+"/plugins/hedgehog/fabrics/") {
					w.t.Errorf("no page is in the NetBox %s: %s", server, pages)
				}
			}
		},
	},
	"check":                {prepare: func(w *workspace, _ string) { w.netbox.AddFabric(synced("berlin", nil)) }},
	"multiple-netbox/site": {variables: map[string]string{"names": `["bench-1"]`}},
}

// startCluster starts a cluster with two switches, one of which never came up, and returns
// what a fabric needs to be synced with it and to show its health.
func startCluster(t *testing.T) map[string]any {
	t.Helper()
	c := acctest.StandinKubernetes(t)
	for _, kind := range fabric.Kinds() {
		if kind.Name == "Switch" {
			c.Standin.Put(kind, "default", clustertest.Example(kind, "leaf-1"))
			c.Standin.Put(kind, "default", clustertest.Example(kind, "leaf-2"))
		}
	}
	c.Standin.PutHealth("default") // the Fabricator
	// The switch's clock is ahead, so that a slow step does not make the heartbeat too old.
	c.Standin.Put(fabric.AgentKind(), "default", clustertest.Agent("leaf-1", 1, time.Now().Add(time.Hour), "v0.99.0"))
	c.Standin.Put(fabric.AgentKind(), "default", clustertest.Agent("leaf-2", 0, time.Time{}, ""))
	return map[string]any{"kubernetes_server": c.URL, "kubernetes_ca_cert": c.CA, "kubernetes_token": c.HealthToken}
}

// wantSynced checks whether the sync has reached both the cluster and NetBox.
func wantSynced(w *workspace) {
	w.wantFields(w.netbox, "berlin", map[string]any{
		"sync_status": "in_sync", "connection_status": "connected", "switches_count": 2.0,
	})
}

// override sets arguments of a resource in an override file, so that the example itself does not
// change.
func (w *workspace) override(kind, name string, arguments map[string]any) {
	w.t.Helper()
	raw, err := json.Marshal(map[string]any{"resource": map[string]any{kind: map[string]any{name: arguments}}})
	must(w.t, err)
	must(w.t, os.WriteFile(filepath.Join(w.dir, "cluster_override.tf.json"), raw, 0o600))
}

// synced is a fabric in service that was synced four minutes ago, with changes.
func synced(name string, changes map[string]any) map[string]any {
	fields := map[string]any{
		"name": name, "status": "active", "kubernetes_server": "https://" + name + ".k8s.example.com:6443",
		"kubernetes_token": "token-of-" + name,
		"sync_status":      "in_sync", "connection_status": "connected", "last_sync": observed.Add(-4 * time.Minute),
	}
	for key, value := range changes {
		fields[key] = value
	}
	return fields
}

func TestSettings_areOfExamples(t *testing.T) {
	known := map[string]bool{}
	for _, folder := range exampleFolders(t) {
		known[folder] = true
	}
	for folder := range settings {
		if !known[folder] {
			t.Errorf("there are settings for examples/%s, which is no folder with a configuration", folder)
		}
	}
}
