package acctest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	// shown is how many characters of a line are shown around a secret.
	shown = 150
	// maxProblems is how many findings are shown.
	maxProblems = 20
	// helperLine identifies a line of terraform-plugin-testing, which logs the configuration
	// of each step with the secrets in it.
	helperLine = `"@module":"sdk.helper_resource"`
	// dynamicLine identifies a line of the CLI that shows the value of a dynamic attribute,
	// such as those of terraform_data and the test framework's echo. A fabric's only dynamic
	// attribute is custom_fields.
	dynamicLine = `"@message":"UpgradeResourceState: ignoring dynamic block: `
)

// providerLines identify the provider's own lines, and the framework's lines about it.
var providerLines = []string{`"@module":"hedgehog`, `"@module":"sdk.framework`, `"@module":"sdk.proto`}

// search returns the problems of the logs in a folder: lines with a secret, or logs of a CLI
// without any line of ours.
func (s *secrets) search(folder string, ours []string) ([]string, error) {
	other := hasAny
	if len(ours) == 0 {
		ours, other = providerLines, hasOther
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.log"))
	if err != nil {
		return nil, err
	}
	var problems []string
	anyOurs, anyOther := false, false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return problems, err
		}
		anyOurs = anyOurs || containsAny(text, ours)
		anyOther = anyOther || !anyOurs && other(text)
		problems = append(problems, s.searchLog(strings.TrimSuffix(filepath.Base(file), ".log"), text)...)
	}
	if anyOther && !anyOurs {
		problems = append(problems, fmt.Sprintf("None of the %d logs has a line of ours: what is searched for "+
			"secrets is not the log.", len(files)))
	}
	if len(problems) > maxProblems {
		problems = append(problems[:maxProblems], fmt.Sprintf("… and %d more", len(problems)-maxProblems))
	}
	return problems, nil
}

func containsAny(text []byte, parts []string) bool {
	for _, part := range parts {
		if bytes.Contains(text, []byte(part)) {
			return true
		}
	}
	return false
}

func hasAny(text []byte) bool { return len(bytes.TrimSpace(text)) > 0 }

// hasOther reports whether a log has lines of anything but terraform-plugin-testing, which also
// logs the tests that it skips.
func hasOther(text []byte) bool {
	for line := range bytes.Lines(text) {
		isRecord := bytes.HasPrefix(line, []byte("{")) || bytes.Contains(line, []byte("[TRACE]"))
		if isRecord && !bytes.Contains(line, []byte(helperLine)) {
			return true
		}
	}
	return false
}

// searchLog returns the lines of a test's log that contain a secret, masked.
func (s *secrets) searchLog(test string, text []byte) []string {
	var here []string
	for _, secret := range s.of(test) {
		if bytes.Contains(text, []byte(secret)) {
			here = append(here, secret)
		}
	}
	if len(here) == 0 {
		return nil
	}
	var problems []string
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if containsAny(line, []string{helperLine, dynamicLine}) || !containsAny(line, here) {
			continue
		}
		problems = append(problems, fmt.Sprintf("A secret is in the log of %s, line %d: %s", test, number,
			masked(string(line), here)))
	}
	return problems
}

// masked returns the text around the first secret in a line.
func masked(line string, secrets []string) string {
	const mask = "(SECRET)"
	for _, secret := range secrets {
		line = strings.ReplaceAll(line, secret, mask)
	}
	at := strings.Index(line, mask)
	from, to := max(0, at-shown), min(len(line), at+len(mask)+shown)
	return strings.ToValidUTF8(strings.TrimSpace(line[from:to]), "?")
}
