package provider

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// ended is how a command that ran aside ended.
type ended struct {
	said string
	err  error
}

// aside runs a command while the fault holds its request, and returns once it does.
func (x *life) aside(held *netboxtest.FaultHandle, args ...string) <-chan ended {
	x.t.Helper()
	done := make(chan ended, 1)
	go func() {
		said, err := x.say(args...)
		done <- ended{said, err}
	}()
	must(x.t, held.WaitHeld(x.t.Context(), 1))
	return done
}

// twin is the same configuration for the same NetBox, with a state of its own that
// is the same so far.
func (x *life) twin() *life {
	x.t.Helper()
	other := newLife(x.t, x.n, "")
	must(x.t, os.WriteFile(filepath.Join(other.dir, "main.tf"), []byte(x.file("main.tf")), 0o600))
	if len(x.states()) > 0 {
		must(x.t, os.WriteFile(filepath.Join(other.dir, "terraform.tfstate"), []byte(x.file("terraform.tfstate")),
			0o600))
	}
	return other
}

// Of two applies at once, from two states, one wins, and the other is told what has
// changed, or that the name is taken.
func TestFaults_cliTwoApplies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method  string
		theirs  func(n *acctest.NetBox) string // the winner's configuration
		args    []string                       // the loser's command
		want    string
		intoOne bool // whether the loser's next plan has nothing to do
	}{
		"the same attribute": {http.MethodPatch, func(n *acctest.NetBox) string { return labConfig(n, 60) },
			[]string{"apply", "-auto-approve"},
			"- sync_interval: was 300, planned 900, is now 60", false},
		"another attribute": {http.MethodPatch, func(n *acctest.NetBox) string {
			return labConfig(n, 300,
				`status = "active"`)
		}, []string{"apply", "-auto-approve"},
			`- status: expected "planned", is now "active"`, false},
		"the very same": {http.MethodPatch, func(n *acctest.NetBox) string { return labConfig(n, 900) },
			[]string{"apply", "-auto-approve"}, "", true},
		"create": {http.MethodPost, func(n *acctest.NetBox) string { return labConfig(n, 900) }, []string{"apply",
			"-auto-approve"},
			`id = "1"`, false},
		"destroy": {http.MethodDelete, func(n *acctest.NetBox) string { return labConfig(n, 60) }, []string{"destroy",
			"-auto-approve"},
			"- sync_interval: expected 300, is now 60", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine := oneLife(t, netboxtest.Options{}, c.method != http.MethodPost)
			theirs := mine.twin()
			if c.method != http.MethodDelete {
				mine.configure(labConfig(mine.n, 900))
			}
			theirs.configure(c.theirs(mine.n))
			held := mine.n.Standin.Fault(netboxtest.Fault{Method: c.method, Times: 1, Kind: netboxtest.Hold()})
			done := mine.aside(held, c.args...)
			theirs.ok("apply", "-auto-approve")
			held.Release()
			lost := <-done
			if (lost.err == nil) != (c.want == "") || !says(c.want).MatchString(lost.said) {
				t.Errorf("the other: %v\n%s", lost.err, lost.said)
			}
			theirs.wantAgreement("lab")
			if c.method == http.MethodPost {
				mine.wantStates()
				return
			}
			if c.intoOne {
				mine.wantAgreement("lab")
			}
			mine.ok("apply", "-refresh-only", "-auto-approve")
			mine.wantStates("lab")
		})
	}
}

// Neither an apply nor a sync by the command undoes the other, whichever is overtaken.
func TestFaults_cliApplyAndSync(t *testing.T) {
	t.Parallel()
	for _, overtaken := range []string{"apply", "sync"} {
		t.Run(overtaken+" is overtaken", func(t *testing.T) {
			t.Parallel()
			acctest.FindCLI(t)
			n, cluster := acctest.Standin(t, netboxtest.Options{}), acctest.StandinKubernetes(t)
			kind := fabric.Kinds()[0]
			cluster.Standin.Put(kind, "default", clustertest.Example(kind, "vpc-1"))
			x := newLife(t, n, clusteredLab(n, cluster, 300))
			x.ok("apply", "-auto-approve")
			x.configure(clusteredLab(n, cluster, 900))
			if overtaken == "apply" {
				held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
				done := x.aside(held, "apply", "-auto-approve")
				must(t, <-syncing(x))
				held.Release()
				if outcome := <-done; outcome.err != nil {
					t.Errorf("%v\n%s", outcome.err, outcome.said)
				}
			} else {
				// Its first write takes the mark, its last records what came of it.
				held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Skip: 1, Times: 1,
					Kind: netboxtest.Hold()})
				done := syncing(x)
				must(t, held.WaitHeld(t.Context(), 1))
				x.ok("apply", "-auto-approve")
				held.Release()
				must(t, <-done)
			}
			f, _ := n.Standin.Fabric(1)
			if f["sync_interval"] != float64(900) || f["sync_status"] != "in_sync" || f["last_sync"] == nil ||
				f["vpcs_count"] != float64(1) {
				t.Errorf("NetBox has %v", f)
			}
			x.wantAgreement("lab")
		})
	}
}

func clusteredLab(n *acctest.NetBox, k *acctest.Cluster, interval int) string {
	return n.ProviderConfig() + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  name               = "lab"
  kubernetes_server  = %q
  kubernetes_token   = %q
  kubernetes_ca_cert = %q
  sync_interval      = %d
}
`, k.URL, k.Token, k.CA, interval)
}

// syncing runs the sync command of the built provider once.
func syncing(x *life) <-chan error {
	done := make(chan error, 1)
	cmd := exec.CommandContext(x.t.Context(), filepath.Join(builtProvider(x.t),
		acctest.Executable("terraform-provider-hedgehog")), "sync", "--once")
	cmd.Env = []string{"NETBOX_SERVER_URL=" + x.n.URL, "NETBOX_API_TOKEN=" + x.n.Token}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	go func() {
		err := cmd.Run()
		if err != nil {
			x.t.Logf("the sync said %s", said.String())
		}
		done <- err
	}()
	return done
}

// A NetBox that refuses connections at first is waited for, at every kind of request.
func TestFaults_cliRefusedAtFirst(t *testing.T) {
	t.Parallel()
	for _, method := range writes {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			x := oneLife(t, netboxtest.Options{}, method != http.MethodPost)
			file := x.planned(method)
			x.n.Standin.Refuse()
			done := make(chan error, 1)
			refused := &logged{want: regexp.MustCompile(regexp.QuoteMeta(netboxtest.ErrRefused.Error())),
				came: make(chan struct{})}
			cmd := exec.CommandContext(t.Context(), x.program, "-chdir="+x.dir, "apply", file)
			cmd.Env, cmd.Stderr = x.loud(), refused
			must(t, cmd.Start())
			go func() { done <- cmd.Wait() }()
			select {
			case <-refused.came:
			case err := <-done:
				t.Fatalf("the apply has ended: %v\n%s", err, refused.text.String())
			case <-time.After(time.Minute):
				t.Fatalf("nothing was refused:\n%s", refused.text.String())
			}
			must(t, x.n.Standin.Accept())
			if err := <-done; err != nil {
				t.Errorf("%v\n%s", err, refused.text.String())
			}
			x.wantStates(left(method)...)
			if n := x.n.Standin.Count(method, fabricsAPI); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A host that does not exist is told by its name, at once.
func TestFaults_cliNoSuchHost(t *testing.T) {
	t.Parallel()
	x := oneLife(t, netboxtest.Options{}, true)
	wrong := *x.n
	wrong.URL = "http://netbox.invalid:8000"
	x.configure(labConfig(&wrong, 300))
	begun := time.Now()
	said := x.fails(`name "netbox.invalid"`, "plan") // does not resolve, or could not be looked up
	if !strings.Contains(said, "NetBox cannot be reached") || !says("this machine's DNS").MatchString(said) ||
		time.Since(begun) > 30*time.Second {
		t.Errorf("after %s: %s", time.Since(begun), said)
	}
	x.configure(labConfig(x.n, 300))
	x.wantAgreement("lab")
}
