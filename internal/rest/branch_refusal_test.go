package rest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// During a sync of the branch, NetBox refuses requests. An apply waits for the end of the sync.
func TestBranch_syncedMeanwhile(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	made, err := create(t.Context(), c, "first")
	if err != nil {
		t.Fatal(err)
	}
	onLook(s, func(n int) {
		if n%3 == 0 {
			s.SetBranchStatus("pr-1", netboxtest.BranchReady)
		}
	})
	s.SetBranchStatus("pr-1", netboxtest.BranchSyncing)
	if _, err := create(t.Context(), c, "second"); err != nil {
		t.Error(err)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchSyncing)
	mustGet(t, c, made.ID)
	wantHeader(t, s, id)
}

// The branch ends during an apply: later writes go nowhere.
func TestBranch_endedMeanwhile(t *testing.T) {
	for status, want := range map[netboxtest.BranchStatus]BranchReason{
		netboxtest.BranchMerged: BranchEnded, netboxtest.BranchArchived: BranchEnded,
		netboxtest.BranchMerging: BranchMerging, netboxtest.BranchFailed: BranchBroken,
	} {
		t.Run(string(status), func(t *testing.T) {
			s := startNetBox(t, branchOptions)
			id := s.AddBranch("pr-1")
			c := newClient(t, s.URL(), onBranch("pr-1"))
			if _, err := create(t.Context(), c, "first"); err != nil {
				t.Fatal(err)
			}
			s.SetBranchStatus("pr-1", status)
			_, err := create(t.Context(), c, "second")
			e := wantReason(t, err, want)
			wantError[*UnexpectedAnswerError](t, e.Answer)
			wantHeader(t, s, id)
			if len(s.Fabrics()) != 0 {
				t.Errorf("main has %v", s.Fabrics())
			}
		})
	}
}

// If the lookup after a refusal fails, the write still counts as refused.
func TestBranch_lookThatFailsAfterARefusal(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	if _, err := create(t.Context(), c, "first"); err != nil {
		t.Fatal(err)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	s.Fault(netboxtest.Fault{Kind: netboxtest.Hangup(), Path: branchesPath})
	_, err := create(t.Context(), c, "second")
	if wantError[*TransportError](t, err); OutcomeUnknown(err) {
		t.Errorf("%v leaves the write in doubt", err)
	}
}

// A proxy may send the same answer. If the branch is ready, the branch is not the cause.
func TestBranch_refusalOfAnother(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	s.Fault(netboxtest.Fault{Kind: netboxtest.Page(400), Path: recordsPath})
	_, err := create(t.Context(), newClient(t, s.URL(), onBranch("pr-1")), "first")
	if wantError[*UnexpectedAnswerError](t, err); s.Count("", recordsPath) != 2 {
		t.Errorf("got %d requests", s.Count("", recordsPath))
	}
}

// Before version 1.2 of the plugin, NetBox answers 500 for a branch that is not ready.
func TestBranch_refusalsOfOlderPlugins(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	made, err := create(t.Context(), c, "first")
	if err != nil {
		t.Fatal(err)
	}
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, recordsPath) {
				answerJSON(w, 500, `{"error":"no attribute schema_id","exception":"AttributeError"}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	_, err = get(t.Context(), c, made.ID)
	wantError[*ServerError](t, err) // the branch is ready: it is another fault
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	_, err = create(t.Context(), c, "second")
	if wantError[*ServerError](t, err); !OutcomeUnknown(err) {
		t.Error("a write that was answered 500 is taken for undone")
	}
	_, err = get(t.Context(), c, made.ID)
	wantReason(t, err, BranchEnded)
}

// Only the recorded refusals of a live NetBox count as refusals of a branch.
func TestBranch_recordedRefusals(t *testing.T) {
	var refused []string
	for _, file := range netboxtest.RecordingFiles(t, "../netboxtest/testdata/netbox-branching", "*.json") {
		r := netboxtest.LoadRecording(t, file)
		in, token := r.Request.Headers[branchHeader], r.Request.Headers["Authorization"]
		if r.Response.Status < 400 || in == "" && token != "" {
			continue
		}
		_, err := newClient(t, startServer(t, r.ServeHTTP).URL, withoutCheck).Get(t.Context(), recordsPath, nil)
		if refuses(err) {
			refused = append(refused, r.Name)
		}
	}
	want := []string{
		"fabrics-in-branch-not-ready", "fabrics-in-branch-unknown", "fabrics-in-branch-by-name-is-refused",
		"fabrics-in-branch-upper-case", "no-token-unknown-branch", "branch2-fabrics-in-merged-branch",
		"branch2-create-in-merged-branch", "branch9-fabrics-in-archived-branch", "branch9-fabrics-in-deleted-branch",
		"fabrics-in-branch-pending-migrations", "create-in-branch-pending-migrations", "fabrics-in-branch-failed",
		"create-in-branch-failed", "fabrics-in-branch-syncing", "create-in-branch-syncing", "tags-in-branch-unknown",
		"create-in-branch-unknown", "branches-with-branch-header-unknown",
	}
	if !slices.Equal(refused, want) {
		t.Errorf("refused %q", refused)
	}
}
