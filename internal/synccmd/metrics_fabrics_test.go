package synccmd

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// everyMetric returns a registry in which every metric has a sample.
func everyMetric(t *testing.T) *prometheus.Registry {
	t.Helper()
	b := newStatusBoard(clock.RealClock{})
	b.observed = testTime
	b.show(&fabric.Fabric{ID: 1, Name: "alpha", KubernetesServer: "https://k8s.example.com", SyncEnabled: true,
		SyncInterval: 60, LastSync: &testTime}, testTime, false)
	result := &fabricsync.Result{Outcome: fabricsync.Synced, StartedAt: testTime}
	for _, kind := range fabric.Kinds() {
		result.Kinds = append(result.Kinds, fabricsync.KindResult{Kind: kind, Listed: true})
	}
	r := &report{id: 1, name: "alpha", result: result}
	b.ended(r)
	m := newMetrics("1", b)
	m.ended(r)
	for _, requests := range []*requestMetrics{m.netbox, m.cluster} {
		answers := requests.wrap(answering{})
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := answers.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	const queue = "fabrics"
	m.queue.NewDepthMetric(queue).Inc()
	m.queue.NewAddsMetric(queue).Inc()
	m.queue.NewLatencyMetric(queue).Observe(1)
	m.queue.NewWorkDurationMetric(queue).Observe(1)
	m.queue.NewUnfinishedWorkSecondsMetric(queue).Set(1)
	m.queue.NewLongestRunningProcessorSecondsMetric(queue).Set(1)
	m.queue.NewRetriesMetric(queue).Inc()
	return m.registry
}

// answering is a server that answers everything.
type answering struct{}

func (answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// The status is current in each answer, without a sync: a fabric goes out of sync, and is late,
// just because time passes.
func TestMetrics_statusAndLatenessFollowTheTime(t *testing.T) {
	w := newStandins(t)
	w.add("alpha", syncedAgo(0), map[string]any{"sync_interval": 45})
	w.cluster.problem[server("alpha")] = &cluster.Error{Class: cluster.ClassUnreachable, Server: server("alpha")}
	x := w.watch("--listen", "127.0.0.1:0")
	want := func(status, lateness string) {
		t.Helper()
		_, text := x.get("/metrics")
		for _, line := range []string{
			`hedgehog_sync_fabric_status{fabric="alpha",status="` + status + `"} 1`,
			`hedgehog_sync_fabric_lateness_seconds{fabric="alpha"} ` + lateness,
		} {
			if !strings.Contains(text, "\n"+line+"\n") {
				t.Errorf("%s is missing:\n%s", line, about(text, "alpha"))
			}
		}
		if n := strings.Count(text, `hedgehog_sync_fabric_status{fabric="alpha"`); n != len(fabric.Statuses()) {
			t.Errorf("got %d series of the status", n)
		}
	}
	want("in_sync", "0")
	x.advance(40 * time.Second)
	want("in_sync", "0")
	x.advance(10 * time.Second) // its sync failed
	want("error", "5")
}

// Metrics and page report a record that contradicts itself, whatever the fabric's status is. They
// report no other record.
func TestWatch_showsInconsistentRecords(t *testing.T) {
	w := newStandins(t)
	w.add("alpha", syncedAgo(0))
	bare := w.add("bare", syncedAgo(0), map[string]any{"kubernetes_server": ""})
	w.add("off", map[string]any{"sync_enabled": false, "status": "maintenance"})
	x := w.watch("--listen", "127.0.0.1:0")
	_, text := x.get("/metrics")
	wantText(t, text, `hedgehog_sync_fabric_inconsistent{fabric="alpha"} 0`,
		`hedgehog_sync_fabric_inconsistent{fabric="bare"} 1`, `hedgehog_sync_fabric_inconsistent{fabric="off"} 0`)
	_, text = x.get("/")
	wantText(t, text, "NetBox stores the sync status &#34;in_sync&#34;, but no Kubernetes server is configured.",
		"1 of 3 fabrics: in error, out of sync, or with a record that contradicts itself.")
	if got := names(text); !slices.Equal(got, []string{"bare", "alpha", "off"}) {
		t.Errorf("got %q", got)
	}
	w.netbox.UpdateFabric(bare, map[string]any{"sync_status": "never_synced", "connection_status": "unknown",
		"last_sync": nil})
	x.advance(30 * time.Second)
	_, text = x.get("/metrics")
	wantText(t, text, `hedgehog_sync_fabric_inconsistent{fabric="bare"} 0`)
	_, text = x.get("/")
	wantText(t, text, "No fabric is in error or out of sync, and no record contradicts itself.")
}

// about returns the lines of the metrics about a fabric.
func about(text, name string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, `fabric="`+name+`"`) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

func TestMetrics_seriesEndWithTheirFabric(t *testing.T) {
	w := newStandins(t)
	gone, renamed := w.add("gone"), w.add("old")
	x := w.watch("--listen", "127.0.0.1:0")
	_, text := x.get("/metrics")
	for _, name := range []string{"gone", "old"} {
		if n := strings.Count(about(text, name), "\n"); n < 10 {
			t.Errorf("got only %d series of %s", n, name)
		}
	}
	w.netbox.DeleteFabric(gone)
	w.netbox.UpdateFabric(renamed, map[string]any{"name": "new"})
	x.advance(30 * time.Second)
	_, text = x.get("/metrics")
	if left := about(text, "gone") + about(text, "old"); left != "" {
		t.Errorf("got series of the removed fabric:\n%s", left)
	}
	if n := strings.Count(about(text, "new"), "\n"); n < 10 {
		t.Errorf("got only %d series with the new name", n)
	}
}

// While names move between fabrics, two fabrics may have the same name. The answer must still
// work.
func TestMetrics_twoFabricsOfOneNameAreNoError(t *testing.T) {
	b := newStatusBoard(clock.RealClock{})
	for id := range int64(2) {
		b.show(&fabric.Fabric{ID: id + 1, Name: "alpha\xff"}, time.Time{}, false)
	}
	if _, err := newMetrics("1", b).registry.Gather(); err != nil {
		t.Error(err)
	}
}

func TestMetrics_fabricNeverSyncedIsLateSinceItWasSeen(t *testing.T) {
	clock := newTestClock()
	b := newStatusBoard(clock)
	b.listed(testTime, testTime, func(int64) bool { return true })
	never := &fabric.Fabric{ID: 1, Name: "alpha", KubernetesServer: "https://k8s.example.com", SyncEnabled: true,
		SyncInterval: 60}
	b.show(never, testTime, false)
	clock.advance(7 * time.Second)
	b.show(never, testTime, false)
	if views, _ := b.views(); !views[0].timed || views[0].late != 7*time.Second {
		t.Errorf("got %+v", views[0])
	}
	off := *never
	off.SyncEnabled = false
	b.show(&off, time.Time{}, false)
	if views, _ := b.views(); views[0].timed {
		t.Errorf("got %+v", views[0])
	}
}

// A fabric whose sync failed within its interval is late since the failure was seen, also after
// the interval.
func TestMetrics_failedFabricIsLateSinceItsFailure(t *testing.T) {
	clock := newTestClock()
	b := newStatusBoard(clock)
	b.listed(testTime, testTime, func(int64) bool { return true })
	wantLate := func(f *fabric.Fabric, want time.Duration) {
		t.Helper()
		b.show(f, testTime, false)
		if views, _ := b.views(); !views[0].timed || views[0].late != want {
			t.Errorf("got late by %s, want %s", views[0].late, want)
		}
	}
	f := timed(1, 60, ago(0))
	wantLate(f, 0)
	f.SyncError = "no"
	wantLate(f, 0)
	clock.advance(59 * time.Second)
	wantLate(f, 59*time.Second)
	clock.advance(2 * time.Second)
	wantLate(f, 61*time.Second)
	again := timed(1, 60, ago(-time.Second)) // synced by another engine, and due again since then
	wantLate(again, 0)
	clock.advance(time.Second)
	wantLate(again, time.Second)
}

// A sync that was not due does not change the numbers of objects.
func TestMetrics_turnThatWasNotDueLeavesTheNumbers(t *testing.T) {
	b := newStatusBoard(clock.RealClock{})
	b.show(&fabric.Fabric{ID: 1, Name: "alpha"}, time.Time{}, false)
	b.ended(&report{id: 1, took: time.Second, result: &fabricsync.Result{
		Outcome: fabricsync.Synced, StartedAt: testTime, Kinds: []fabricsync.KindResult{{Created: 3}},
	}})
	b.ended(&report{id: 1, result: &fabricsync.Result{Outcome: fabricsync.NotDue}})
	views, _ := b.views()
	if latest := views[0].latest; latest.took != time.Second || !latest.read || latest.objects.Created != 3 ||
		latest.outcome != fabricsync.NotDue {
		t.Errorf("got %+v", latest)
	}
}

func TestMetrics_requestsAreCounted(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	x := w.watch("--listen", "127.0.0.1:0")
	want := map[string]int{}
	for _, r := range w.netbox.Requests() {
		want[`method="`+strings.ToLower(r.Method)+`"`]++
	}
	_, text := x.get("/metrics")
	for method, n := range want {
		counted := 0
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "hedgehog_sync_netbox_requests_total{") && strings.Contains(line, method) {
				value, err := strconv.Atoi(strings.TrimSpace(line[strings.LastIndex(line, " ")+1:]))
				if err != nil {
					t.Fatal(err)
				}
				counted += value
			}
		}
		if counted != n {
			t.Errorf("%s: got %d counted requests, want %d", method, counted, n)
		}
	}
	wantText(t, text, "hedgehog_sync_netbox_requests_in_flight 0", "hedgehog_sync_netbox_requests_unanswered_total 0",
		`hedgehog_sync_netbox_request_duration_seconds_bucket{method="patch",le="30"}`)
}

func TestMetrics_requestWithoutAnAnswerIsCounted(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	x := w.watch("--listen", "127.0.0.1:0")
	w.netbox.Close()
	x.advance(30 * time.Second)
	if _, text := x.get("/metrics"); strings.Contains(text, "hedgehog_sync_netbox_requests_unanswered_total 0") {
		t.Error("no request was counted as unanswered")
	}
}
