package netboxtest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestReplay_branching replays the recordings of a NetBox with the plugin netbox_branching. It
// also does what was done on that server between the recordings: see unrecordedBranching.
func TestReplay_branching(t *testing.T) {
	s := start(t, Options{Branching: true})
	s.AddTag("Prod", "prod")
	s.AddTag("Lab", "lab")
	s.AddCustomField(CustomField{Name: "owner", Label: "Owner", Type: "text"})
	s.AddCustomField(CustomField{Name: "rack_units", Type: "integer"})
	s.AddCustomField(CustomField{Name: "tier", Type: "select", ChoiceSet: "tiers",
		Choices: []Choice{{"gold", "Gold"}, {"silver", "Silver"}}})
	defineEveryType(t, s)
	s.RemoveCustomField("asset")
	p := &replay{server: s, times: map[string]string{}, taken: map[string]string{}, chosen: map[string]string{}}
	unrecorded := unrecordedBranching()
	for _, file := range RecordingFiles(t, "testdata", "netbox-branching", "*.json") {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if _, out := otherServers[name]; out {
			continue
		}
		if act := unrecorded[name]; act != nil {
			act(t, p)
		}
		delete(unrecorded, name)
		s.Advance(10 * time.Millisecond) // two times that are recorded are two here, in milliseconds too
		t.Run(name, func(t *testing.T) {
			switch name { // what was recorded before the worker was done
			case "006-branch-create", "063-branch-merge", "076-branch2-merge-empty-body":
				s.StopWorker()
			case "008-branch-get-ready", "065-branch-merge-job", "079-branch2-merge-job":
				s.StartWorker()
			}
			p.run(t, file)
		})
	}
	for name := range unrecorded {
		t.Errorf("unrecordedBranching has steps before %s, which does not exist", name)
	}
}

// otherServers matches recordings of servers with other data, which other tests use.
var otherServers = map[string]bool{"195-merged-fabric-last-updated-null": true}

// unrecordedBranching has what was done on the server before some of the recordings.
func unrecordedBranching() map[string]func(*testing.T, *replay) {
	const fabric8, fabric10, fabric12 = fabricsPath + "8/", fabricsPath + "10/", fabricsPath + "12/"
	status := func(status BranchStatus) func(*testing.T, *replay) {
		return func(_ *testing.T, p *replay) { p.server.SetBranchStatus("tf-3", status) }
	}
	return map[string]func(*testing.T, *replay){
		"034-branch-bulk-create": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "POST", fabricsPath, `{"name":"main-two"}`).must(t, 201)
		},
		"046-branch-tag-create": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "DELETE", fabricsPath+"7/", "", branchHeader, p.chosen["rti9gi9l"]).must(t, 204)
		},
		"103-branch4-merge-acknowledged": func(t *testing.T, p *replay) {
			t.Helper()
			p.branch(t, "pr-4", "").send(t, "PATCH", fabric8,
				`{"description":"from branch 4","sync_interval":700,"status":"active"}`)
			do(t, p.server, "PATCH", fabric8, `{"description":"from main 4"}`).must(t, 200)
		},
		"106-branch5-merge-disjoint": func(t *testing.T, p *replay) {
			t.Helper()
			p.branch(t, "pr-5", "").send(t, "PATCH", fabric8, `{"sync_interval":800}`)
			do(t, p.server, "PATCH", fabric8, `{"description":"main only"}`).must(t, 200)
		},
		"109-branch6-patch-object-deleted-in-main": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "POST", fabricsPath, `{"name":"doomed"}`).must(t, 201)
			p.branch(t, "pr-6", "1eir420u").send(t, "PATCH", fabric10, `{"sync_interval":800}`)
			do(t, p.server, "DELETE", fabric10, "").must(t, 204)
		},
		"114-branch7-sync-same-name": func(t *testing.T, p *replay) {
			t.Helper()
			p.branch(t, "pr-7", "").send(t, "POST", fabricsPath, `{"name":"twice"}`)
			do(t, p.server, "POST", fabricsPath, `{"name":"twice"}`).must(t, 201)
		},
		"119-branch8-main-create-after-branch": func(t *testing.T, p *replay) {
			t.Helper()
			merged := p.branch(t, "tf-1", "ux2c3da5")
			merged.send(t, "PATCH", fabric12, `{"sync_error":"gone"}`)
			do(t, p.server, "POST", branchingPath+"branches/"+formatID(merged.id)+"/merge/", `{}`).must(t, 200)
			p.branch(t, "tf-2", "")
			p.branch(t, "pr-8", "9jphmw7t")
			do(t, p.server, "PATCH", fabric12, `{"sync_error":""}`).must(t, 200)
			p.server.store.lastID[fabricEndpoint] = 23
		},
		"122-branch8-sync": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "PATCH", fabric12, `{"description":"main patch"}`).must(t, 200)
		},
		"128-branch9-create": func(t *testing.T, p *replay) {
			t.Helper()
			p.branch(t, "pr-9", "i1con2rj")
		},
		"182-fabrics-in-branch-pending-migrations": func(t *testing.T, p *replay) {
			t.Helper()
			p.branch(t, "tf-3", "5llac9xk")
			p.branch(t, "tf-4", "")
			status(BranchPendingMigrations)(t, p)
		},
		"201-branch30-create": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "DELETE", branchesPath+"14/", "").must(t, 204) // these are of another server
			p.server.branching.lastBranch, p.server.store.lastID[fabricEndpoint] = 13, 46
			p.branch(t, "pr-30", "2gi10mfl")
		},
		"202-branch30-query-parameter-merged": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "POST", branchesPath+"14/merge/", `{}`).must(t, 200)
		},
		"203-branch30-sync-after-revert": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "POST", branchesPath+"14/revert/", `{}`).must(t, 200)
		},
		"209-branch31-main-create": func(t *testing.T, p *replay) {
			t.Helper()
			p.server.store.lastID[fabricEndpoint] = 51
		},
		"210-branch31-patch-description": func(t *testing.T, p *replay) {
			t.Helper()
			p.branch(t, "pr-31", "lv9sli56")
		},
		"212-branch31-get-after-sync": func(t *testing.T, p *replay) {
			t.Helper()
			do(t, p.server, "POST", branchesPath+"15/sync/", `{}`).must(t, 200)
		},
		"185-fabrics-in-branch-failed":  status(BranchFailed),
		"188-fabrics-in-branch-syncing": status(BranchSyncing),
		"191-tags-in-branch-unknown":    status(BranchReady),
	}
}

// branch makes a branch. The recordings have it with another schema id.
func (p *replay) branch(t *testing.T, name, recorded string) *branchOfTest {
	t.Helper()
	b := newBranchOfTest(t, p.server, name)
	if recorded != "" {
		p.chosen[recorded] = b.schemaID
	}
	return b
}

// ours replaces ids that the recorded server chose by those of this server.
func (p *replay) ours(path string) string {
	pairs := []string{}
	for recorded, mine := range p.chosen {
		pairs = append(pairs, recorded, mine)
	}
	return strings.NewReplacer(pairs...).Replace(path)
}

// choose remembers the ids of schemas and jobs that this server chose in an answer.
func (p *replay) choose(t *testing.T, at string, mine, recorded string) {
	t.Helper()
	if known, has := p.chosen[recorded]; has && known != mine {
		t.Errorf("%s: got %s for the recorded %s, want %s as before", at, mine, recorded, known)
	}
	if mine == "" {
		t.Errorf("%s: got an empty value", at)
	}
	p.chosen[recorded] = mine
}

// chosenByServer compares a value of a branch or a job that differs from server to server.
func (p *replay) chosenByServer(t *testing.T, at, key string, mine, value any, all map[string]any) bool {
	t.Helper()
	_, isJob := all["job_id"]
	_, isBranch := all["schema_id"]
	isTime := value != nil && mine != nil
	switch {
	case isJob && key == "url":
		p.choose(t, at, jobPath(stringOf(mine)), jobPath(stringOf(value)))
	case isJob && slices.Contains([]string{"started", "completed"}, key) && isTime,
		isBranch && slices.Contains([]string{"last_sync", "merged_time"}, key) && isTime:
		p.sameTime(t, at, stringOf(mine), stringOf(value))
	case isBranch && key == "schema_id":
		p.choose(t, at, stringOf(mine), stringOf(value))
	case isJob && slices.Contains([]string{"data", "log_entries", "error", "execution_time"}, key):
		empty := func(v any) bool {
			list, isList := v.([]any)
			return v == nil || v == "" || isList && len(list) == 0
		}
		if empty(mine) != empty(value) {
			t.Errorf("%s: got %v, recorded %v", at, mine, value)
		}
	default:
		return isJob && slices.Contains([]string{"id", "display_url", "job_id"}, key)
	}
	return true
}

func jobPath(url string) string {
	_, path, _ := strings.Cut(url, "/api/core/")
	return path
}

// branchOfTest is a branch that a test works in.
type branchOfTest struct {
	server   *Server
	id       int64
	schemaID string
}

func newBranchOfTest(t *testing.T, s *Server, name string) *branchOfTest {
	t.Helper()
	schemaID := s.AddBranch(name)
	branches := s.Branches()
	return &branchOfTest{server: s, id: branches[len(branches)-1].ID, schemaID: schemaID}
}

// send sends a request in the branch, which must succeed.
func (b *branchOfTest) send(t *testing.T, method, path, body string) reply {
	t.Helper()
	r := do(t, b.server, method, path, body, branchHeader, b.schemaID)
	if r.status >= 400 {
		t.Fatalf("%s %s in branch %s: %d %s", method, path, b.schemaID, r.status, r.raw)
	}
	return r
}
