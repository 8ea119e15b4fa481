package examplestest

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/provider"
)

const troubleshooting = "../../../templates/guides/troubleshooting.md"

// The guide's headings are the summaries of the provider's diagnostics, literally:
// a reader looks for the words on the screen.
func TestGuide_troubleshootingHasEveryDiagnostic(t *testing.T) {
	said := summaries(t, "../../../internal/provider", "../../../internal/fabric")
	for _, text := range summariesOfOthers() {
		said = append(said, summary{text, "summariesOfOthers"})
	}
	var headings []string
	for section, below := range messagesOf(t) {
		if section != "Commands" {
			headings = append(headings, below...)
		}
	}
	for _, heading := range headings {
		if !slices.ContainsFunc(said, func(s summary) bool { return s.says(heading) }) {
			t.Errorf("the guide has the heading %q, which is the summary of no diagnostic", heading)
		}
	}
	for _, s := range said {
		if !slices.ContainsFunc(headings, s.says) {
			t.Errorf("%s: the guide has no heading %q", s.where, s.text)
		}
	}
	if len(said) < 40 {
		t.Errorf("only %d summaries were found in the code: %v", len(said), said)
	}
}

// summariesOfOthers are the first lines that a user of the provider meets and that are in no
// code of ours. The framework's come from a wrong value: TestEveryValue_… requires a heading
// for each, and tries every kind of value for every attribute, known, null and unknown. None of
// them leads to the framework's Value Conversion Error, which would be a fault of the provider:
// the models have the framework's types where a user gives a value, and numbers that are not
// whole are found before. Terraform writes the others.
func summariesOfOthers() []string {
	return []string{
		"Duplicate Set Element", "Invalid Attribute Combination", "Invalid Attribute Value", "Null List Value",
		"Null Set Value", "Invalid function argument", "Invalid Configuration for Read-Only Attribute",
		"Missing Configuration for Required Attribute", "Invalid RFC3339 String Value",
		"WriteOnly Attribute Not Allowed", "Inconsistent dependency lock file",
		"Failed to query available provider packages", "Missing required provider",
		`Terraform has no command named "query"`,
	}
}

// messagesOf are the headings of messages by the section that they are in.
func messagesOf(t *testing.T) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile(troubleshooting)
	must(t, err)
	sections, section := map[string][]string{}, ""
	for _, h := range headingsOf(string(raw)) {
		switch h.level {
		case 2:
			section = h.text
		case 3:
			sections[section] = append(sections[section], h.text)
		}
	}
	return sections
}

// The section Commands has what the commands log as errors and warnings, and what they print
// on stderr. A heading may be the beginning of a message, and ends with … then if the message
// has more words of the user's in that place.
func TestGuide_troubleshootingHasEveryMessageOfTheCommands(t *testing.T) {
	said := slices.Concat(logged(t, "../../../internal/synccmd"), logged(t, "../../../internal/statuscmd"))
	headings := slices.Concat(messagesOf(t)["Commands"], []string{"NetBox is newer than the tested versions"})
	begins := func(message summary, heading string) bool {
		before, _, _ := strings.Cut(heading, "…")
		return strings.HasPrefix(message.text, before)
	}
	for _, heading := range headings {
		if !slices.ContainsFunc(said, func(s summary) bool { return begins(s, heading) }) {
			t.Errorf("the guide has the heading %q, which no command says", heading)
		}
	}
	for _, s := range said {
		if !slices.ContainsFunc(headings, func(heading string) bool { return begins(s, heading) }) {
			t.Errorf("%s: the guide has no heading for %q", s.where, s.text)
		}
	}
	if len(said) < 12 {
		t.Errorf("only %d messages were found in the code: %v", len(said), said)
	}
}

// A diagnostic ends with the address that is worked out from its summary: each heading has
// that anchor, and no other heading of the guide has it.
func TestGuide_troubleshootingHasTheAnchors(t *testing.T) {
	anchors := anchorsOf(t, "docs/guides/troubleshooting.md")
	raw, err := os.ReadFile(troubleshooting)
	must(t, err)
	for _, h := range headingsOf(string(raw)) {
		anchor := provider.Anchor(h.text)
		if !slices.Contains(anchors, anchor) || slices.Contains(anchors, anchor+"-1") {
			t.Errorf("docs/guides/troubleshooting.md does not have exactly one anchor #%s, of the heading %q. Run "+
				"make docs, or choose another heading", anchor, h.text)
		}
	}
}

// summary is a diagnostic's summary in the code. "…" replaces values that it formats.
type summary struct{ text, where string }

func (s summary) says(heading string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(s.text), "…", ".+")
	return regexp.MustCompile("^" + pattern + "$").MatchString(heading)
}

// summaries finds what is in the place of a summary in the code of packages.
func summaries(t *testing.T, folders ...string) []summary {
	t.Helper()
	var found []summary
	for _, folder := range folders {
		c, parsed := readCode(t, folder)
		for _, file := range parsed {
			ast.Inspect(file, c.readSummaries)
		}
		found = append(found, c.found...)
	}
	slices.SortStableFunc(found, func(a, b summary) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(found, func(a, b summary) bool { return a.text == b.text })
}

// readCode reads the code of a package without its tests, and its constants.
func readCode(t *testing.T, folder string) (*code, []*ast.File) {
	t.Helper()
	c := &code{t: t, files: token.NewFileSet(), constants: map[string]string{}}
	var parsed []*ast.File
	names, err := fs.Glob(os.DirFS(folder), "*.go")
	must(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(c.files, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		must(t, err)
		ast.Inspect(file, c.readConstants)
		parsed = append(parsed, file)
	}
	return c, parsed
}

type code struct {
	t         *testing.T
	files     *token.FileSet
	constants map[string]string // strings; in functions the same name means the same here
	found     []summary
}

func (c *code) readConstants(n ast.Node) bool {
	if spec, ok := n.(*ast.ValueSpec); ok {
		for i, name := range spec.Names {
			if i < len(spec.Values) {
				if text, known := c.text(spec.Values[i]); known {
					c.constants[c.key(name)] = text
				}
			}
		}
	}
	return true
}

// key distinguishes a constant from one of another file, where functions have theirs.
func (c *code) key(name *ast.Ident) string {
	file := c.files.Position(name.Pos()).Filename
	if name.Name == "summary" {
		return file + ":" + name.Name
	}
	return name.Name
}

// arguments are the places of the summary in the calls that make a diagnostic.
var arguments = map[string]int{
	"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "problem": 0,
	"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1,
	"NewAttributeWarningDiagnostic": 1,
}

func (c *code) readSummaries(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch called := n.Fun.(type) {
		case *ast.Ident:
			name = called.Name
		case *ast.SelectorExpr:
			name = called.Sel.Name
			if name == "problem" { // a method, which calls the function
				return true
			}
		}
		if at, makes := arguments[name]; makes && at < len(n.Args) {
			c.add(n.Args[at])
		}
	case *ast.AssignStmt:
		c.readAssigned(n)
	case *ast.CompositeLit:
		if made, ok := n.Type.(*ast.SelectorExpr); ok && (made.Sel.Name == "Problem" || made.Sel.Name == "Diagnostic") {
			c.readProblem(n)
		}
	case *ast.FuncDecl:
		if results := n.Type.Results; results != nil && len(results.List[0].Names) > 0 &&
			results.List[0].Names[0].Name == "summary" {
			ast.Inspect(n.Body, func(inner ast.Node) bool {
				if r, ok := inner.(*ast.ReturnStmt); ok && len(r.Results) > 1 {
					c.add(r.Results[0])
				}
				return true
			})
		}
	}
	return true
}

// readAssigned reads what is assigned to a variable summary or to the Summary of a problem.
func (c *code) readAssigned(n *ast.AssignStmt) {
	for i, to := range n.Lhs {
		field, isField := to.(*ast.SelectorExpr)
		name, isName := to.(*ast.Ident)
		switch {
		case (!isField || field.Sel.Name != "Summary") && (!isName || name.Name != "summary"):
		case len(n.Rhs) == len(n.Lhs):
			c.add(n.Rhs[i])
		default: // of several results, explain's are read where it returns them
			if call, ok := n.Rhs[0].(*ast.CallExpr); !ok || !isCalled(call, "explain") {
				c.add(n.Rhs[0])
			}
		}
	}
}

func isCalled(call *ast.CallExpr, name string) bool {
	called, ok := call.Fun.(*ast.Ident)
	return ok && called.Name == name
}

func (c *code) readProblem(made *ast.CompositeLit) {
	for _, element := range made.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Summary" {
				c.add(pair.Value)
			}
		}
	}
}

// add takes the text of a summary. A text that cannot be read from the code is an error of the
// test, except where it was read elsewhere: the Summary of a problem, and a result of explain.
func (c *code) add(e ast.Expr) {
	c.t.Helper()
	text, known := c.text(e)
	if known && text != "" { // "" is no diagnostic
		c.found = append(c.found, summary{text, c.files.Position(e.Pos()).String()})
	}
	made, ofProblem := e.(*ast.SelectorExpr)
	name, variable := e.(*ast.Ident)
	if !known && (!ofProblem || made.Sel.Name != "Summary") && (!variable || name.Name != "summary") {
		c.t.Errorf("%s: this test cannot read the summary of a diagnostic here. Write it as a string",
			c.files.Position(e.Pos()))
	}
}

// text is what an expression says, as far as it is known from the code.
func (c *code) text(e ast.Expr) (text string, known bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		text, known = c.constants[c.key(e)]
		return text, known
	case *ast.BinaryExpr:
		left, _ := c.text(e.X)
		right, _ := c.text(e.Y)
		if left == "" && right == "" {
			return "", false
		}
		return cmp.Or(left, "…") + cmp.Or(right, "…"), true
	}
	return "", false
}
