package examplestest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

const repository = "../../.."

// documents returns the documents whose blocks of HCL a reader copies. Each block is a
// configuration in a folder next to the modules of examples/. Blocks of a query get their own file.
func documents(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md", "docs/index.md"} // its template includes a file
	for _, path := range markdownFiles(t) {
		if strings.HasPrefix(path, "templates/") || strings.HasPrefix(path, "examples/") {
			found = append(found, path)
		}
	}
	if !slices.Contains(found, "templates/guides/getting-started.md") || !slices.Contains(found,
		"examples/check/README.md") {
		t.Fatalf("only these documents were found: %q", found)
	}
	return found
}

func TestAccDocuments_everyConfigurationIsValid(t *testing.T) {
	c := newCLI(t)
	for _, path := range documents(t) {
		for _, b := range configurations(t, path) {
			t.Run(fmt.Sprintf("%s:%d", path, b.line), func(t *testing.T) {
				t.Parallel()
				w := newWorkspace(t, c, "")
				w.writeBlock(b)
				found := inspect(t, w.dir)
				c.need(t, found)
				if !found.provided {
					must(t, os.WriteFile(filepath.Join(w.dir, "required_providers.tf"), []byte(requiredProviders),
						0o600))
				}
				if len(found.modules) > 0 {
					w.run("get").must(t)
				}
				w.run("validate").must(t)
				if found.needs[acctest.Queries] { // which validate leaves out
					w.run("validate", "-query").must(t)
				}
				w.wantFormatted(b)
			})
		}
	}
}

// configurations are the blocks of HCL in a document.
func configurations(t *testing.T, path string) []block {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, path))
	must(t, err)
	return slices.DeleteFunc(blocksOf(string(raw)), func(b block) bool { return b.language != "terraform" })
}

// writeBlock writes a block into the file that it belongs into.
func (w *workspace) writeBlock(b block) {
	w.t.Helper()
	name := "main.tf"
	if strings.HasPrefix(b.text, "list ") {
		name = "main.tfquery.hcl"
	}
	must(w.t, os.WriteFile(filepath.Join(w.dir, name), []byte(b.text), 0o600))
	// The files that a configuration reads exist when a user runs it.
	if strings.Contains(b.text, `file("${path.module}/fabrics.yaml")`) {
		must(w.t, os.WriteFile(filepath.Join(w.dir, "fabrics.yaml"), []byte("berlin: { status: active }\n"), 0o600))
	}
}

// wantFormatted checks the format of a block like make fmt-check. The CLI does not format files of
// queries, so the test formats them as a configuration.
func (w *workspace) wantFormatted(b block) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "block.tf")
	must(w.t, os.WriteFile(file, []byte(b.text), 0o600))
	w.run("fmt", "-check", "-diff", file).must(w.t)
}

var variableBlock = regexp.MustCompile(`(?ms)^ *variable "\w+" \{\n.*?^ *\}`)

// A saved plan contains the value of a variable that is not ephemeral, and Terraform 1.11
// prints it when the variable has changed, even if it is sensitive.
func TestDocuments_sensitiveVariablesAreEphemeral(t *testing.T) {
	texts := map[string]string{}
	read := func(path string) {
		raw, err := os.ReadFile(filepath.Join(repository, path))
		must(t, err)
		texts[path] = string(raw)
	}
	for _, path := range documents(t) {
		read(path)
	}
	for _, folder := range exampleFolders(t) {
		files, err := filepath.Glob(filepath.Join(repository, "examples", folder, "*.tf"))
		must(t, err)
		for _, file := range files {
			read(filepath.Join("examples", folder, filepath.Base(file)))
		}
	}
	sensitive := 0
	for path, text := range texts {
		for _, block := range variableBlock.FindAllString(text, -1) {
			if !strings.Contains(block, "sensitive") {
				continue
			}
			sensitive++
			if !strings.Contains(block, "ephemeral") {
				t.Errorf("%s: a plan would contain\n%s", path, block)
			}
		}
	}
	if sensitive < 6 {
		t.Errorf("only %d sensitive variables were found", sensitive)
	}
}
