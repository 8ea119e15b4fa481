package examplestest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// project is the address of the repository in links of the registry's pages.
const project = "https://github.com/hedgehog-fabric/terraform-provider-hedgehog"

// A link within the repository leads to an existing file and heading.
func TestLinks_leadSomewhere(t *testing.T) {
	files := markdownFiles(t)
	checked := 0
	for _, file := range files {
		for _, link := range linksOf(t, file) {
			target, inside := resolve(file, link.text)
			if !inside {
				continue
			}
			checked++
			wanted, anchor, _ := strings.Cut(target, "#")
			if !there(wanted) {
				t.Errorf("%s:%d: there is no %s (%s)", file, link.number, wanted, link.text)
				continue
			}
			if anchor != "" && !slices.Contains(anchorsOf(t, wanted), anchor) {
				t.Errorf("%s:%d: %s has no heading for #%s (%s)", file, link.number, wanted, anchor, link.text)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d links were found in %d files", checked, len(files))
	}
}

// The registry has only the pages in docs. Like GitHub it resolves relative links to pages that
// end in .md. Other relative links are broken there.
func TestLinks_ofThePagesOfTheRegistryAreToPages(t *testing.T) {
	checked := 0
	for _, file := range markdownFiles(t) {
		if !ofRegistry(file) && !strings.HasPrefix(file, "templates/guides/") {
			continue
		}
		for _, link := range linksOf(t, file) {
			if strings.Contains(link.text, "://") || strings.HasPrefix(link.text, "#") {
				continue
			}
			checked++
			target, _ := resolve(file, link.text)
			if wanted, _, _ := strings.Cut(target, "#"); !ofRegistry(wanted) {
				t.Errorf("%s:%d: %s is not the .md of a page of the registry", file, link.number, link.text)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d links were found", checked)
	}
}

// ofRegistry reports whether a file of the repository is a page of the registry.
func ofRegistry(file string) bool {
	return strings.HasPrefix(file, "docs/") && !strings.HasPrefix(file, "docs/upstream/") && path.Ext(file) == ".md"
}

// The pages on which a reader starts link to every guide.
func TestLinks_leadToEveryGuide(t *testing.T) {
	for _, start := range []string{"README.md", "docs/index.md"} {
		var found []string
		for _, link := range linksOf(t, start) {
			target, _ := resolve(start, link.text)
			wanted, _, _ := strings.Cut(target, "#")
			found = append(found, wanted)
		}
		guides, err := fs.Glob(os.DirFS(repository), "templates/guides/*.md")
		must(t, err)
		for _, guide := range guides {
			if generated := "docs/guides/" + path.Base(guide); !slices.Contains(found, generated) {
				t.Errorf("%s has no link to %s", start, generated)
			}
		}
	}
}

// markdownFiles are the documents of the repository, by their paths in it.
func markdownFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	must(t, fs.WalkDir(os.DirFS(repository), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".github" ||
			slices.Contains([]string{"testdata", "build", "dist"}, entry.Name())):
			return fs.SkipDir
		case strings.HasSuffix(name, ".md"):
			files = append(files, name)
		}
		return nil
	}))
	return files
}

var (
	inlineCode = regexp.MustCompile("`[^`]*`")
	link       = regexp.MustCompile(`\]\(([^()\s]+)(?: "[^"]*")?\)`)
	image      = regexp.MustCompile(`\b(?:src|srcset)="([^"\s]+)"`) // of a <picture>
)

// linksOf are the targets of a document's links and pictures.
func linksOf(t *testing.T, file string) []line {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, file))
	must(t, err)
	var found []line
	for _, l := range proseOf(string(raw)) {
		for _, m := range link.FindAllStringSubmatch(inlineCode.ReplaceAllString(l.text, ""), -1) {
			found = append(found, line{l.number, m[1]})
		}
		for _, m := range image.FindAllStringSubmatch(inlineCode.ReplaceAllString(l.text, ""), -1) {
			found = append(found, line{l.number, m[1]})
		}
	}
	return found
}

// resolve returns the path in the repository that a link of a file leads to, and
// whether it leads into the repository at all.
func resolve(file, target string) (resolved string, inside bool) {
	for _, prefix := range []string{project + "/blob/main/", project + "/tree/main/",
		"https://raw.githubusercontent.com/" +
			strings.TrimPrefix(project, "https://github.com/") + "/main/"} {
		if inner, ours := strings.CutPrefix(target, prefix); ours {
			return inner, true
		}
	}
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return "", false
	}
	// The guides are shown where they are generated.
	if name, guide := strings.CutPrefix(file, "templates/guides/"); guide {
		file = "docs/guides/" + name
	}
	name, anchor, anchored := strings.Cut(target, "#")
	if name == "" {
		name = file
	} else {
		name = path.Join(path.Dir(file), name)
	}
	if anchored {
		name += "#" + anchor
	}
	return name, true
}

func there(name string) bool {
	_, err := os.Stat(filepath.Join(repository, filepath.FromSlash(name)))
	return err == nil
}

var anchorTag = regexp.MustCompile(`<a id="([^"]+)">`)

// anchorsOf are the anchors that a document has. A heading that comes again has a
// number behind its own.
func anchorsOf(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, file))
	must(t, err)
	var anchors []string
	seen := map[string]int{}
	for _, h := range headingsOf(string(raw)) {
		anchor := slug(h.text)
		if n := seen[anchor]; n > 0 {
			anchors = append(anchors, anchor+"-"+strconv.Itoa(n))
		}
		seen[anchor]++
		anchors = append(anchors, anchor)
	}
	for _, m := range anchorTag.FindAllStringSubmatch(string(raw), -1) {
		anchors = append(anchors, m[1])
	}
	return anchors
}
