//go:build unix

package synccmd

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Two syncs of a fabric overlap because a user has removed the first one's lock. The first sync
// ends without changing the fabric, which the second one has locked.
func TestOnServers_onceLeavesTheLockOfAnother(t *testing.T) {
	for name, change := range map[string]func(*servers) map[string]any{
		"an apply changed the server": func(f *servers) map[string]any {
			changed := fabric.ResetFacts()
			changed["kubernetes_server"] = f.otherURL()
			return changed
		},
		"a user reset the status": func(*servers) map[string]any {
			return map[string]any{
				"sync_status": "never_synced"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newServers(t)
			id := f.add("lock", 300)
			first := newPausingProxy(t, f.netbox.URL, writesObjects)
			second := newPausingProxy(t, f.netbox.URL, writesObjects)
			args := []string{"--once", "--output", "json", "--fabric", fmt.Sprint(id)}
			one := f.startAt(first.url, args...)
			first.await(one)
			f.netbox.Patch(t, id, change(f))
			two := f.startAt(second.url, args...)
			second.await(two)
			first.open()
			if code, got := one.wait(), results(t, one.out.String()); code != cli.ExitFailure || len(got) != 1 ||
				got[0].Outcome != "superseded" {
				t.Errorf("the first: got exit code %d, %+v\n%s", code, got, one.log.String())
			}
			f.wantStatus(id, "syncing")
			second.open()
			if code, got := two.wait(), results(t, two.out.String()); code != cli.ExitSuccess || len(got) != 1 ||
				got[0].Outcome != "synced" {
				t.Errorf("the second: got exit code %d, %+v\n%s", code, got, two.log.String())
			}
			f.wantStatus(id, "in_sync")
			f.wantMirror(id)
		})
	}
}

// otherURL is another URL of the cluster.
func (f *servers) otherURL() string {
	f.Helper()
	other := strings.Replace(f.cluster.URL, "//127.0.0.1:", "//localhost:", 1)
	if other == f.cluster.URL {
		f.Skip("not run on the user's cluster: the test needs two URLs of it")
	}
	return other
}

// startAt starts the program with another URL of NetBox.
func (f *servers) startAt(url string, args ...string) *process {
	f.Helper()
	there := *f.netbox
	there.URL = url
	at := *f
	at.netbox = &there
	return at.start(args...)
}

func (f *servers) wantStatus(id int64, want string) {
	f.Helper()
	if record, _ := f.netbox.Fabric(f.T, id); record["sync_status"] != want {
		f.Errorf("fabric %d is %v (%v), want %s", id, record["sync_status"], record["sync_error"], want)
	}
}

// wantMirror checks that NetBox has each object of the cluster that it can store once,
// with its content, and no other.
func (f *servers) wantMirror(id int64) {
	f.Helper()
	c, err := cluster.New(cluster.Config{
		Server: f.cluster.URL, Token: f.cluster.Token, CACert: f.cluster.CA, Namespace: f.namespace,
	})
	if err != nil {
		f.Fatal(err)
	}
	defer c.Close()
	for _, kind := range fabric.Kinds() {
		want, got := map[string]int{}, map[string]int{}
		for o, err := range c.List(f.Context(), kind) {
			if err != nil {
				f.Fatal(err)
			}
			if len(o.Spec) > 0 {
				want[content(o.Name, o.UID, o.ResourceVersion, o.Spec, o.Labels)]++
			}
		}
		for _, o := range f.netbox.Objects(f.T, kind, id) {
			got[content(o["name"], o["kubernetes_uid"], o["kubernetes_resource_version"], o["spec"], o["labels"])]++
		}
		if !maps.Equal(got, want) {
			f.Errorf("fabric %d, %s: NetBox and the cluster differ in %s", id, kind.Name, difference(got, want))
		}
	}
}
