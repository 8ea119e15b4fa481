//go:build unix

package synccmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	kills = 20
	// killSeed is the variable with a seed for repeating a run. The test prints the seed.
	killSeed = "HEDGEHOG_KILL_SEED"
)

// kindNamed returns one of the twelve by its name.
func kindNamed(t testing.TB, name string) fabric.Kind {
	t.Helper()
	i := slices.IndexFunc(fabric.Kinds(), func(k fabric.Kind) bool { return k.Name == name })
	if i < 0 {
		t.Fatalf("there is no kind %s", name)
	}
	return fabric.Kinds()[i]
}

// newAgedSite returns a site whose cluster has changed since its last sync, with objects to
// create, update and delete.
func newAgedSite(t *testing.T) *processSite {
	t.Helper()
	s := newProcessSite(t)
	put := func(kind string, from, to int, change func(*clustertest.Object)) {
		for i := from; i < to; i++ {
			o := clustertest.Example(kindNamed(t, kind), fmt.Sprintf("%s-%03d", strings.ToLower(kind), i))
			if change != nil {
				change(&o)
			}
			s.cluster.Put(kindNamed(t, kind), "default", o)
		}
	}
	put("Server", 0, 30, nil)
	put("Switch", 0, 20, nil)
	if p := s.start("--once"); p.wait() != cli.ExitSuccess {
		t.Fatalf("the first sync failed:\n%s", p.log.String())
	}
	put("VPC", 0, 40, func(o *clustertest.Object) { o.Spec["ipv4Namespace"] = "another" })
	put("Switch", 5, 9, func(o *clustertest.Object) { o.Labels = map[string]string{"rack": "7"} })
	put("Connection", 0, 230, nil)
	put("Server", 30, 45, nil)
	for i := range 12 {
		s.cluster.Remove(kindNamed(t, "Server"), "default", fmt.Sprintf("server-%03d", i))
		s.cluster.Remove(kindNamed(t, "VPC"), "default", fmt.Sprintf("vpc-%03d", siteObjects-1-i))
	}
	s.netbox.SetNow(s.netbox.Now()) // from here on the test controls the time
	s.netbox.Advance(10 * time.Minute)
	s.netbox.ResetRequests()
	return s
}

// A killed sync leaves its lock, and other syncs respect it until it is stale. The next sync then
// copies the cluster without duplicates or missing objects. The kill comes before or after NetBox
// has carried out a request.
func TestProcess_killedAtRandomPoints(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv(killSeed); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("to repeat this run: %s=%d", killSeed, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	whole := newAgedSite(t)
	if p := whole.start("--once", "--prune", "delete"); p.wait() != cli.ExitSuccess {
		t.Fatalf("a sync that was not killed failed:\n%s", p.log.String())
	}
	requests := len(whole.netbox.Requests())
	if whole.wantMirror(); requests < kills {
		t.Errorf("got %d requests in a sync, want at least %d to kill it at", requests, kills)
	}
	locked := 0
	for _, point := range random.Perm(2 * requests)[:kills] {
		at, done := 1+point/2, point%2 == 0
		t.Run(fmt.Sprintf("request %d of %d, done %t", at, requests, done), func(t *testing.T) {
			if newAgedSite(t).killAndRepeat(at, done) {
				locked++
			}
		})
	}
	if locked < kills/2 {
		t.Errorf("%d of %d kills left a lock", locked, kills)
	}
}

// killAndRepeat kills a sync at a request, and lets the next syncs finish its work.
func (s *processSite) killAndRepeat(at int, done bool) (locked bool) {
	s.Helper()
	args := []string{"--once", "--prune", "delete", "--output", "json"}
	held := make(chan struct{}, 1)
	remove := s.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(s.netbox.Requests()) < at {
				next.ServeHTTP(w, r)
				return
			}
			if done {
				next.ServeHTTP(httptest.NewRecorder(), r)
			}
			select {
			case held <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		})
	})
	p := s.start(args...)
	s.await(held, p)
	p.signal(syscall.SIGKILL)
	p.wait()
	remove()
	f, _ := s.netbox.FabricByName("alpha")
	if locked = f["sync_status"] == "syncing"; locked {
		second := s.start(args...)
		if code := second.wait(); code != cli.ExitSuccess ||
			!strings.Contains(second.out.String(), `"outcome":"busy"`) {
			s.Errorf("exit code %d:\n%s", code, second.out.String())
		}
	}
	s.netbox.Advance(fabric.LockStaleAfter + time.Second) // NetBox has whole seconds
	third := s.start(append(args, "--force")...)          // at a late point all was done already
	if code := third.wait(); code != cli.ExitSuccess || !strings.Contains(third.out.String(), `"outcome":"synced"`) {
		s.Errorf("exit code %d:\n%s%s", code, third.out.String(), third.log.String())
	}
	s.wantStatus("in_sync")
	s.wantMirror()
	return locked
}

// wantMirror checks that NetBox has exactly the cluster's objects with their content, and that the
// fabric has their counts.
func (s *processSite) wantMirror() {
	s.Helper()
	c, err := cluster.New(cluster.Config{Server: s.cluster.URL(), CACert: s.cluster.CA(), Token: clustertest.FullToken})
	if err != nil {
		s.Fatal(err)
	}
	defer c.Close()
	w := &standins{T: s.T, netbox: s.netbox}
	total := 0
	for _, kind := range fabric.Kinds() {
		want, got := map[string]int{}, map[string]int{}
		for o, err := range c.List(s.Context(), kind) {
			if err != nil {
				s.Fatal(err)
			}
			want[content(o.Name, o.UID, o.ResourceVersion, o.Spec, o.Labels)]++
		}
		for _, o := range w.stored(kind.Endpoint) {
			got[content(o["name"], o["kubernetes_uid"], o["kubernetes_resource_version"], o["spec"], o["labels"])]++
		}
		if total += len(want); !maps.Equal(got, want) {
			s.Errorf("%s: NetBox and the cluster differ in %s", kind.Name, difference(got, want))
		}
	}
	if f, _ := s.netbox.FabricByName("alpha"); f["cached_crd_count"] != float64(total) {
		s.Errorf("the fabric counts %v objects, want %d", f["cached_crd_count"], total)
	}
}

// content returns the compared content of an object as text.
func content(name, uid, version, spec, labels any) string {
	text, _ := json.Marshal([]any{name, uid, version, spec, labels}) // from JSON
	return string(text)
}

func difference(got, want map[string]int) string {
	var lines []string
	for text, n := range got {
		if want[text] != n {
			lines = append(lines, fmt.Sprintf("%d times in NetBox, %d in the cluster: %s", n, want[text], text))
		}
	}
	for text, n := range want {
		if got[text] == 0 {
			lines = append(lines, fmt.Sprintf("%d times in the cluster only: %s", n, text))
		}
	}
	slices.Sort(lines)
	return fmt.Sprintf("%d objects, such as\n%s", len(lines), strings.Join(lines[:min(3, len(lines))], "\n"))
}
