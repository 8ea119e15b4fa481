package synccmd

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// mix is a number of healthy fabrics and of fabrics with dead clusters, which are watched for two
// hours.
type mix struct {
	healthy, dead int
	interval      time.Duration
	slots         int
	fails         time.Duration // how long a sync of a dead one takes; the others take a second
	share         float64       // of the wanted syncs of the healthy ones that must be made
	tries         int           // of each dead one, at least
}

const watchedFor = 2 * time.Hour

// The syncs in this test only take time.
func TestWatch_deadClustersLeaveRoomForTheOthers(t *testing.T) {
	for name, m := range map[string]mix{
		"a few dead among many": {healthy: 100, dead: 20, interval: time.Minute, slots: 4, fails: 30 * time.Second,
			share: 0.9, tries: 8},
		"many dead among few": {healthy: 20, dead: 100, interval: time.Minute, slots: 4, fails: 30 * time.Second,
			share: 0.8, tries: 4},
		"one slot": {healthy: 20, dead: 5, interval: time.Minute, slots: 1, fails: 30 * time.Second,
			share: 0.8, tries: 8},
		"long intervals": {healthy: 100, dead: 20, interval: 30 * time.Minute, slots: 4,
			fails: 30 * time.Second, share: 0.95, tries: 8},
		"clusters that hang": {healthy: 100, dead: 8, interval: 5 * time.Minute, slots: 4,
			fails: 15 * time.Minute, share: 0.7, tries: 2},
		"more than there is time": {healthy: 300, dead: 20, interval: time.Minute, slots: 4, fails: 30 * time.Second,
			share: 0.6, tries: 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSimulation(m)
				s.run(t)
				wanted := m.healthy * int(watchedFor/m.interval)
				made, fewest := s.counts()
				if share := float64(made) / float64(wanted); share < m.share || fewest < m.tries {
					t.Errorf("%d of %d wanted syncs of the healthy (%.0f %%), and %d tries of a dead one; want %.0f "+
						"%% and %d",
						made, wanted, 100*share, fewest, 100*m.share, m.tries)
				}
			})
		})
	}
}

// simulation is a source of simulated fabrics.
type simulation struct {
	mix
	mu      sync.Mutex
	fabrics map[int64]*fabric.Fabric
	syncs   map[int64]int
}

func newSimulation(m mix) *simulation {
	s := &simulation{mix: m, fabrics: map[int64]*fabric.Fabric{}, syncs: map[int64]int{}}
	for i := range m.healthy + m.dead {
		f := timed(int64(i+1), int64(m.interval.Seconds()), nil)
		if i >= m.dead { // the dead have lower ids, so that an order by ids would show
			at := time.Now().Add(-m.interval)
			f.LastSync = &at
		}
		s.fabrics[f.ID] = f
	}
	return s
}

func (s *simulation) isDead(id int64) bool { return id <= int64(s.dead) }

// run runs a watch for its time.
func (s *simulation) run(t *testing.T) {
	t.Helper()
	client, err := netbox.New(rest.Config{ServerURL: "https://netbox.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	o := newOptions()
	o.parallelism = s.slots
	e := &syncer{options: o, netbox: client, clock: clock.RealClock{}, log: slog.New(slog.DiscardHandler)}
	b := newStatusBoard(e.clock)
	w := newWatch(e, noOutput{}, newMetrics("1", b), b, rand.New(rand.NewPCG(1, 2)).Float64)
	w.source = s
	ctx, cancel := context.WithTimeout(t.Context(), watchedFor)
	defer cancel()
	w.run(ctx, nil)
}

func (s *simulation) ping(context.Context) error { return nil }

func (s *simulation) list(context.Context) *listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	l := &listing{begun: now, received: now, observed: now.Truncate(time.Second)}
	for _, f := range s.fabrics {
		read := *f
		l.fabrics = append(l.fabrics, &read)
	}
	return l
}

func (s *simulation) sync(ctx context.Context, f *fabric.Fabric, _ *netbox.Read) *report {
	o, takes := fabricsync.Synced, time.Second
	if s.isDead(f.ID) {
		o, takes = fabricsync.Failed, s.fails
	}
	select {
	case <-ctx.Done():
		return outcome(f.ID, fabricsync.Interrupted, ctx.Err())
	case <-time.After(takes):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.syncs[f.ID]++
	now, record := time.Now().Truncate(time.Second), s.fabrics[f.ID]
	if o == fabricsync.Synced {
		record.LastSync, record.LastUpdated = &now, now
	} else if record.SyncError == "" {
		record.SyncError, record.LastUpdated = "dead", now
	}
	r := outcome(f.ID, o, nil)
	r.result.Record = &netbox.Read{Fabric: *record, ObservedAt: now}
	return r
}

// counts returns the syncs of healthy fabrics, and the lowest number of tries of a dead one.
func (s *simulation) counts() (made, fewest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fewest = -1
	for id := range s.fabrics {
		switch n := s.syncs[id]; {
		case !s.isDead(id):
			made += n
		case fewest < 0 || n < fewest:
			fewest = n
		}
	}
	return made, fewest
}
