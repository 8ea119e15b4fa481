package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// workspace is a configuration in its own folder, with its state and its NetBox. The real CLI
// applies it with the built provider.
type workspace struct {
	*cli
	n *acctest.NetBox
}

func newWorkspace(t *testing.T, n *acctest.NetBox, config string, env ...string) *workspace {
	t.Helper()
	x := &workspace{newCLI(t, config, env...), n}
	x.env = append(append(x.env, "TF_LOG=", "TF_CLI_ARGS=-no-color"), acctest.CLILog(t)...)
	return x
}

// labWorkspace returns a workspace with a fabric named lab. With made, the fabric exists already.
func labWorkspace(t *testing.T, options netboxtest.Options, made bool) *workspace {
	t.Helper()
	n := acctest.Standin(t, options)
	x := newWorkspace(t, n, labConfig(n, 300))
	if made {
		x.ok("apply", "-auto-approve")
	}
	return x
}

// labConfig returns a configuration of the fabric lab with an interval, and of a provider that
// waits two seconds for an answer.
func labConfig(n *acctest.NetBox, interval int, lines ...string) string {
	return n.ProviderConfig("request_timeout = 2") + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  name              = "lab"
  description       = "ours"
  kubernetes_server = %q
  sync_interval     = %d
  %s
}
`, lab, interval, strings.Join(append(lines, n.Deletion()), "\n  "))
}

// configure replaces the configuration.
func (x *workspace) configure(config string) {
	x.t.Helper()
	must(x.t, os.WriteFile(filepath.Join(x.dir, "main.tf"), []byte(requiredProviders+config), 0o600))
}

// traceEnv returns the environment of a command that logs to standard error at level TRACE, for a
// test that waits for a line.
func (x *workspace) traceEnv() []string {
	return slices.Concat(x.env, []string{"TF_LOG=TRACE", "TF_LOG_PATH="})
}

// ok runs a command that must succeed, and returns its output.
func (x *workspace) ok(args ...string) string {
	x.t.Helper()
	said, failed := x.say(args...)
	if failed != nil {
		x.t.Fatalf("%v: got %v\n%s", args, failed, said)
	}
	return said
}

// fails runs a command that must fail with this text in its errors.
func (x *workspace) fails(want string, args ...string) string {
	x.t.Helper()
	said, failed := x.say(args...)
	if failed == nil || !says(want).MatchString(said) {
		x.t.Errorf("%v: got %v\n%s\nwant an error that says %q", args, failed, said, want)
	}
	return said
}

func (x *workspace) say(args ...string) (string, error) {
	x.t.Helper()
	out, errs, err := x.run(args...)
	return out + errs, err
}

// stateOf is a fabric in a state file.
type stateOf struct {
	Status     string // "tainted", or none
	Attributes map[string]any
}

// states returns the fabrics in the state, by name.
func (x *workspace) states() map[string]stateOf {
	x.t.Helper()
	raw, err := os.ReadFile(filepath.Join(x.dir, "terraform.tfstate"))
	if os.IsNotExist(err) {
		return nil
	}
	must(x.t, err)
	var file struct {
		Resources []struct {
			Mode, Type string
			Instances  []stateOf
		}
	}
	must(x.t, json.Unmarshal(raw, &file))
	all := map[string]stateOf{}
	for _, r := range file.Resources {
		for _, i := range r.Instances {
			if r.Mode == "managed" && r.Type == fabricType {
				all[fmt.Sprint(i.Attributes["name"])] = i
			}
		}
	}
	return all
}

// wantStates checks that the state has the fabrics that NetBox has under these
// names, with the same values, and that no fabric will be replaced.
func (x *workspace) wantStates(names ...string) {
	x.t.Helper()
	states := x.states()
	if len(states) != len(names) {
		x.t.Errorf("the state has %v, want %q", states, names)
	}
	for _, name := range names {
		stored := x.n.Named(x.t, name)
		if len(stored) != 1 {
			x.t.Errorf("NetBox has %d fabrics named %s", len(stored), name)
			continue
		}
		held := states[name]
		for _, field := range []string{"id", "name", "status", "sync_interval", "kubernetes_server",
			"kubernetes_namespace", "sync_enabled"} {
			if got := held.Attributes[field]; got != stored[0][field] && (got != nil || stored[0][field] != "") {
				x.t.Errorf("%s of %s: the state has %v, NetBox %v", field, name, got, stored[0][field])
			}
		}
		if held.Status != "" {
			x.t.Errorf("%s is %s", name, held.Status)
		}
	}
}

// wantAgreement checks that state, NetBox and configuration agree: they have these fabrics, and
// the next plan is empty.
func (x *workspace) wantAgreement(names ...string) {
	x.t.Helper()
	x.wantStates(names...)
	if all := x.n.Standin.Fabrics(); len(all) != len(names) {
		x.t.Errorf("NetBox has %v", all)
	}
	x.wantNoChange()
}

// wantNoChange checks that the next plan changes nothing.
func (x *workspace) wantNoChange() {
	x.t.Helper()
	if said, err := x.say("plan", "-detailed-exitcode"); err != nil {
		x.t.Errorf("the next plan: %v\n%s", err, said)
	}
}

// wantUntouched checks that the fabric in NetBox has not changed.
func (x *workspace) wantUntouched(before map[string]any) {
	x.t.Helper()
	id, _ := before["id"].(float64)
	if after, there := x.n.Standin.Fabric(int64(id)); !there || after["last_updated"] != before["last_updated"] {
		x.t.Errorf("NetBox has %v, and had %v", x.n.Standin.Fabrics(), before)
	}
}

// logged waits until a program has logged a line.
type logged struct {
	want *regexp.Regexp
	came chan struct{}

	text bytes.Buffer
	from int // start of the incomplete line
	done bool
}

func (l *logged) Write(p []byte) (int, error) {
	n, err := l.text.Write(p)
	whole := bytes.LastIndexByte(l.text.Bytes(), '\n') + 1
	if !l.done && whole > l.from && l.want.Match(l.text.Bytes()[l.from:whole]) {
		l.done = true
		close(l.came)
	}
	l.from = max(l.from, whole)
	return n, err
}

// ended is the result of a command that ran in the background.
type ended struct {
	said string
	err  error
}

// inBackground runs a command while the fault holds its request, and returns once it does.
func (x *workspace) inBackground(held *netboxtest.FaultHandle, args ...string) <-chan ended {
	x.t.Helper()
	done := make(chan ended, 1)
	go func() {
		said, err := x.say(args...)
		done <- ended{said, err}
	}()
	must(x.t, held.WaitHeld(x.t.Context(), 1))
	return done
}
