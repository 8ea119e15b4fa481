//go:build unix

package synccmd

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

// The tests here run against the NetBox and the API server in the environment, or stand-ins.
// They expect the same from both, and only read the cluster.

// servers are a NetBox and a cluster. The command runs on them in real time.
type servers struct {
	*testing.T
	netbox    *acctest.NetBox
	cluster   *acctest.Cluster
	namespace string
}

func newServers(t *testing.T) *servers {
	t.Helper()
	f := &servers{T: t, netbox: acctest.Start(t), cluster: acctest.Kubernetes(t)}
	f.namespace = f.cluster.ExistingOrFilled(t)
	return f
}

// add creates a fabric on the cluster and returns its id.
func (f *servers) add(suffix string, interval int) int64 {
	f.Helper()
	return f.netbox.Create(f.T, f.fields(suffix, interval))
}

// fields returns the fields of a fabric on the cluster.
func (f *servers) fields(suffix string, interval int) map[string]any {
	return map[string]any{
		"name": acctest.Name(suffix), "kubernetes_server": f.cluster.URL, "kubernetes_namespace": f.namespace,
		"kubernetes_token": f.cluster.Token, "kubernetes_ca_cert": f.cluster.CA, "sync_interval": interval,
	}
}

// synced sets the time of a fabric's last sync.
func (f *servers) synced(id int64, at time.Time) {
	f.Helper()
	f.netbox.Patch(f.T, id, map[string]any{
		"last_sync": at.Format(time.RFC3339), "sync_status": "in_sync", "connection_status": "connected",
	})
}

func (f *servers) start(args ...string) *process {
	f.Helper()
	p := newProcess(f.T, f.netbox.URL, f.netbox.Token, args...)
	p.Env = append(os.Environ(), p.Env...) // the user's cluster may need proxies and authorities
	p.run()
	return p
}

// counts returns the number of objects of each kind in the namespace, and of all.
func (f *servers) counts() (each map[string]int64, all int64) {
	f.Helper()
	c, err := cluster.New(cluster.Config{Server: f.cluster.URL, Token: f.cluster.Token, CACert: f.cluster.CA,
		Namespace: f.namespace})
	if err != nil {
		f.Fatal(err)
	}
	defer c.Close()
	if each, err = c.Counts(f.Context()); err != nil {
		f.Fatal(err)
	}
	for _, n := range each {
		all += n
	}
	return each, all
}

// result has the fields of a line of --output json that the tests need.
type result struct {
	ID        int64          `json:"fabric_id"`
	Outcome   string         `json:"outcome"`
	Message   string         `json:"message"`
	Status    string         `json:"sync_status"`
	StartedAt time.Time      `json:"started_at"`
	Objects   map[string]int `json:"objects"`
}

// results returns the complete lines of an output.
func results(t *testing.T, output string) (all []result) {
	t.Helper()
	for line := range strings.Lines(output) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, r)
	}
	return all
}

func countOf(all []result, outcome string) (n int) {
	for _, r := range all {
		if r.Outcome == outcome {
			n++
		}
	}
	return n
}

// lastSync returns the time of the last sync in NetBox's record.
func (f *servers) lastSync(id int64) time.Time {
	f.Helper()
	record, _ := f.netbox.Fabric(f.T, id)
	at, err := time.Parse(time.RFC3339, fmt.Sprint(record["last_sync"]))
	if err != nil {
		f.Fatal(err)
	}
	return at
}

func TestOnServers_onceStoresWhatTheClusterHas(t *testing.T) {
	f := newServers(t)
	id := f.add("once", 300)
	each, all := f.counts()
	run := func(want string, args ...string) result {
		t.Helper()
		p := f.start(append([]string{"--once", "--output", "json", "--fabric", fmt.Sprint(id)}, args...)...)
		if code := p.wait(); code != cli.ExitSuccess {
			t.Fatalf("exit code %d:\n%s%s", code, p.out.String(), p.log.String())
		}
		got := results(t, p.out.String())
		if len(got) != 1 || got[0].ID != id || got[0].Outcome != want {
			t.Fatalf("got %+v, want %s", got, want)
		}
		return got[0]
	}
	planned := run("planned", "--dry-run")
	if record, _ := f.netbox.Fabric(t, id); record["sync_status"] != "never_synced" || f.netbox.CountObjects(t,
		kindNamed(t, "VPC"), id) != 0 {
		t.Errorf("a dry run left %v", record)
	}
	first := run("synced")
	if int64(first.Objects["in_cluster"]) != all || first.Objects["failed"] != 0 ||
		first.Objects["created"] != planned.Objects["created"] ||
		int64(first.Objects["created"]+first.Objects["not_storable"]) != all || first.Status != "in_sync" {
		t.Errorf("got %+v, planned %+v, of %d", first, planned, all)
	}
	record, _ := f.netbox.Fabric(t, id)
	for name, want := range map[string]int64{"cached_crd_count": all, "vpcs_count": each["VPC"],
		"switches_count": each["Switch"]} {
		if record[name] != float64(want) {
			t.Errorf("%s: got %v, want %d", name, record[name], want)
		}
	}
	if record["sync_status"] != "in_sync" || record["connection_status"] != "connected" || record["sync_error"] != "" {
		t.Errorf("got the fabric %v", record)
	}
	run("not_due")
	if again := run("synced", "--force"); again.Objects["created"] != 0 || again.Objects["updated"] != 0 ||
		again.Objects["unchanged"] != first.Objects["created"] {
		t.Errorf("got %+v", again)
	}
}

func TestOnServers_watchEndsInOrder(t *testing.T) {
	f := newServers(t)
	id := f.add("watch", 300)
	p := f.start("--watch", "--output", "json", "--fabric", fmt.Sprint(id), "--listen", "127.0.0.1:0", "--log-format",
		"json")
	p.waitForOutput(&p.out, func(text string) bool { return strings.HasSuffix(text, "\n") })
	if got := results(t, p.out.String()); len(got) != 1 || got[0].ID != id || got[0].Outcome != "synced" {
		t.Errorf("got %+v", got)
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != cli.ExitSuccess {
		t.Errorf("exit code %d:\n%s", code, p.log.String())
	}
	wantText(t, p.log.String(), `"msg":"stopping: no new sync begins"`, `"msg":"watch stopped"`)
	if record, _ := f.netbox.Fabric(t, id); record["sync_status"] != "in_sync" {
		t.Errorf("got the fabric %v", record)
	}
}

// Two watches sync a fabric in turn, and never within its interval.
func TestOnServers_watchTwoSyncOncePerInterval(t *testing.T) {
	const interval, wanted = 3, 4
	f := newServers(t)
	id := f.add("two", interval)
	args := []string{"--watch", "--output", "json", "--fabric", fmt.Sprint(id), "--log-format", "json"}
	one, two := f.start(args...), f.start(args...)
	deadline := time.After(2 * time.Minute)
	for {
		text, more := one.out.next()
		other, moreToo := two.out.next()
		if countOf(slices.Concat(results(t, text), results(t, other)), "synced") >= wanted {
			break
		}
		select {
		case <-more:
		case <-moreToo:
		case <-deadline:
			t.Fatalf("the watches made too few syncs:\n%s%s%s%s", text, other, one.log.String(), two.log.String())
		}
	}
	for _, p := range []*process{one, two} {
		p.signal(syscall.SIGTERM)
		if code := p.wait(); code != cli.ExitSuccess {
			t.Errorf("exit code %d:\n%s", code, p.log.String())
		}
	}
	var begun []time.Time
	for _, r := range slices.Concat(results(t, one.out.String()), results(t, two.out.String())) {
		if r.Outcome == "busy" || r.Outcome == "interrupted" { // both started at once, or the signal came during a sync
			continue
		}
		if r.Outcome != "synced" {
			t.Errorf("got %+v", r)
			continue
		}
		begun = append(begun, r.StartedAt)
	}
	slices.SortFunc(begun, time.Time.Compare)
	for i := 1; i < len(begun); i++ {
		if begun[i].Sub(begun[i-1]) < interval*time.Second {
			t.Errorf("syncs began at %s and %s, within the interval", begun[i-1], begun[i])
		}
	}
	if record, _ := f.netbox.Fabric(t, id); record["sync_status"] != "in_sync" {
		t.Errorf("got the fabric %v", record)
	}
}

// With an interval of a minute, a fabric is synced 60 s after its last sync and not before;
// without an interval, never. NetBox's clock cannot be set, so the test moves last_sync.
func TestOnServers_watchSyncsAtSixtySecondsAndNotBefore(t *testing.T) {
	f := newServers(t)
	young, old, untimed := f.add("young", 60), f.add("old", 60), f.add("untimed", 0)
	now := f.netbox.Now(t)
	f.synced(untimed, now.Add(-time.Hour))
	f.synced(young, now.Add(-59*time.Second))
	f.synced(old, now.Add(-60*time.Second))
	environment := map[string]string{"NETBOX_SERVER_URL": f.netbox.URL, "NETBOX_API_TOKEN": f.netbox.Token}
	p := &process{t: t, ended: make(chan struct{})}
	program := &program{
		version: "test", stdout: &p.out, stderr: &p.log, getenv: func(name string) string { return environment[name] },
		clock:  clock.RealClock{},
		random: func() float64 { return 0 }, // no jitter
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(p.ended)
		// so that fabrics are synced in the order in which they are due
		args := []string{"--watch", "--output", "json", "--parallelism", "1"}
		for _, id := range []int64{young, old, untimed} {
			args = append(args, "--fabric", fmt.Sprint(id))
		}
		if code := program.run(ctx, args); code != cli.ExitSuccess {
			t.Errorf("exit code %d:\n%s", code, p.log.String())
		}
	}()
	p.waitForOutput(&p.out, func(text string) bool { return strings.Count(text, "\n") == 2 })
	cancel()
	<-p.ended
	got := results(t, p.out.String())
	if len(got) != 2 || got[0].ID != old || got[1].ID != young || countOf(got, "synced") != 2 {
		t.Fatalf("got %+v, want %d and then %d synced", got, old, young)
	}
	for id, before := range map[int64]time.Time{old: now.Add(-60 * time.Second), young: now.Add(-59 * time.Second)} {
		if after := f.lastSync(id); after.Sub(before) < time.Minute {
			t.Errorf("fabric %d was synced at %s, %s after the sync before", id, after, after.Sub(before))
		}
	}
	if got[1].StartedAt.Before(now.Add(time.Second)) {
		t.Errorf("the sync of the younger fabric began at %s, before it was due at %s", got[1].StartedAt,
			now.Add(time.Second))
	}
	if at := f.lastSync(untimed); !at.Equal(now.Add(-time.Hour)) {
		t.Errorf("the fabric without an interval was synced at %s", at)
	}
}
