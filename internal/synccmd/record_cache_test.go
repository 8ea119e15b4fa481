package synccmd

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// The record from the end of a sync stays known as long as the list shows the same version.
func TestSchedule_knowsTheRecordThatASyncHasLeft(t *testing.T) {
	left := timed(1, 60, ago(0))
	left.KubernetesToken, left.LastUpdated = clusterToken, testTime
	same, edited := *timed(1, 60, ago(0)), *timed(1, 60, ago(0)) // as lists have them
	same.LastUpdated, edited.LastUpdated = testTime, testTime.Add(time.Second)
	for name, c := range map[string]struct {
		list []*fabric.Fabric
		want bool
	}{
		"the same version": {[]*fabric.Fabric{&same}, true},
		"edited":           {[]*fabric.Fabric{&edited}, false},
		"gone":             {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := testSchedule(t, fixed(0))
			s.update(listed(0, timed(1, 60, nil)))
			w := s.fabrics[1]
			if s.known(w) != nil {
				t.Error("the schedule knows a record before the first sync")
			}
			s.ended(w, withRecord(outcome(1, fabricsync.Synced, nil), left))
			s.at(time.Minute).update(listed(time.Minute, c.list...))
			got := s.known(w)
			if known := got != nil && got.Fabric.KubernetesToken == clusterToken &&
				got.ObservedAt.Equal(testTime.Add(time.Minute)); known != c.want {
				t.Errorf("got the record %+v, want one: %t", got, c.want)
			}
			if taken := s.records.size > 0; taken != c.want {
				t.Errorf("got %d bytes of records", s.records.size)
			}
		})
	}
}

// The cached records fit into the limit, however large they are.
func TestSchedule_recordsThatAreKeptAreBounded(t *testing.T) {
	s := testSchedule(t, fixed(0))
	const fabrics, bundle = 5000, 30_000
	var all []*fabric.Fabric
	for id := range int64(fabrics) {
		all = append(all, timed(id+1, 60, nil))
	}
	s.update(listed(0, all...))
	sync := func() (kept int) {
		for id, w := range s.fabrics {
			left := timed(id, 60, ago(0))
			left.KubernetesCACert = strings.Repeat("x", bundle)
			s.ended(w, withRecord(outcome(id, fabricsync.Synced, nil), left))
		}
		for _, w := range s.fabrics {
			if s.known(w) != nil {
				kept++
			}
		}
		return kept
	}
	for range 2 { // the second sync replaces the records of the first
		if kept := sync(); kept*bundle > maxKept || kept*bundle < maxKept*9/10 || s.records.size > maxKept {
			t.Errorf("got %d records of %d bytes are kept, and count as %d", kept, bundle, s.records.size)
		}
	}
	s.update(listed(time.Minute))
	if s.records.size != 0 {
		t.Errorf("got %d bytes without fabrics, want 0", s.records.size)
	}
}

// A sync reads the record only if the list shows another version. Then it has the new token.
func TestWatch_readsARecordOnlyWhenItHasChanged(t *testing.T) {
	w := newStandins(t)
	id := w.add("alpha")
	x := w.watch()
	reads := func() (n int) {
		for _, r := range w.netbox.Requests() {
			if r.Method == http.MethodGet && strings.HasPrefix(r.Path, fabricsPath) && r.Path != fabricsPath {
				n++
			}
		}
		w.netbox.ResetRequests()
		return n
	}
	if got := reads(); got != 1 {
		t.Errorf("%d reads by the first sync, want 1", got)
	}
	x.advance(2 * time.Minute)
	x.wantAsked(3)
	if got := reads(); got != 0 {
		t.Errorf("%d reads by syncs of a fabric that has not changed", got)
	}
	w.netbox.UpdateFabric(id, map[string]any{"kubernetes_token": "rotated-token-of-a-cluster"})
	x.advance(time.Minute)
	x.wantAsked(4)
	w.cluster.mu.Lock()
	token := w.cluster.tokens[3]
	w.cluster.mu.Unlock()
	if got := reads(); got != 1 || token != "rotated-token-of-a-cluster" {
		t.Errorf("got %d reads after the token was rotated, and the token %q", got, token)
	}
}

// The certificates of all fabrics would not fit into one answer, so the list omits them.
func TestOnce_largeCertificatesOfManyFabrics(t *testing.T) {
	w := newStandins(t)
	bundle := map[string]any{"kubernetes_ca_cert": strings.Repeat("certificate ", 3000), "sync_interval": 3600}
	for i := range 1200 {
		w.add(fmt.Sprintf("f%04d", i), bundle, syncedAgo(time.Minute))
	}
	w.add("due", bundle)
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitSuccess)
	if due := w.records()["due"]; due["outcome"] != "synced" || len(w.records()) != 1201 {
		t.Errorf("got %d fabrics, and %v", len(w.records()), due)
	}
	lists := 0
	for _, r := range w.netbox.Requests() {
		if r.Path == fabricsPath {
			lists++
		}
	}
	if lists != 2 {
		t.Errorf("got %d requests for the list of 1,201 fabrics, want 2", lists)
	}
}
