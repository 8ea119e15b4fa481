package fabricsync

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// fill puts some objects of every kind that is counted into the cluster.
func fill(w *world) {
	for kind, n := range map[string]int{"VPC": 3, "External": 1, "Connection": 4, "Server": 5, "Switch": 2,
		"SwitchGroup": 1, "VLANNamespace": 1} {
		w.cluster.add(kind, n)
	}
	w.cluster.objects["SwitchGroup"][0].Spec = nil // as they are in every cluster
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
	if result.Status != fabric.InSync || result.Fabric != "alpha" || result.Message != "" || result.Warnings != nil ||
		!result.StartedAt.Equal(testTime) || !result.FinishedAt.Equal(testTime) {
		t.Errorf("%+v", result)
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
}

func TestRun_secondTimeWritesTheRecordOnly(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.sync()
	w.advance(time.Minute)
	w.netbox.ResetRequests()
	result := w.sync()
	w.wantWrites("PATCH fabrics/1")
	if totals := result.Totals(); totals.Unchanged != 16 || totals.Created+totals.Updated != 0 {
		t.Errorf("totals %+v", totals)
	}
	w.wantFabric(map[string]any{"last_sync": "2030-05-01T12:01:00Z", "sync_status": "in_sync"})
}

func TestRun_everyWriteOfTheRecordCarriesIfMatch(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.sync()
	tags := map[string]bool{}
	for _, r := range w.netbox.Requests() {
		if r.Method == http.MethodPatch {
			tags[r.Header.Get("If-Match")] = true
		}
	}
	if len(tags) != 2 || tags[""] { // lock, outcome
		t.Errorf("tags %v", tags)
	}
}

func TestRun_skipsWhatIsNotToBeSynced(t *testing.T) {
	for want, fields := range map[fabric.Status]map[string]any{
		fabric.NotConfigured: {"kubernetes_server": " "},
		fabric.Disabled:      {"sync_enabled": false},
	} {
		w := newWorld(t, fields)
		result, err := w.run()
		if e := wantError[*fabric.SyncRefusedError](t, err); e.Status != want || result.Outcome != Skipped ||
			result.Status != want || result.Message != e.Reason {
			t.Errorf("%v, %+v", e.Status, result)
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
	if e := wantError[*CredentialsError](t, err); e.Fabric != "alpha" || result.Outcome != Refused {
		t.Errorf("%v, %+v", e, result)
	}
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
		result, err := w.run(func(o *Options) { o.OnlyIfDue = true })
		if err != nil || result.Outcome != c.want {
			t.Errorf("interval %d, %s ago: %+v, %v", c.interval, c.ago, result, err)
		}
		if c.want == NotDue {
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
	result, err := w.run(prune, func(o *Options) { o.DryRun = true })
	if totals := result.Totals(); err != nil || result.Outcome != Planned || totals.Created != 2 ||
		totals.Updated != 1 || totals.Deleted != 1 ||
		totals.Unchanged != 14 || totals.NotStorable != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantWrites()
	w.wantFabric(before0(before))
}

// before0 are the fields of a record that can be compared with ==.
func before0(record map[string]any) map[string]any {
	same := map[string]any{}
	for field, value := range record {
		switch value.(type) {
		case string, float64, bool, nil:
			same[field] = value
		}
	}
	return same
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
		w := newWorld(t, map[string]any{"last_sync": testTime.Add(-time.Minute), "sync_status": "in_sync",
			"vpcs_count": 7})
		w.cluster.problem = clusterError(class, "no use")
		result, err := w.run()
		text := testServer + ": no use"
		if err != nil || result.Outcome != Failed || result.Class != class || result.Message != text ||
			result.Status != fabric.Error {
			t.Errorf("%s: %+v, %v", class, result, err)
		}
		w.wantFabric(map[string]any{
			"connection_status": status, "connection_error": text, "sync_status": "error", "sync_error": "",
			"last_sync": "2030-05-01T11:59:00Z", "vpcs_count": 7,
		})
		w.wantConsistent()
	}
}

func TestRun_configurationThatCannotWorkIsAConnectionError(t *testing.T) {
	w := newWorld(t)
	result, err := w.run(func(o *Options) {
		o.Connect = nil
		o.Credentials = &Credentials{Token: testToken, CACert: "no certificate"}
	})
	if err != nil || result.Class != cluster.ClassConfig || !strings.Contains(result.Message,
		"holds no certificate in PEM form") {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"connection_status": "error", "sync_status": "error"})
	w.wantConsistent()
}

func TestRun_recoversFromAnError(t *testing.T) {
	w := newWorld(t)
	w.cluster.problem = clusterError(cluster.ClassUnreachable, "no route to host")
	if _, err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.cluster.problem = nil
	w.sync()
	w.wantFabric(map[string]any{"connection_status": "connected", "connection_error": "", "sync_status": "in_sync",
		"sync_error": ""})
	w.wantConsistent()
}

func TestRun_cancelledLeavesNoMark(t *testing.T) {
	for name, c := range map[string]struct {
		before map[string]any
		want   map[string]any
	}{
		"never synced": {nil, map[string]any{"sync_status": "never_synced", "last_sync": nil}},
		"in sync": {
			map[string]any{"last_sync": testTime.Add(-time.Minute), "sync_status": "in_sync",
				"connection_status": "connected"},
			map[string]any{"sync_status": "in_sync", "last_sync": "2030-05-01T11:59:00Z"},
		},
		"sync error": {
			map[string]any{"sync_error": "1 object was refused", "sync_status": "error",
				"connection_status": "connected"},
			map[string]any{"sync_status": "error", "sync_error": "1 object was refused"},
		},
		"connection error": { // the connection works by now
			map[string]any{"connection_error": "refused", "connection_status": "disconnected", "sync_status": "error",
				"last_sync": testTime.Add(-time.Minute)},
			map[string]any{"sync_status": "out_of_sync", "connection_status": "connected", "connection_error": ""},
		},
		"stale mark": {
			map[string]any{"sync_status": "syncing", "last_sync": testTime.Add(-time.Hour)},
			map[string]any{"sync_status": "out_of_sync"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.before)
			w.cluster.add("VPC", 3)
			ctx, cancel := context.WithCancel(t.Context())
			w.cluster.listed = func(_ context.Context, kind fabric.Kind) {
				if kind.Name == "External" {
					cancel()
				}
			}
			result, err := Run(ctx, w.options(), 1)
			if !errors.Is(err, context.Canceled) || result.Outcome != Interrupted || result.Message != "the sync was "+
				"interrupted: context canceled" {
				t.Errorf("%+v, %v", result, err)
			}
			w.wantFabric(c.want)
			w.wantConsistent()
		})
	}
}

func TestRun_cancelledWhileTheClusterIsAsked(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.cluster.listed = func(context.Context, fabric.Kind) { cancel() }
	w.cluster.problem = clusterError(cluster.ClassOther, "cancelled") // which is no fault of the cluster
	if result, err := Run(ctx, w.options(), 1); !errors.Is(err, context.Canceled) || result.Outcome != Interrupted {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"sync_status": "never_synced", "connection_status": "unknown", "connection_error": ""})
}

// A sync whose time is over has failed, and NetBox's record tells of it; only one that
// somebody stops leaves the status from before.
func TestRun_deadlineIsStoredAsAFailure(t *testing.T) {
	const over = "the sync was not done within the 5 s that --timeout allows"
	for name, c := range map[string]struct {
		prepare func(w *world, end func())
		want    map[string]any
		class   cluster.Class
	}{
		"the cluster gives no answer": {
			func(w *world, end func()) {
				w.cluster.listed = func(ctx context.Context, _ fabric.Kind) { end(); <-ctx.Done() }
				w.cluster.problem = clusterError(cluster.ClassTimeout, "no answer")
			},
			map[string]any{"connection_status": "disconnected", "connection_error": testServer + ": no answer; " + over,
				"sync_error": ""},
			cluster.ClassTimeout,
		},
		"the first list ends without a word": {
			func(w *world, end func()) {
				w.netbox.UpdateFabric(1, map[string]any{"connection_status": "unknown"})
				w.cluster.mute = true
				w.cluster.listed = func(ctx context.Context, _ fabric.Kind) { end(); <-ctx.Done() }
			},
			// Whether the cluster can be reached nobody knows.
			map[string]any{"connection_status": "unknown", "connection_error": "", "sync_error": over},
			"",
		},
		"the lists take too long": {
			func(w *world, end func()) {
				w.cluster.listed = func(ctx context.Context, kind fabric.Kind) {
					if kind.Name == "External" {
						end()
						<-ctx.Done()
					}
				}
			},
			map[string]any{"connection_status": "connected", "connection_error": "", "sync_error": over +
				"; it had reached External, kind 2 of 12"},
			"",
		},
		"NetBox takes too long": {
			func(w *world, end func()) {
				w.intercept("GET", "/vpcs/", func(_ int, _ http.Handler, _ http.ResponseWriter, r *http.Request) {
					end()
					<-r.Context().Done()
				})
			},
			map[string]any{"connection_status": "connected", "connection_error": "", "sync_error": over +
				"; it had reached VPC, kind 1 of 12"},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]any{"last_sync": testTime.Add(-time.Minute), "sync_status": "in_sync",
				"connection_status": "connected"})
			w.cluster.add("VPC", 3)
			ctx := &endableContext{done: make(chan struct{})}
			c.prepare(w, func() { ctx.end(&TimeoutError{After: 5 * time.Second, Setting: "--timeout"}) })
			result, err := Run(ctx, w.options(), 1)
			if err != nil || result.Outcome != Failed || result.Class != c.class || result.Status != fabric.Error {
				t.Errorf("%+v, %v", result, err)
			}
			c.want["sync_status"] = "error"
			w.wantFabric(c.want)
			w.wantConsistent()
		})
	}
}

func TestRun_neverStoresASecret(t *testing.T) {
	w := newWorld(t)
	w.cluster.broken["VPC"] = clusterError(cluster.ClassOther, "bearer "+testToken+" \x00 and given-token-9 refused\n"+
		strings.Repeat("x", 3000))
	result, err := w.run(func(o *Options) { o.Credentials = &Credentials{Token: "given-token-9"} })
	stored, _ := w.fabric()["sync_error"].(string)
	if err != nil || result.Outcome != Failed || stored == "" {
		t.Fatalf("%+v, %v, %q", result, err, stored)
	}
	for _, text := range []string{stored, result.Message, result.Kinds[0].Error} {
		if strings.Contains(text, testToken) || strings.Contains(text, "given-token-9") ||
			strings.ContainsAny(text, "\x00\n") ||
			!strings.Contains(text, "(redacted)") || len([]rune(text)) > maxLine {
			t.Errorf("%d characters: %s", len(text), text)
		}
	}
}

func TestRun_tellsItsProgress(t *testing.T) {
	w := newWorld(t)
	fill(w)
	var steps []Step
	kinds := 0
	w.sync(func(o *Options) {
		o.Progress = func(p Progress) {
			if steps = append(steps, p.Step); p.Step == StepKind {
				if kinds++; p.Number != kinds || p.Of != 12 || p.Kind.Kind != fabric.Kinds()[kinds-1] {
					t.Errorf("%+v", p)
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
