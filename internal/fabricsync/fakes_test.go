package fabricsync

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// testClock is a clock that only moves when it is advanced.
type testClock struct {
	mu      sync.Mutex
	at      time.Time
	waiters []waiter
	arrived chan time.Duration // gets the pause of each After; nil for none
}

type waiter struct {
	at time.Time
	c  chan time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	w := waiter{c.at.Add(d), make(chan time.Time, 1)}
	c.waiters = append(c.waiters, w)
	arrived := c.arrived
	c.mu.Unlock()
	if arrived != nil {
		arrived <- d
	}
	return w.c
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	c.waiters = slices.DeleteFunc(c.waiters, func(w waiter) bool {
		if w.at.After(c.at) {
			return false
		}
		w.c <- c.at
		return true
	})
}

// fakeCluster is a cluster in memory.
type fakeCluster struct {
	mu      sync.Mutex
	objects map[string][]*cluster.Object // by the kind's name
	broken  map[string]error             // ends the list of a kind, after its objects
	absent  map[string]bool              // kinds that are not served
	problem *cluster.Error               // of every list; nil for none
	configs []cluster.Config             // of the connections
	listed  func(context.Context, fabric.Kind)

	mute             bool // a list that the context cuts short ends without an error
	noNamespace      bool
	namespaceProblem error // of the check whether the namespace exists
}

// during calls happens whenever the objects of a kind are listed, with the number of the list
// from 1.
func (c *fakeCluster) during(kind string, happens func(ctx context.Context, n int)) {
	n := 0
	c.listed = func(ctx context.Context, k fabric.Kind) {
		if k.Name == kind {
			n++
			happens(ctx, n)
		}
	}
}

func (c *fakeCluster) connect(config cluster.Config) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.configs = append(c.configs, config)
	return c, nil
}

func (c *fakeCluster) Close() {}

func (c *fakeCluster) NamespaceMissing(context.Context) (bool, error) {
	return c.noNamespace, c.namespaceProblem
}

func (c *fakeCluster) List(ctx context.Context, kind fabric.Kind) iter.Seq2[*cluster.Object, error] {
	return func(yield func(*cluster.Object, error) bool) {
		if c.listed != nil {
			c.listed(ctx, kind)
		}
		if c.problem != nil {
			yield(nil, c.problem)
			return
		}
		if c.absent[kind.Name] {
			yield(nil, &cluster.AbsentKindError{Server: testServer, Kind: kind})
			return
		}
		if ctx.Err() != nil && c.mute {
			return
		}
		if ctx.Err() != nil {
			yield(nil, &cluster.Error{Class: cluster.ClassOther, Server: testServer, Err: ctx.Err()})
			return
		}
		c.mu.Lock()
		objects, broken := slices.Clone(c.objects[kind.Name]), c.broken[kind.Name]
		c.mu.Unlock()
		for _, o := range objects {
			if !yield(o, nil) {
				return
			}
		}
		if broken != nil {
			yield(nil, broken)
		}
	}
}

// add makes objects of a kind, named a-1 and so on for the kind name A.
func (c *fakeCluster) add(kind string, n int) {
	for range n {
		i := len(c.objects[kind]) + 1
		c.objects[kind] = append(c.objects[kind], object(fmt.Sprintf("%s-%d", strings.ToLower(kind), i)))
	}
}

// object returns an object that depends only on its name.
func object(name string) *cluster.Object {
	return &cluster.Object{
		Name: name, Namespace: namespace, UID: fmt.Sprintf("%.36s", "uid-"+name), ResourceVersion: "1",
		Labels: map[string]string{"name": name}, Spec: map[string]any{"of": name, "n": int64(1)},
	}
}

// edit changes an object of the cluster.
func (c *fakeCluster) edit(kind string, index int, edit func(*cluster.Object)) {
	o := *c.objects[kind][index]
	edit(&o)
	c.objects[kind][index] = &o
}

// change gives an object of the cluster another content.
func (c *fakeCluster) change(kind string, index int, version string) {
	c.edit(kind, index, func(o *cluster.Object) {
		o.ResourceVersion, o.Spec = version, map[string]any{"of": o.Name, "version": version}
	})
}
