package acctest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// envBranching is the variable with the version of NetBox Branching on a real NetBox.
const envBranching = "HEDGEHOG_ACC_BRANCHING"

// branchHeader names the branch of a request.
const branchHeader = "X-NetBox-Branch"

// branchLimit is how long a worker may take for a branch on a busy machine.
const branchLimit = 5 * time.Minute

// StartBranching returns a NetBox with branches. It skips the test if a real NetBox has none.
func StartBranching(t *testing.T) *NetBox {
	t.Helper()
	if os.Getenv(envServerURL) == "" {
		return Standin(t, netboxtest.Options{PublishedDisplayURL: os.Getenv(envDisplayURL) == "published",
			Branching: true})
	}
	if os.Getenv(envBranching) == "" {
		t.Skip("this NetBox does not have NetBox Branching")
	}
	return Start(t)
}

// Branch is a branch of NetBox Branching.
type Branch struct {
	*NetBox  // the branch's view
	ID       int64
	Name     string
	SchemaID string

	main *NetBox
}

// Branch creates a branch, and waits until it is ready. The end of the test deletes it.
func (n *NetBox) Branch(t *testing.T, suffix string) *Branch {
	t.Helper()
	return n.NamedBranch(t, Name(suffix))
}

// NamedBranch is like Branch, for a test that needs the name, from [Name], before the branch.
func (n *NetBox) NamedBranch(t *testing.T, name string) *Branch {
	t.Helper()
	b := &Branch{Name: name, main: n}
	var made struct {
		ID       int64  `json:"id"`
		SchemaID string `json:"schema_id"`
	}
	b.send(t, http.MethodPost, n.branches(), map[string]any{"name": b.Name}, http.StatusCreated, &made)
	in := *n
	in.branch = made.SchemaID
	b.NetBox, b.ID, b.SchemaID = &in, made.ID, made.SchemaID
	b.wait(t, "ready")
	if n.Standin == nil { // a stand-in ends with its test
		t.Cleanup(func() {
			if _, raw, err := n.ask(http.MethodDelete, b.url(""), nil); err != nil {
				t.Errorf("removing the branch %s: %v: %s", b.Name, err, raw)
			}
		})
	}
	return b
}

// Merge merges the branch into main.
func (b *Branch) Merge(t *testing.T) {
	t.Helper()
	b.act(t, "merge", "merged")
}

// Revert reverts a merge.
func (b *Branch) Revert(t *testing.T) {
	t.Helper()
	b.act(t, "revert", "ready")
}

// Sync brings main's changes since its creation into the branch.
func (b *Branch) Sync(t *testing.T) {
	t.Helper()
	b.act(t, "sync", "ready")
}

// act makes the worker do an action, and waits until it is done.
func (b *Branch) act(t *testing.T, action, status string) {
	t.Helper()
	var job struct {
		ID     int64             `json:"id"`
		Status map[string]string `json:"status"`
		Error  string            `json:"error"`
	}
	b.send(t, http.MethodPost, b.url(action+"/"), map[string]any{}, http.StatusOK, &job)
	asked := fmt.Sprintf("%s/api/core/jobs/%d/", b.main.URL, job.ID)
	eventually(t, "the "+action+" of branch "+b.Name, func() bool {
		b.send(t, http.MethodGet, asked, nil, http.StatusOK, &job)
		switch job.Status["value"] {
		case "errored", "failed":
			t.Fatalf("the %s of branch %s has failed: %s", action, b.Name, job.Error)
		}
		return job.Status["value"] == "completed"
	})
	b.wait(t, status)
}

// wait waits for a status of the branch.
func (b *Branch) wait(t *testing.T, status string) {
	t.Helper()
	eventually(t, "branch "+b.Name+" to be "+status, func() bool {
		var now struct {
			Status map[string]string `json:"status"`
		}
		b.send(t, http.MethodGet, b.url(""), nil, http.StatusOK, &now)
		if now.Status["value"] == "failed" {
			t.Fatalf("branch %s has failed", b.Name)
		}
		return now.Status["value"] == status
	})
}

// eventually polls done until it returns true.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	end := time.NewTimer(branchLimit)
	defer end.Stop()
	for !done() {
		select {
		case <-end.C:
			t.Fatalf("waited %s for %s", branchLimit, what)
		case <-t.Context().Done():
			t.Fatalf("the test ended before %s", what)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (b *Branch) url(action string) string {
	return fmt.Sprintf("%s%d/%s", b.main.branches(), b.ID, action)
}

func (n *NetBox) branches() string { return n.URL + "/api/plugins/branching/branches/" }

// send sends a request to main, since a branch that is not ready refuses every request.
func (b *Branch) send(t *testing.T, method, url string, body any, want int, into any) {
	t.Helper()
	resp, raw, err := b.main.ask(method, url, body)
	switch {
	case err != nil:
		t.Fatal(err)
	case resp.StatusCode != want:
		t.Fatalf("%s %s: status %d, want %d: %s", method, url, resp.StatusCode, want, raw)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s %s: %v: %s", method, url, err, raw)
	}
}
