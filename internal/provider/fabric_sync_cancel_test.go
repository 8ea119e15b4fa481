package provider

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Ctrl-C during a sync with the real CLI releases the lock and leaves no state for the sync. The
// next apply runs the sync.
func TestAccFabricSync_interrupted(t *testing.T) {
	acctest.NeedInterrupts(t)
	n, c := acctest.Standin(t, netboxtest.Options{}), acctest.StandinKubernetes(t)
	x := newCLI(t, clusterConfig(n, c, "lab", c.Filled(t), "\nresource \"hedgehog_fabric_sync\" \"test\" {\n  "+
		"fabric_id = hedgehog_fabric.test.id\n}\n"))
	held := make(chan struct{}, 1)
	release := c.Standin.Answer("/apis/wiring.githedgehog.com/", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case held <- struct{}{}:
		default:
		}
		<-r.Context().Done()
	})
	cmd := exec.CommandContext(t.Context(), x.program, "-chdir="+x.dir, "apply", "-auto-approve", "-no-color")
	var said, problems strings.Builder
	x.env = append(x.env, "TF_LOG=off")
	cmd.Env, cmd.Stdout, cmd.Stderr = x.env, &said, &problems
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-held:
	case err := <-ended:
		t.Fatalf("the CLI ended too early: %v\n%s%s", err, said.String(), problems.String())
	}
	if f := n.Standin.Fabrics()[0]; f["sync_status"] != "syncing" {
		t.Errorf("got the status %v during the sync", f["sync_status"])
	}
	must(t, cmd.Process.Signal(os.Interrupt))
	if err := <-ended; err == nil || !says(`The fabric "lab" (id 1) was not synced completely. Its lock `+
		`was released. Run Terraform again.`).MatchString(problems.String()) {
		t.Errorf("got %v\n%s", err, problems.String())
	}
	if f := n.Standin.Fabrics()[0]; f["sync_status"] != "never_synced" || f["last_sync"] != nil {
		t.Errorf("got the fabric %v after the interruption", f)
	}
	if strings.Contains(x.file("terraform.tfstate"), "hedgehog_fabric_sync") {
		t.Error("got a sync in the state, want none after the interruption")
	}
	release()
	if out, log, err := x.run("apply", "-auto-approve", "-no-color"); err != nil || !strings.Contains(out,
		"1 added, 0 changed, 0 destroyed") {
		t.Errorf("the next apply: %v\n%s%s", err, out, log)
	}
	if f := n.Standin.Fabrics()[0]; f["sync_status"] != "in_sync" {
		t.Errorf("got the status %v after the next apply", f["sync_status"])
	}
}
