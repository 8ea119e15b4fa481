package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Wherever an apply is cancelled, the state holds what NetBox holds afterwards.
func TestFaults_cancelled(t *testing.T) {
	type point struct {
		lost    *netboxtest.Fault // what happens to the write before
		held    netboxtest.Fault  // the request that is under way
		done    bool              // whether the write takes effect
		unknown bool              // whether it is told that it may yet
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
				done := aside(t, d, c, held)
				_, err := d.server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{})
				must(t, err)
				held.Release()
				outcome := <-done
				if p.done != (len(outcome.diagnostics) == 0) ||
					p.unknown != strings.HasPrefix(told(outcome.diagnostics), "ERROR: Outcome of a write is unknown") {
					t.Errorf("told %s", told(outcome.diagnostics))
				}
				config := c.config
				if !p.done {
					config = nil // what is to be done is planned again
					if c.prior != nil && !outcome.state.value.Equal(c.prior.value) {
						t.Errorf("the state is %v", outcome.state.value)
					}
				}
				wantAgreement(newDriver(t, n), n, outcome.state, config)
			})
		}
	}
}

// Ctrl-C in the middle of an apply of several fabrics with the real CLI.
func TestFaults_interruptedCLI(t *testing.T) {
	acctest.NeedInterrupts(t)
	n := acctest.Standin(t, netboxtest.Options{})
	x := newCLI(t, n.ProviderConfig()+`
resource "hedgehog_fabric" "test" {
  count             = 4
  name              = "lab-${count.index}"
  kubernetes_server = "https://k8s.example.com:6443"
}
`)
	held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPost, Skip: 1, Times: 1, Kind: netboxtest.Hold()})
	cmd := exec.CommandContext(t.Context(), x.program, "-chdir="+x.dir, "apply", "-auto-approve", "-parallelism=1",
		"-no-color")
	said := &heard{want: "nterrupt received", came: make(chan struct{})}
	cmd.Env, cmd.Stdout = x.env, said
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	must(t, held.WaitHeld(t.Context(), 1))
	must(t, cmd.Process.Signal(os.Interrupt))
	select {
	case <-said.came:
	case err := <-ended:
		t.Fatalf("the CLI ended before its time: %v\n%s", err, said.text.String())
	}
	held.Release()
	if err := <-ended; err == nil {
		t.Error("an apply that was cancelled is no success")
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Status     string
				Attributes struct {
					ID   float64
					Name string
				}
			}
		}
	}
	must(t, json.Unmarshal([]byte(x.file("terraform.tfstate")), &state))
	inState, inNetBox := map[string]bool{}, map[string]bool{}
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			inState[fmt.Sprint(i.Attributes.ID, " ", i.Attributes.Name, i.Status)] = true // a status is "tainted"
		}
	}
	for _, f := range n.Standin.Fabrics() {
		inNetBox[fmt.Sprint(f["id"], " ", f["name"])] = true
	}
	if fmt.Sprint(inState) != fmt.Sprint(inNetBox) || len(inNetBox) != 2 {
		t.Errorf("the state has %v, NetBox %v\n%s", inState, inNetBox, said.text.String())
	}
	if out, _, err := x.run("apply", "-auto-approve"); err != nil || !strings.Contains(out, "2 added, 0 changed, 0 "+
		"destroyed") || len(n.Standin.Fabrics()) != 4 {
		t.Errorf("the next apply: %v\n%s", err, out)
	}
	if out, _, err := x.run("plan", "-detailed-exitcode"); err != nil {
		t.Errorf("the next plan: %v\n%s", err, out)
	}
}

// heard tells when a program has said something.
type heard struct {
	text bytes.Buffer
	want string
	came chan struct{}
	told bool
}

func (h *heard) Write(p []byte) (int, error) {
	n, err := h.text.Write(p)
	if !h.told && strings.Contains(h.text.String(), h.want) {
		h.told = true
		close(h.came)
	}
	return n, err
}
