package netboxtest

import (
	"strings"
	"testing"
	"time"
)

const branchesPath = branchingPath + "branches/"

func TestBranching_withoutThePluginTheHeaderIsIgnored(t *testing.T) {
	s := start(t, Options{})
	do(t, s, "POST", fabricsPath, `{"name":"berlin"}`, branchHeader, "zzzzzzzz").must(t, 201)
	if s.Fabrics()[0]["name"] != "berlin" {
		t.Error("main has not changed, want the header ignored")
	}
	do(t, s, "GET", branchesPath+"?name=x", "").must(t, 404)
	plugins, _ := do(t, s, "GET", "/api/status/", "").must(t, 200).key("plugins").(map[string]any)
	if _, has := plugins[branchingName]; has {
		t.Error("the status lists the plugin, which is not installed")
	}
}

func TestBranching_aBranchIsNewUntilTheWorkerMakesIt(t *testing.T) {
	s := start(t, Options{Branching: true})
	s.StopWorker()
	made := do(t, s, "POST", branchesPath, `{"name":"berlin-change"}`).must(t, 201)
	schemaID := stringOf(made.key("schema_id"))
	if got := s.Branches(); len(got) != 1 || got[0].Status != BranchNew || got[0].SchemaID != schemaID {
		t.Fatalf("got the branches %+v", got)
	}
	s.AddFabric(map[string]any{"name": "berlin"}) // a branch has what main has when it is made ready
	do(t, s, "GET", fabricsPath, "", branchHeader, schemaID).must(t, 400)
	s.StartWorker()
	listed := do(t, s, "GET", fabricsPath, "", branchHeader, schemaID).must(t, 200).results()
	if len(listed) != 1 || s.Branches()[0].Status != BranchReady {
		t.Errorf("got the fabrics %v in the branches %+v", listed, s.Branches())
	}
	do(t, s, "GET", branchesPath+"99/", "").must(t, 404)
}

// TestBranching_objectsAndTags merges imported objects with their fabric, reverts the merge and
// merges again. All keep their ids.
func TestBranching_objectsAndTags(t *testing.T) {
	s := start(t, Options{Branching: true})
	old := s.AddFabric(map[string]any{"name": "old"})
	s.AddObjects("vpcs", 1, func(int) map[string]any { return map[string]any{"fabric": old, "name": "kept"} })
	b := newBranchOfTest(t, s, "tf-acc")
	b.send(t, "POST", "/api/extras/tags/", `{"name":"New","slug":"new"}`)
	fabric := stringOf(b.send(t, "POST", fabricsPath, `{"name":"berlin","tags":[{"slug":"new"}]}`).key("id"))
	vpc := stringOf(b.send(t, "POST", pluginPath+"vpcs/",
		`{"fabric":`+fabric+`,"name":"vpc-1","spec":{"a":1}}`).key("id"))
	b.send(t, "DELETE", fabricsPath+formatID(old)+"/", "")
	vpcPath := pluginPath + "vpcs/" + vpc + "/"

	do(t, s, "GET", vpcPath, "").must(t, 404)
	b.act(t, "merge", "completed")
	if got := do(t, s, "GET", vpcPath, "").must(t, 200); got.key("last_updated") != nil {
		t.Errorf("got %s, want an object without last_updated after the merge", got.raw)
	}
	merged := do(t, s, "GET", fabricsPath+fabric+"/", "").must(t, 200)
	if !strings.Contains(merged.raw, `"slug":"new"`) {
		t.Errorf("got %s, want the tag after the merge", merged.raw)
	}
	do(t, s, "GET", fabricsPath+formatID(old)+"/", "").must(t, 404)

	b.act(t, "revert", "completed")
	do(t, s, "GET", vpcPath, "").must(t, 404)
	do(t, s, "GET", fabricsPath+formatID(old)+"/", "").must(t, 200)
	if rows := do(t, s, "GET", pluginPath+"vpcs/?ordering=id", "").must(t, 200).results(); len(rows) != 1 {
		t.Errorf("got %d VPCs after the revert", len(rows))
	}
	b.act(t, "merge", "completed")
	do(t, s, "GET", vpcPath, "").must(t, 200)
}

// TestBranching_aFailedMergeChangesNothing merges a name that main has in the meantime.
func TestBranching_aFailedMergeChangesNothing(t *testing.T) {
	s := start(t, Options{Branching: true})
	b := newBranchOfTest(t, s, "tf-acc")
	b.send(t, "POST", fabricsPath, `{"name":"first"}`)
	b.send(t, "POST", fabricsPath, `{"name":"taken"}`)
	s.AddFabric(map[string]any{"name": "taken"})
	b.act(t, "merge", "errored")
	if names := s.Fabrics(); len(names) != 1 || s.Branches()[0].Status != BranchReady {
		t.Errorf("got %v in main, and the branch is %s", names, s.Branches()[0].Status)
	}
}

func TestBranching_aTrialChangesNothing(t *testing.T) {
	s := start(t, Options{Branching: true})
	b := newBranchOfTest(t, s, "tf-acc")
	b.send(t, "POST", fabricsPath, `{"name":"berlin"}`)
	do(t, s, "POST", branchesPath+formatID(b.id)+"/merge/", `{"commit":false}`).must(t, 200)
	if len(s.Fabrics()) != 0 || s.Branches()[0].Status != BranchReady {
		t.Errorf("got %v in main, and the branch is %s", s.Fabrics(), s.Branches()[0].Status)
	}
}

// TestBranching_aSyncKeepsWhatTheBranchDid syncs changes that main made to other fields.
func TestBranching_aSyncKeepsWhatTheBranchDid(t *testing.T) {
	s := start(t, Options{Branching: true})
	id := formatID(s.AddFabric(map[string]any{"name": "berlin"}))
	b := newBranchOfTest(t, s, "tf-acc")
	b.send(t, "PATCH", fabricsPath+id+"/", `{"description":"branch"}`)
	do(t, s, "PATCH", fabricsPath+id+"/", `{"sync_interval":60}`).must(t, 200)
	s.Advance(time.Second)
	b.act(t, "sync", "completed")
	got := do(t, s, "GET", fabricsPath+id+"/", "", branchHeader, b.schemaID).must(t, 200)
	if got.key("description") != "branch" || stringOf(got.key("sync_interval")) != "60" {
		t.Errorf("got %s in the branch", got.raw)
	}
	b.act(t, "merge", "completed")
	got = do(t, s, "GET", fabricsPath+id+"/", "").must(t, 200)
	if got.key("description") != "branch" || stringOf(got.key("sync_interval")) != "60" {
		t.Errorf("got %s in main", got.raw)
	}
}

func TestBranching_permissions(t *testing.T) {
	s := start(t, Options{Branching: true})
	b := newBranchOfTest(t, s, "tf-acc")
	for _, c := range []struct {
		name, method, path, body string
		actions                  string
		want                     int
		says                     string
	}{
		{"no right to branches", "GET", branchesPath + "?name=tf-acc", "", ``, 403, "You do not have permission"},
		{"view", "GET", branchesPath + "?name=tf-acc", "", `"view"`, 200, `"name":"tf-acc"`},
		{"merge without the right to", "POST", b.path() + "merge/", `{}`, `"view","add"`, 403,
			"This user does not have permission to merge branches."},
		{"merge with view only", "POST", b.path() + "merge/", `{}`, `"view"`, 403, "You do not have permission"},
		{"merge", "POST", b.path() + "merge/", `{}`, `"view","add","merge"`, 200, `"name":"Merge branch"`},
		{"create", "POST", branchesPath, `{"name":"another"}`, `"add"`, 201, `"status":{"label":"New"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := userWith(t, s, c.name, c.actions)
			got := do(t, s, c.method, c.path, c.body, "Authorization", token).must(t, c.want)
			if !strings.Contains(got.raw, c.says) {
				t.Errorf("%s %s: got %s", c.method, c.path, got.raw)
			}
		})
	}
	t.Run("use a branch", func(t *testing.T) { // it takes no right to branches
		do(t, s, "GET", fabricsPath, "", branchHeader, b.schemaID, "Authorization", "Token "+LimitedToken).must(t, 200)
	})
}

// userWith makes a user with these permissions on branches, and returns its Authorization header.
func userWith(t *testing.T, s *Server, name, actions string) string {
	t.Helper()
	user := do(t, s, "POST", "/api/users/users/", `{"username":"`+name+`","password":"x"}`).must(t, 201)
	do(t, s, "POST", "/api/users/permissions/", `{"name":"`+name+`","object_types":["netbox_branching.branch"],`+
		`"actions":[`+actions+`],"users":[`+stringOf(user.key("id"))+`]}`).must(t, 201)
	token := do(t, s, "POST", "/api/users/tokens/", `{"user":{"username":"`+name+`"},"version":1}`).must(t, 201)
	return "Token " + stringOf(token.key("token"))
}

func (b *branchOfTest) path() string { return branchesPath + formatID(b.id) + "/" }

// act syncs, merges or reverts the branch, and checks how the job ended.
func (b *branchOfTest) act(t *testing.T, action, want string) {
	t.Helper()
	job := do(t, b.server, "POST", b.path()+action+"/", `{}`).must(t, 200)
	ended := do(t, b.server, "GET", "/api/core/jobs/"+stringOf(job.key("id"))+"/", "").must(t, 200)
	if status, _ := ended.key("status").(map[string]any); status["value"] != want {
		t.Fatalf("the %s ended with %s: %s", action, status["value"], ended.raw)
	}
}
