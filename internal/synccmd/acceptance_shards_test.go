//go:build unix

package synccmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// shardInterval is the interval of the fabrics here, in seconds. An inventory is current for
// the same time, so each sync sees all changes from before the previous sync.
const shardInterval = 30

// deadLock is the variable with the file in which a run of the next test leaves a lock for a
// later run. So other tests can run while the lock lapses. Without the variable, one run does
// both.
const deadLock = "HEDGEHOG_ACC_DEAD_LOCK"

// Two watches share the fabrics. One is killed while it holds a lock, and is started again. A
// user's edits must not keep that lock alive. Meanwhile a cluster is dead, a token is rotated,
// objects are edited and deleted by hand, and the cluster changes. At the end NetBox has every
// cluster's objects.
func TestOnServers_watchTwoShards(t *testing.T) {
	f := newServers(t)
	if f.netbox.Standin != nil {
		t.Skip("not run on stand-ins: it takes three minutes until the lock of a killed engine is stale")
	}
	file := os.Getenv(deadLock)
	left, found := readLock(t, file)
	if !found {
		left = leaveLock(t, f, file != "")
		if file != "" {
			left.write(t, file)
			return
		}
		t.Parallel() // the lock lapses while the other tests of the package run
	}
	if found {
		t.Cleanup(func() { f.netbox.Delete(t, left.Fabric) })
	}
	takeOver(t, f, left)
}

// leaveLock kills the sync of a fabric, and checks how the watches sync the others.
func leaveLock(t *testing.T, f *servers, kept bool) leftLock {
	t.Helper()
	f.namespace = f.cluster.Filled(t)
	x := &shards{T: t, servers: f, all: map[string]int64{}}
	x.addFabrics(kept)
	began := time.Now()
	x.kill()
	x.start(0)
	x.start(1)
	// Edits between syncs must not make the lock look younger.
	stop := x.edit("killed")
	x.await(time.Minute, "all others are synced", func(r result) bool { return r.Outcome == "synced" },
		"edited", "deleted", "healthy 0", "healthy 1")
	x.await(time.Minute, "the dead and the locked-out one have failed",
		func(r result) bool { return r.Outcome == "failed" }, "dead", "rotated")
	f.wantStatus(x.all["dead"], "error")
	f.wantStatus(x.all["rotated"], "error")

	x.disturb()
	done, limit := time.Now(), 2*shardInterval*time.Second
	repaired := func(r result) bool { return r.Objects["repaired"] > 0 && r.StartedAt.After(done.Add(-time.Second)) }
	x.await(limit, "what was edited and deleted by hand is repaired", repaired, "edited", "deleted")
	x.await(limit-time.Since(done), "the one with a new token is synced",
		func(r result) bool { return r.Outcome == "synced" }, "rotated")
	x.await(limit-time.Since(done), "what is new in the cluster is stored",
		func(r result) bool { return r.Outcome == "synced" && r.StartedAt.After(done) }, "healthy 0", "healthy 1")
	stop()
	x.stop()
	for name, id := range x.all {
		switch name {
		case "killed":
			f.wantStatus(id, "syncing")
		case "dead":
			f.wantStatus(id, "error")
		default:
			f.wantStatus(id, "in_sync")
			f.wantMirror(id)
		}
	}
	return leftLock{Fabric: x.all["killed"], Namespace: f.namespace, Began: began, Killed: x.killed}
}

// takeOver checks that another sync replaces the lock after three minutes, and not before.
func takeOver(t *testing.T, f *servers, left leftLock) {
	t.Helper()
	f.namespace = left.Namespace
	x := &shards{T: t, servers: f, all: map[string]int64{"killed": left.Fabric}}
	x.start(0)
	x.start(1)
	stop := x.edit("killed")
	var taken result
	lapse := max(0, time.Until(left.Killed.Add(fabric.LockStaleAfter))) // other tests may have taken longer
	x.await(lapse+2*shardInterval*time.Second,
		"the one whose sync was killed is synced", func(r result) bool {
			taken = r
			return r.Outcome == "synced"
		}, "killed")
	stop()
	x.stop()
	if taken.StartedAt.Before(left.Began.Add(fabric.LockStaleAfter - time.Second)) { // NetBox has whole seconds
		t.Errorf("the lock of %s was taken over at %s, within %s", left.Began, taken.StartedAt, fabric.LockStaleAfter)
	}
	f.wantStatus(left.Fabric, "in_sync")
	f.wantMirror(left.Fabric)
}

// leftLock is a fabric with the lock of an engine that was killed.
type leftLock struct {
	Fabric        int64
	Namespace     string
	Began, Killed time.Time // the engine's start and end; the lock was taken between them
}

func (l leftLock) write(t *testing.T, file string) {
	t.Helper()
	text, err := json.Marshal(l)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readLock returns the lock that a run before has left, if there is one.
func readLock(t *testing.T, file string) (left leftLock, found bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return left, false
	}
	if err == nil {
		err = json.Unmarshal(text, &left)
	}
	if err != nil {
		t.Fatal(err)
	}
	return left, true
}

// shards are the fabrics of the test, and the watches that share them.
type shards struct {
	*testing.T
	servers *servers
	all     map[string]int64 // ids by name
	running [2]*process
	killed  time.Time
	earlier []result // of the process that was killed
}

// addFabrics adds a healthy fabric to each shard, and the others to any. The one whose
// sync is killed can be kept after the test.
func (x *shards) addFabrics(kept bool) {
	x.Helper()
	create := x.servers.netbox.Create
	if kept {
		create = x.servers.netbox.CreateKept
	}
	x.all["killed"] = create(x.T, x.servers.fields("shard-killed", shardInterval))
	for _, name := range []string{"edited", "deleted", "dead", "rotated"} {
		x.all[name] = x.servers.add("shard-"+name, shardInterval)
	}
	for n := 0; x.all["healthy 0"] == 0 || x.all["healthy 1"] == 0; n++ {
		id := x.servers.add(fmt.Sprintf("shard-healthy-%d", n), shardInterval)
		if name := fmt.Sprintf("healthy %d", shardOf(id, 2)); x.all[name] == 0 {
			x.all[name] = id
		}
	}
	x.servers.netbox.Patch(x.T, x.all["dead"], map[string]any{"kubernetes_server": "https://127.0.0.1:1"})
	x.servers.netbox.Patch(x.T, x.all["rotated"], map[string]any{"kubernetes_token": "a-token-that-was-revoked"})
}

func (x *shards) args(number int) []string {
	args := []string{"--watch", "--output", "json", "--prune", "delete", "--shards", "2", "--shard", fmt.Sprint(number)}
	for _, id := range x.all { // in any order
		args = append(args, "--fabric", fmt.Sprint(id))
	}
	return args
}

func (x *shards) start(number int) {
	x.Helper()
	x.running[number] = x.servers.start(x.args(number)...)
}

// kill starts the watch of a shard and kills it when the sync of the fabric "killed" has
// stored its first objects, and all others of the shard are done.
func (x *shards) kill() {
	x.Helper()
	id := x.all["killed"]
	held := newPausingProxy(x.T, x.servers.netbox.URL,
		func(r *http.Request) bool { return writesObjects(r) && concerns(r, id) })
	first := x.servers.startAt(held.url, x.args(shardOf(id, 2))...)
	held.await(first)
	others := 0
	for _, other := range x.all {
		if other != id && shardOf(other, 2) == shardOf(id, 2) {
			others++
		}
	}
	first.waitForOutput(&first.out, func(text string) bool {
		done := map[int64]bool{}
		for _, r := range results(x.T, text) {
			done[r.ID] = true
		}
		return len(done) == others
	})
	first.signal(syscall.SIGKILL)
	x.killed = time.Now()
	first.wait()
	x.earlier = results(x.T, first.out.String())
	x.servers.wantStatus(id, "syncing")
}

// concerns reports whether a request writes objects of a fabric.
func concerns(r *http.Request, id int64) bool {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return err == nil && strings.Contains(string(body), fmt.Sprintf(`"fabric":%d,`, id))
}

// disturb changes NetBox and the cluster as users would.
func (x *shards) disturb() {
	x.Helper()
	kind := kindNamed(x.T, "Connection")
	edited := x.servers.netbox.Objects(x.T, kind, x.all["edited"])[0]
	x.servers.netbox.ChangeObject(x.T, kind, int64(edited["id"].(float64)),
		map[string]any{"spec": map[string]any{"edited": "by hand"}})
	deleted := x.servers.netbox.Objects(x.T, kind, x.all["deleted"])[0]
	x.servers.netbox.DeleteObject(x.T, kind, int64(deleted["id"].(float64)))
	x.servers.netbox.Patch(x.T, x.all["rotated"], map[string]any{"kubernetes_token": x.servers.cluster.Token})
	vpc := kindNamed(x.T, "VPC")
	x.servers.cluster.Apply(x.T, vpc, x.servers.namespace, clustertest.Example(vpc, "object-new"))
	x.servers.cluster.Delete(x.T, kindNamed(x.T, "Server"), x.servers.namespace, "object-1")
}

// edit edits a fabric whenever a watch has written, until stop is called.
func (x *shards) edit(name string) (stop func()) {
	ctx, cancel := context.WithCancel(x.Context())
	var editing sync.WaitGroup
	editing.Go(func() {
		for {
			_, more := x.running[0].out.next()
			_, moreToo := x.running[1].out.next()
			select {
			case <-more:
			case <-moreToo:
			case <-ctx.Done():
				return
			}
			//nolint:contextcheck // an edit that has started is finished
			x.servers.netbox.Patch(x.T, x.all[name], map[string]any{"description": "edited at " + time.Now().String()})
		}
	})
	return func() {
		cancel()
		editing.Wait()
	}
}

// await waits until each of the named fabrics has a wanted result.
func (x *shards) await(limit time.Duration, what string, wanted func(result) bool, names ...string) {
	x.Helper()
	deadline := time.After(limit)
	for {
		text, more := x.running[0].out.next()
		other, moreToo := x.running[1].out.next()
		all := slices.Concat(x.earlier, results(x.T, text), results(x.T, other))
		waiting := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			return slices.ContainsFunc(all, func(r result) bool { return r.ID == x.all[name] && wanted(r) })
		})
		if len(waiting) == 0 {
			return
		}
		select {
		case <-more:
		case <-moreToo:
		case <-deadline:
			x.Fatalf("not so in time: %s: %v\n%s%s%s%s", what, waiting, text, other, x.running[0].log.String(),
				x.running[1].log.String())
		}
	}
}

func (x *shards) stop() {
	x.Helper()
	for _, p := range x.running {
		p.signal(syscall.SIGTERM)
		if code := p.wait(); code != cli.ExitSuccess {
			x.Errorf("exit code %d:\n%s", code, p.log.String())
		}
	}
}
