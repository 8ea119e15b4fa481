package synccmd

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const examplesFolder = "../../examples/sync"

func readExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examplesFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantParsed checks that the examples' arguments, after "sync", are accepted.
func wantParsed(t *testing.T, args []string) *options {
	t.Helper()
	if len(args) == 0 || args[0] != "sync" {
		t.Fatalf("got the arguments %q", args)
	}
	o, problem := parse(args[1:])
	if problem != "" {
		t.Fatalf("%q: %s", args, problem)
	}
	return o
}

func TestExamples_unitsCanBeParsed(t *testing.T) {
	for name, watch := range map[string]bool{"hedgehog-sync.service": true, "hedgehog-sync-once.service": false} {
		found := regexp.MustCompile(`(?m)^ExecStart=\S+/terraform-provider-hedgehog (.*)$`).FindStringSubmatch(
			readExample(t, "systemd/"+name))
		if found == nil {
			t.Fatalf("%s starts no program", name)
		}
		if o := wantParsed(t, strings.Fields(found[1])); o.watch != watch {
			t.Errorf("%s: got %+v", name, o)
		}
	}
}

// The commands and metrics in the text exist.
func TestExamples_textNamesWhatExists(t *testing.T) {
	text := readExample(t, "README.md")
	for _, found := range regexp.MustCompile(`(?m)^terraform-provider-hedgehog (sync [^#\n]*)`).FindAllStringSubmatch(
		text, -1) {
		if !strings.Contains(found[1], "--help") {
			wantParsed(t, strings.Fields(found[1]))
		}
	}
	families, err := everyMetric(t).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, f := range families {
		known = append(known, f.GetName())
	}
	names := regexp.MustCompile(`hedgehog_sync_\w+`).FindAllString(text, -1)
	if len(names) < 15 {
		t.Errorf("got %d metrics in the text", len(names))
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			t.Errorf("there is no metric %s", name)
		}
	}
}
