package releasetest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const workflowFolder = root + "/.github/workflows"

// workflow has the parts of a GitHub Actions workflow that the tests read.
type workflow struct {
	text        string
	On          map[string]any
	Permissions map[string]string
	Concurrency struct{ Group string }
	Jobs        map[string]job
}

type job struct {
	Permissions map[string]string
	Timeout     int `json:"timeout-minutes"`
	Strategy    struct{ Matrix map[string]any }
	Steps       []step
}

type step struct {
	Uses, Run string
	With      map[string]any
}

func workflows(t *testing.T) map[string]*workflow {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(workflowFolder, "*"))
	must(t, err)
	found := map[string]*workflow{}
	for _, file := range files {
		w := &workflow{text: string(read(t, file))}
		// YAML reads the key "on" as a boolean.
		must(t, yaml.Unmarshal([]byte(strings.Replace(w.text, "\non:", "\n\"on\":", 1)), w))
		found[filepath.Base(file)] = w
	}
	if len(found) == 0 {
		t.Fatal("no workflows found")
	}
	return found
}

// eachStep calls f for every step of every workflow.
func eachStep(t *testing.T, f func(workflow string, s step)) {
	t.Helper()
	for name, w := range workflows(t) {
		for _, j := range w.Jobs {
			for _, s := range j.Steps {
				f(name, s)
			}
		}
	}
}

// A tag can be moved to other code; a commit cannot. The comment has the version for readers and
// Dependabot.
func TestWorkflows_actionsArePinnedByCommit(t *testing.T) {
	line := regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*(\S+?)@(\S+)(.*)$`)
	commit, version := regexp.MustCompile(`^[0-9a-f]{40}$`), regexp.MustCompile(`^ # v\d+\.\d+\.\d+$`)
	used := 0
	versions := map[string]string{} // of a repository
	for name, w := range workflows(t) {
		for _, u := range line.FindAllStringSubmatch(w.text, -1) {
			action, at, comment := u[1], u[2], u[3]
			used++
			if !commit.MatchString(at) || !version.MatchString(comment) {
				t.Errorf("%s uses %s@%s%s, want a commit with its version in a comment", name,
					action, at, comment)
			}
			repository := strings.Join(strings.SplitN(action, "/", 3)[:2], "/")
			if known, seen := versions[repository]; seen && known != at+comment {
				t.Errorf("%s uses %s@%s%s, but another workflow uses %s", name, action, at, comment, known)
			}
			versions[repository] = at + comment
		}
	}
	parsed := 0
	eachStep(t, func(_ string, s step) {
		if s.Uses != "" {
			parsed++
		}
	})
	if used != parsed || used == 0 {
		t.Errorf("%d steps use an action, but %d lines were recognized", parsed, used)
	}
}

// The list of everything that workflows may write. Other permissions fail.
func TestWorkflows_permissions(t *testing.T) {
	mayWrite := map[string][]string{
		"codeql.yml": {"security-events"}, // what it finds
		// For the release, its image, and the attestations of how they were built.
		"release.yml": {"attestations", "contents", "id-token", "packages"},
	}
	for name, w := range workflows(t) {
		if w.Permissions == nil {
			t.Errorf("%s sets no permissions, so it gets the repository's defaults", name)
		}
		if got := writable(w.Permissions); len(got) > 0 {
			t.Errorf("every job of %s may write %q", name, got)
		}
		var got []string
		for _, j := range w.Jobs {
			got = append(got, writable(j.Permissions)...)
		}
		slices.Sort(got)
		if !slices.Equal(got, mayWrite[name]) {
			t.Errorf("jobs of %s may write %q, want %q", name, got, mayWrite[name])
		}
	}
}

func writable(permissions map[string]string) []string {
	var found []string
	for scope, access := range permissions {
		if access != "read" && access != "none" {
			found = append(found, scope)
		}
	}
	return found
}

func TestWorkflows_areBounded(t *testing.T) {
	for name, w := range workflows(t) {
		if w.Concurrency.Group == "" {
			t.Errorf("%s has no concurrency setting", name)
		}
		for id, j := range w.Jobs {
			if j.Timeout == 0 || j.Timeout > 90 {
				t.Errorf("%s: job %s has the timeout %d minutes", name, id, j.Timeout)
			}
		}
	}
}

func TestWorkflows_everyRecordedNetBoxIsTested(t *testing.T) {
	want := fmt.Sprintf("version: [%s, %s, %s, %s]\n", netboxtest.V44, netboxtest.V45, netboxtest.V46, netboxtest.V47)
	if w := workflows(t)["netbox-versions.yml"]; w == nil || !strings.Contains(w.text, want) {
		t.Errorf("netbox-versions.yml does not contain %q", want)
	}
}

// Anyone can open a pull request, and choose its title, branch and files.
func TestWorkflows_trustNoInput(t *testing.T) {
	for name, w := range workflows(t) {
		for _, event := range []string{"pull_request_target", "workflow_run", "issue_comment"} {
			if _, on := w.On[event]; on {
				t.Errorf("%s runs on %s: anyone can start it, and it has secrets", name, event)
			}
		}
		if _, on := w.On["pull_request"]; on && strings.Contains(w.text, "secrets.") {
			t.Errorf("%s runs on pull requests and uses a secret", name)
		}
	}
	eachStep(t, func(name string, s step) {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("%s has an expression in a script, which can inject code; pass it in env\n%s", name, s.Run)
		}
		if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != false {
			t.Errorf("%s leaves the token in the working tree", name)
		}
	})
}

func TestWorkflows_targetsExist(t *testing.T) {
	targets := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(string(read(t, root+"/Makefile")),
		-1) {
		targets[match[1]] = true
	}
	called := regexp.MustCompile(`\bmake ([a-z-]+)`)
	program := regexp.MustCompile(`(?:^|\s)((?:tools|\.ci)/[\w-]+)(?: ([\w-]+))?`)
	made := map[string]bool{}
	eachStep(t, func(name string, s step) {
		for _, match := range called.FindAllStringSubmatch(s.Run, -1) {
			if made[match[1]] = true; !targets[match[1]] {
				t.Errorf("%s runs make %s, but the Makefile has no such target", name, match[1])
			}
		}
		for _, match := range program.FindAllStringSubmatch(s.Run, -1) {
			if info, err := os.Stat(filepath.Join(root, match[1])); err != nil || info.Mode()&0o100 == 0 &&
				os.PathSeparator == '/' {
				t.Errorf("%s runs %s, which is not a program: %v", name, match[1], err)
			}
			if match[1] == "tools/run" {
				if _, err := os.Stat(filepath.Join(root, "tools", match[2], "go.mod")); err != nil {
					t.Errorf("%s runs the tool %s: %v", name, match[2], err)
				}
			}
		}
	})
	for _, target := range []string{"check", "test", "test-netbox", "test-kubernetes", "release-snapshot",
		"test-release", "vulncheck"} {
		if !made[target] {
			t.Errorf("no workflow runs make %s", target)
		}
	}
}

// A release is checked before it is published, and attested before it is announced.
func TestWorkflows_orderOfARelease(t *testing.T) {
	text, at := workflows(t)["release.yml"].text, 0
	for _, next := range []string{
		"goreleaser release", "make image", "make test-release", "subject-checksums:", "crane push dist/image",
		"subject-digest:", "--draft=false", "latest; fi",
	} {
		i := strings.Index(text[at:], next)
		if i < 0 || strings.Count(text, next) != 1 {
			t.Fatalf("release.yml must have %q exactly once, after the steps before it", next)
		}
		at += i
	}
}

// Workflows use the newest patch release of the Go version in go.mod: it fixes vulnerabilities,
// and some tools need more than the first patch release.
func TestWorkflows_goVersion(t *testing.T) {
	minor := regexp.MustCompile(`(?m)^go (\d+\.\d+)\.`).FindSubmatch(read(t, root+"/go.mod"))
	if minor == nil {
		t.Fatal("go.mod names no Go version")
	}
	eachStep(t, func(name string, s step) {
		if !strings.HasPrefix(s.Uses, "actions/setup-go@") {
			return
		}
		if s.With["go-version"] != string(minor[1])+".x" || s.With["check-latest"] != true {
			t.Errorf("%s uses Go %v, newest %v; go.mod asks for %s", name, s.With["go-version"], s.With["check-latest"],
				minor[1])
		}
	})
}

// Workflows test every minor version of both CLIs, from the oldest that the provider supports.
func TestWorkflows_versionsOfCLIs(t *testing.T) {
	jobs := workflows(t)["test.yml"].Jobs
	for name, wild := range map[string]string{"terraform": ".*", "opentofu": ".x"} {
		var got []string
		for _, v := range jobs[name].Strategy.Matrix["version"].([]any) {
			got = append(got, v.(string))
		}
		want := []string{oldestCLI(t) + wild, "1.9" + wild, "1.10" + wild, "1.11" + wild, "1.12" + wild}
		if name == "terraform" {
			want = append(want, "1.13"+wild, "1.14"+wild)
		}
		if want = append(want, "latest"); !slices.Equal(got, want) {
			t.Errorf("%s: got the versions %q, want %q", name, got, want)
		}
	}
	if got, want := jobs["test"].Strategy.Matrix["os"], []any{"ubuntu-latest", "macos-latest",
		"windows-latest"}; !slices.Equal(got.([]any), want) {
		t.Errorf("got the systems %v, want %v", got, want)
	}
}

func oldestCLI(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^oldest_cli=(.+)$`).FindSubmatch(read(t, root+"/tools/run"))
	if found == nil {
		t.Fatal("tools/run has no oldest_cli")
	}
	return string(found[1])
}

// Dependabot updates what go.mod requires directly. Tools are indirect, so dependabot.yml must
// name them.
func TestDependabot_knowsEveryTool(t *testing.T) {
	var c struct {
		Updates []struct {
			Ecosystem   string `json:"package-ecosystem"`
			Directory   string
			Directories []string
			Allow       []struct {
				Name string `json:"dependency-name"`
			}
		}
	}
	must(t, yaml.Unmarshal(read(t, root+"/.github/dependabot.yml"), &c))
	updated, allowed := map[string]bool{}, map[string]bool{}
	for _, u := range c.Updates {
		for _, directory := range append(u.Directories, u.Directory) {
			updated[u.Ecosystem+" "+directory] = true
		}
		for _, a := range u.Allow {
			allowed[a.Name] = true
		}
	}
	for _, want := range []string{"gomod /", "gomod /tools/*", "github-actions /"} {
		if !updated[want] {
			t.Errorf("Dependabot updates %q, want %s among them", slices.Sorted(maps.Keys(updated)), want)
		}
	}
	modules, err := filepath.Glob(root + "/tools/*/go.mod")
	must(t, err)
	for _, file := range modules {
		text := string(read(t, file))
		tool := regexp.MustCompile(`(?m)^tool (\S+)$`).FindStringSubmatch(text)
		if tool == nil {
			t.Errorf("%s has no tool", file)
			continue
		}
		// The tool's module has the longest path that the tool's package begins with.
		module := ""
		for _, required := range regexp.MustCompile(`(?m)^(?:require )?\s*(\S+) v\S+`).FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(tool[1]+"/", required[1]+"/") && len(required[1]) > len(module) {
				module = required[1]
			}
		}
		if !allowed[module] {
			t.Errorf("dependabot.yml does not name %s, the tool of %s", module, file)
		}
	}
}
