package synccmd

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Each fabric belongs to one shard, and the shards have about the same size. If a shard is added,
// only the necessary number of fabrics move.
func TestShard_evenAndStable(t *testing.T) {
	const fabrics = 10_000
	for name, id := range map[string]func(i int) int64{
		"one after the other": func(i int) int64 { return int64(i + 1) },
		"far apart":           func(i int) int64 { return int64(i+1) * 1_000_003 },
		"every fourth":        func(i int) int64 { return int64(i) * 4 },
	} {
		for shards := 1; shards <= 12; shards++ {
			sizes, moved := make([]int, shards), 0
			for i := range fabrics {
				before, after := shardOf(id(i), shards), shardOf(id(i), shards+1)
				sizes[before]++
				if after != before {
					moved++
					if after != shards {
						t.Fatalf("%s: with shard %d, fabric %d moves from %d to %d", name, shards, id(i), before, after)
					}
				}
			}
			even := float64(fabrics) / float64(shards)
			if least, most := float64(slices.Min(sizes)), float64(slices.Max(sizes)); least < even*0.85 ||
				most > even*1.15 {
				t.Errorf("%s, %d shards: got the sizes %v", name, shards, sizes)
			}
			if want := float64(fabrics) / float64(shards+1); float64(moved) < want*0.85 || float64(moved) > want*1.15 {
				t.Errorf("%s, from %d shards to one more: got %d moves, want about %.0f", name, shards, moved, want)
			}
		}
	}
}

// A fabric's shard must be the same in all versions of the program.
func TestShard_ofSomeFabrics(t *testing.T) {
	for _, c := range []struct {
		id           int64
		shards, want int
	}{{1, 1, 0}, {1, 3, 0}, {3, 3, 2}, {1000, 10, 9}, {1 << 40, 10, 9}, {42, 57, 43}, {0xDEAD10CC, 666, 361},
		{256, 1024, 520}} {
		if got := shardOf(c.id, c.shards); got != c.want {
			t.Errorf("fabric %d: got shard %d of %d, want %d", c.id, got, c.shards, c.want)
		}
	}
}

func TestShard_withoutTheFlagsAllFabricsAreItsOwn(t *testing.T) {
	all := []*fabric.Fabric{{ID: 1}, {ID: 2}}
	if own, others := new(shard).split(all); len(own) != 2 || others != nil {
		t.Errorf("got the own fabrics %v and the others %v", own, others)
	}
}

func TestOnce_shardsShareTheFabrics(t *testing.T) {
	w := newStandins(t)
	for i := range 12 {
		w.add(fmt.Sprintf("f%d", i))
	}
	for i, at := range []string{"0", "sync-1", "sync-2"} {
		w.wantCode(w.run("--once", "--shard", at, "--shards", "3"), cli.ExitSuccess)
		if got := len(w.cluster.asked()); got <= i || got > 12-2+i {
			t.Errorf("after shard %d: got requests to %d clusters", i, got)
		}
	}
	asked := w.cluster.asked()
	slices.Sort(asked)
	if got := len(slices.Compact(asked)); len(asked) != 12 || got != 12 {
		t.Errorf("got requests to %d clusters, %d of them once", len(asked), got)
	}
}

// A named fabric of another shard is skipped, and the command says so.
func TestOnce_namedFabricOfAnotherShard(t *testing.T) {
	w := newStandins(t)
	id := w.add("alpha")
	own := shardOf(id, 2)
	args := []string{"--once", "--fabric", "alpha", "--output", "json", "--shards", "2", "--shard"}
	w.wantCode(w.run(append(args, fmt.Sprint(1-own))...), cli.ExitSuccess)
	w.wantOutcomes("alpha: skipped")
	want := fmt.Sprintf("it belongs to shard %d of 2; this command syncs shard %d (--shard)", own, 1-own)
	if got := w.records()["alpha"]["message"]; got != want || len(w.cluster.asked()) != 0 {
		t.Errorf("got %q, want %q", got, want)
	}
	w.wantCode(w.run(append(args, fmt.Sprint(own))...), cli.ExitSuccess)
	w.wantOutcomes("alpha: synced")
}

// Two watches share the fabrics for as long as they run.
func TestWatch_shardsShareTheFabrics(t *testing.T) {
	w := newStandins(t)
	for i := range 6 {
		w.add(fmt.Sprintf("f%d", i))
	}
	one := w.watch("--shard", "0", "--shards", "2")
	first := len(one.standins.cluster.asked())
	two := one.another("--shard", "1", "--shards", "2", "--fabric", "f0", "--fabric", "f1", "--fabric", "f2",
		"--fabric", "f3", "--fabric", "f4", "--fabric", "f5")
	if first == 0 || first == 6 {
		t.Fatalf("the first watch: got %d of 6 fabrics", first)
	}
	one.wantAsked(6)
	advanceAll(time.Minute, one, two)
	one.wantAsked(12)
	logged := two.logged("--fabric names fabrics that belong to another shard")
	if len(logged) != 1 || len(logged[0]["fabrics"].([]any)) != first {
		t.Errorf("got the log records %v, want %d fabrics once", logged, first)
	}
	if strings.Contains(one.standins.stderr.String(), "another shard") || strings.Contains(two.standins.stderr.String(),
		"no such fabric") {
		t.Errorf("%s%s", one.standins.stderr.String(), two.standins.stderr.String())
	}
	if got := two.logged("watch started"); len(got) != 1 || got[0]["shard"] != 1.0 || got[0]["shards"] != 2.0 {
		t.Errorf("got %v", got)
	}
}
