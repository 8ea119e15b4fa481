package synccmd

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

func TestMetrics_showHowSyncsWent(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("beta", map[string]any{"kubernetes_token": "token-of-beta"})
	w.add("bare", map[string]any{"kubernetes_server": ""})
	w.add("young", syncedAgo(0), map[string]any{"sync_interval": 3600})
	w.cluster.problem[server("beta")] = &cluster.Error{Class: cluster.ClassUnreachable, Server: server("beta")}
	x := w.watch("--listen", "127.0.0.1:0")
	status, text := x.get("/metrics")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{
		`hedgehog_sync_runs_total{outcome="synced"} 1`, `hedgehog_sync_runs_total{outcome="failed"} 1`,
		`hedgehog_sync_runs_total{outcome="busy"} 0`, `hedgehog_sync_duration_seconds_count 2`,
		`hedgehog_sync_duration_seconds_bucket{le="0.25"} 2`,
		`hedgehog_sync_last_success_timestamp_seconds{fabric="alpha"} 1.9038672e+09`,
		`hedgehog_sync_last_success_timestamp_seconds{fabric="young"} 1.9038672e+09`,
		`hedgehog_sync_fabric_objects{action="created",fabric="alpha"} 2`,
		`hedgehog_sync_fabric_objects{action="in_cluster",fabric="alpha"} 2`,
		`hedgehog_sync_objects_total{action="created",kind="VPC"} 2`, `hedgehog_sync_objects_total{action="deleted",` +
			`kind="SwitchGroup"} 0`,
		`hedgehog_sync_fabrics{sync_status="in_sync"} 2`, `hedgehog_sync_fabrics{sync_status="error"} 1`,
		`hedgehog_sync_fabrics{sync_status="not_configured"} 1`, `hedgehog_sync_fabrics{sync_status="never_synced"} 0`,
		`hedgehog_sync_fabric_status{fabric="alpha",status="in_sync"} 1`,
		`hedgehog_sync_fabric_status{fabric="alpha",status="error"} 0`, `hedgehog_sync_fabric_status{fabric="beta",` +
			`status="error"} 1`, `hedgehog_sync_fabric_status{fabric="beta",status="in_sync"} 0`,
		`hedgehog_sync_fabric_status{fabric="bare",status="not_configured"} 1`,
		`hedgehog_sync_fabric_lateness_seconds{fabric="alpha"} 0`,
		`hedgehog_sync_fabric_lateness_seconds{fabric="young"} 0`,
		`hedgehog_sync_fabric_last_duration_seconds{fabric="alpha"} 0`,
		`hedgehog_sync_failures_total{class="unreachable"} 1`, `hedgehog_sync_failures_total{class="netbox"} 0`,
		`workqueue_depth{name="fabrics"} 0`, `workqueue_queue_duration_seconds_count{name="fabrics"} 2`,
		`hedgehog_sync_running 0`, `hedgehog_sync_waiting 0`, `hedgehog_sync_netbox_up 1`,
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	if !regexp.MustCompile(`\nhedgehog_sync_build_info\{goversion="go[^"]+",version="1\.2\.3"\} 1\n`).MatchString(
		text) {
		t.Error("the build is missing")
	}
	for _, found := range regexp.MustCompile(`(?m)^hedgehog_sync_(\w+)\{.*fabric="beta"`).FindAllStringSubmatch(text,
		-1) {
		if !slices.Contains([]string{"fabric_status", "fabric_inconsistent", "fabric_lateness_seconds",
			"fabric_last_duration_seconds"}, found[1]) {
			t.Errorf("got a sample of %s for a fabric whose cluster was never reached", found[1])
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// A number that the latest sync did not determine has no sample.
func TestMetrics_haveNoSampleOfWhatIsNotKnown(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	x := w.watch("--listen", "127.0.0.1:0")
	known := func(action string) bool {
		_, text := x.get("/metrics")
		return strings.Contains(text, `hedgehog_sync_fabric_objects{action="`+action+`",fabric="alpha"} `)
	}
	for _, step := range []struct {
		problem            error // of the cluster
		broken             string
		created, inCluster bool
	}{
		{created: true, inCluster: true},
		{broken: "VPC", created: true}, // the other kinds were read
		{problem: &cluster.Error{Class: cluster.ClassUnreachable, Server: server("alpha")}},
		{created: true, inCluster: true},
	} {
		w.cluster.mu.Lock()
		w.cluster.problem[server("alpha")], w.cluster.broken = step.problem, step.broken
		w.cluster.mu.Unlock()
		x.advance(longestRetry)
		if created, inCluster := known("created"), known(inCluster); created != step.created ||
			inCluster != step.inCluster {
			t.Errorf("%+v: created is known %t, in_cluster %t", step, created, inCluster)
		}
	}
}

// Every name has its unit, and every metric has a help text.
func TestMetrics_namesFollowPrometheus(t *testing.T) {
	registry := everyMetric(t)
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		name := f.GetName()
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") || strings.HasPrefix(name,
			"workqueue_") {
			continue
		}
		if !strings.HasPrefix(name, "hedgehog_sync_") || f.GetHelp() == "" || strings.HasSuffix(name,
			"_total") != (f.GetType().String() == "COUNTER") {
			t.Errorf("%s, a %s: %q", name, f.GetType(), f.GetHelp())
		}
	}
}

// A fabric that starts to wait while all syncs hang is counted at once.
func TestMetrics_waitingIsAsItIsNow(t *testing.T) {
	w := newStandins(t)
	w.add("first", syncedAgo(50*time.Second))
	w.add("second", syncedAgo(40*time.Second))
	x := w.watch("--listen", "127.0.0.1:0", "--parallelism", "1")
	var seen bool
	var once sync.Once
	w.cluster.check = func(context.Context, string) {
		once.Do(func() { // the sync of the first one hangs until the second one is due, and longer
			w.netbox.Advance(10 * time.Second)
			w.clock.advance(10 * time.Second)
			for deadline := time.Now().Add(5 * time.Second); !seen && time.Now().Before(deadline); {
				_, text := x.get("/metrics")
				seen = strings.Contains(text, "\nhedgehog_sync_waiting 1\n") && strings.Contains(text,
					"\nhedgehog_sync_running 1\n")
			}
		})
	}
	x.advance(10 * time.Second)
	if x.wantAsked(2); !seen {
		t.Error("no fabric was counted as waiting")
	}
}
