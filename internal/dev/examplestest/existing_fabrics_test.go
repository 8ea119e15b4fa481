package examplestest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

const existingFabrics = "templates/guides/existing-fabrics.md"

// existing are fabrics that users have made in NetBox: some that are all alike, and
// some that differ in everything.
func existing(t *testing.T, s *netboxtest.Server, alike int) (count int) {
	t.Helper()
	authority, err := testserver.NewAuthority("cluster of oslo")
	must(t, err)
	for i := range alike {
		s.AddFabric(synced(fmt.Sprintf("site-%03d", i+1), map[string]any{"tags": []any{"Prod"}}))
	}
	s.AddFabric(map[string]any{"name": "2026", "description": `Lab bench: "A & B"`, "tags": []any{"Lab", "Prod"}})
	s.AddFabric(map[string]any{"name": "madrid"})
	s.AddFabric(synced("oslo", map[string]any{
		"status": "maintenance", "sync_enabled": false, "sync_interval": 0, "kubernetes_namespace": "fabric",
		"custom_fields": map[string]any{"owner": "netops"}, "kubernetes_ca_cert": strings.TrimSpace(authority.PEM()),
	}))
	return len(s.Fabrics())
}

// blockWith is the block of a document that has a string.
func blockWith(t *testing.T, document, text string) string {
	t.Helper()
	for _, b := range configurations(t, document) {
		if strings.Contains(b.text, text) {
			return b.text
		}
	}
	t.Fatalf("%s has no configuration with %q", document, text)
	return ""
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	must(w.t, os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600))
}

// What the guide says is done, from its own blocks, and ends with an empty plan.
func TestAccGuide_existingFabrics(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	t.Run("by a data source", func(t *testing.T) { importByADataSource(t, c) })
	t.Run("into the module", func(t *testing.T) { importIntoTheModule(t, c) })
	t.Run("by a query", func(t *testing.T) { importByAQuery(t, c) })
}

func importByADataSource(t *testing.T, c *cli) {
	t.Helper()
	w := newWorkspace(t, c, "")
	count := existing(t, w.netbox, 2)
	w.write("main.tf", blockWith(t, existingFabrics, `output "yaml"`))
	w.run("apply", "-auto-approve").must(t)
	w.write("fabrics.yaml", w.run("output", "-raw", "yaml").must(t))
	must(t, os.Remove(filepath.Join(w.dir, "terraform.tfstate")))

	declared := blockWith(t, existingFabrics, "import {\n  for_each")
	w.write("main.tf", declared)
	w.wantImported(count)
	kept, _, found := strings.Cut(declared, "# Remove the data source and the import block after the apply.\n")
	if !found {
		t.Fatal("the configuration does not say what to delete after the apply")
	}
	w.write("main.tf", kept)
	w.wantNoChange()
}

// importIntoTheModule follows the README of the example with the module.
func importIntoTheModule(t *testing.T, c *cli) {
	t.Helper()
	const folder = "many-fabrics"
	w := newWorkspace(t, c, folder)
	found := inspect(t, w.dir)
	c.need(t, found)
	count := existing(t, w.netbox, 2)
	raw, err := os.ReadFile(filepath.Join(examplesFolder, folder, "README.md"))
	must(t, err)
	_, block, _ := strings.Cut(string(raw), "```hcl\n")
	block, _, _ = strings.Cut(block, "```\n")
	declared, err := os.ReadFile(filepath.Join(w.dir, "main.tf"))
	must(t, err)

	w.write("main.tf", blockWith(t, existingFabrics, `output "yaml"`))
	w.run("apply", "-auto-approve").must(t)
	w.write("fabrics.yaml", w.run("output", "-raw", "yaml").must(t))
	must(t, os.Remove(filepath.Join(w.dir, "terraform.tfstate")))
	w.write("main.tf", string(declared)+block)
	w.run("get").must(t)
	w.wantImported(count)
	w.write("main.tf", string(declared))
	w.wantNoChange()
}

func importByAQuery(t *testing.T, c *cli) {
	t.Helper()
	c.Need(t, acctest.Queries)
	w := newWorkspace(t, c, "")
	count := existing(t, w.netbox, 101) // terraform query lists 100 by default
	w.write("main.tf", requiredProviders+"provider \"hedgehog\" {}\n")
	w.write("existing.tfquery.hcl", blockWith(t, existingFabrics, "list \"hedgehog_fabric\""))
	listed := w.run("query", "-generate-config-out=fabrics.tf").must(t)
	if !regexp.MustCompile(`(?m)^list\.hedgehog_fabric\.existing +id=1 +site-001$`).MatchString(listed) {
		t.Errorf("the query prints\n%s", listed)
	}
	w.withoutNulls("fabrics.tf")
	w.wantImported(count)
	w.wantNoChange()
}

// withoutNulls runs the guide's command that removes lines from what the query has written.
func (w *workspace) withoutNulls(file string) {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, existingFabrics))
	must(w.t, err)
	for _, b := range blocksOf(string(raw)) {
		if b.language == "sh" && strings.HasPrefix(b.text, "sed ") {
			command := exec.CommandContext(w.t.Context(), "bash", "-c", b.text)
			command.Dir = w.dir
			out, err := command.CombinedOutput()
			if err != nil {
				w.t.Fatalf("got %v\n%s", err, out)
			}
		}
	}
	raw, err = os.ReadFile(filepath.Join(w.dir, file))
	must(w.t, err)
	written := string(raw)
	if strings.Contains(written, "= null") || strings.Contains(written, "= true") || // the default of sync_enabled
		!strings.Contains(written, "sync_interval") {
		w.t.Errorf("after the guide's command, %s is\n%s", file, written)
	}
}

// wantImported plans and applies, and accepts nothing but imports without a change.
func (w *workspace) wantImported(count int) {
	w.t.Helper()
	w.wantGuideLine("Plan: ", count, w.run("plan", "-out=plan.out"))
	var plan struct {
		Resources []struct {
			Address string
			Change  struct {
				Actions   []string
				Importing *struct{}
			}
		} `json:"resource_changes"`
	}
	must(w.t, json.Unmarshal([]byte(w.run("show", "-json", "plan.out").must(w.t)), &plan))
	imported := 0
	for _, r := range plan.Resources {
		if strings.Join(r.Change.Actions, " ") != "no-op" {
			w.t.Errorf("the plan of the import has %v for %s", r.Change.Actions, r.Address)
		}
		if r.Change.Importing != nil {
			imported++
		}
	}
	if imported != count {
		w.t.Errorf("%d fabrics are imported; NetBox has %d", imported, count)
	}
	w.wantGuideLine("Apply complete! ", count, w.run("apply", "plan.out"))
	if writes := w.netbox.Count("PATCH", "/") + w.netbox.Count("POST", "/") + w.netbox.Count("DELETE",
		"/"); writes != 0 {
		w.t.Errorf("the import wrote %d times to NetBox", writes)
	}
}

func (w *workspace) wantNoChange() {
	w.t.Helper()
	w.wantGuideLine("No changes. ", 0, w.run("plan", "-detailed-exitcode")) // 0 is no change
}

// wantGuideLine checks that a command printed the line of the guide that begins with a string.
// The guide has 303 fabrics.
func (w *workspace) wantGuideLine(begin string, count int, said outcome) {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, existingFabrics))
	must(w.t, err)
	_, after, found := strings.Cut(string(raw), "\n"+begin)
	rest, _, _ := strings.Cut(after, "\n")
	line := begin + strings.Replace(rest, "303", strconv.Itoa(count), 1)
	if !found || !strings.Contains(said.must(w.t), line) {
		w.t.Errorf("%s does not print %q, which the guide shows:\n%s", said.command, line, said.stdout)
	}
}
