package acctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Exactly the tests that start a CLI are called TestAcc…. StartsCLI fails a test without that name.
// This test finds tests with that name that start no CLI, and functions that start a CLI without
// StartsCLI.
func TestNames_sayWhichTestsStartACLI(t *testing.T) {
	found := 0
	for folder, functions := range testFunctions(t, "..") {
		for name, uses := range functions {
			if isAcceptance.MatchString(name) {
				found++
				if !functions.reach(name, "acctest.FindCLI", "acctest.Need", "acctest.StartsCLI") {
					t.Errorf("%s: %s starts no CLI: only tests that do are called TestAcc…", folder, name)
				}
			}
			runs := slices.ContainsFunc([]string{"resource.Test", "resource.ParallelTest", "resource.UnitTest"},
				func(runner string) bool { return uses[runner] })
			if runs && !uses["acctest.FindCLI"] && !uses["acctest.Need"] {
				t.Errorf("%s: %s runs a CLI without acctest.FindCLI, which looks at the test's name", folder, name)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d acceptance tests were found", found)
	}
}

// usage has the functions in the tests of a package, each with the names that it uses.
type usage map[string]map[string]bool

// reach reports whether a function calls one of the others, itself or through
// functions of its package.
func (u usage) reach(name string, others ...string) bool {
	visited := map[string]bool{}
	var visit func(name string) bool
	visit = func(name string) bool {
		if visited[name] {
			return false
		}
		visited[name] = true
		for used := range u[name] {
			if slices.Contains(others, used) || visit(used) {
				return true
			}
		}
		return false
	}
	return visit(name)
}

// testFunctions returns the functions in the tests below a folder, by package.
func testFunctions(t *testing.T, root string) map[string]usage {
	t.Helper()
	all := map[string]usage{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		if all[folder] == nil {
			all[folder] = usage{}
		}
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && f.Body != nil {
				all[folder][f.Name.Name] = namesIn(f.Body)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// namesIn returns the names that a function uses, those of other packages with theirs.
func namesIn(body ast.Node) map[string]bool {
	names := map[string]bool{}
	var visit func(ast.Node) bool
	visit = func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Ident:
			names[node.Name] = true
		case *ast.SelectorExpr:
			if of, ok := node.X.(*ast.Ident); ok {
				names[of.Name+"."+node.Sel.Name] = true
			}
			ast.Inspect(node.X, visit)
			return false
		}
		return true
	}
	ast.Inspect(body, visit)
	return names
}
