package provider

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// applied is the result of an apply in the background.
type applied struct {
	state       *instance
	diagnostics []*tfprotov6.Diagnostic
}

// inBackground applies a change while the fault holds its request, and returns once it does.
func inBackground(t *testing.T, d *driver, c *change, held *netboxtest.FaultHandle) <-chan applied {
	t.Helper()
	done := make(chan applied, 1)
	go func() {
		state, diagnostics := c.apply(d)
		done <- applied{state, diagnostics}
	}()
	must(t, held.WaitHeld(t.Context(), 1))
	return done
}

func TestFabricResource_changedBetweenPlanAndApply(t *testing.T) {
	config := fabricValues("lab")
	config["sync_interval"] = 900
	for name, c := range map[string]struct {
		meanwhile map[string]any
		want      string // "" when it goes through
	}{
		"a sync has run": {map[string]any{"sync_status": "in_sync", "last_sync": "2026-11-23T12:00:00Z",
			"vpcs_count": 3}, ""},
		"another user did the same": {map[string]any{"sync_interval": 900}, ""},
		"another attribute": {map[string]any{"description": "theirs"}, `- description: expected "ours", is now ` +
			`"theirs"`},
		"the same, to another": {map[string]any{"sync_interval": 60}, "- sync_interval: was 300, planned 900, is " +
			"now 60"},
	} {
		t.Run(name, func(t *testing.T) {
			n, d := standin(t)
			made := d.do(nil, fabricValues("lab"))
			plan, removal := d.plan(made, config), d.plan(made, nil)
			n.Standin.UpdateFabric(1, c.meanwhile)
			next, diagnostics := d.apply(made, config, plan)
			f, _ := n.Standin.Fabric(1)
			if c.want == "" {
				if len(diagnostics) != 0 || f["sync_interval"] != float64(900) {
					t.Fatalf("got %s, NetBox has %v", render(diagnostics), f)
				}
				for field, v := range c.meanwhile {
					if s, ok := v.(string); ok && f[field] != s {
						t.Errorf("%s was undone: %v", field, f[field])
					}
				}
				return
			}
			if got := render(diagnostics); !strings.HasPrefix(got, "ERROR: Fabric was changed by another user") ||
				!strings.Contains(got, c.want) {
				t.Errorf("got %s", got)
			}
			if !next.value.Equal(made.value) {
				t.Errorf("the state has changed: %v", next.value)
			}
			for field, v := range c.meanwhile {
				if s, ok := v.(string); ok && f[field] != s {
					t.Errorf("%s was undone: %v", field, f[field])
				}
			}
			// The same is true for a destroy that was planned before.
			_, diagnostics = d.apply(made, nil, removal)
			if _, there := n.Standin.Fabric(1); !there || !hasError(diagnostics) {
				t.Errorf("a changed fabric was deleted: %s", render(diagnostics))
			}
		})
	}
}

// An apply that changes a fabric's cluster leaves no facts of a sync that ran in the meantime.
func TestFaults_changeOfTheClusterOverASync(t *testing.T) {
	n, d := standin(t)
	mine := planned(d, http.MethodPatch)
	mine.config["kubernetes_server"] = "https://other.example.com:6443"
	mine.plan = d.plan(mine.prior, mine.config)
	held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
	done := inBackground(t, d, mine, held)
	n.Standin.UpdateFabric(1, map[string]any{"sync_status": "in_sync", "connection_status": "connected",
		"last_sync": n.Standin.Now()})
	held.Release()
	outcome := <-done
	f, _ := n.Standin.Fabric(1)
	if len(outcome.diagnostics) != 0 || f["last_sync"] != nil || f["sync_status"] != fabric.StoredNeverSynced ||
		f["connection_status"] != fabric.ConnectionUnknown {
		t.Errorf("got %s, NetBox has %v", render(outcome.diagnostics), f)
	}
	wantAgreement(d, n, outcome.state, mine.config)
}

// NetBox before 4.6 has no conditional writes. A change by another user between our read and our
// write is reported as such, and not as a fault of NetBox.
func TestFaults_changeWhileAnOldNetBoxIsWritten(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V44, netboxtest.V45} {
		n := acctest.Standin(t, netboxtest.Options{Version: version})
		d := newDriver(t, n)
		mine := planned(d, http.MethodPatch)
		held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
		done := inBackground(t, d, mine, held)
		n.Standin.UpdateFabric(1, map[string]any{"description": "theirs"})
		held.Release()
		outcome := <-done
		got := render(outcome.diagnostics)
		if !strings.HasPrefix(got, `ERROR at AttributeName("description"): Another user changed the fabric `+
			`during the update`) ||
			!strings.Contains(got, `description: expected "ours", is now "theirs". Both changes are in NetBox, `+
				`and in the state.`) {
			t.Errorf("%s: got %s", version, got)
		}
		f, _ := n.Standin.Fabric(1)
		if f["sync_interval"] != float64(900) || d.attribute(outcome.state, "description") != "theirs" {
			t.Errorf("%s: NetBox has %v, the state %v", version, f, outcome.state.value)
		}
	}
}

// A fabric that the same apply creates cannot be found by its name yet.
func TestAccLookup_hintsAtAFabricOfTheSameApply(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	x := newWorkspace(t, n, n.ProviderConfig()+`
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
	x.fails("If the same apply creates the fabric, refer to it by its id.", "plan")
}
