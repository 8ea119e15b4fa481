package synccmd

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// The tests here count requests to NetBox and rows of its change log, which do not depend on the
// machine. The targets are for a large NetBox; make bench-sync measures that size.

// asked has the numbers of requests to NetBox, by purpose.
type asked struct{ lists, records, objects, objectWrites, others int }

func (a asked) total() int { return a.lists + a.records + a.objects + a.objectWrites + a.others }

func (w *standins) asked() (a asked) {
	for _, r := range w.netbox.Requests() {
		rest, plugin := strings.CutPrefix(r.Path, "/api/plugins/hedgehog/")
		switch {
		case !plugin:
			a.others++
		case rest == "fabrics/" && r.Method == http.MethodGet:
			a.lists++
		case strings.HasPrefix(rest, "fabrics/"):
			a.records++
		case r.Method == http.MethodGet:
			a.objects++
		default:
			a.objectWrites++
		}
	}
	return a
}

// If no fabric has changed, a round of a watch costs a request for each fabric and each kind of
// object, and a list scan every 30 s.
//
// Target: 1,000 fabrics with 100,000 objects, at most 1,200 requests a round, instead of
// 114,000; and for a single sync at most 2, instead of 80.
func TestCosts_roundOfAWatch(t *testing.T) {
	const fabrics, kinds, rounds = 100, 12, 3
	w := newStandins(t)
	w.cluster.vpcs = 5
	for i := range fabrics {
		w.add(fmt.Sprintf("fabric-%03d", i))
	}
	x := w.watch("--output", "json")
	x.wantAsked(fabrics)
	for round := range rounds {
		w.netbox.ResetRequests()
		rows := len(w.netbox.Changelog())
		x.advance(time.Minute)
		x.wantAsked((2 + round) * fabrics)
		got := w.asked()
		// Syncs that start at the same moment may refresh a kind twice.
		if got.records != fabrics || got.objectWrites != 0 || got.objects > kinds+defaultParallelism || got.lists > 3 ||
			got.total()*10 > fabrics*12 {
			t.Errorf("round %d: got %+v for %d fabrics", round, got, fabrics)
		}
		if rows = len(w.netbox.Changelog()) - rows; rows != fabrics {
			t.Errorf("round %d: got %d rows of the change log for %d fabrics", round, rows, fabrics)
		}
	}
	if all := strings.Count(w.stdout.String(), `"outcome":"synced"`); all != (1+rounds)*fabrics {
		t.Errorf("got %d syncs, want %d", all, (1+rounds)*fabrics)
	}
}

// If the plugin filters objects by fabric, a sync reads only its fabric's objects.
//
// Target: a fabric of 500 among 500,000 objects, at most 14 requests for the objects and
// the fabric, instead of 502 pages.
func TestCosts_oneFabricAmongMany(t *testing.T) {
	const many, own, most = 5000, 20, 14
	for _, filter := range []netboxtest.ObjectFilter{netboxtest.FilterFields, netboxtest.FilterSet} {
		t.Run(string(filter), func(t *testing.T) {
			w := newStandins(t)
			w.netbox.SetObjectFilter(filter)
			other := w.add("other", map[string]any{"sync_enabled": false})
			w.netbox.AddObjects("vpcs", many, func(i int) map[string]any {
				return map[string]any{"fabric": other, "name": fmt.Sprintf("vpc-%d", i), "spec": map[string]any{"i": i}}
			})
			w.cluster.vpcs = own
			w.add("own")
			args := []string{"--once", "--force", "--fabric", "own", "--output", "json"}
			w.wantCode(w.run(args...), cli.ExitSuccess)
			w.netbox.ResetRequests()
			w.wantCode(w.run(args...), cli.ExitSuccess)
			if got := w.asked(); got.objects+got.records > most || got.objectWrites != 0 {
				t.Errorf("got %+v, want at most %d for objects and fabric", got, most)
			}
			w.wantOutcomes("own: synced")
			if objects := w.records()["own"]["objects"]; fmt.Sprint(
				objects.(map[string]any)["unchanged"]) != fmt.Sprint(own) {
				t.Errorf("objects %v, want %d unchanged", objects, own)
			}
		})
	}
}

// A first sync locks the fabric, and needs no more requests than when every sync locked the
// fabric.
//
// Target: 5,000 new objects, at most 46 requests.
func TestCosts_newObjects(t *testing.T) {
	const objects, most = 5000, 43
	w := newStandins(t)
	w.cluster.vpcs = objects
	w.add("new")
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitSuccess)
	if got := w.asked(); got.total() > most {
		t.Errorf("got %+v, %d in all, want at most %d", got, got.total(), most)
	}
	if n := len(w.stored("vpcs")); n != 1000 { // the first page
		t.Errorf("got %d stored objects", n)
	}
}
