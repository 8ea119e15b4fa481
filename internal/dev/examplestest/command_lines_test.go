package examplestest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tokenForCurl matches a curl command with credentials on its command line.
var tokenForCurl = regexp.MustCompile(`curl\b[^|\n]*\s(?:-u|--user|--oauth2-bearer|` +
	`(?:-H|--header)[ =]*["']?(?i:[^"'\n]*authorization|\$\{?auth))`)

// Other users of a machine can read command lines, so the commands in documents and scripts pass
// tokens to curl through its standard input.
func TestDocuments_noTokenOnACommandLine(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join(repository, "examples/*/*.sh"))
	must(t, err)
	files := scripts
	for _, name := range markdownFiles(t) {
		files = append(files, filepath.Join(repository, name))
	}
	commands := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		text := strings.ReplaceAll(string(raw), "\\\n", " ")
		commands += strings.Count(text, "curl ")
		for _, command := range tokenForCurl.FindAllString(text, -1) {
			t.Errorf("%s has a token on a command line: %s", file, command)
		}
	}
	if commands < 10 {
		t.Errorf("only %d curl commands were found", commands)
	}
	for _, command := range []string{`curl -s -H "Authorization: Token $T" x`, `curl -X POST -H "$auth" x`,
		"curl --header 'authorization: Bearer x'", "curl -i -u admin:x y"} {
		if !tokenForCurl.MatchString(command) {
			t.Errorf("%s is not recognized", command)
		}
	}
}
