package fabricsync

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// synced returns the fields of a fabric that was synced some time ago.
func synced(ago time.Duration) map[string]any {
	return map[string]any{"last_sync": testTime.Add(-ago), "sync_status": "in_sync", "connection_status": "connected"}
}

// fill adds some objects of every counted kind to the cluster.
func fill(w *world) {
	for kind, n := range map[string]int{"VPC": 3, "External": 1, "Connection": 4, "Server": 5, "Switch": 2,
		"SwitchGroup": 1, "VLANNamespace": 1} {
		w.cluster.add(kind, n)
	}
	w.cluster.objects["SwitchGroup"][0].Spec = nil // like in every cluster
}

func TestRun_copiesTheInventoryAndRecordsIt(t *testing.T) {
	w := newWorld(t)
	fill(w)
	result := w.sync()
	w.wantFabric(map[string]any{
		"sync_status": "in_sync", "sync_error": "", "connection_status": "connected", "connection_error": "",
		"last_sync": "2030-05-01T12:00:00Z", "cached_crd_count": 17, "vpcs_count": 3, "cached_vpc_count": 3,
		"connections_count": 4, "cached_connection_count": 4, "servers_count": 5, "switches_count": 2,
	})
	w.wantConsistent()
	totals := result.Totals()
	if totals.InCluster != 17 || totals.Created != 16 || totals.NotStorable != 1 || len(result.Kinds) != 12 {
		t.Errorf("totals %+v of %d kinds", totals, len(result.Kinds))
	}
	if result.Status != fabric.StatusInSync || result.Fabric != "alpha" || result.Message != "" ||
		result.Warnings != nil ||
		!result.StartedAt.Equal(testTime) || !result.FinishedAt.Equal(testTime) {
		t.Errorf("got %+v", result)
	}
	if names := w.names("switches") + " " + w.names("switch-groups"); names != "switch-1 switch-2 " {
		t.Errorf("stored %q", names)
	}
	vpc := w.stored("vpcs")[0]
	for field, want := range map[string]any{
		"fabric": 1.0, "name": "vpc-1", "namespace": namespace, "kubernetes_status": "live",
		"kubernetes_uid":              "uid-vpc-1",
		"kubernetes_resource_version": "1", "last_synced": "2030-05-01T12:00:00Z", "sync_error": "", "auto_sync": true,
	} {
		if vpc[field] != want {
			t.Errorf("%s is %v, want %v", field, vpc[field], want)
		}
	}
	if config := w.cluster.configs[0]; config.Server != testServer || config.Token != testToken ||
		config.Namespace != namespace || config.Insecure {
		t.Errorf("connected with %+v", config)
	}
	tags := map[string]bool{}
	for _, r := range w.netbox.Requests() {
		if r.Method == http.MethodPatch {
			tags[r.Header.Get("If-Match")] = true
		}
	}
	if len(tags) != 2 || tags[""] { // of the lock and of the outcome
		t.Errorf("tags %v", tags)
	}
}

func TestRun_skipsWhatMustNotBeSynced(t *testing.T) {
	for want, fields := range map[fabric.Status]map[string]any{
		fabric.StatusNotConfigured: {"kubernetes_server": " "},
		fabric.StatusDisabled:      {"sync_enabled": false},
	} {
		w := newWorld(t, fields)
		result, err := w.run()
		e := wantError[*fabric.NotSyncableError](w, Skipped, result, err)
		if e.Status != want || result.Status != want || result.Message != e.Reason {
			t.Errorf("got %v, %+v", e.Status, result)
		}
		w.wantWrites()
		if len(w.cluster.configs) != 0 {
			t.Errorf("%s: the cluster was asked", want)
		}
	}
}

func TestRun_withoutATokenToUse(t *testing.T) {
	w := newWorld(t)
	w.intercept("GET", "/fabrics/", hideToken)
	result, err := w.run()
	wantError[*CredentialsError](w, Refused, result, err)
	w.wantWrites()
	w.sync(func(o *Options) { o.Credentials = &Credentials{Token: "another-token-2", CACert: "another CA"} })
	if config := w.cluster.configs[0]; config.Token != "another-token-2" || config.CACert != "another CA" {
		t.Errorf("connected with %+v", config)
	}
}

func TestRun_onlyIfDue(t *testing.T) {
	for _, c := range []struct {
		interval int
		ago      time.Duration
		want     Outcome
	}{
		{60, 59 * time.Second, NotDue},
		{60, 60 * time.Second, Synced},
		{0, 1000 * time.Hour, NotDue},
	} {
		w := newWorld(t, map[string]any{"sync_interval": c.interval, "last_sync": testTime.Add(-c.ago),
			"sync_status": "in_sync"})
		if w.want(c.want, "", dueOnly); c.want == NotDue {
			w.wantWrites()
		}
	}
}

func TestRun_dryRunWritesNothing(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.sync()
	w.cluster.add("VPC", 2)
	w.cluster.change("Server", 0, "2")
	w.cluster.objects["Switch"] = w.cluster.objects["Switch"][:1]
	before := w.fabric()
	w.netbox.ResetRequests()
	totals := w.want(Planned, "", prune, func(o *Options) { o.DryRun = true }).Totals()
	if totals.Created != 2 || totals.Updated != 1 || totals.Deleted != 1 || totals.Unchanged != 14 ||
		totals.NotStorable != 1 {
		t.Errorf("got %+v", totals)
	}
	w.wantWrites()
	w.wantFabric(before)
}

func TestRun_connectionFailures(t *testing.T) {
	for class, status := range map[cluster.Class]string{
		cluster.ClassUnreachable:     "disconnected",
		cluster.ClassTimeout:         "disconnected",
		cluster.ClassTLS:             "error",
		cluster.ClassUnauthenticated: "error",
		cluster.ClassNotKubernetes:   "error",
		cluster.ClassConfig:          "error",
		cluster.ClassOther:           "error",
	} {
		w := newWorld(t, synced(time.Minute), map[string]any{"vpcs_count": 7})
		w.cluster.problem = clusterError(class, "no use")
		text := testServer + ": no use"
		if result := w.want(Failed, text); result.Class != class || result.Message != text ||
			result.Status != fabric.StatusError {
			t.Errorf("%s: got %+v", class, result)
		}
		w.wantFabric(map[string]any{
			"connection_status": status, "connection_error": text, "sync_status": "error", "sync_error": "",
			"last_sync": testTime.Add(-time.Minute), "vpcs_count": 7,
		})
		w.wantConsistent()
		w.cluster.problem = nil
		w.sync()
		w.wantFabric(map[string]any{"connection_status": "connected", "connection_error": "", "sync_status": "in_sync"})
		w.wantConsistent()
	}
}

func TestRun_configurationThatCannotWorkIsAConnectionError(t *testing.T) {
	w := newWorld(t)
	result := w.want(Failed, "contains no certificate in PEM form", func(o *Options) {
		o.Connect, o.Credentials = nil, &Credentials{Token: testToken, CACert: "no certificate"}
	})
	if result.Class != cluster.ClassConfig {
		t.Errorf("got %+v", result)
	}
	w.wantFabric(map[string]any{"connection_status": "error", "sync_status": "error"})
	w.wantConsistent()
}

func TestRun_neverStoresASecret(t *testing.T) {
	w := newWorld(t)
	w.cluster.broken["VPC"] = clusterError(cluster.ClassOther, "bearer "+testToken+" \x00 and given-token-9 refused\n"+
		strings.Repeat("x", 3000))
	result := w.want(Failed, "", func(o *Options) { o.Credentials = &Credentials{Token: "given-token-9"} })
	stored, _ := w.fabric()["sync_error"].(string)
	for _, text := range []string{stored, result.Message, result.Kinds[0].Error} {
		if strings.Contains(text, testToken) || strings.Contains(text, "given-token-9") ||
			strings.ContainsAny(text, "\x00\n") || !strings.Contains(text, "(redacted)") ||
			len([]rune(text)) > maxLine {
			t.Errorf("got %d characters: %s", len(text), text)
		}
	}
}

func TestRun_reportsItsProgress(t *testing.T) {
	w := newWorld(t)
	fill(w)
	var steps []Step
	kinds := 0
	w.sync(func(o *Options) {
		o.Progress = func(p Progress) {
			if steps = append(steps, p.Step); p.Step == StepKind {
				if kinds++; p.Number != kinds || p.Of != 12 || p.Kind.Kind != fabric.Kinds()[kinds-1] {
					t.Errorf("got %+v", p)
				}
				if kinds == 1 && p.Message != "VPC: 3 in the cluster, 3 created" {
					t.Errorf("message %q", p.Message)
				}
			}
		}
	})
	if want := slices.Concat([]Step{StepConnect, StepLock}, slices.Repeat([]Step{StepKind}, 12),
		[]Step{StepRecord}); !slices.Equal(steps, want) {
		t.Errorf("steps %v, want %v", steps, want)
	}
}

// The client may have read the record long ago, and no longer have its token.
func TestRun_masksTheTokenOfAKnownRecord(t *testing.T) {
	w := newWorld(t)
	result := w.sync()
	w.client = w.newClient()
	w.want(NotDue, "", known(result), dueOnly)
	token := result.Record.Fabric.KubernetesToken
	if got := w.client.Mask("it said " + token); token == "" || got != "it said (redacted)" {
		t.Errorf("got %q", got)
	}
}
