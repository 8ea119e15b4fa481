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

// subcategories are the groups of the registry's sidebar, by what a page is about.
var subcategories = map[string]string{
	"fabric": "Fabrics", "fabrics": "Fabrics", "sync_status": "Fabrics",
	"fabric_sync": "Clusters and sync", "fabric_connection": "Clusters and sync",
	"fabric_credentials": "Clusters and sync",
}

// A page of the registry is in its group of the sidebar, says in a paragraph what it is
// for, and has every example of its folder. Where it has several, each has a title.
func TestDocuments_pagesOfTheRegistry(t *testing.T) {
	pages := registryPages(t)
	if len(pages) < 9 {
		t.Fatalf("only these pages were found: %q", pages)
	}
	for _, page := range pages {
		raw, err := os.ReadFile(filepath.Join(repository, page))
		must(t, err)
		for _, problem := range pageProblems(page, string(raw), examplesOf(t, page)) {
			t.Errorf("%s %s", page, problem)
		}
	}
}

// registryPages are the pages of resources, data sources and the like, without guides.
func registryPages(t *testing.T) []string {
	t.Helper()
	pages, err := fs.Glob(os.DirFS(repository), "docs/*/*.md")
	must(t, err)
	return slices.DeleteFunc(pages, func(page string) bool {
		return strings.HasPrefix(page, "docs/guides/") || strings.HasPrefix(page, "docs/upstream/")
	})
}

// examplesOf returns the text of each file in a page's folder of examples, by its name.
func examplesOf(t *testing.T, page string) map[string]string {
	t.Helper()
	kind, name := path.Base(path.Dir(page)), strings.TrimSuffix(path.Base(page), ".md")
	if kind != "functions" {
		name = "hedgehog_" + name
	}
	files, err := fs.Glob(os.DirFS(filepath.Join(repository, "examples")), path.Join(kind, name, "*"))
	must(t, err)
	if len(files) == 0 {
		t.Errorf("%s has no examples in examples/%s", page, path.Join(kind, name))
	}
	examples := map[string]string{}
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join(repository, "examples", filepath.FromSlash(file)))
		must(t, err)
		examples[file] = strings.TrimSpace(string(raw)) + "\n"
	}
	return examples
}

var frontMatter = regexp.MustCompile(`(?s)\A---\n(.*?)\n---\n`)

// pageProblems returns what is wrong with the text of a page, whose examples are given.
func pageProblems(page, text string, examples map[string]string) []string {
	var problems []string
	head := frontMatter.FindString(text)
	if want := subcategories[strings.TrimSuffix(path.Base(page), ".md")]; want == "" ||
		!strings.Contains(head, "\nsubcategory: \""+want+"\"\n") {
		problems = append(problems, "is not in the subcategory \""+want+"\":\n"+head)
	}
	if _, description, _ := strings.Cut(head, "\ndescription: |-\n"); strings.Count(description, "\n") != 2 {
		problems = append(problems, "describes itself in more or less than a paragraph:\n"+head)
	}
	var shown []string
	for _, b := range blocksOf(text) {
		shown = append(shown, b.text)
	}
	for name, example := range examples {
		if !slices.Contains(shown, example) {
			problems = append(problems, "does not show examples/"+name)
		}
	}
	_, usage, _ := strings.Cut(text, "\n## Example Usage\n")
	usage, _, _ = strings.Cut(usage, "\n## ")
	configurations := slices.DeleteFunc(blocksOf(usage), func(b block) bool { return b.language != "terraform" })
	for _, b := range configurations {
		if len(configurations) > 1 && !strings.HasPrefix(b.before, "### ") {
			problems = append(problems, "has several examples, but no title above the example that starts with "+
				strings.SplitN(b.text, "\n", 2)[0])
		}
	}
	if strings.HasPrefix(page, "docs/resources/") {
		for _, heading := range []string{"\n## What forces replacement\n", "\n## Import\n"} {
			if !strings.Contains(text, heading) {
				problems = append(problems, "has no heading "+strings.TrimSpace(heading))
			}
		}
	}
	return problems
}
