package synccmd

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

func TestWatch_syncsAtTheIntervalAndNotBefore(t *testing.T) {
	w := newStandins(t)
	w.add("minute", syncedAgo(0))
	w.add("untimed", map[string]any{"sync_interval": 0}, syncedAgo(time.Hour))
	w.add("off", map[string]any{"sync_enabled": false})
	x := w.watch()
	x.advance(59 * time.Second)
	x.wantAsked(0)
	x.advance(999 * time.Millisecond)
	x.wantAsked(0)
	x.advance(time.Millisecond)
	x.wantAsked(1)
	w.wantField("minute", "last_sync", "2030-05-01T12:01:00Z")
	x.advance(59 * time.Second)
	x.wantAsked(1)
	x.advance(time.Second)
	x.wantAsked(2)
	w.wantField("minute", "last_sync", "2030-05-01T12:02:00Z")
	w.wantField("untimed", "last_sync", "2030-05-01T11:00:00Z")
	w.wantField("off", "last_sync", nil)
	if code := x.stop(); code != cli.ExitSuccess {
		t.Errorf("got exit code %d", code)
	}
}

func TestWatch_jitterMakesLateByATenthAtMost(t *testing.T) {
	w := newStandins(t)
	w.program.random = fixed(0.999)
	w.add("minute", syncedAgo(0))
	x := w.watch()
	x.advance(65900 * time.Millisecond)
	x.wantAsked(0)
	x.advance(100 * time.Millisecond)
	x.wantAsked(1)
}

// A watch reads the list with one request every half minute, however many fabrics there are.
func TestWatch_readsTheListEveryHalfMinute(t *testing.T) {
	w := newStandins(t)
	for i := range 50 {
		w.add(fmt.Sprintf("f%d", i), syncedAgo(0), map[string]any{"sync_interval": 3600})
	}
	x := w.watch()
	x.advance(10 * time.Minute)
	if n := len(w.netbox.Requests()); n != 21 {
		t.Errorf("got %d requests in 10 minutes, want 21", n)
	}
}

func TestWatch_noticesWhatIsAddedChangedAndRemoved(t *testing.T) {
	w := newStandins(t)
	x := w.watch("--listen", "127.0.0.1:0")
	id := w.add("late")
	x.advance(30 * time.Second)
	x.wantAsked(1)
	w.netbox.UpdateFabric(id, map[string]any{"sync_interval": 3600})
	x.advance(5 * time.Minute)
	x.wantAsked(1)
	if _, text := x.get("/metrics"); !strings.Contains(text, `{fabric="late"}`) {
		t.Error("the fabric has no series")
	}
	w.netbox.UpdateFabric(id, map[string]any{"name": "later"})
	x.advance(30 * time.Second)
	if _, text := x.get("/metrics"); strings.Contains(text, `fabric="late"`) || !strings.Contains(text,
		`{fabric="later"}`) {
		t.Errorf("got these metrics after the fabric was renamed:\n%s", text)
	}
	w.netbox.DeleteFabric(id)
	x.advance(2 * time.Hour)
	x.wantAsked(1)
	if _, text := x.get("/metrics"); strings.Contains(text, `fabric="`) {
		t.Errorf("got series of a removed fabric:\n%s", text)
	}
	if n := len(x.logged("no longer watching")); n != 1 {
		t.Errorf("got the removal %d times in the log", n)
	}
}

func TestWatch_failedSyncIsTriedAfterGrowingPauses(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("beta")
	w.cluster.problem[server("alpha")] = &cluster.Error{Class: cluster.ClassUnreachable, Server: server("alpha")}
	x := w.watch()
	x.wantAsked(2)
	x.advance(59 * time.Second)
	x.wantAsked(2)
	x.advance(time.Second)
	x.wantAsked(4)
	w.wantField("alpha", "sync_status", "error")
	w.wantField("beta", "last_sync", "2030-05-01T12:01:00Z")
	for _, record := range x.logged("sync ended") {
		if want := map[any]string{"alpha": "ERROR", "beta": "INFO"}[record["fabric"]]; record["level"] != want {
			t.Errorf("got %v", record)
		}
	}
	w.cluster.mu.Lock()
	clear(w.cluster.problem)
	w.cluster.mu.Unlock()
	x.advance(time.Minute)
	w.wantField("alpha", "sync_status", "error") // the second pause is twice the first
	x.advance(time.Minute)
	w.wantField("alpha", "sync_status", "in_sync")
}

func TestWatch_onlyNamedFabrics(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("beta")
	x := w.watch("--fabric", "alpha", "--fabric", "gamma", "--fabric", "betta")
	x.advance(time.Minute)
	if got := w.cluster.asked(); !slices.Equal(got, []string{server("alpha"), server("alpha")}) {
		t.Errorf("asked %q", got)
	}
	for _, message := range []string{notFoundMessage, notFoundMessage + "; did you mean beta?"} {
		if n := len(x.logged(message)); n != 1 {
			t.Errorf("got %q %d times in the log", message, n)
		}
	}
	w.add("gamma")
	x.advance(30 * time.Second)
	x.wantAsked(3)
}

func TestWatch_parallelismIsABound(t *testing.T) {
	w := newStandins(t)
	for i := range 7 {
		w.add(fmt.Sprintf("f%d", i))
	}
	var now, most atomic.Int64
	pairs := make(chan struct{})
	w.cluster.check = func(ctx context.Context, _ string) {
		most.Store(max(most.Load(), now.Add(1)))
		select { // two syncs wait for each other here; the seventh has no other
		case pairs <- struct{}{}:
		case <-pairs:
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
		now.Add(-1)
	}
	x := w.watch("--parallelism", "2")
	x.wantAsked(7)
	if most.Load() != 2 {
		t.Errorf("got %d at once, want 2", most.Load())
	}
}

func TestWatch_jsonHasOneLineForEachSync(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("young", syncedAgo(0), map[string]any{"sync_interval": 3600})
	x := w.watch("--output", "json")
	x.advance(time.Minute)
	x.stop()
	if n := strings.Count(w.stdout.String(), "\n"); n != 2 {
		t.Errorf("got %d lines:\n%s", n, w.stdout.String())
	}
	w.wantOutcomes("alpha: synced")
}

// If NetBox is unavailable, the watch logs it once, answers 503 to health checks and starts no
// sync. When NetBox is back, the watch logs that once and continues.
func TestWatch_netboxAwayAndBack(t *testing.T) {
	w := newStandins(t)
	w.add("alpha", syncedAgo(0))
	x := w.watch("--listen", "127.0.0.1:0")
	if status, text := x.get("/healthz"); status != http.StatusOK || text != "ok\n" {
		t.Errorf("/healthz: got %d %q", status, text)
	}
	w.netbox.Refuse()
	x.advance(5 * time.Minute)
	status, text := x.get("/healthz")
	if status != http.StatusServiceUnavailable || !strings.HasPrefix(text, "NetBox cannot be reached: ") {
		t.Errorf("/healthz: got %d %q", status, text)
	}
	if _, text := x.get("/metrics"); !strings.Contains(text, "\nhedgehog_sync_netbox_up 0\n") {
		t.Error("the metric says that NetBox is available")
	}
	if n := len(x.logged("sync ended")); n != 0 {
		t.Errorf("got %d syncs, want none", n)
	}
	if n := len(x.logged("the fabrics cannot be read; retrying")); n != 1 {
		t.Errorf("got the record %d times in the log", n)
	}
	if err := w.netbox.Accept(); err != nil {
		t.Fatal(err)
	}
	x.advance(30 * time.Second)
	if status, _ := x.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: got %d", status)
	}
	x.wantAsked(1)
	if n := len(x.logged("the fabrics are read")); n != 2 {
		t.Errorf("got the recovery %d times in the log", n)
	}
	w.wantField("alpha", "sync_status", "in_sync")
}

// If NetBox becomes unavailable during a sync, the fabrics that are due wait until it is back.
func TestWatch_netboxAwayInASync(t *testing.T) {
	w := newStandins(t)
	for i := range 5 {
		w.add(fmt.Sprintf("f%d", i))
	}
	w.cluster.check = func(context.Context, string) { w.netbox.Refuse() }
	x := w.watch("--parallelism", "1")
	x.wantAsked(1)
	x.advance(time.Minute)
	x.wantAsked(1)
	w.cluster.mu.Lock()
	w.cluster.check = nil
	w.cluster.mu.Unlock()
	if err := w.netbox.Accept(); err != nil {
		t.Fatal(err)
	}
	x.advance(5 * time.Minute) // the first one's lock must go stale
	for i := range 5 {
		w.wantField(fmt.Sprintf("f%d", i), "sync_status", "in_sync")
	}
}

// If NetBox does not answer a sync, the watch asks for NetBox's status instead of the whole list,
// and continues with the other fabrics.
func TestWatch_doubtfulNetBoxIsAskedForItsStatus(t *testing.T) {
	w := newStandins(t)
	broken := fmt.Sprintf("%s%d/", fabricsPath, w.add("alpha"))
	w.add("beta")
	w.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == broken {
				panic(http.ErrAbortHandler) // the connection breaks
			}
			next.ServeHTTP(rw, r)
		})
	})
	x := w.watch("--listen", "127.0.0.1:0")
	x.advance(2 * time.Minute)
	tries, synced := 0, 0
	for _, record := range x.logged("sync ended") {
		switch record["fabric"] {
		case "alpha":
			tries++
		case "beta":
			synced++
		}
	}
	lists, pings := 0, w.netbox.Count("GET", "/api/status/")
	for _, r := range w.netbox.Requests() {
		if r.Path == fabricsPath {
			lists++
		}
	}
	if tries < 4 || pings != tries || lists != 5 || synced != 3 {
		t.Errorf("got %d tries, %d syncs of the other one, %d lists, %d requests for the status", tries,
			synced, lists, pings)
	}
	if status, text := x.get("/readyz"); status != http.StatusOK {
		t.Errorf("/healthz: got %d %q", status, text)
	}
}

func TestWatch_stopsInTheMiddleOfASync(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("beta")
	w.cluster.vpcs = 1 // for which the fabric is locked
	begun := make(chan struct{})
	w.cluster.check = func(ctx context.Context, _ string) {
		close(begun)
		<-ctx.Done()
	}
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() { code <- w.program.run(ctx, []string{"--watch", "--parallelism", "1", "--log-format", "json"}) }()
	<-begun
	w.wantField("alpha", "sync_status", "syncing")
	cancel()
	if got := <-code; got != cli.ExitSuccess {
		t.Errorf("got exit code %d", got)
	}
	w.wantField("alpha", "sync_status", "never_synced")
	w.wantField("beta", "sync_status", "never_synced")
	if got := w.cluster.asked(); len(got) != 1 {
		t.Errorf("asked %q", got)
	}
	wantText(t, w.stderr.String(), `"msg":"stopping: no new sync begins","running":1`, `"outcome":"interrupted"`,
		`"msg":"watch stopped"`)
	if n := strings.Count(w.stderr.String(), `"msg":"sync ended"`); n != 1 {
		t.Errorf("%d syncs started, want only the stopped one:\n%s", n, w.stderr.String())
	}
	if strings.Contains(w.stderr.String(), `"level":"ERROR"`) {
		t.Errorf("got an error in the log of a watch that was stopped:\n%s", w.stderr.String())
	}
}

// Of two watches, one syncs a fabric, and neither fails.
func TestWatch_twoAtOnceDoNoHarm(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	other := newStandins(t)
	other.environment, other.program.connect = w.environment, w.cluster.connect
	begun, release := make(chan struct{}), make(chan struct{})
	w.cluster.check = func(ctx context.Context, _ string) {
		close(begun)
		select {
		case <-release:
		case <-ctx.Done():
		}
	}
	code := make(chan int, 1)
	go func() { code <- w.program.run(t.Context(), []string{"--once"}) }()
	<-begun
	x := other.watch("--listen", "127.0.0.1:0")
	x.wantAsked(0) // its own cluster
	if _, text := x.get("/metrics"); !strings.Contains(text, `hedgehog_sync_runs_total{outcome="busy"} 1`) {
		t.Error("the second watch did not find the fabric busy")
	}
	close(release)
	if got := <-code; got != cli.ExitSuccess {
		t.Errorf("the first watch: got exit code %d", got)
	}
	w.netbox.Advance(30 * time.Second)
	x.standins.clock.advance(30 * time.Second)
	x.await()
	if got := w.cluster.asked(); len(got) != 1 {
		t.Errorf("got %d syncs that reached the cluster", len(got))
	}
	if strings.Contains(other.stderr.String(), `"level":"ERROR"`) {
		t.Errorf("got an error for a busy fabric:\n%s", other.stderr.String())
	}
	w.wantField("alpha", "sync_status", "in_sync")
}

func TestWatch_addressInUseEndsWithTwo(t *testing.T) {
	w := newStandins(t)
	address := strings.TrimPrefix(w.netbox.URL(), "http://")
	w.wantCode(w.run("--watch", "--listen", address), cli.ExitUsage)
	wantText(t, w.stderr.String(), "--listen: listen tcp "+address)
}
