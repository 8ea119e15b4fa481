package synccmd

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestOnce_syncsWhatIsDueAndNothingElse(t *testing.T) {
	w := newStandins(t)
	w.add("never")
	w.add("old", syncedAgo(60*time.Second))
	w.add("young", syncedAgo(59*time.Second))
	w.add("untimed", map[string]any{"sync_interval": 0})
	w.add("off", map[string]any{"sync_enabled": false})
	w.add("bare", map[string]any{"kubernetes_server": ""})
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitSuccess)
	w.wantOutcomes("bare: skipped, never: synced, off: skipped, old: synced, untimed: not_due, young: not_due")
	servers := w.cluster.asked()
	slices.Sort(servers)
	if !slices.Equal(servers, []string{server("never"), server("old")}) {
		t.Errorf("asked %q", servers)
	}
	w.wantField("never", "last_sync", "2030-05-01T12:00:00Z")
	w.wantField("old", "vpcs_count", 2.0)
	w.wantField("young", "last_sync", "2030-05-01T11:59:01Z")
	if message := w.records()["young"]["message"]; message != "the next sync is due in 1 s" {
		t.Errorf("young: got %v", message)
	}
}

// A failed sync is retried by the next run, even if a sync before it succeeded within the
// interval.
func TestOnce_fabricInErrorIsDueWithinItsInterval(t *testing.T) {
	w := newStandins(t)
	failed := map[string]any{"sync_status": "error", "sync_error": "forced, and refused"}
	w.add("fails", syncedAgo(time.Second), failed)
	w.add("fixed", syncedAgo(time.Second), failed)
	w.add("untimed", syncedAgo(time.Second), failed, map[string]any{"sync_interval": 0})
	w.cluster.problem[server("fails")] = &cluster.Error{Class: cluster.ClassUnauthenticated, Server: server("fails")}
	for range 2 {
		w.stdout = syncBuffer{}
		w.wantCode(w.run("--once", "--output", "json"), cli.ExitFailure)
		w.wantField("fixed", "last_sync", "2030-05-01T12:00:00Z")
		w.wantField("fixed", "sync_error", "")
	}
	w.wantOutcomes("fails: failed, fixed: not_due, untimed: not_due")
}

// A run syncs the most overdue fabrics first, whatever their ids.
func TestOnce_mostOverdueComesFirst(t *testing.T) {
	w := newStandins(t)
	w.add("minute", syncedAgo(90*time.Second))                                               // due for 30 s
	w.add("hour", syncedAgo(61*time.Minute), map[string]any{"sync_interval": 3600})          // for a minute
	w.add("untimed", syncedAgo(time.Minute+time.Second), map[string]any{"sync_interval": 0}) // with --force alone
	w.add("never")
	w.add("old", syncedAgo(time.Hour))
	ctx, cancel := context.WithCancel(t.Context())
	w.cluster.check = func(_ context.Context, at string) {
		if at == server("untimed") {
			cancel()
		}
	}
	w.wantCode(w.program.run(ctx, []string{"--once", "--force", "--parallelism", "1", "--output", "json"}),
		cli.ExitStopped)
	want := []string{server("never"), server("old"), server("untimed")}
	if got := w.cluster.asked(); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// If NetBox shows no fabrics at all, the command says so like the status command: the token may
// not be allowed to view them.
func TestOnce_noFabricsEndsWithThree(t *testing.T) {
	w := newStandins(t)
	for _, more := range []string{"", "--output json", "--shard 0 --shards 2"} {
		w.stdout, w.stderr = syncBuffer{}, syncBuffer{}
		w.wantCode(w.run(append(strings.Fields(more), "--once")...), cli.ExitUnknown)
		wantText(t, w.stderr.String(), "NetBox has no fabrics, or this API token is not allowed to view them; "+
			"check the permissions of the token's user")
		if got := w.stdout.String(); got != "No fabrics.\n" && got != "" {
			t.Errorf("got %q", got)
		}
	}
	w.wantCode(w.run("--once", "--fabric", "alpha"), cli.ExitFailure) // a fabric that was expected is worse
	w.add("alpha")
	w.stderr = syncBuffer{}
	var codes []int
	for _, shard := range []string{"0", "1"} { // one of them has no fabric
		codes = append(codes, w.run("--once", "--shard", shard, "--shards", "2"))
	}
	if !slices.Equal(codes, []int{cli.ExitSuccess, cli.ExitSuccess}) {
		t.Errorf("codes %v: %s", codes, w.stderr.String())
	}
}

func TestOnce_nothingDueSucceeds(t *testing.T) {
	w := newStandins(t)
	w.add("young", syncedAgo(time.Second))
	w.wantCode(w.run("--once"), cli.ExitSuccess)
	wantText(t, w.stdout.String(), "1 fabric: 1 not due.")
	if n := w.writes(); n != 0 {
		t.Errorf("got %d writes", n)
	}
}

func TestOnce_failedClusterExitsWith1AndDelaysNoOther(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("beta")
	w.cluster.problem[server("alpha")] = &cluster.Error{Class: cluster.ClassUnreachable, Server: server("alpha")}
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitFailure)
	w.wantOutcomes("alpha: failed, beta: synced")
	alpha := w.records()["alpha"]
	if alpha["error_class"] != "unreachable" || alpha["sync_status"] != "error" || alpha["message"] == "" ||
		alpha["failed"] != true {
		t.Errorf("got %v", alpha)
	}
	w.wantField("alpha", "connection_status", "disconnected")
}

// The log and the JSON name the proxy's fault.
func TestOnce_proxyThatRewritesIfMatchIsNamed(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if tag := r.Header.Get("If-Match"); tag != "" {
				r.Header.Set("If-Match", strings.TrimSuffix(tag, `"`)+`-gzip"`)
			}
			next.ServeHTTP(rw, r)
		})
	})
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitFailure)
	w.wantOutcomes("alpha: failed")
	message, _ := w.records()["alpha"]["message"].(string)
	wantText(t, message, "a proxy or gateway in front of NetBox changes the If-Match header")
}

func TestOnce_unreadableNetBoxEndsWithOne(t *testing.T) {
	w := newStandins(t)
	w.netbox.RevokeToken(netboxtest.AdminToken)
	w.wantCode(w.run("--once"), cli.ExitFailure)
	wantText(t, w.stderr.String(), "the fabrics cannot be read", "NetBox refused the API token: it answered")
}

// If NetBox becomes unavailable, the command waits once, and not for each fabric.
func TestOnce_netboxGoneAwayEndsTheRest(t *testing.T) {
	w := newStandins(t)
	for i := range 20 {
		w.add(fmt.Sprintf("f%02d", i))
	}
	w.environment["NETBOX_REQUEST_TIMEOUT"] = "1"
	w.cluster.check = func(context.Context, string) { w.netbox.Refuse() }
	start := time.Now()
	w.wantCode(w.run("--once", "--output", "json", "--parallelism", "2"), cli.ExitFailure)
	if took := time.Since(start); took > 90*time.Second {
		t.Errorf("the run took %s", took)
	}
	unbegun := 0
	for _, r := range w.records() {
		if strings.Contains(fmt.Sprint(r["message"]), "it did not begin: NetBox cannot be reached") {
			unbegun++
		}
	}
	if unbegun != 18 || len(w.records()) != 20 {
		t.Errorf("%d of %d fabrics were not begun, want 18 of 20", unbegun, len(w.records()))
	}
}

func TestOnce_busyFabricIsNoFailure(t *testing.T) {
	w := newStandins(t)
	w.add("held", map[string]any{"sync_status": "syncing", "last_updated": testTime.Add(-179 * time.Second)})
	w.add("stale", map[string]any{"sync_status": "syncing", "last_updated": testTime.Add(-180 * time.Second)})
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitSuccess)
	w.wantOutcomes("held: busy, stale: synced")
}

func TestOnce_namedFabricIsSyncedWhenDueOrForced(t *testing.T) {
	w := newStandins(t)
	w.add("young", syncedAgo(time.Second))
	w.add("untimed", map[string]any{"sync_interval": 0})
	id := w.add("due")
	w.add("other")
	w.wantCode(w.run("--once", "--output", "json", "--fabric", "young", "--fabric", fmt.Sprint(id)), cli.ExitSuccess)
	w.wantOutcomes("due: synced, young: not_due")
	w.stdout.b.Reset()
	w.wantCode(w.run("--once", "--output", "json", "--fabric", "young", "--fabric", "untimed", "--force"),
		cli.ExitSuccess)
	w.wantOutcomes("untimed: synced, young: synced")
	w.wantField("other", "last_sync", nil)
}

// A fabric without a server, or with sync disabled, is skipped, however it is selected.
func TestOnce_skipsWhatIsNotToBeSynced(t *testing.T) {
	for _, args := range []string{"", "--force", "--fabric off --fabric bare", "--fabric off --fabric bare --force",
		"--dry-run --force"} {
		w := newStandins(t)
		w.add("off", map[string]any{"sync_enabled": false})
		w.add("bare", map[string]any{"kubernetes_server": ""})
		w.wantCode(w.run(append([]string{"--once", "--output", "json"}, strings.Fields(args)...)...), cli.ExitSuccess)
		w.wantOutcomes("bare: skipped, off: skipped")
		for name, reason := range map[string]string{"bare": "No Kubernetes server is configured, so there is nothing " +
			"to sync with.", "off": "Sync is switched off for this fabric (sync_enabled is false)."} {
			if r := w.records()[name]; r["message"] != reason || r["failed"] != false || r["objects"] != nil {
				t.Errorf("%q: %v", args, r)
			}
		}
		if n := w.writes(); n != 0 {
			t.Errorf("%q: %d writes", args, n)
		}
	}
	w := newStandins(t)
	w.add("bare", map[string]any{"kubernetes_server": ""})
	w.wantCode(w.run("--once"), cli.ExitSuccess)
	wantText(t, w.stdout.String(), "skipped", "1 fabric: 1 skipped.")
}

func TestOnce_unknownFabricExitsWith1AndDelaysNoOther(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.wantCode(w.run("--once", "--output", "json", "--fabric", "alpha", "--fabric", "alhpa"), cli.ExitFailure)
	w.wantOutcomes("alhpa: not_found, alpha: synced")
	if id := w.records()["alhpa"]["fabric_id"]; id != nil {
		t.Errorf("got the id %v", id)
	}
	if said := w.records()["alhpa"]["message"]; said != notFoundMessage+"; did you mean alpha?" {
		t.Errorf("got the message %q", said)
	}
	if log := w.stderr.String(); strings.Contains(log, "fabric_id=0") {
		t.Errorf("the log has an id of a fabric that does not exist:\n%s", log)
	}
}

func TestOnce_dryRunWritesNothing(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.wantCode(w.run("--once", "--dry-run"), cli.ExitSuccess)
	if n := w.writes(); n != 0 {
		t.Errorf("got %d writes", n)
	}
	wantText(t, w.stdout.String(), "planned", "1 fabric: 1 planned. This was a dry run: nothing was written.")
	if !regexp.MustCompile(`(?m)^alpha +1 +planned +never_synced +2 +2 +0 +0 +0 +0 +0 +0 +0$`).MatchString(
		w.stdout.String()) {
		t.Errorf("got the row\n%s", w.stdout.String())
	}
	w.wantField("alpha", "sync_status", "never_synced")
}

func TestOnce_pruneDeletesWhatHasGone(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitSuccess)
	w.cluster.vpcs = 1
	for _, step := range []struct{ prune, action string }{{"keep", "kept"}, {"delete", "deleted"}} {
		w.stdout.b.Reset()
		w.wantCode(w.run("--once", "--output", "json", "--force", "--prune", step.prune), cli.ExitSuccess)
		objects, _ := w.records()["alpha"]["objects"].(map[string]any)
		if objects[step.action] != 1.0 || objects["in_cluster"] != 1.0 {
			t.Errorf("%s: %v", step.prune, objects)
		}
	}
}

func TestOnce_pruneLimitStopsWhatLooksLikeALoss(t *testing.T) {
	w := newStandins(t)
	w.cluster.vpcs = 20
	w.add("alpha")
	w.wantCode(w.run("--once"), cli.ExitSuccess)
	w.cluster.vpcs = 2
	for _, step := range []struct {
		arguments string
		code      int
		deleted   float64
	}{{"", cli.ExitFailure, 0}, {"--prune-limit 90%,19", cli.ExitSuccess, 18}} {
		w.stdout.b.Reset()
		w.wantCode(w.run(append(strings.Fields("--once --output json --force --prune delete"),
			strings.Fields(step.arguments)...)...), step.code)
		if objects, _ := w.records()["alpha"]["objects"].(map[string]any); objects["deleted"] != step.deleted {
			t.Errorf("%q: %v", step.arguments, objects)
		}
		message, _ := w.records()["alpha"]["message"].(string)
		if advice := strings.HasSuffix(message, "a higher limit (--prune-limit)"); advice != (step.deleted == 0) {
			t.Errorf("%q: %s", step.arguments, message)
		}
	}
	w.wantField("alpha", "sync_status", "in_sync")
	w.cluster.vpcs = 0
	w.wantCode(w.run("--once", "--output", "json", "--force"), cli.ExitFailure)
	if message, _ := w.records()["alpha"]["message"].(string); !strings.HasSuffix(message,
		"(--prune delete --prune-limit 100%)") {
		t.Errorf("%s", message)
	}
}

func TestOnce_timeoutIsStoredAsAFailure(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.cluster.check = func(ctx context.Context, _ string) { <-ctx.Done() }
	w.wantCode(w.run("--once", "--output", "json", "--timeout", "1s"), cli.ExitFailure)
	const why = "the sync did not finish within the 1 s that --timeout allows; raise --timeout, or find out what is " +
		"slow (it had reached External, kind 2 of 12)"
	if r := w.records()["alpha"]; r["outcome"] != "failed" || r["message"] != why || r["sync_status"] != "error" {
		t.Errorf("got %v", r)
	}
	w.wantField("alpha", "sync_status", "error")
	w.wantField("alpha", "sync_error", why)
}

func TestOnce_stoppedLeavesNoLockAndEndsWith130(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("beta")
	ctx, cancel := context.WithCancel(t.Context())
	w.cluster.check = func(ctx context.Context, _ string) {
		cancel()
		<-ctx.Done()
	}
	w.wantCode(w.program.run(ctx, []string{"--once", "--output", "json", "--parallelism", "1"}), cli.ExitStopped)
	w.wantOutcomes("alpha: interrupted, beta: interrupted")
	w.wantField("alpha", "sync_status", "never_synced")
	if got := w.cluster.asked(); len(got) != 1 {
		t.Errorf("asked %q", got)
	}
}

func TestOnce_parallelismIsABound(t *testing.T) {
	w := newStandins(t)
	for i := range 9 {
		w.add(fmt.Sprintf("f%d", i))
	}
	var now, most atomic.Int64
	three := make(chan struct{})
	w.cluster.check = func(ctx context.Context, _ string) {
		n := now.Add(1)
		most.Store(max(most.Load(), n))
		if n == 3 {
			select {
			case <-three:
			default:
				close(three)
			}
		}
		select { // waits until three run at once; a fourth would be noticed
		case <-three:
		case <-ctx.Done():
		}
		now.Add(-1)
	}
	w.wantCode(w.run("--once", "--parallelism", "3", "--timeout", "30s"), cli.ExitSuccess)
	if most.Load() != 3 {
		t.Errorf("got %d at once, want 3", most.Load())
	}
}
