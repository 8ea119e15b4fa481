//go:build unix

package command

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// shares are how many of a hundred objects are of which kind.
var shares = map[string]int{
	"VPC": 8, "VPCAttachment": 38, "VPCPeering": 6, "ExternalPeering": 2, "Connection": 24, "Server": 19, "Switch": 2, "SwitchGroup": 1,
}

// BenchmarkSync tells what a sync costs by the number of objects, as the built
// program makes it: requests, writes, and how much memory its heap takes at most.
// The second sync finds nothing changed.
func BenchmarkSync(b *testing.B) {
	builtProgram(b) // which is not to be measured
	for _, objects := range []int{500, 5000} {
		for _, second := range []bool{false, true} {
			name := fmt.Sprintf("objects=%d/first", objects)
			if second {
				name = fmt.Sprintf("objects=%d/second", objects)
			}
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					l := newLoad(b, objects)
					if second {
						l.sync()
					}
					l.netbox.ResetRequests()
					l.cluster.ResetRequests()
					b.StartTimer()
					l.report(l.sync())
				}
			})
		}
	}
}

// load is a NetBox with a fabric, and a cluster with so many objects.
type load struct {
	*testing.B
	netbox  *netboxtest.Server
	cluster *clustertest.Server
}

func newLoad(b *testing.B, objects int) *load {
	b.Helper()
	n, err := netboxtest.New(netboxtest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(n.Close)
	c, err := clustertest.New(clustertest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	for _, kind := range fabric.Kinds() {
		for i := range objects * shares[kind.Name] / 100 {
			o := clustertest.Example(kind, fmt.Sprintf("object-%05d", i))
			o.Annotations = map[string]string{"example.com/notes": strings.Repeat("about a thousand characters ", 40)}
			c.Put(kind, "default", o)
		}
	}
	n.AddFabric(map[string]any{
		"name": "alpha", "kubernetes_server": c.URL(), "kubernetes_token": clustertest.FullToken, "kubernetes_ca_cert": c.CA(), "sync_interval": 60,
	})
	return &load{b, n, c}
}

// sync runs the program once, and returns its log with what the garbage collector told.
func (l *load) sync() (log string) {
	l.Helper()
	p := prepared(l.B, l.netbox.URL(), netboxtest.AdminToken, "--once", "--force", "--output", "json")
	p.Env = append(p.Env, "GODEBUG=gctrace=1")
	p.begin()
	if code := p.wait(); code != exitWell || !strings.Contains(p.out.String(), `"outcome":"synced"`) {
		l.Fatalf("exit code %d:\n%s%s", code, p.out.String(), p.log.String())
	}
	return p.log.String()
}

// heap is what the garbage collector tells at the end of a cycle: the heap when the
// cycle began and ended, and what of it is alive, in MB.
var heap = regexp.MustCompile(`(?m)^gc \d+ .* (\d+)->(\d+)->(\d+) MB`)

func (l *load) report(log string) {
	l.Helper()
	peak, alive := 0, 0
	for _, cycle := range heap.FindAllStringSubmatch(log, -1) {
		atEnd, _ := strconv.Atoi(cycle[2]) // digits
		left, _ := strconv.Atoi(cycle[3])
		peak, alive = max(peak, atEnd), max(alive, left)
	}
	objects, fabrics := 0, 0
	for _, r := range l.netbox.Requests() {
		switch {
		case r.Method == http.MethodGet:
		case strings.Contains(r.Path, "/fabrics/"):
			fabrics++
		default:
			objects++
		}
	}
	for unit, n := range map[string]int{
		"peak-heap-MB": peak, "live-heap-MB": alive, "object-writes": objects, "fabric-writes": fabrics,
		"netbox-requests": len(l.netbox.Requests()), "cluster-requests": len(l.cluster.Requests()),
	} {
		l.ReportMetric(float64(n), unit)
	}
}
