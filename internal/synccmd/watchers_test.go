package synccmd

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

// another returns a second watch on the same NetBox and clusters, with its own clock.
func (x *watching) another(args ...string) *watching {
	x.standins.Helper()
	other := newStandins(x.T)
	other.netbox, other.environment = x.standins.netbox, x.standins.environment
	other.program.connect = x.standins.cluster.connect
	return other.watch(args...)
}

// advanceAll moves NetBox's clock and those of several watches, like advance.
func advanceAll(d time.Duration, all ...*watching) {
	for d > 0 {
		step := d
		for _, x := range all {
			step = min(step, max(x.until.Sub(x.standins.clock.Now()), time.Millisecond))
		}
		d -= step
		all[0].standins.netbox.Advance(step)
		var woken []*watching
		for _, x := range all {
			if !x.until.After(x.standins.clock.Now().Add(step)) {
				woken = append(woken, x)
			}
			x.standins.clock.advance(step)
		}
		for _, x := range woken {
			x.await()
		}
	}
}

// If a forced sync fails within the interval, several watches retry it, each after its own pauses:
// a failure of one watch does not make another one try sooner. They try a new token at once.
func TestWatch_severalRetryAFailureWithoutTriggeringEachOther(t *testing.T) {
	w := newStandins(t)
	id := w.add("alpha", syncedAgo(0), map[string]any{"sync_interval": 86400})
	setProblem := func(why error) {
		w.cluster.mu.Lock()
		defer w.cluster.mu.Unlock()
		w.cluster.problem[server("alpha")] = why
	}
	one := w.watch()
	two, three := one.another(), one.another()
	setProblem(&cluster.Error{Class: cluster.ClassUnauthenticated, Server: server("alpha")})
	forced := newStandins(t)
	forced.environment, forced.program.connect = w.environment, w.cluster.connect
	forced.wantCode(forced.run("--once", "--force"), cli.ExitFailure)
	one.wantAsked(1)
	const seen = 30 * time.Second // by the next list
	advanceAll(seen, one, two, three)
	one.wantAsked(1)
	asked := 1
	for _, minutes := range []int{1, 2, 4, 8, 15, 15} {
		advanceAll(time.Duration(minutes)*time.Minute-time.Second, one, two, three)
		one.wantAsked(asked)
		asked += 3
		advanceAll(time.Second, one, two, three)
		one.wantAsked(asked)
	}
	advanceAll(2*time.Minute, one, two, three)
	w.netbox.UpdateFabric(id, map[string]any{"kubernetes_token": "token-of-a-cluster-2"})
	setProblem(nil)
	advanceAll(seen, one, two, three)
	w.wantField("alpha", "sync_status", "in_sync")
	one.wantAskedAtMost(asked + 3)
}

// A sync that fails after it has locked the fabric writes the record each time. A watch must not take
// the retries of another one for edits by a user, which end a pause.
func TestWatch_severalRetryRefusedObjectsWithoutTriggeringEachOther(t *testing.T) {
	w := newStandins(t)
	id := w.add("alpha", syncedAgo(0), map[string]any{"sync_interval": 86400})
	accept := w.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/vpcs/") {
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(http.StatusBadRequest)
				_, _ = rw.Write([]byte(`{"name":["NetBox does not store it."]}`))
				return
			}
			next.ServeHTTP(rw, r)
		})
	})
	one := w.watch()
	two := one.another()
	forced := newStandins(t)
	forced.environment, forced.program.connect = w.environment, w.cluster.connect
	forced.wantCode(forced.run("--once", "--force"), cli.ExitFailure)
	advanceAll(time.Hour, one, two)
	w.wantField("alpha", "sync_status", "error")
	before, writes := len(w.cluster.asked()), w.writes()
	advanceAll(time.Hour, one, two) // a pause of 15 minutes each
	if tries := len(w.cluster.asked()) - before; tries < 7 || tries > 9 || w.writes() == writes {
		t.Errorf("got %d tries and %d writes in an hour", tries, w.writes()-writes)
	}
	accept()
	w.netbox.UpdateFabric(id, map[string]any{"sync_interval": 80000})
	advanceAll(30*time.Second, one, two)
	w.wantField("alpha", "sync_status", "in_sync")
}

// If two watches always start at the same moment, exactly one of them syncs the fabric in each
// interval.
func TestWatch_twoAtOnceSyncOncePerInterval(t *testing.T) {
	w := newStandins(t)
	w.add("alpha", syncedAgo(0))
	w.add("beta", syncedAgo(0), map[string]any{"sync_interval": 120})
	one := w.watch()
	two := one.another()
	const minutes = 10
	for minute := 1; minute <= minutes; minute++ {
		advanceAll(time.Minute, one, two)
		at := testTime.Add(time.Duration(minute) * time.Minute)
		w.wantField("alpha", "last_sync", at.Format(time.RFC3339))
		one.wantAskedAtMost(2 * (minute + minute/2)) // both may compare, and one is first
	}
	synced := 0
	for _, x := range []*watching{one, two} {
		for _, record := range x.logged("sync ended") {
			switch record["outcome"] {
			case "synced":
				synced++
			case "busy", "not_due":
			default:
				t.Errorf("got %v", record)
			}
		}
		if strings.Contains(x.standins.stderr.String(), `"level":"ERROR"`) {
			t.Errorf("got a warning or an error in a log:\n%s", x.standins.stderr.String())
		}
		if code := x.stop(); code != cli.ExitSuccess {
			t.Errorf("got exit code %d", code)
		}
	}
	if synced != minutes+minutes/2 {
		t.Errorf("got %d syncs, want %d", synced, minutes+minutes/2)
	}
}
