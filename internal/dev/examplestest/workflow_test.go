package examplestest

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v2"
)

// workflow has the parts of a GitHub Actions workflow that the test reads.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		If          string
		Environment string
		Env         map[string]string
		Steps       []struct {
			Uses, Run string
			Env       map[string]string
		}
	}
}

func TestWorkflow_handsTheTokenOnlyToStepsThatNeedIt(t *testing.T) {
	for file, jobs := range map[string]map[string]string{ // with the environment that has the token to write
		"github-actions/fabrics.yml": {"apply": "production", "plan": "", "status": ""},
		"branches/pull-request.yml":  {"review": "review", "merged": "production", "closed": "review"},
	} {
		t.Run(file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(examplesFolder, file))
			must(t, err)
			var w workflow
			must(t, yaml.Unmarshal(raw, &w))
			w.check(t, jobs)
		})
	}
}

func (w *workflow) check(t *testing.T, jobs map[string]string) {
	t.Helper()
	if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
		t.Errorf("got the permissions %v, want contents: read", w.Permissions)
	}
	byVersion := regexp.MustCompile(`^[\w-]+/[\w-]+@v\d+$`)
	pipes := regexp.MustCompile(`[^|]\|[^|]`)
	asksNetBox := regexp.MustCompile(`terraform (plan|apply|test)\b|branch\.sh `)
	for name, job := range w.Jobs {
		if job.Environment != jobs[name] {
			t.Errorf("the job %s has the environment %q", name, job.Environment)
		}
		if job.Env["NETBOX_API_TOKEN"] != "" {
			t.Errorf("every step of the job %s gets the token, the actions of others too", name)
		}
		for _, step := range job.Steps {
			if step.Uses != "" && !byVersion.MatchString(step.Uses) {
				t.Errorf("job %s uses %s, not by a version", name, step.Uses)
			}
			if got, want := step.Env["NETBOX_API_TOKEN"] != "", asksNetBox.MatchString(step.Run); got != want {
				t.Errorf("job %s, step %q: it gets the token: %t; it needs it: %t", name, step.Run, got, want)
			}
			if pipes.MatchString(step.Run) && !strings.HasPrefix(step.Run, "set -o pipefail\n") {
				t.Errorf("job %s, step %q: it ignores that the first of two commands fails", name, step.Run)
			}
			inMain := strings.Contains(step.Run, "terraform apply") && step.Env["NETBOX_BRANCH"] == ""
			if inMain && !strings.HasPrefix(job.If, "github.event_name == 'push'") &&
				!strings.Contains(job.If, "github.event.pull_request.merged") || inMain && jobs[name] != "production" {
				t.Errorf("the job %s applies in main under the condition %q", name, job.If)
			}
		}
	}
	if names := slices.Sorted(maps.Keys(w.Jobs)); !slices.Equal(names, slices.Sorted(maps.Keys(jobs))) {
		t.Errorf("the jobs are %q", names)
	}
}
