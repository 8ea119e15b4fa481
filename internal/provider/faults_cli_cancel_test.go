//go:build unix

package provider

import (
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Ctrl-C reaches the CLI and its provider, as a terminal sends it: to all of the
// process group. Whatever was under way, the state holds what NetBox holds, and the
// next apply does the rest.
func TestFaults_cliInterrupted(t *testing.T) {
	t.Parallel()
	type point struct {
		lost *netboxtest.Fault // what happens to the write before
		held netboxtest.Fault  // the request that is under way
		done bool              // whether the write takes effect
	}
	list := netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: netboxtest.Hold()}
	for name, p := range map[string]point{
		"before anything was sent": {held: netboxtest.Fault{Path: "/api/status/", Kind: netboxtest.Hold()}},
		"the write is on its way":  {held: netboxtest.Fault{Method: "write", Kind: netboxtest.Hold()}, done: true},
		"the write is done": {held: netboxtest.Fault{Method: "write", Kind: netboxtest.Hold(),
			AfterCommit: true}, done: true},
		"the lost write is looked for": {
			lost: &netboxtest.Fault{Kind: netboxtest.Hangup(), AfterCommit: true}, held: list, done: true},
		"before it is sent again": {lost: &netboxtest.Fault{Kind: netboxtest.Hangup()}, held: list},
	} {
		for _, method := range writes {
			t.Run(method+", "+name, func(t *testing.T) {
				t.Parallel()
				x := oneLife(t, netboxtest.Options{}, method != http.MethodPost)
				plan := x.planned(method)
				fault := p.held
				fault.Times = 1
				if fault.Method == "write" {
					fault.Method, fault.Path = method, fabricsAPI
				}
				if p.lost != nil {
					lost := *p.lost
					lost.Method, lost.Path, lost.Times = method, fabricsAPI, 1
					struck := x.n.Standin.Fault(lost)
					fault.When = func(*http.Request) bool { return struck.Hits() > 0 } // the look after the write
				}
				x.interrupt(x.n.Standin.Fault(fault), "apply", plan)
				x.wantInterrupted(method, p.done)
				if !p.done {
					if said, err := x.perform(method); err != nil {
						t.Errorf("the next: %v\n%s", err, said)
					}
				}
				if x.wantStates(left(method)...); method != http.MethodDelete {
					x.wantAgreement("lab")
				}
			})
		}
	}
}

// interrupt runs a command, sends Ctrl-C to it once the fault holds its request, and
// lets that go when the provider has been stopped.
func (x *life) interrupt(held *netboxtest.FaultHandle, args ...string) {
	x.t.Helper()
	cmd := exec.CommandContext(x.t.Context(), x.program, append([]string{"-chdir=" + x.dir}, args...)...)
	stopped := &logged{want: regexp.MustCompile(`Served request.*StopProvider`), came: make(chan struct{})}
	var said bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = x.loud(), &said, stopped
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(x.t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // an apply whose last write was done may be a success
		close(ended)
	}()
	must(x.t, held.WaitHeld(x.t.Context(), 1))
	must(x.t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
	select {
	case <-stopped.came:
	case <-ended:
		x.t.Fatalf("the CLI ended before its time: %v\n%s%s", cmd.ProcessState, said.String(), stopped.text.String())
	case <-time.After(time.Minute):
		x.t.Fatalf("the provider has not heard:\n%s", stopped.text.String())
	}
	held.Release()
	<-ended
	if !strings.Contains(said.String(), "nterrupt received") {
		x.t.Errorf("the CLI said %s", said.String())
	}
}

// wantInterrupted checks that the state holds what NetBox holds: what was to be done,
// if it was, and what was before otherwise.
func (x *life) wantInterrupted(method string, done bool) {
	x.t.Helper()
	fabrics := x.n.Standin.Fabrics()
	there := map[string]bool{http.MethodPost: done, http.MethodPatch: true, http.MethodDelete: !done}[method]
	if (len(fabrics) == 1) != there || len(fabrics) > 1 {
		x.t.Errorf("NetBox has %v", fabrics)
	}
	if !there {
		x.wantStates()
		return
	}
	x.wantStates("lab")
	if want := map[bool]string{true: "900", false: "300"}[done && method == http.MethodPatch]; fmt.Sprint(
		fabrics[0]["sync_interval"]) != want {
		x.t.Errorf("NetBox has %v", fabrics[0])
	}
}
