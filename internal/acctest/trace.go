package acctest

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Logs says what to look for in the logs of a package's tests.
type Logs struct {
	// Secrets are more secrets than a stand-in sees, such as a token that is refused
	// before it is sent.
	Secrets []string
	// Ours are texts that mark the project's own lines. Logs without any such line are
	// the wrong logs, which fails the run. Empty means the provider's marks.
	Ours []string
}

// logSettings are the variables that make the tests log elsewhere.
var logSettings = []string{
	"TF_LOG", "TF_LOG_PATH", "TF_LOG_PATH_MASK", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_ACC_LOG",
	"TF_ACC_LOG_PATH",
}

// logFolders begins the names of the folders for logs.
const logFolders = "hedgehog-logs-"

// logFolder holds a log of each test; "" while nothing is logged.
var logFolder string

// Main runs a package's tests and returns the exit code. They log at TRACE level,
// CLI and provider, and afterwards every log is searched for every secret that was
// used: one that is found fails the run.
func Main(m interface{ Run() int }, logs Logs) int {
	for _, name := range logSettings {
		if os.Getenv(name) != "" {
			_, _ = fmt.Fprintf(os.Stderr, "The logs are not searched for secrets: %s sends them elsewhere.\n", name)
			return m.Run()
		}
	}
	sweep(os.TempDir())
	folder, err := os.MkdirTemp("", logFolders)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if err := logInto(folder); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	used.add("", append(standinTokens(), logs.Secrets...)...)
	problems, err := used.search(folder, logs.Ours)
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, p := range problems {
		_, _ = fmt.Fprintln(os.Stderr, p)
	}
	if len(problems) > 0 {
		return max(code, 1)
	}
	return code
}

// sweep removes the logs of runs that were killed or panicked. No run takes two hours.
func sweep(temporary string) {
	folders, _ := filepath.Glob(filepath.Join(temporary, logFolders+"*")) // the pattern is one
	for _, folder := range folders {
		if info, err := os.Stat(folder); err == nil && time.Since(info.ModTime()) > 2*time.Hour {
			_ = os.RemoveAll(folder) // another user's stays
		}
	}
}

// logInto sets what makes terraform-plugin-testing log into a file for each test.
// The provider runs in the test's own process there: TF_LOG is its level and form,
// TF_ACC_LOG the CLI's. As JSON, a record is one line and names its module.
func logInto(folder string) error {
	logFolder = folder
	log.SetOutput(complaints{}) // until terraform-plugin-testing sets its own
	for name, value := range map[string]string{
		"TF_LOG": "JSON", "TF_ACC_LOG": "JSON", "TF_LOG_PATH_MASK": filepath.Join(folder, "%s.log"),
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// complaints leaves out one complaint of terraform-plugin-testing about TF_LOG=JSON,
// which its own log understands as TRACE.
type complaints struct{}

func (complaints) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(`Invalid log level: "JSON"`)) {
		return len(line), nil
	}
	return os.Stderr.Write(line)
}

// CLILog are the variables that make a CLI, and the provider that it starts, log
// into the file of the test.
func CLILog(t *testing.T) []string {
	t.Helper()
	if logFolder == "" {
		return nil
	}
	return []string{"TF_LOG=JSON", "TF_LOG_CORE=", "TF_LOG_PROVIDER=", "TF_LOG_PATH=" + logFile(t.Name())}
}

// Log is where a test writes the log of a program other than the CLI.
func Log(t testing.TB) io.Writer {
	t.Helper()
	if logFolder == "" {
		return io.Discard
	}
	f, err := os.OpenFile(logFile(t.Name()), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// LogPath is the file of a log that belongs to no single test; "" while nothing is
// logged.
func LogPath(name string) string {
	if logFolder == "" {
		return ""
	}
	return logFile(name)
}

// logFile names a file as terraform-plugin-testing does.
func logFile(test string) string { return filepath.Join(logFolder, logName(test)+".log") }

func logName(test string) string { return strings.ReplaceAll(test, "/", "__") }
