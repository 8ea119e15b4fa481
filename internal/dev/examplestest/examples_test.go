package examplestest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// A configuration without the block gets it: the documentation shows it once.
const requiredProviders = `terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}
`

func TestAccExamples_applyPlanEmptyDestroy(t *testing.T) {
	c := newCLI(t)
	for _, folder := range exampleFolders(t) {
		for _, variant := range variants(t, folder) {
			t.Run(strings.TrimSuffix(folder+"/"+variant, "/"), func(t *testing.T) {
				t.Parallel()
				w := newWorkspace(t, c, folder)
				choose(t, w.dir, variant)
				found := inspect(t, w.dir)
				c.need(t, found)
				set := settings[folder]
				w.prepare(found, set, variant)
				w.check(found, set)
				w.live(found, set)
			})
		}
	}
}

// prepare gives the configuration what it lacks, and NetBox what it reads.
func (w *workspace) prepare(found *configuration, set setting, variant string) {
	w.t.Helper()
	if !found.provided {
		must(w.t, os.WriteFile(filepath.Join(w.dir, "required_providers.tf"), []byte(requiredProviders), 0o600))
	}
	for name, value := range set.variables {
		w.set("TF_VAR_"+name, value)
	}
	if set.prepare != nil {
		set.prepare(w, variant)
	}
	for _, name := range found.fabrics {
		if _, there := w.netbox.FabricByName(name); !there {
			w.netbox.AddFabric(synced(name, nil))
		}
	}
	for _, tag := range found.tags {
		if tag != "Prod" && tag != "Lab" { // which the stand-in has
			w.netbox.AddTag(tag, strings.ToLower(tag))
		}
	}
	if len(found.modules) > 0 {
		w.run("get").must(w.t)
	}
}

// check asks what needs no apply: validate, the folder's own tests, its queries.
func (w *workspace) check(found *configuration, set setting) {
	w.t.Helper()
	validation := w.run("validate")
	validation.must(w.t)
	w.wantWarnings(validation, nil)
	if tests, _ := filepath.Glob(filepath.Join(w.dir, "tests", "*.tftest.hcl")); len(tests) > 0 {
		w.wantTests(len(tests))
	}
	if found.needs[acctest.Queries] {
		w.wantQueried(set.queried)
	}
}

// live applies, looks for a change that should not be there, and destroys.
func (w *workspace) live(found *configuration, set setting) {
	w.t.Helper()
	before := w.names()
	applied := w.run("apply", "-auto-approve")
	applied.must(w.t)
	w.wantWarnings(applied, set.warnings)
	w.wantPlanned(set.mayChange)
	for name, want := range set.outputs {
		w.wantJSON("output "+name, w.run("output", "-json", name).must(w.t), want)
	}
	if set.verify != nil {
		set.verify(w)
	}
	w.run("destroy", "-auto-approve").must(w.t)
	if state := w.run("state", "list").stdout; found.resource && strings.Contains(state, "hedgehog_") {
		w.t.Errorf("after the destroy the state still has:\n%s", state)
	}
	for _, name := range w.names() {
		if !slices.Contains(before, name) && !slices.Contains(set.left, name) {
			w.t.Errorf("the destroy left the fabric %q in NetBox", name)
		}
	}
}

// wantPlanned plans, and accepts no change but at the addresses that may change.
func (w *workspace) wantPlanned(mayChange []string) {
	w.t.Helper()
	plan := w.run("plan", "-detailed-exitcode", "-out=plan.out")
	if plan.code != 0 && (plan.code != 2 || len(mayChange) == 0) {
		w.t.Errorf("the plan after the apply ended with %d; 0 is no change:\n%s%s", plan.code, plan.stdout, plan.stderr)
		return
	}
	var shown struct {
		Resources []struct {
			Address string
			Change  change
		} `json:"resource_changes"`
		Outputs map[string]change `json:"output_changes"`
	}
	must(w.t, json.Unmarshal([]byte(w.run("show", "-json", "plan.out").must(w.t)), &shown))
	for _, r := range shown.Resources {
		if r.Change.isChange() && !slices.Contains(mayChange, r.Address) {
			w.t.Errorf("the plan after the apply changes %s:\n%s", r.Address, plan.stdout)
		}
	}
	for name, output := range shown.Outputs {
		if output.isChange() {
			w.t.Errorf("the plan after the apply changes the output %s:\n%s", name, plan.stdout)
		}
	}
}

// change is a change in a plan as the CLI writes it in JSON.
type change struct{ Actions []string }

func (c change) isChange() bool { return !slices.Equal(c.Actions, []string{"no-op"}) }

// wantTests runs the folder's *.tftest.hcl files. Each must have at least one run.
func (w *workspace) wantTests(files int) {
	w.t.Helper()
	said := w.run("test").must(w.t)
	if passed := strings.Count(said, "... pass"); passed < 2*files || strings.Contains(said, "... skip") {
		w.t.Errorf("test passed, but not with each run of %d files:\n%s", files, said)
	}
}

// wantQueried compares what the folder's *.tfquery.hcl find, a line each.
func (w *workspace) wantQueried(want []string) {
	w.t.Helper()
	var got []string
	for line := range strings.Lines(w.run("query").must(w.t)) {
		if strings.HasPrefix(line, "list.") {
			got = append(got, strings.Join(strings.Fields(line), " "))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("query: got %q, want %q", got, want)
	}
}

func (w *workspace) wantWarnings(o outcome, want []string) {
	w.t.Helper()
	if got := o.warnings(); !slices.Equal(got, want) {
		w.t.Errorf("%s: got the warnings %q, want %q:\n%s%s", o.command, got, want, o.stdout, o.stderr)
	}
}

func (w *workspace) wantJSON(what, got, want string) {
	w.t.Helper()
	var a, b any
	must(w.t, json.Unmarshal([]byte(got), &a))
	must(w.t, json.Unmarshal([]byte(want), &b))
	if !reflect.DeepEqual(a, b) {
		w.t.Errorf("%s: got %s, want %s", what, strings.TrimSpace(got), want)
	}
}

func (w *workspace) names() []string { return namesIn(w.netbox) }
