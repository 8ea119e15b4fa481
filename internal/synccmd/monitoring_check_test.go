//go:build unix

package synccmd

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// The check of examples/sync/monitoring says what Nagios expects.
func TestExamples_checkForMonitoring(t *testing.T) {
	s := netboxtest.Start(t, netboxtest.Options{})
	s.AddFabric(map[string]any{"name": "bare"})
	s.AddFabric(map[string]any{"name": "berlin", "kubernetes_server": server("berlin"), "sync_error": "quota"})
	bin := t.TempDir()
	if err := os.Symlink(builtProgram(t), filepath.Join(bin, "terraform-provider-hedgehog")); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]struct {
		code  int
		first string
	}{
		"bare": {0, "HEDGEHOG OK - 1 fabric: 1 not configured."},
		"":     {2, "HEDGEHOG CRITICAL - 2 fabrics: 1 error, 1 not configured."},
		"--tag nope": {3, `HEDGEHOG UNKNOWN - terraform-provider-hedgehog status: nothing was checked: no fabric ` +
			`passes --tag "nope"`},
		"--tags": {3, "HEDGEHOG UNKNOWN - terraform-provider-hedgehog status: unknown flag --tags"},
	} {
		cmd := exec.Command(filepath.Join(examplesFolder, "monitoring", "check_hedgehog"), strings.Fields(args)...)
		cmd.Env = []string{
			"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "NETBOX_SERVER_URL=" + s.URL(),
			"NETBOX_API_TOKEN=" + netboxtest.AdminToken,
		}
		out, err := cmd.CombinedOutput()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			t.Fatal(err)
		}
		first, table, _ := strings.Cut(string(out), "\n")
		if code := cmd.ProcessState.ExitCode(); code != want.code || !strings.HasPrefix(first, want.first) ||
			want.code == 2 && !strings.Contains(table, "berlin  Sync Error") {
			t.Errorf("%q: exit code %d\n%s", args, code, out)
		}
	}
}
