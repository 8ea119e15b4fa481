package netbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	soakOperations = 2000
	soakWorkers    = 8
	soakFabrics    = 200
	soakRate       = 0.05
	// soakTimeout is the time limit of a request. A slow answer takes all of it, so there are
	// at most soakSlow of each kind.
	soakTimeout = time.Second
	soakSlow    = 2 * soakWorkers
	// soakPatience is how often an operation is repeated after an error, as a user would,
	// before it counts as failed.
	soakPatience = 200
	soakSeed     = "HEDGEHOG_SOAK_SEED" // repeats a run's choices
	workerHeader = "X-Soak-Worker"      // marks syncs, which change any fabric
)

// soak runs many operations against a NetBox that fails in every way, and has a model of what
// NetBox must contain.
type soak struct {
	*testing.T
	server *netboxtest.Server
	client *Client // one for all workers, as a provider has it
	syncs  []*Client
	slots  []*soakSlot
	theirs []Create // fabrics of another user

	owners  sync.Map // worker by fabric id
	faults  []*netboxtest.FaultHandle
	late    []*netboxtest.FaultHandle // by worker
	reports sync.Map                  // number of errors by type, as *atomic.Int64
	adopted atomic.Int64
	syncNo  atomic.Int64
}

// soakSlot is a fabric of the model, which may not exist.
type soakSlot struct {
	number int
	made   int               // how often it got a new name
	want   fabric.Attributes // nil if there is no fabric
	state  atomic.Pointer[Read]

	facts  sync.Mutex         // one sync at a time
	counts map[int64][]string // what the syncs may have left, by fabric id
}

// soakFaults returns all faults except those that no client can detect: two 404s in NetBox's own
// form, and a readable answer with wrong values.
func soakFaults() []netboxtest.Fault {
	var faults []netboxtest.Fault
	add := func(after bool, kinds ...netboxtest.Kind) {
		for _, k := range kinds {
			faults = append(faults, netboxtest.Fault{AfterCommit: after, Kind: k})
		}
	}
	const longNumber = json.Number("99999999999999999999")
	add(false,
		netboxtest.RetryAfter(429, "0"), netboxtest.RetryAfter(503, "999999999"),
		netboxtest.Detail(403, "You do not have permission to perform this action."),
		netboxtest.Page(404), netboxtest.Redirect(302, "http://elsewhere.invalid"), netboxtest.Maintenance(),
		netboxtest.ResetMidAnswer(), netboxtest.HangupMidAnswer(), netboxtest.CutJSON(),
		netboxtest.Set(map[string]any{"sync_interval": []any{}, "kubernetes_namespace": nil, "created": longNumber}),
		netboxtest.Set(map[string]any{"connection_status": "unheard-of"}),
		netboxtest.NextRepeats(),
	)
	for _, after := range []bool{false, true} {
		add(after, netboxtest.Status(502), netboxtest.Status(503), netboxtest.Status(504), netboxtest.PluginError(),
			netboxtest.PluginErrorPage(), netboxtest.Hangup(), netboxtest.Reset(), netboxtest.Empty(200),
			netboxtest.Page(200))
		faults = append(faults, netboxtest.Fault{Times: soakSlow, AfterCommit: after, Kind: netboxtest.Hold()})
	}
	faults = append(faults, netboxtest.Fault{Times: soakSlow, Kind: netboxtest.Stall()},
		netboxtest.Fault{Times: 5, Kind: netboxtest.Endless()}) // 32 MiB each
	for i := range faults {
		faults[i].Probability = soakRate
	}
	return faults
}

func TestSoak_everyFaultAtOnceLosesNothing(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv(soakSeed), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("%s=%d", soakSeed, seed)
	s := newSoak(t, seed)
	started := time.Now()
	var workers sync.WaitGroup
	streams := rand.New(rand.NewPCG(seed, 0))
	for w := range soakWorkers {
		random := rand.New(rand.NewPCG(seed, streams.Uint64()))
		workers.Go(func() {
			for range soakOperations / soakWorkers {
				s.operate(w, random)
			}
		})
	}
	workers.Wait()
	s.check()
	struck := 0
	for _, f := range append(s.faults, s.late...) {
		if struck += f.Hits(); f.Hits() == 0 {
			t.Errorf("the fault %q struck no request", f.Name())
		}
	}
	t.Logf("%d operations in %s: survived %d faults of %d kinds in %d requests; %d fabrics at the end, %d found by "+
		"their names",
		soakOperations, time.Since(started).Round(time.Millisecond), struck, len(s.faults)+1, len(s.server.Requests()),
		len(s.server.Fabrics()), s.adopted.Load())
	s.reports.Range(func(kind, n any) bool {
		t.Logf("%6d times the caller got %s", n.(*atomic.Int64).Load(), kind)
		return true
	})
}

func newSoak(t *testing.T, seed uint64) *soak {
	t.Helper()
	s := &soak{T: t, server: startNetBox(t, netboxtest.Options{Seed: seed})}
	quick := func(c *rest.Config) { c.RequestTimeout = soakTimeout }
	s.client = newClient(t, s.server.URL(), quick)
	for i := range soakFabrics {
		s.slots = append(s.slots, &soakSlot{number: i, counts: map[int64][]string{}})
	}
	for i := range 4 {
		set := soakValues(fmt.Sprintf("theirs-%d", i), i)
		s.server.AddFabric(merged(set, map[string]any{"created": "2026-01-01T00:00:00Z",
			"last_updated": "2026-01-01T00:00:00Z"}))
		s.theirs = append(s.theirs, Create{Set: set, Planned: fabric.Attributes(set)})
	}
	for w := range soakWorkers {
		s.syncs = append(s.syncs, newClient(t, s.server.URL(), quick, func(c *rest.Config) {
			c.Headers = map[string]string{workerHeader: strconv.Itoa(w)}
		}))
	}
	for _, f := range soakFaults() {
		s.faults = append(s.faults, s.server.Fault(f))
	}
	for w := range soakWorkers {
		s.late = append(s.late, s.server.Fault(netboxtest.Fault{
			Probability: soakRate, Times: soakSlow / soakWorkers, Kind: netboxtest.LateOnceGone(),
			When: func(r *http.Request) bool { return r.Method != http.MethodGet && s.workerOf(r) == w },
		}))
	}
	return s
}

func soakValues(name string, i int) map[string]any {
	return map[string]any{"name": name, "description": "soak", "sync_interval": int64(60 + i),
		"kubernetes_server": "https://k8s.example.com:6443"}
}

func merged(a, b map[string]any) map[string]any {
	m := maps.Clone(a)
	maps.Copy(m, b)
	return m
}

// workerOf returns which worker sent a write.
func (s *soak) workerOf(r *http.Request) int {
	if w, err := strconv.Atoi(r.Header.Get(workerHeader)); err == nil {
		return w
	}
	if id, err := strconv.ParseInt(path.Base(r.URL.Path), 10, 64); err == nil {
		w, _ := s.owners.Load(id)
		owner, _ := w.(int)
		return owner
	}
	raw, _ := io.ReadAll(r.Body) // in memory
	r.Body = io.NopCloser(bytes.NewReader(raw))
	var slot, n int
	var body struct{ Name string }
	_ = json.Unmarshal(raw, &body)
	_, _ = fmt.Sscanf(body.Name, "soak-%d-%d", &slot, &n)
	return slot % soakWorkers
}

// operate runs an operation on a fabric that belongs to the worker, or a sync of any fabric.
func (s *soak) operate(w int, random *rand.Rand) {
	defer s.waitForWrites(w)
	slot := s.slots[random.IntN(soakFabrics/soakWorkers)*soakWorkers+w]
	kind := random.IntN(10)
	switch {
	case kind == 0:
		s.takeName(random)
	case kind <= 2:
		s.sync(w, s.slots[random.IntN(soakFabrics)])
	case slot.want == nil:
		s.create(w, slot, random)
	case kind <= 4:
		s.read(slot)
	case kind <= 6:
		s.remove(slot)
	default:
		s.update(slot, random, 1+random.IntN(4))
	}
}

// waitForWrites waits until no write of the worker is under way.
func (s *soak) waitForWrites(w int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.late[w].WaitFree(ctx); err != nil {
		s.Errorf("worker %d: a late write never ends: %v", w, err)
	}
}

// attempt repeats an operation until it is done. It counts errors that faults can cause; others
// fail the test.
func (s *soak) attempt(what string, do func(context.Context) (done bool, err error)) bool {
	for range soakPatience {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		done, err := do(ctx)
		cancel()
		if done {
			return true
		}
		s.report(what, err)
	}
	s.Errorf("%s did not get through", what)
	return false
}

func (s *soak) report(what string, err error) {
	for _, wrong := range []any{new(*ConflictError), new(*AnotherFabricError), new(*rest.NotFoundError),
		new(*rest.InvalidError),
		new(*rest.VersionError)} {
		if _, unverified := errors.AsType[*UnverifiedError](err); !unverified && errors.As(err, wrong) {
			s.Errorf("%s: %v", what, err)
		}
	}
	n, _ := s.reports.LoadOrStore(fmt.Sprintf("%T", err), new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
}

// check compares NetBox, the states and the model.
func (s *soak) check() {
	for name, f := range s.stored() {
		if !strings.HasPrefix(name, "theirs-") {
			s.Errorf("an orphan: %v", f)
		} else if f["last_updated"] != "2026-01-01T00:00:00Z" {
			s.Errorf("another user's fabric was written: %v", f)
		}
	}
}

// stored returns NetBox's records that are not in the model, by name.
func (s *soak) stored() map[string]map[string]any {
	rest, fabrics := map[string]map[string]any{}, s.server.Fabrics()
	for _, f := range fabrics {
		rest[f["name"].(string)] = f
	}
	if len(rest) != len(fabrics) {
		s.Errorf("%d fabrics have %d names", len(fabrics), len(rest))
	}
	for _, slot := range s.slots {
		state := slot.state.Load()
		if slot.want == nil {
			continue
		}
		name := slot.want["name"].(string)
		f := rest[name]
		delete(rest, name)
		if f == nil || f["id"] != float64(state.Fabric.ID) {
			s.Errorf("%s is lost: NetBox has %v, the state %d", name, f, state.Fabric.ID)
			continue
		}
		got := fabric.Attributes{}
		for field := range slot.want {
			if got[field] = f[field]; field == "sync_interval" {
				got[field] = int64(f[field].(float64))
			}
		}
		if !reflect.DeepEqual(got, slot.want) {
			s.Errorf("%s: NetBox has %v, the model %v", name, got, slot.want)
		}
		allowed := slot.counts[state.Fabric.ID]
		if count := fmt.Sprint(f["vpcs_count"]); allowed != nil && !slices.Contains(allowed, count) {
			s.Errorf("%s: a sync was undone: NetBox has %s, allowed %v", name, count, allowed)
		}
	}
	return rest
}
