package synccmd

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go/ast"
	"go/parser"
	"go/token"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// declaredOutcomes returns the outcomes that package fabricsync declares.
func declaredOutcomes(t *testing.T) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../fabricsync/result.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if kind, named := spec.Type.(*ast.Ident); named && kind.Name == "Outcome" {
			literal, isText := spec.Values[0].(*ast.BasicLit)
			if !isText {
				t.Fatalf("outcome %s is not a string", spec.Names[0])
			}
			all = append(all, strings.Trim(literal.Value, `"`))
		}
		return true
	})
	return all
}

// --help and the guide have each outcome with its exit code.
func TestOutcomes_areDocumented(t *testing.T) {
	guide, err := os.ReadFile("../../templates/guides/keeping-in-sync.md")
	if err != nil {
		t.Fatal(err)
	}
	help := outcomeHelp()
	documented := map[string]outcomeInfo{}
	for _, e := range outcomeInfos() {
		documented[string(e.outcome)] = e
	}
	declared := declaredOutcomes(t)
	if len(declared) < 9 {
		t.Fatalf("got only the outcomes %q", declared)
	}
	for _, outcome := range append(declared, string(notFound)) {
		e, known := documented[outcome]
		if !known {
			t.Errorf("outcomeInfos does not have %s", outcome)
			continue
		}
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^  %s +%d  \S`, outcome, e.code)).MatchString(help) {
			t.Errorf("%s is not in --help:\n%s", outcome, help)
		}
		if !regexp.MustCompile(fmt.Sprintf("(?m)^\\| `%s` \\| %d[ |,]", outcome, e.code)).Match(guide) {
			t.Errorf("%s with the exit code %d is not in the guide", outcome, e.code)
		}
		r := &report{result: &fabricsync.Result{Outcome: fabricsync.Outcome(outcome)}}
		code := cli.ExitSuccess
		switch {
		case r.failed(true):
			code = cli.ExitFailure
		case outcome == string(fabricsync.Interrupted):
			code = cli.ExitStopped
		}
		if code != e.code {
			t.Errorf("%s: got exit code %d, want %d as documented", outcome, code, e.code)
		}
	}
	if len(documented) != len(declared)+1 {
		t.Errorf("got %d documented outcomes, want %q", len(documented), declared)
	}
}

func TestOutcomes_linesOfTheHelpAreShort(t *testing.T) {
	for line := range strings.Lines(outcomeHelp()) {
		if len(line) > 90 {
			t.Errorf("got %d characters: %s", len(line), line)
		}
	}
}

// The counter has each class of failure from the start, so that a rate has a first value.
func TestOutcomes_failuresHaveAClass(t *testing.T) {
	for _, e := range outcomeInfos() {
		for _, err := range []error{nil, errors.New("NetBox is away")} {
			r := &report{result: &fabricsync.Result{Outcome: e.outcome}, err: err}
			if class := r.failureClass(); !slices.Contains(failureClasses(), class) {
				t.Errorf("%s: got the class %q", e.outcome, class)
			}
		}
	}
}
