package examplestest

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every package is in both layouts.
func TestDocuments_layoutsAreComplete(t *testing.T) {
	for _, file := range []string{"AGENTS.md", "DESIGN.md"} {
		raw, err := os.ReadFile(filepath.Join(repository, file))
		must(t, err)
		folders, err := fs.Glob(os.DirFS(repository), "internal/*")
		must(t, err)
		for _, folder := range folders {
			if !strings.Contains(string(raw), "| `"+folder) && !strings.Contains(string(raw), ", `"+folder+"`") {
				t.Errorf("the layout of %s lacks %s", file, folder)
			}
		}
	}
}

// The list of examples has every folder, and the first line of each README, under its heading,
// says what the example shows.
func TestDocuments_examplesAreListed(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(examplesFolder, "README.md"))
	must(t, err)
	examples := os.DirFS(examplesFolder)
	folders, err := fs.Glob(examples, "*")
	must(t, err)
	listed := 0
	for _, folder := range folders {
		files, err := fs.ReadDir(examples, folder)
		if err != nil { // the list itself
			continue
		}
		all := []string{folder}
		if !slices.ContainsFunc(files, func(entry fs.DirEntry) bool { return !entry.IsDir() }) {
			all, err = fs.Glob(examples, folder+"/*")
			must(t, err)
		}
		for _, example := range all {
			listed++
			if !strings.Contains(string(raw), "| [`"+example+"`]("+example+") | ") {
				t.Errorf("examples/README.md has no row for %s", example)
			}
			text, err := fs.ReadFile(examples, example+"/README.md")
			if err != nil {
				continue
			}
			if lines := strings.Split(string(text), "\n"); !strings.HasPrefix(lines[2], "This ") {
				t.Errorf("the README of %s does not say what the example shows, but %q", example, lines[2])
			}
		}
	}
	if listed < 15 {
		t.Errorf("only %d examples were found", listed)
	}
}

// Every package imports what its row of DESIGN.md allows, and a row allows nothing else.
func TestDocuments_layoutSaysWhatPackagesImport(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(repository, "DESIGN.md"))
	must(t, err)
	allowed := map[string][]string{}
	for _, row := range layoutRow.FindAllStringSubmatch(string(raw), -1) {
		names := []string{}
		for _, code := range inlineCode.FindAllString(row[2], -1) {
			names = append(names, strings.Trim(code, "`"))
		}
		slices.Sort(names)
		allowed[row[1]] = names
	}
	imported := importsOfPackages(t)
	if len(imported) < 20 {
		t.Fatalf("only %d packages were found", len(imported))
	}
	for _, name := range slices.Sorted(maps.Keys(imported)) {
		if row, ok := allowed[name]; !ok || !slices.Equal(row, imported[name]) {
			t.Errorf("%s imports %q; its row in DESIGN.md (is there one: %t) says %q", name, imported[name], ok, row)
		}
	}
}

// A row of the layout: a package, its concern, and what it may import.
var layoutRow = regexp.MustCompile("(?m)^\\| `(internal/[\\w/]+|main\\.go)` \\|.*\\| ([^|]*) \\|$")

// importsOfPackages returns what each of our packages imports of ours, tests apart, by its
// folder; the program's own is main.go.
func importsOfPackages(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = repository
	out, err := list.Output()
	must(t, err)
	const module = "github.com/hedgehog-fabric/terraform-provider-hedgehog"
	imported := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		packages := strings.Fields(line)
		name := "main.go"
		if packages[0] != module {
			name = strings.TrimPrefix(packages[0], module+"/")
		}
		imported[name] = []string{}
		for _, other := range packages[1:] {
			if strings.HasPrefix(other, module+"/") {
				imported[name] = append(imported[name], path.Base(other))
			}
		}
		slices.Sort(imported[name])
	}
	return imported
}
