//go:build unix

package synccmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// The check of examples/sync/monitoring says what Nagios expects, and takes its environment
// from a file.
func TestExamples_checkForMonitoring(t *testing.T) {
	s := netboxtest.Start(t, netboxtest.Options{Claims: "4.99.0"})
	s.AddFabric(map[string]any{"name": "bare"})
	s.AddFabric(map[string]any{"name": "berlin", "kubernetes_server": server("berlin"), "sync_error": "quota"})
	s.AddFabric(map[string]any{"name": "lisbon", "kubernetes_server": "https://127.0.0.1:1", // nothing listens there
		"kubernetes_token": "token-of-lisbon"})
	folder, environment := installed(t, s)
	for args, want := range map[string]struct {
		code  int
		first string
	}{
		"bare": {0, "HEDGEHOG OK - 1 fabric: 1 not configured."},
		"":     {2, "HEDGEHOG CRITICAL - 3 fabrics: 1 error, 1 never synced, 1 not configured."},
		"bare no 999": {2, `HEDGEHOG CRITICAL - NetBox shows no fabric named "no"; NetBox shows no fabric with the ` +
			`id 999; 1 fabric: 1 not configured.`},
		"lisbon --fail-on unhealthy": {3, "HEDGEHOG UNKNOWN - 1 fabric: 1 never synced; 1 of unknown health."},
		"--tag nope": {3, `HEDGEHOG UNKNOWN - nothing was checked: no fabric passes --tag "nope"; ` +
			`check the filters`},
		"--tags": {3, "HEDGEHOG UNKNOWN - unknown flag --tags"},
	} {
		cmd := exec.Command(filepath.Join(examplesFolder, "monitoring", "check_hedgehog"), strings.Fields(args)...)
		cmd.Env = []string{"PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH"),
			"HEDGEHOG_ENVIRONMENT=" + environment}
		out, err := cmd.CombinedOutput()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			t.Fatal(err)
		}
		first, table, _ := strings.Cut(string(out), "\n")
		if code := cmd.ProcessState.ExitCode(); code != want.code || !strings.HasPrefix(first, want.first) ||
			args == "" && !strings.Contains(table, "berlin  Sync Error") {
			t.Errorf("%q: exit code %d\n%s", args, code, out)
		}
	}
}

// cronJob returns a function that runs a guide's cron job with the few variables that cron sets,
// and returns what it prints.
func cronJob(t *testing.T, s *netboxtest.Server, guide, times string) func() (string, error) {
	t.Helper()
	folder, environment := installed(t, s)
	_, job, found := strings.Cut(readExample(t, "../../templates/guides/"+guide), times)
	job, _, _ = strings.Cut(job, "\n")
	if !found {
		t.Fatal("the guide has no cron job")
	}
	job = strings.NewReplacer("/etc/hedgehog-check/environment", environment, "/etc/hedgehog-sync/environment",
		environment, "/usr/local/bin", folder).Replace(job)
	return func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", job)
		cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + folder}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
}

// The cron job that syncs prints nothing, even if a sync fails.
func TestDocuments_cronJobThatSyncs(t *testing.T) {
	s := netboxtest.Start(t, netboxtest.Options{})
	id := s.AddFabric(map[string]any{"name": "lisbon", "kubernetes_server": "https://127.0.0.1:1", // nobody listens
		"kubernetes_token": "token-of-lisbon"})
	mail, err := cronJob(t, s, "keeping-in-sync.md", "\n  * * * * * ")()
	if f, _ := s.Fabric(id); err == nil || mail != "" || f["sync_status"] != "error" {
		t.Errorf("got the error %v, the mail %q, and the status %v", err, mail, f["sync_status"])
	}
}

// The cron job that checks prints nothing if all is well.
func TestDocuments_cronJob(t *testing.T) {
	s := netboxtest.Start(t, netboxtest.Options{})
	job := cronJob(t, s, "sync-status.md", "\n*/10 * * * * ")
	run := func() string {
		mail, err := job()
		if err != nil {
			t.Errorf("got %v\n%s", err, mail)
		}
		return mail
	}
	s.AddFabric(map[string]any{"name": "bare"})
	if mail := run(); mail != "" {
		t.Errorf("got the mail\n%s\nwant none", mail)
	}
	s.AddFabric(map[string]any{"name": "berlin", "kubernetes_server": server("berlin"), "sync_error": "quota"})
	if mail := run(); !strings.Contains(mail, "2 fabrics: 1 error, 1 not configured.") {
		t.Errorf("got the mail\n%s", mail)
	}
}

// installed returns a folder with the program, and a file with the variables for a NetBox.
func installed(t *testing.T, s *netboxtest.Server) (folder, environment string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.Symlink(builtProgram(t), filepath.Join(folder, "terraform-provider-hedgehog")); err != nil {
		t.Fatal(err)
	}
	environment = filepath.Join(folder, "environment")
	text := fmt.Sprintf("NETBOX_SERVER_URL=%s\nNETBOX_API_TOKEN=%s\n", s.URL(), netboxtest.AdminToken)
	if err := os.WriteFile(environment, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, environment
}
