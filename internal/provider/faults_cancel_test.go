package provider

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Wherever an apply is canceled, the state matches NetBox afterwards.
func TestFaults_canceled(t *testing.T) {
	type point struct {
		lost    *netboxtest.Fault // what happens to the write before
		held    netboxtest.Fault  // the request that is under way
		done    bool              // whether the write takes effect
		unknown bool              // whether an error says that it may yet
	}
	for name, p := range map[string]point{
		"before anything was sent": {held: netboxtest.Fault{Path: "/api/status/", Kind: netboxtest.Hold()}},
		"the write is on its way":  {held: netboxtest.Fault{Method: "write", Kind: netboxtest.Hold()}, done: true},
		"the write is done": {held: netboxtest.Fault{Method: "write", Kind: netboxtest.Hold(),
			AfterCommit: true}, done: true},
		"the lost write is looked for": {lost: &netboxtest.Fault{Kind: netboxtest.Hangup(), AfterCommit: true},
			held: netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: netboxtest.Hold()}, done: true},
		"before it is sent again": {lost: &netboxtest.Fault{Kind: netboxtest.Hangup()},
			held: netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: netboxtest.Hold()}, unknown: true},
	} {
		for _, method := range writes {
			t.Run(method+", "+name, func(t *testing.T) {
				n, maker := standin(t)
				c := planned(maker, method)
				d := newDriver(t, n) // which has sent nothing yet
				if p.lost != nil {
					lost := *p.lost
					lost.Method, lost.Times = method, 1
					n.Standin.Fault(lost)
				}
				fault := p.held
				if fault.Times = 1; fault.Method == "write" {
					fault.Method = method
					fault.Path = fabricsAPI
				}
				if p.lost != nil && method == http.MethodPatch && fault.Method == http.MethodGet {
					fault.Skip = 1 // the first look is before the change: this provider has seen no entity tag
				}
				held := n.Standin.Fault(fault)
				done := inBackground(t, d, c, held)
				_, err := d.server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{})
				must(t, err)
				held.Release()
				outcome := <-done
				got := render(outcome.diagnostics)
				unknown := strings.HasPrefix(got, "ERROR: Outcome of a write is unknown")
				if p.done != (got == "") || p.unknown != unknown {
					t.Errorf("got %s", got)
				}
				config := c.config
				if !p.done {
					config = nil // the next apply plans again
					if c.prior != nil && !outcome.state.value.Equal(c.prior.value) {
						t.Errorf("the state is %v", outcome.state.value)
					}
				}
				wantAgreement(newDriver(t, n), n, outcome.state, config)
			})
		}
	}
}

// interruptedApply applies four fabrics with the real CLI and interrupts it during the create
// of the second one. It releases that request once the provider has received the stop.
func interruptedApply(t *testing.T, attributes *syscall.SysProcAttr, interrupt func(*os.Process) error) {
	t.Helper()
	n := acctest.Standin(t, netboxtest.Options{})
	names := []string{"lab-0", "lab-1", "lab-2", "lab-3"}
	// No request may time out while it is held.
	x := newWorkspace(t, n, strings.Replace(severalFabrics(n, len(names), 300), "request_timeout = 2", "", 1))
	held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPost, Skip: 1, Times: 1, Kind: netboxtest.Hold()})
	cmd := exec.CommandContext(t.Context(), x.program, "-chdir="+x.dir, "apply", "-auto-approve", "-parallelism=1")
	stopped := &logged{want: regexp.MustCompile(`Served request.*StopProvider`), came: make(chan struct{})}
	var said bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = x.traceEnv(), &said, stopped, attributes
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	must(t, held.WaitHeld(t.Context(), 1))
	must(t, interrupt(cmd.Process))
	select {
	case <-stopped.came:
	case err := <-ended:
		t.Fatalf("the CLI ended too early: %v\n%s%s", err, said.String(), stopped.text.String())
	case <-time.After(time.Minute):
		t.Fatalf("the provider was not stopped:\n%s", stopped.text.String())
	}
	held.Release()
	if err := <-ended; err == nil || !strings.Contains(said.String(), "nterrupt received") {
		t.Errorf("got %v from an apply that was canceled, and %s", err, said.String())
	}
	var made []string
	for _, f := range n.Standin.Fabrics() {
		made = append(made, fmt.Sprint(f["name"]))
	}
	if x.wantStates(made...); len(made) != 2 {
		t.Errorf("NetBox has %v\n%s", made, said.String())
	}
	if out := x.ok("apply", "-auto-approve"); !strings.Contains(out, "2 added, 0 changed, 0 destroyed") {
		t.Errorf("got %s from the next apply", out)
	}
	x.wantAgreement(names...)
}

// Ctrl-C in the middle of an apply of several fabrics with the real CLI.
func TestAccFaults_interruptedWhileWriting(t *testing.T) {
	acctest.NeedInterrupts(t)
	interruptedApply(t, nil, func(p *os.Process) error { return p.Signal(os.Interrupt) })
}
