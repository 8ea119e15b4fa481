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

// Logs are the options of [Main] for a package.
type Logs struct {
	// Secrets are secrets that no stand-in sees, such as a token that is refused before it is
	// sent.
	Secrets []string
	// Ours are strings that identify the project's own lines. If no log has such a line, the run
	// fails, since something is wrong with the logs. The default is the provider's lines.
	Ours []string
}

// logSettings are the variables that redirect the logs of tests.
var logSettings = []string{
	"TF_LOG", "TF_LOG_PATH", "TF_LOG_PATH_MASK", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_ACC_LOG",
	"TF_ACC_LOG_PATH",
}

// logFolders is the prefix of the names of folders for logs.
const logFolders = "hedgehog-logs-"

// logFolder has a log of each test, or "" if nothing is logged.
var logFolder string

// Main runs a package's tests and returns the exit code. The CLI and the provider log at level
// TRACE. Afterwards Main searches every log for every secret that the tests used, and fails the
// run if it finds one.
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

// sweep deletes the logs of runs that were killed or panicked more than two hours ago. No run
// takes that long.
func sweep(temporary string) {
	folders, _ := filepath.Glob(filepath.Join(temporary, logFolders+"*")) // the pattern is valid
	for _, folder := range folders {
		if info, err := os.Stat(folder); err == nil && time.Since(info.ModTime()) > 2*time.Hour {
			_ = os.RemoveAll(folder) // fails for another user's folder
		}
	}
}

// logInto makes terraform-plugin-testing log into a file for each test. The provider runs in
// the test's own process: TF_LOG sets its level and format, and TF_ACC_LOG the CLI's. In JSON,
// a record is one line that names its module.
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

// complaints drops a warning of terraform-plugin-testing about TF_LOG=JSON, which it treats as
// TRACE.
type complaints struct{}

func (complaints) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(`Invalid log level: "JSON"`)) {
		return len(line), nil
	}
	return os.Stderr.Write(line)
}

// CLILog returns the variables that make a CLI and the provider that it starts log into the
// test's file.
func CLILog(t *testing.T) []string {
	t.Helper()
	if logFolder == "" {
		return nil
	}
	return []string{"TF_LOG=JSON", "TF_LOG_CORE=", "TF_LOG_PROVIDER=", "TF_LOG_PATH=" + logFile(t.Name())}
}

// Log returns the writer for the log of a program other than the CLI.
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

// LogPath returns the file of a log that does not belong to a test, or "" if nothing is logged.
func LogPath(name string) string {
	if logFolder == "" {
		return ""
	}
	return logFile(name)
}

// logFile returns the file of a test's log, with the name that terraform-plugin-testing uses.
func logFile(test string) string { return filepath.Join(logFolder, logName(test)+".log") }

func logName(test string) string { return strings.ReplaceAll(test, "/", "__") }
