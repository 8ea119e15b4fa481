package fabricsync

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// The next sync restores what was edited or deleted in NetBox, and counts it.
func TestRepair_editedAndDeletedObjects(t *testing.T) {
	for name, body := range map[string]string{
		"spec":        `{"spec":{"of":"vpc-1","n":2}}`,
		"labels":      `{"labels":{}}`,
		"annotations": `{"annotations":{"by":"hand"}}`,
		"status":      `{"kubernetes_status":"error"}`,
		"error":       `{"sync_error":"by hand","auto_sync":false}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cluster.add("VPC", 3)
			for _, o := range w.cluster.objects["VPC"] {
				o.Created = testTime.Add(-time.Hour)
			}
			if vpc := kindOf(t, w.sync(), "VPC"); vpc.Created != 3 || vpc.Repaired != 0 {
				t.Errorf("got %+v", vpc)
			}
			w.advance(time.Minute)
			w.store("PATCH", "vpcs/1/", body)
			w.store("DELETE", "vpcs/2/", "")
			w.netbox.ResetRequests()
			result := w.sync()
			vpc := kindOf(t, result, "VPC")
			if vpc.Repaired != 2 || vpc.Unchanged != 1 || vpc.Created+vpc.Updated != 0 ||
				vpc.summary() != "VPC: 3 in the cluster, 2 repaired, 1 unchanged" ||
				result.Totals().Repaired != 2 {
				t.Errorf("%+v: got %s", vpc, vpc.summary())
			}
			w.wantWrites("PATCH fabrics/1", "POST vpcs", "PATCH vpcs", "PATCH fabrics/1")
			w.wantMirror()
			vpcs := w.stored("vpcs")
			if vpcs[0]["kubernetes_status"] != "live" || vpcs[0]["sync_error"] != "" ||
				vpcs[0]["auto_sync"] != (name != "error") { // which a user chose
				t.Errorf("got %v", vpcs[0])
			}
			if labels := vpcs[0]["labels"]; fmt.Sprint(labels) != "map[name:vpc-1]" ||
				fmt.Sprint(vpcs[0]["annotations"]) != "map[]" {
				t.Errorf("labels %v, annotations %v", labels, vpcs[0]["annotations"])
			}
			if vpc := kindOf(t, w.sync(), "VPC"); vpc.Unchanged != 3 {
				t.Errorf("got %+v", vpc)
			}
		})
	}
}

// Under the lock, an inventory from before is too old.
func TestRepair_editThatTheInventoryHasNotSeen(t *testing.T) {
	w := newWorld(t)
	w.client.KeepInventory(w.clock.Now)
	w.cluster.add("VPC", 2)
	w.sync()
	w.advance(time.Minute)
	w.sync()
	w.advance(time.Second)
	w.store("PATCH", "vpcs/1/", `{"labels":{}}`)
	w.advance(time.Second)
	w.cluster.add("VPC", 1)
	if vpc := kindOf(t, w.sync(), "VPC"); vpc.Repaired != 1 || vpc.Created != 1 {
		t.Errorf("got %+v", vpc)
	}
}

// An object is new in the cluster if it was created since the last complete sync.
func TestRepair_newObjectsAreCreated(t *testing.T) {
	w := newWorld(t, synced(time.Hour))
	w.cluster.add("VPC", 2)
	w.cluster.objects["VPC"][0].Created = testTime.Add(-time.Hour) // in the second of the last sync
	w.cluster.objects["VPC"][1].Created = testTime.Add(-time.Hour - time.Second)
	if vpc := kindOf(t, w.sync(), "VPC"); vpc.Created != 1 || vpc.Repaired != 1 {
		t.Errorf("got %+v", vpc)
	}
}

// Hedgehog allows names that the NetBox plugin refuses. The sync reports them and copies the rest.
func TestNames_thatNetBoxDoesNotStore(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 2)
	for _, name := range []string{"leaf.1", "Leaf-1", "-leaf", strings.Repeat("n", 254)} {
		w.cluster.objects["VPC"] = append(w.cluster.objects["VPC"], object(name))
	}
	for range 2 {
		w.netbox.ResetRequests()
		result := w.sync()
		vpc := kindOf(t, result, "VPC")
		if vpc.NotStorable != 4 || vpc.Failed != 0 || vpc.InCluster != 6 || len(vpc.NotStorableNames) != 4 ||
			vpc.NotStorableNames[0] != "leaf.1: "+fabric.ObjectNameProblem("leaf.1") {
			t.Errorf("got %+v", vpc)
		}
		if len(result.Warnings) != 1 || result.Warnings[0] != "VPC: 4 of 6 objects are not storable because of their "+
			"names, such as leaf.1: the NetBox plugin stores only names of lower-case letters, digits and hyphens, "+
			"with a letter or digit at both ends." {
			t.Errorf("got %q", result.Warnings)
		}
	}
	w.wantWrites("PATCH fabrics/1") // nothing is tried again
	if names := w.names("vpcs"); names != "vpc-1 vpc-2" {
		t.Errorf("stored %s", names)
	}
	w.wantFabric(map[string]any{"sync_status": "in_sync", "vpcs_count": 6})
}

// The stand-in has the plugin's rule.
func TestNames_ruleIsThePlugins(t *testing.T) {
	for _, name := range []string{
		"a", "0", "a-b", "a--b", "a.b", "a_b", "A", "a-", "-a", ".", "ä", "a b", strings.Repeat("a", 253),
		strings.Repeat("a", 254),
	} {
		w := newWorld(t)
		w.cluster.objects["VPC"] = append(w.cluster.objects["VPC"], object("good"), object(name))
		body := fmt.Sprintf(`{"fabric":1,"name":%q,"namespace":"hedgehog","spec":{"a":1}}`, name)
		takes := w.status("POST", plugin+"vpcs/", body) == http.StatusCreated
		if takes != (fabric.ObjectNameProblem(name) == "") {
			t.Errorf("%q: NetBox takes it: %t; the rule says %q", name, takes, fabric.ObjectNameProblem(name))
		}
	}
}

// A NetBox may have a stricter rule for names than we know.
func TestNames_thatNetBoxRefusesByAnotherRule(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 2)
	w.intercept("POST", "/vpcs/", func(x *exchange) {
		if strings.Contains(x.body(), `"vpc-1"`) {
			x.answer(400, `{"detail":"1 of 2 objects could not be created.","errors":[{"index":0,`+
				`"errors":{"name":["No ones."]}}]}`)
			return
		}
		x.pass()
	})
	result := w.sync()
	vpc := kindOf(t, result, "VPC")
	if vpc.NotStorable != 1 || vpc.Created != 1 || vpc.Failed != 0 ||
		fmt.Sprint(vpc.NotStorableNames) != "[vpc-1: No ones.]" || len(result.Warnings) != 1 {
		t.Errorf("got %+v, %q", vpc, result.Warnings)
	}
}
