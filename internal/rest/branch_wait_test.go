package rest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// onLook calls do at each request for the list of branches, with its number from 1.
func onLook(s *netboxtest.Server, do func(n int)) {
	var mu sync.Mutex
	n := 0
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == branchesPath && r.Header.Get(branchHeader) == "" {
				mu.Lock()
				n++
				do(n)
				mu.Unlock()
			}
			next.ServeHTTP(w, r)
		})
	})
}

func TestBranch_statusesInWhichItCannotBeUsed(t *testing.T) {
	for status, want := range map[netboxtest.BranchStatus]BranchReason{
		netboxtest.BranchNew: BranchNotReady, netboxtest.BranchProvisioning: BranchNotReady,
		netboxtest.BranchSyncing: BranchNotReady, netboxtest.BranchMigrating: BranchNotReady,
		netboxtest.BranchReverting: BranchNotReady, netboxtest.BranchMerging: BranchMerging,
		netboxtest.BranchMerged: BranchEnded, netboxtest.BranchArchived: BranchEnded,
		netboxtest.BranchPendingMigrations: BranchBroken, netboxtest.BranchFailed: BranchBroken,
		"of-the-future": BranchBroken,
	} {
		t.Run(string(status), func(t *testing.T) {
			s := startNetBox(t, branchOptions)
			s.AddBranch("pr-1")
			s.SetBranchStatus("pr-1", status)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			looks := 0
			onLook(s, func(n int) {
				if looks = n; n == 3 {
					cancel()
				}
			})
			_, err := create(ctx, newClient(t, s.URL(), onBranch("pr-1")), "must-not-be")
			if e := wantReason(t, err, want); e.Status != string(status) {
				t.Errorf("status %q", e.Status)
			}
			if waited := errors.Is(err, context.Canceled); waited != (want == BranchNotReady) {
				t.Errorf("got %v after %d looks", err, looks)
			}
			wantNothingAsked(t, s)
		})
	}
}

func TestBranch_isWaitedFor(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	s.SetBranchStatus("pr-1", netboxtest.BranchNew)
	onLook(s, func(n int) {
		s.SetBranchStatus("pr-1", []netboxtest.BranchStatus{"new", "new", "provisioning", "ready"}[min(n-1, 3)])
	})
	c := newClient(t, s.URL(), onBranch("pr-1"))
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := c.Get(t.Context(), recordsPath, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantHeader(t, s, id)
	if n := s.Count("", branchesPath); n > 8 {
		t.Errorf("got %d requests for branches: those who wait do not share them", n)
	}
}

// The pauses between lookups grow while the client waits for a branch.
func TestBranch_pausesBetweenLooks(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	s.SetBranchStatus("pr-1", netboxtest.BranchNew)
	c := newClient(t, s.URL(), onBranch("pr-1"), func(c *Config) { c.RetryWait = 20 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := get(ctx, c, 1)
	wantReason(t, err, BranchNotReady)
	if n := s.Count("", branchesPath); n > 7 { // 10, 20, 40, 80 and 160 ms apart at least
		t.Errorf("%d looks", n)
	}
}

// Verifying a write does not wait for the branch after the operation's time limit.
func TestBranch_isNotWaitedForAfterTheTimeLimit(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	s.SetBranchStatus("pr-1", netboxtest.BranchNew)
	c := newClient(t, s.URL(), onBranch("pr-1"), timeout(10*time.Second))
	operation, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	verifying, end := c.Verifying(operation)
	defer end()
	start := time.Now()
	_, err := get(verifying, c, 1)
	wantReason(t, err, BranchNotReady)
	if took := time.Since(start); took > 10*time.Second || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v after %s", err, took)
	}
}
