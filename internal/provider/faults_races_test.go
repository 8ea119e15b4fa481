package provider

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// applied is what an apply that ran aside came to.
type applied struct {
	state       *instance
	diagnostics []*tfprotov6.Diagnostic
}

// aside applies a change while the fault holds its request, and returns once it does.
func aside(t *testing.T, d *driver, c *change, held *netboxtest.FaultHandle) <-chan applied {
	t.Helper()
	done := make(chan applied, 1)
	go func() {
		state, diagnostics := c.apply(d)
		done <- applied{state, diagnostics}
	}()
	must(t, held.WaitHeld(t.Context(), 1))
	return done
}

// Of two applies of the same fabric from two states, whose writes overlap, one
// wins, and the other is told which attribute has changed.
func TestFaults_twoApplies(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		value any
		want  string
	}{
		"the same attribute": {"sync_interval", int64(60), "- sync_interval: was 300, planned 900, is now 60"},
		"another attribute":  {"description", "theirs", `- description: expected "ours", is now "theirs"`},
	} {
		t.Run(name, func(t *testing.T) {
			n, first := standin(t)
			mine := planned(first, http.MethodPatch)
			second := newDriver(t, n)
			theirs := &change{prior: mine.prior, config: fabricValues("lab")}
			theirs.config[c.field] = c.value
			theirs.plan = second.plan(theirs.prior, theirs.config)
			held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
			done := aside(t, first, mine, held)
			won, diagnostics := theirs.apply(second)
			held.Release()
			lost := <-done
			if len(diagnostics) != 0 {
				t.Errorf("the first was told %s", told(diagnostics))
			}
			wantAgreement(second, n, won, theirs.config)
			if got := told(lost.diagnostics); !strings.HasPrefix(got, "ERROR: Fabric was changed by another user") ||
				!strings.Contains(got, c.want) ||
				!lost.state.value.Equal(mine.prior.value) {
				t.Errorf("the second was told %s, state %v", got, lost.state.value)
			}
		})
	}
	t.Run("create", func(t *testing.T) {
		n, first := standin(t)
		mine := planned(first, http.MethodPost)
		second := newDriver(t, n)
		held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPost, Times: 1, Kind: netboxtest.Hold()})
		done := aside(t, first, mine, held)
		won := second.do(nil, mine.config)
		held.Release()
		lost := <-done
		if got := told(lost.diagnostics); !strings.HasPrefix(got, `ERROR at AttributeName("name"): Fabric name is `+
			`taken`) || !lost.state.value.IsNull() {
			t.Errorf("told %s, state %v", got, lost.state.value)
		}
		wantAgreement(second, n, won, mine.config)
	})
	t.Run("destroy", func(t *testing.T) {
		n, first := standin(t)
		mine := planned(first, http.MethodDelete)
		second := newDriver(t, n)
		held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodDelete, Times: 1, Kind: netboxtest.Hold()})
		done := aside(t, first, mine, held)
		theirs := fabricValues("lab")
		theirs["sync_interval"] = 900
		kept := second.do(mine.prior, theirs)
		held.Release()
		lost := <-done
		if got := told(lost.diagnostics); !strings.Contains(got, "- sync_interval: expected 300, is now 900") ||
			lost.state.value.IsNull() {
			t.Errorf("told %s, state %v", got, lost.state.value)
		}
		wantAgreement(second, n, kept, theirs)
	})
}

// Neither an apply nor a sync undoes the other, whichever is first.
func TestFaults_applyAndSync(t *testing.T) {
	facts := map[string]any{"sync_status": "in_sync", "connection_status": "connected", "vpcs_count": 3}
	for _, held := range []string{"apply", "sync"} {
		t.Run(held+" is overtaken", func(t *testing.T) {
			n, d := standin(t)
			mine := planned(d, http.MethodPatch)
			client, err := netbox.New(netbox.Config{ServerURL: n.URL, APIToken: n.Token, RetryWait: time.Millisecond})
			must(t, err)
			before, err := client.Fabrics().Get(t.Context(), 1)
			must(t, err)
			sync := func() error {
				_, err := client.Fabrics().WriteSync(t.Context(), netbox.SyncWrite{
					ID: 1, Mark: netbox.MarkOf(&before.Fabric), Set: facts,
					MayFollow: func(*netbox.Read) error { return nil },
				})
				return err
			}
			hold := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
			var outcome applied
			if held == "apply" {
				done := aside(t, d, mine, hold)
				must(t, sync())
				hold.Release()
				outcome = <-done
			} else {
				done := make(chan error, 1)
				go func() { done <- sync() }()
				must(t, hold.WaitHeld(t.Context(), 1))
				outcome.state, outcome.diagnostics = mine.apply(d)
				hold.Release()
				must(t, <-done)
			}
			if len(outcome.diagnostics) != 0 {
				t.Errorf("told %s", told(outcome.diagnostics))
			}
			f, _ := n.Standin.Fabric(1)
			if f["sync_interval"] != float64(900) || f["sync_status"] != "in_sync" ||
				f["connection_status"] != "connected" || f["vpcs_count"] != float64(3) {
				t.Errorf("NetBox has %v", f)
			}
			stale := 0
			for _, r := range n.Standin.Requests() {
				if r.Status == http.StatusPreconditionFailed {
					stale++
				}
			}
			if stale != 1 {
				t.Errorf("%d writes met a change, want one", stale)
			}
			wantAgreement(d, n, outcome.state, mine.config)
		})
	}
}

// An apply that points a fabric at another cluster leaves none of the facts of a
// sync that ran meanwhile.
func TestFaults_changeOfTheClusterOverASync(t *testing.T) {
	n, d := standin(t)
	mine := planned(d, http.MethodPatch)
	mine.config["kubernetes_server"] = "https://other.example.com:6443"
	mine.plan = d.plan(mine.prior, mine.config)
	held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
	done := aside(t, d, mine, held)
	n.Standin.UpdateFabric(1, map[string]any{"sync_status": "in_sync", "connection_status": "connected",
		"last_sync": n.Standin.Now()})
	held.Release()
	outcome := <-done
	f, _ := n.Standin.Fabric(1)
	if len(outcome.diagnostics) != 0 || f["last_sync"] != nil || f["sync_status"] != fabric.StoredNeverSynced ||
		f["connection_status"] != fabric.ConnectionUnknown {
		t.Errorf("told %s, NetBox has %v", told(outcome.diagnostics), f)
	}
	wantAgreement(d, n, outcome.state, mine.config)
}

// NetBox before 4.6 has no conditional writes. What another user changes between our
// read and our write is told as that, and not as a fault of NetBox.
func TestFaults_changeWhileAnOldNetBoxIsWritten(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V44, netboxtest.V45} {
		n := acctest.Standin(t, netboxtest.Options{Version: version})
		d := newDriver(t, n)
		mine := planned(d, http.MethodPatch)
		held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
		done := aside(t, d, mine, held)
		n.Standin.UpdateFabric(1, map[string]any{"description": "theirs"})
		held.Release()
		outcome := <-done
		got := told(outcome.diagnostics)
		if !strings.HasPrefix(got, `ERROR at AttributeName("description"): Fabric was changed meanwhile`) ||
			!strings.Contains(got, `description: expected "ours", is now "theirs". Nothing was lost, and nothing is `+
				`wrong with NetBox`) {
			t.Errorf("%s: told %s", version, got)
		}
		f, _ := n.Standin.Fabric(1)
		if f["sync_interval"] != float64(900) || d.attribute(outcome.state, "description") != "theirs" {
			t.Errorf("%s: NetBox has %v, the state %v", version, f, outcome.state.value)
		}
	}
}

// A fabric that the same apply creates cannot be found by its name yet.
func TestLookup_hintsAtAFabricOfTheSameApply(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	x := newLife(t, n, n.ProviderConfig()+`
resource "hedgehog_fabric" "test" {
  name = "lab"
}
module "reader" {
  source = "./reader"
  name   = hedgehog_fabric.test.name
}
`)
	must(t, os.Mkdir(filepath.Join(x.dir, "reader"), 0o700))
	must(t, os.WriteFile(filepath.Join(x.dir, "reader", "main.tf"), []byte(requiredProviders+`
variable "name" {}
data "hedgehog_fabric" "test" {
  name = var.name
}
`), 0o600))
	x.ok("get")
	x.fails("A fabric that is created in the same apply is referred to by its id.", "plan")
}
