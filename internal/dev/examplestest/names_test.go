package examplestest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the documents for contributors name is there: files and folders, and tests, of
// which a name may leave out the end.
func TestDocuments_nameWhatExists(t *testing.T) {
	tests := testNames(t)
	if len(tests) < 500 {
		t.Fatalf("only %d tests were found", len(tests))
	}
	named := 0
	for _, file := range []string{"AGENTS.md", "CONTRIBUTING.md", "docs/upstream/README.md"} {
		raw, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(file)))
		must(t, err)
		for _, code := range inlineCode.FindAllString(string(raw), -1) {
			text := strings.Trim(code, "`")
			switch {
			case namedTest.MatchString(text):
				prefix, open := strings.CutSuffix(text, "…")
				if !slices.ContainsFunc(tests, func(name string) bool {
					return name == prefix || open && strings.HasPrefix(name, prefix)
				}) {
					t.Errorf("%s names %s, and there is no such test", file, text)
				}
			case namedPath.MatchString(text):
				if !there(strings.TrimSuffix(text, "/")) {
					t.Errorf("%s names %s, which does not exist", file, text)
				}
			default:
				continue
			}
			named++
		}
	}
	if named < 80 {
		t.Errorf("only %d names were found", named)
	}
}

var (
	namedTest = regexp.MustCompile(`^Test[A-Z]\w*…?$`)
	namedPath = regexp.MustCompile(`^(internal|tools|templates|examples|docs)(/[\w.-]+)*/?$`)
	testNamed = regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`)
)

// testNames returns the names of all tests.
func testNames(t *testing.T) []string {
	t.Helper()
	var names []string
	tree := os.DirFS(repository)
	must(t, fs.WalkDir(tree, "internal", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(tree, path)
		for _, match := range testNamed.FindAllSubmatch(source, -1) {
			names = append(names, string(match[1]))
		}
		return err
	}))
	return names
}

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
