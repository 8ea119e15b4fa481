package examplestest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// configuration describes a folder of HCL: what it needs from the CLI and from NetBox.
type configuration struct {
	needs    map[acctest.Capability]bool
	fabrics  []string // names that it reads
	tags     []string
	modules  []string // sources of local modules
	provided bool     // has required_providers
	resource bool     // declares something to be destroyed
}

// exampleFolders returns every folder with a configuration, as a path below examples/.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	must(t, fs.WalkDir(os.DirFS(examplesFolder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		if folder := filepath.ToSlash(filepath.Dir(path)); isConfiguration(path) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
		return nil
	}))
	return folders
}

func isConfiguration(path string) bool {
	return strings.HasSuffix(path, ".tf") || strings.HasSuffix(path, ".tfquery.hcl")
}

// variants returns the ways to use a folder. Its files import-by-….tf import the same resource, so
// each is a variant. "" is the folder without them.
func variants(t *testing.T, folder string) []string {
	t.Helper()
	imports, err := filepath.Glob(filepath.Join(examplesFolder, folder, "import-by-*.tf"))
	must(t, err)
	names := []string{""}
	for _, path := range imports {
		names = append(names, filepath.Base(path))
	}
	return names
}

// choose removes the imports of other variants.
func choose(t *testing.T, dir, variant string) {
	t.Helper()
	imports, err := filepath.Glob(filepath.Join(dir, "import-by-*.tf"))
	must(t, err)
	for _, path := range imports {
		if filepath.Base(path) != variant {
			must(t, os.Remove(path))
		}
	}
}

// inspect reads the configuration in a folder, and those of the modules that it uses.
func inspect(t *testing.T, dir string) *configuration {
	t.Helper()
	c := &configuration{needs: map[acctest.Capability]bool{}}
	c.read(t, dir)
	provided := c.provided // modules have their own block
	c.readModules(t, dir, c.modules)
	c.provided = provided
	return c
}

func (c *configuration) readModules(t *testing.T, dir string, sources []string) {
	t.Helper()
	for _, source := range sources {
		known := len(c.modules)
		inner := filepath.Join(dir, filepath.FromSlash(source))
		c.read(t, inner)
		c.readModules(t, inner, slices.Clone(c.modules[known:]))
	}
}

// read takes in the files of one folder.
func (c *configuration) read(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, entry := range entries {
		if !isConfiguration(entry.Name()) {
			continue
		}
		if strings.HasSuffix(entry.Name(), ".tfquery.hcl") {
			c.needs[acctest.Queries] = true
		}
		file, problems := hclparse.NewParser().ParseHCLFile(filepath.Join(dir, entry.Name()))
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		for _, block := range file.Body.(*hclsyntax.Body).Blocks {
			c.topLevel(block)
			c.within(block)
		}
	}
}

// topLevel looks at what only a block of the configuration itself can be.
func (c *configuration) topLevel(block *hclsyntax.Block) {
	switch block.Type {
	case "ephemeral":
		c.needs[acctest.EphemeralValues] = true
	case "action":
		c.needs[acctest.Actions] = true
	case "resource":
		c.resource = true
	case "variable":
		if attribute := block.Body.Attributes["ephemeral"]; attribute != nil {
			c.needs[acctest.EphemeralValues] = true
		}
	case "import":
		if block.Body.Attributes["identity"] != nil {
			c.needs[acctest.Identities] = true
		}
	case "module":
		if source := texts(block.Body.Attributes["source"]); len(source) == 1 && strings.HasPrefix(source[0], ".") {
			c.modules = append(c.modules, source[0])
		}
	case "terraform":
		for _, inner := range block.Body.Blocks {
			c.provided = c.provided || inner.Type == "required_providers"
		}
	}
	// Objects that are read must exist. A resource creates its own.
	if slices.Contains([]string{"data", "ephemeral", "action"}, block.Type) && strings.HasPrefix(block.Labels[0],
		"hedgehog_fabric") {
		c.fabrics = append(c.fabrics, texts(block.Body.Attributes["name"])...)
	}
}

// within looks at attributes at any depth.
func (c *configuration) within(block *hclsyntax.Block) {
	for name, attribute := range block.Body.Attributes {
		if strings.HasSuffix(name, "_wo") {
			c.needs[acctest.WriteOnly] = true
		}
		if name == "tags" || name == "default_tags" {
			c.tags = append(c.tags, texts(attribute)...)
			slices.Sort(c.tags)
			c.tags = slices.Compact(c.tags)
		}
	}
	for _, inner := range block.Body.Blocks {
		c.within(inner)
	}
}

// texts returns the strings in a literal string or list, or none for other expressions.
func texts(attribute *hclsyntax.Attribute) []string {
	if attribute == nil {
		return nil
	}
	value, problems := attribute.Expr.Value(nil)
	if problems.HasErrors() {
		return nil // it refers to something
	}
	if value.Type() == cty.String {
		return []string{value.AsString()}
	}
	var list []string
	if value.CanIterateElements() {
		for _, element := range value.AsValueSlice() {
			if element.Type() == cty.String {
				list = append(list, element.AsString())
			}
		}
	}
	return list
}
