package examplestest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// logged finds the messages of a command in its code: the ones of its log from warnings on,
// and the ones that it prints on stderr.
func logged(t *testing.T, folder string) []summary {
	t.Helper()
	c, parsed := readCode(t, folder)
	for _, file := range parsed {
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Body != nil {
				c.readMessages(f)
			}
		}
	}
	return c.found
}

// messageAt is the argument that has the message, by the method's name.
var messageAt = map[string]int{
	"Error": 0, "Warn": 0, "ErrorContext": 1, "WarnContext": 1, "Log": 2, "LogAttrs": 2, "say": 0,
}

// returningMessages are the functions whose results the status command prints as they are.
var returningMessages = []string{"notFound", "unchecked", "warnings"}

func (c *code) readMessages(f *ast.FuncDecl) {
	returns := slices.Contains(returningMessages, f.Name.Name)
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, result := range n.Results {
				if returns {
					c.addMessage(result)
				}
			}
		case *ast.CallExpr:
			called, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name := called.Sel.Name
			switch at, says := messageAt[name]; {
			case returns && name == "Sprintf":
				c.addMessage(n.Args[0])
			case !says || at >= len(n.Args) || name != "say" && !isLog(called.X):
			case at < 2 || mentions(f, "LevelError"):
				c.addMessage(n.Args[at])
			}
		}
		return true
	})
}

// addMessage adds a message without its variable end. What has no other words is said elsewhere,
// and a flag is a part of another message.
func (c *code) addMessage(e ast.Expr) {
	text, known := c.text(e)
	text, _, _ = strings.Cut(text, "…")
	text = strings.TrimSuffix(text, ": %s")
	if known && text != "" && text != "%s" && !strings.HasPrefix(text, "--") {
		c.found = append(c.found, summary{text, c.files.Position(e.Pos()).String()})
	}
}

// isLog reports whether an expression is a logger: log, or x.log.
func isLog(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "log"
	case *ast.SelectorExpr:
		return e.Sel.Name == "log"
	}
	return false
}

// mentions reports whether a function has an identifier.
func mentions(f *ast.FuncDecl, name string) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return true
	})
	return found
}
