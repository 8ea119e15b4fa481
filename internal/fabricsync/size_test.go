package fabricsync

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"weak"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// large has the number of objects of each kind in a fabric with 5,000 objects.
var large = map[string]int{
	"VPC": 400, "External": 20, "ExternalAttachment": 40, "ExternalPeering": 40, "IPv4Namespace": 5,
	"VPCAttachment": 1900,
	"VPCPeering":    300, "Connection": 1200, "Server": 990, "Switch": 98, "SwitchGroup": 2, "VLANNamespace": 5,
}

func TestSize_fiveThousandObjectsAreWrittenInBulk(t *testing.T) {
	w := newWorld(t)
	for kind, n := range large {
		w.cluster.add(kind, n)
	}
	if totals := w.sync().Totals(); totals.Created != 5000 {
		t.Errorf("got %+v", totals)
	}
	// The record, one list before the lock and twelve under it, and the writes.
	if n := len(w.netbox.Requests()); n != 1+1+12+32+2 {
		t.Errorf("got %d requests", n)
	}
	if writes := len(w.writes()); writes != 32+2 {
		t.Errorf("got %d writes", writes)
	}
	w.netbox.ResetRequests()
	if totals := w.sync().Totals(); totals.Unchanged != 5000 {
		t.Errorf("got %+v", totals)
	}
	w.wantWrites("PATCH fabrics/1")
	w.wantMirror()
}

// content is a value in a spec whose garbage collection the test can observe.
type content struct{ Text string }

// streamCluster creates its objects while they are listed, and keeps none.
type streamCluster struct {
	fakeCluster
	made  []weak.Pointer[content]
	alive int // the most objects that were alive at once
}

func (c *streamCluster) List(_ context.Context, kind fabric.Kind) iter.Seq2[*cluster.Object, error] {
	return func(yield func(*cluster.Object, error) bool) {
		if kind.Name != "Server" {
			return
		}
		for i := range 3000 {
			o := object(fmt.Sprintf("server-%d", i))
			spec := &content{o.Name}
			c.made, o.Spec["content"] = append(c.made, weak.Make(spec)), spec
			if !yield(o, nil) {
				return
			}
			if i%250 == 0 {
				c.count()
			}
		}
	}
}

func (c *streamCluster) count() {
	runtime.GC()
	alive := 0
	for _, p := range c.made {
		if p.Value() != nil {
			alive++
		}
	}
	c.alive = max(c.alive, alive)
}

func TestSize_memoryHoldsNoMoreThanABatch(t *testing.T) {
	w := newWorld(t)
	c := &streamCluster{}
	result := w.sync(func(o *Options) {
		o.Connect = func(cluster.Config) (Cluster, error) { return c, nil }
	})
	if result.Totals().Created != 3000 {
		t.Errorf("got %+v", result.Totals())
	}
	if c.alive == 0 || c.alive > 250 {
		t.Errorf("up to %d of 3000 objects were held at once", c.alive)
	}
}
