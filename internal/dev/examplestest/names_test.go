package examplestest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var documentsOfContributors = []string{"AGENTS.md", "CONTRIBUTING.md", "DESIGN.md", "README.md", "SECURITY.md",
	"docs/upstream/README.md", "tools/README.md"}

var (
	namedTest   = regexp.MustCompile(`^Test[A-Z]\w*…?$`)
	namedPath   = regexp.MustCompile(`^(internal|tools|templates|examples|docs)(/[\w.-]+)*/?$`)
	namedSymbol = regexp.MustCompile(`^([a-z]\w*)\.([A-Z]\w*)$`)
	nameInPath  = regexp.MustCompile("`(\\w+)`\\s+in\\s+`(internal/[\\w./-]+)`")
	testNamed   = regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`)
	pathInCode  = regexp.MustCompile(`\b(?:internal|tools|templates|examples|docs)/[\w./-]+\.(?:go|md|tmpl|tf|py)\b`)
)

// The documents for contributors name only existing files and folders, identifiers of
// our packages, and tests, whose names may be cut off at the end.
func TestDocuments_nameWhatExists(t *testing.T) {
	sources := goSources(t)
	tests := testNames(sources)
	if len(tests) < 500 {
		t.Fatalf("only %d tests were found", len(tests))
	}
	named := 0
	for _, file := range documentsOfContributors {
		raw, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(file)))
		must(t, err)
		for _, match := range nameInPath.FindAllStringSubmatch(string(raw), -1) {
			if !declares(sources, match[2], match[1]) && !namedTest.MatchString(match[1]) {
				t.Errorf("%s names %s in %s, which does not have it", file, match[1], match[2])
			}
			named++
		}
		for _, code := range inlineCode.FindAllString(string(raw), -1) {
			text := strings.Trim(code, "`")
			switch symbol := namedSymbol.FindStringSubmatch(text); {
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
			case symbol != nil && there("internal/"+symbol[1]):
				if !declares(sources, "internal/"+symbol[1], symbol[2]) {
					t.Errorf("%s names %s, which the package does not have", file, text)
				}
			default:
				continue
			}
			named++
		}
	}
	if named < 140 {
		t.Errorf("only %d names were found", named)
	}
}

// Files that comments and messages name exist.
func TestDocuments_codeNamesFilesThatExist(t *testing.T) {
	named := 0
	for file, source := range goSources(t) {
		for _, name := range pathInCode.FindAllString(source, -1) {
			if !there(name) {
				t.Errorf("%s names %s, which does not exist", file, name)
			}
			named++
		}
	}
	if named < 10 {
		t.Errorf("only %d names were found", named)
	}
}

// goSources returns the text of every Go file, by its path with slashes.
func goSources(t *testing.T) map[string]string {
	t.Helper()
	sources := map[string]string{}
	root := os.DirFS(repository)
	must(t, fs.WalkDir(root, "internal", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".go" {
			return err
		}
		source, err := fs.ReadFile(root, name)
		sources[name] = string(source)
		return err
	}))
	return sources
}

// declares reports whether a Go file, or a file of a package's folder, declares a name.
func declares(sources map[string]string, where, name string) bool {
	declaration := regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|type |var |const |\t)` + name + `\b`)
	for file, source := range sources {
		if (file == where || path.Dir(file) == where) && declaration.MatchString(source) {
			return true
		}
	}
	return false
}

// testNames returns the names of all tests.
func testNames(sources map[string]string) []string {
	var names []string
	for file, source := range sources {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, match := range testNamed.FindAllStringSubmatch(source, -1) {
			names = append(names, match[1])
		}
	}
	return names
}
