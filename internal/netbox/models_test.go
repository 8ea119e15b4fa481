package netbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// usedModels are what the provider uses of NetBox's generated client. The linker
// would keep all of that client's methods if its APIClient were used: 27 MB.
var usedModels = map[string]bool{"NestedTag": true, "CustomFieldChoiceSet": true}

func TestGeneratedClient_onlyItsModelsAreUsed(t *testing.T) {
	const module = "github.com/netbox-community/go-netbox/v4"
	root, used := filepath.Join("..", ".."), map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			if target, _ := strconv.Unquote(imported.Path.Value); target != module {
				continue
			}
			if imported.Name == nil || imported.Name.Name != "api" {
				t.Errorf("%s: the generated client is imported as api", path)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if of, named := selector.X.(*ast.Ident); named && of.Name == "api" {
					used[selector.Sel.Name] = true
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(used, usedModels) {
		t.Errorf("used are %v, want %v", used, usedModels)
	}
}
