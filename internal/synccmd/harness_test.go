package synccmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const (
	fabricsPath  = "/api/plugins/hedgehog/fabrics/"
	clusterToken = "token-of-a-cluster-1"
)

var testTime = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// testClock is a clock that only moves when it is advanced.
type testClock struct {
	clock.RealClock // for methods that no test uses
	mu              sync.Mutex
	at              time.Time
	waiters         map[chan time.Time]time.Time
	tickers         []testTicker
}

func newTestClock() *testClock {
	return &testClock{at: testTime, waiters: map[chan time.Time]time.Time{}}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) Since(at time.Time) time.Duration { return c.Now().Sub(at) }

func (c *testClock) After(d time.Duration) <-chan time.Time { return c.NewTimer(d).C() }

func (c *testClock) NewTimer(d time.Duration) clock.Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	fires := make(chan time.Time, 1)
	c.waiters[fires] = c.at.Add(d)
	c.fire()
	return testTimer{c, fires}
}

// NewTicker returns a ticker that ticks whenever the clock is advanced, so that its user never
// misses an advance.
func (c *testClock) NewTicker(time.Duration) clock.Ticker {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := testTicker{make(chan time.Time, 1)}
	c.tickers = append(c.tickers, t)
	return t
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	c.fire()
	for _, t := range c.tickers {
		select {
		case t.ticks <- c.at:
		default: // the previous tick has not been received yet
		}
	}
}

func (c *testClock) fire() {
	for fires, at := range c.waiters {
		if !at.After(c.at) {
			delete(c.waiters, fires)
			fires <- c.at
		}
	}
}

type testTimer struct {
	clock *testClock
	fires chan time.Time
}

func (t testTimer) C() <-chan time.Time { return t.fires }

func (t testTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	_, active := t.clock.waiters[t.fires]
	delete(t.clock.waiters, t.fires)
	return active
}

func (testTimer) Reset(time.Duration) bool { panic("no caller resets a timer") }

type testTicker struct{ ticks chan time.Time }

func (t testTicker) C() <-chan time.Time { return t.ticks }
func (testTicker) Stop()                 {}

// fakeCluster is the cluster of every fabric.
type fakeCluster struct {
	mu      sync.Mutex
	vpcs    int                                      // objects of the kind VPC
	problem map[string]error                         // of connecting, by server
	broken  string                                   // a kind whose list breaks off; "" for none
	check   func(ctx context.Context, server string) // called when a cluster gets a request; may be nil
	tokens  []string                                 // of those who connected
	servers []string                                 // of those who connected
}

type connection struct {
	*fakeCluster
	server string
}

func (c *fakeCluster) connect(config cluster.Config) (fabricsync.Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens, c.servers = append(c.tokens, config.Token), append(c.servers, config.Server)
	if err := c.problem[config.Server]; err != nil {
		return nil, err
	}
	return connection{c, config.Server}, nil
}

func (c *fakeCluster) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.servers)
}

func (connection) Close() {}

func (connection) NamespaceMissing(context.Context) (bool, error) { return false, nil }

func (c connection) List(ctx context.Context, kind fabric.Kind) iter.Seq2[*cluster.Object, error] {
	if c.check != nil && kind.Name == "External" { // once the VPCs are stored
		c.check(ctx, c.server)
	}
	c.mu.Lock()
	broken := c.broken == kind.Name
	c.mu.Unlock()
	return func(yield func(*cluster.Object, error) bool) {
		if broken {
			yield(nil, &cluster.Error{Class: cluster.ClassOther, Server: c.server})
			return
		}
		if kind.Name != "VPC" {
			return
		}
		for i := range c.vpcs {
			name := fmt.Sprintf("vpc-%d", i+1)
			if !yield(&cluster.Object{
				Name: name, Namespace: "default", UID: "uid-" + name, ResourceVersion: "1",
				Spec: map[string]any{"name": name},
			}, nil) {
				return
			}
		}
	}
}

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu      sync.Mutex
	b       bytes.Buffer
	written chan struct{} // closed by the next write; nil if nobody waits
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written != nil {
		close(s.written)
		s.written = nil
	}
	return s.b.Write(p)
}

// next returns what is written, and a channel that is closed when there is more.
func (s *syncBuffer) next() (text string, more <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = make(chan struct{})
	}
	return s.b.String(), s.written
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// standins is a NetBox, clusters, and the command.
type standins struct {
	*testing.T
	netbox         *netboxtest.Server
	cluster        *fakeCluster
	clock          *testClock
	program        *program
	stdout, stderr syncBuffer
	environment    map[string]string
}

func newStandins(t *testing.T) *standins {
	t.Helper()
	return newStandinsOf(t, netboxtest.Options{})
}

func newStandinsOf(t *testing.T, netbox netboxtest.Options) *standins {
	t.Helper()
	s, err := netboxtest.New(netbox)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.SetNow(testTime)
	w := &standins{
		T: t, netbox: s, clock: newTestClock(),
		cluster: &fakeCluster{vpcs: 2, problem: map[string]error{}},
		environment: map[string]string{"NETBOX_SERVER_URL": s.URL(), "NETBOX_API_TOKEN": netboxtest.AdminToken,
			"NETBOX_SKIP_VERSION_CHECK": "true"},
	}
	w.program = &program{
		version: "1.2.3", stdout: &w.stdout, stderr: &w.stderr,
		getenv:    func(name string) string { return w.environment[name] },
		retryWait: time.Millisecond,
		clock:     w.clock, random: func() float64 { return 0 }, connect: w.cluster.connect,
	}
	return w
}

func server(name string) string { return "https://" + name + ".k8s.example.com:6443" }

// add makes a fabric with an interval of 60 s that was never synced.
func (w *standins) add(name string, fields ...map[string]any) int64 {
	values := map[string]any{
		"name": name, "kubernetes_server": server(name), "kubernetes_token": clusterToken, "sync_interval": 60,
		"created": testTime.Add(-24 * time.Hour), "last_updated": testTime.Add(-24 * time.Hour),
	}
	for _, more := range fields {
		maps.Copy(values, more)
	}
	return w.netbox.AddFabric(values)
}

// syncedAgo returns the fields of a fabric whose last sync is this old.
func syncedAgo(age time.Duration) map[string]any {
	return map[string]any{"last_sync": testTime.Add(-age), "sync_status": "in_sync", "connection_status": "connected"}
}

// run runs the command with these arguments.
func (p *program) run(ctx context.Context, args []string) int {
	return cli.Execute(ctx, p.command(), args) //nolint:contextcheck // cobra hands it on
}

// parse only parses the arguments.
func parse(args []string) (o *options, problem string) {
	var said bytes.Buffer
	o = newOptions()
	c := o.command(func(context.Context) error { return nil })
	c.SetOut(&said)
	c.SetErr(&said)
	if code := cli.Execute(context.Background(), c, args); code != cli.ExitSuccess {
		return nil, said.String()
	}
	return o, ""
}

// run runs the command with the given flags, and waits for it.
func (w *standins) run(args ...string) (code int) {
	w.Helper()
	return w.program.run(w.Context(), args)
}

func (w *standins) wantCode(got, want int) {
	w.Helper()
	if got != want {
		w.Fatalf("exit code %d, want %d\n%s%s", got, want, w.stdout.String(), w.stderr.String())
	}
}

// records returns what --output json wrote, by fabric.
func (w *standins) records() map[string]map[string]any {
	w.Helper()
	all := map[string]map[string]any{}
	for text := range strings.Lines(w.stdout.String()) {
		var one map[string]any
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			w.Fatalf("%v: %s", err, text)
		}
		all[fmt.Sprint(one["fabric"])] = one
	}
	return all
}

// wantOutcomes checks the outcomes of --output json, as in "a: synced, b: failed".
func (w *standins) wantOutcomes(want string) {
	w.Helper()
	records := w.records()
	var got []string
	for _, name := range slices.Sorted(maps.Keys(records)) {
		got = append(got, fmt.Sprintf("%s: %v", name, records[name]["outcome"]))
	}
	if text := strings.Join(got, ", "); text != want {
		w.Errorf("got %q, want %q\n%s", text, want, w.stderr.String())
	}
}

// writes returns the number of writes to NetBox.
func (w *standins) writes() int {
	n := 0
	for _, r := range w.netbox.Requests() {
		if r.Method != http.MethodGet {
			n++
		}
	}
	return n
}

func (w *standins) field(name, field string) any {
	f, _ := w.netbox.FabricByName(name)
	return f[field]
}

func (w *standins) wantField(name, field string, want any) {
	w.Helper()
	if got := w.field(name, field); got != want {
		w.Errorf("%s of %s is %#v, want %#v", field, name, got, want)
	}
}

func wantText(t *testing.T, text string, phrases ...string) {
	t.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(text, phrase) {
			t.Errorf("got no %q in:\n%s", phrase, text)
		}
	}
}

// stored returns the objects of an endpoint in NetBox.
func (w *standins) stored(endpoint string) []map[string]any {
	w.Helper()
	r, err := http.NewRequest(http.MethodGet, w.netbox.URL()+"/api/plugins/hedgehog/"+endpoint+
		"/?ordering=id&limit=1000", nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		w.Fatalf("%s: %s", endpoint, resp.Status)
	}
	var page struct{ Results []map[string]any }
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		w.Fatal(err)
	}
	return page.Results
}
