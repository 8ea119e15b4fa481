package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// severalFabrics returns a configuration of fabrics that differ only in their names.
func severalFabrics(n *acctest.NetBox, count, interval int) string {
	return n.ProviderConfig("request_timeout = 2") + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  count             = %d
  name              = "lab-${count.index}"
  kubernetes_server = "https://k8s.example.com:6443"
  sync_interval     = %d
  %s
}
`, count, interval, n.Deletion())
}

// wantFabrics checks that NetBox has the fabrics of the state, and no other.
func wantFabrics(n *acctest.NetBox, count, interval int) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		fabrics := n.Standin.Fabrics()
		if len(fabrics) != count {
			return fmt.Errorf("NetBox has %d fabrics, want %d: %v", len(fabrics), count, fabrics)
		}
		for _, f := range fabrics {
			var i int
			_, _ = fmt.Sscanf(fmt.Sprint(f["name"]), "lab-%d", &i)
			at := fmt.Sprintf("hedgehog_fabric.test.%d", i)
			if count == 1 {
				at = "hedgehog_fabric.test.0"
			}
			r := s.RootModule().Resources[at]
			if r == nil || r.Primary.ID != "" && r.Primary.Attributes["id"] != fmt.Sprint(f["id"]) ||
				r.Primary.Tainted || f["sync_interval"] != float64(interval) {
				return fmt.Errorf("NetBox has %v, the state %v", f, r)
			}
		}
		return nil
	}
}

// doneAndLost returns faults after a write that took effect: the answer is lost, late, from another
// program, or unreadable.
func doneAndLost() []netboxtest.Fault {
	var faults []netboxtest.Fault
	for _, kind := range []netboxtest.Kind{
		netboxtest.Status(502), netboxtest.Status(504), netboxtest.Reset(), netboxtest.PluginErrorPage(),
		netboxtest.Hold(), netboxtest.Stall(), netboxtest.Endless(), netboxtest.Huge(2 << 30), netboxtest.Page(200),
		netboxtest.Empty(200),
	} {
		faults = append(faults, netboxtest.Fault{AfterCommit: true, Kind: kind})
	}
	for _, kind := range []netboxtest.Kind{
		netboxtest.CutJSON(), netboxtest.ResetMidAnswer(),
		netboxtest.Set(map[string]any{"sync_interval": "soon"}), netboxtest.Set(map[string]any{"sync_enabled": nil}),
		netboxtest.Set(map[string]any{"id": json.Number("9223372036854775808")}),
		netboxtest.Set(map[string]any{"created": true}),
		netboxtest.Rewrite("a list", func(*http.Request, any) any { return []any{} }),
	} {
		faults = append(faults, netboxtest.Fault{Kind: kind})
	}
	return faults
}

// The real CLI creates, changes and destroys fabrics while faults strike its requests in turn.
func TestAccFaults_wholeLife(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]netboxtest.Options{
		"4.7": {}, "4.7, published": {PublishedDisplayURL: true}, "4.5": {Version: netboxtest.V45},
	} {
		t.Run(name, func(t *testing.T) {
			n := acctest.Standin(t, options)
			var switched []*netboxtest.FaultHandle
			fault := func(method string, faults ...netboxtest.Fault) {
				for _, f := range faults {
					f.Method, f.Path, f.Times = method, fabricsAPI, 1
					switched = append(switched, n.Standin.Fault(f))
				}
			}
			methods := []string{http.MethodPost, http.MethodPatch, http.MethodDelete}
			if n.Published {
				methods = methods[:2]
			}
			for _, method := range methods {
				fault(method, doneAndLost()...)
				fault(method, netboxtest.Fault{Kind: netboxtest.RetryAfter(429, "1")},
					netboxtest.Fault{Kind: netboxtest.RetryAt(503, time.Second)},
					netboxtest.Fault{Kind: netboxtest.Hangup()})
			}
			fault(http.MethodGet, netboxtest.Fault{Kind: netboxtest.Status(503)},
				netboxtest.Fault{Kind: netboxtest.ResetMidAnswer()},
				netboxtest.Fault{Kind: netboxtest.RetryAfter(429, "1")})
			count := len(doneAndLost()) + 1 // each is done once, and so meets one of these at most
			acceptance(t,
				resource.TestStep{Config: severalFabrics(n, count, 300), Check: wantFabrics(n, count, 300)},
				resource.TestStep{Config: severalFabrics(n, count, 300),
					ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan())},
				resource.TestStep{Config: severalFabrics(n, count, 900), Check: wantFabrics(n, count, 900)},
				resource.TestStep{Config: severalFabrics(n, count, 900),
					ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan())},
			)
			if left := len(n.Standin.Fabrics()); left != 0 && !n.Published {
				t.Errorf("%d fabrics are left", left)
			}
			for _, f := range switched {
				if f.Hits() != 1 {
					t.Errorf("fault %q: got %d hits", f.Name(), f.Hits())
				}
			}
		})
	}
}

// The token is revoked after the first fabric was created. That fabric stays in the state, and the
// next apply creates the others.
func TestAccFaults_tokenRevokedInAnApply(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	revoked := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPost, Skip: 1, Kind: netboxtest.Detail(403,
		"Invalid v1 token")})
	var first any
	acceptance(t,
		resource.TestStep{Config: severalFabrics(n, 3, 300), ExpectError: says("NetBox refused the API token")},
		resource.TestStep{
			PreConfig: func() {
				revoked.Remove()
				if fabrics := n.Standin.Fabrics(); len(fabrics) == 1 {
					first = fabrics[0]["created"]
				} else {
					t.Errorf("NetBox has %v", fabrics)
				}
			},
			Config: severalFabrics(n, 3, 300),
			Check: resource.ComposeTestCheckFunc(wantFabrics(n, 3, 300), func(*terraform.State) error {
				if f, _ := n.Standin.Fabric(1); f["created"] != first {
					return fmt.Errorf("the first fabric was created again: %v", f)
				}
				return nil
			}),
		},
		resource.TestStep{ // and in the middle of changes
			PreConfig: func() {
				revoked = n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Skip: 1,
					Kind: netboxtest.Detail(403, "Invalid v1 token")})
			},
			Config: severalFabrics(n, 3, 900), ExpectError: says("NetBox refused the API token"),
		},
		resource.TestStep{PreConfig: func() { revoked.Remove() }, Config: severalFabrics(n, 3, 900),
			Check: wantFabrics(n, 3, 900)},
	)
}

// A create of unknown outcome leaves nothing in the state. Its error says how to import the
// fabric, and that works.
func TestAccFaults_unknownOutcomeIsImported(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	config := fabricConfig(n, "lab", "")
	lost := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPost, AfterCommit: true, Kind: netboxtest.Reset()})
	denied := n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: netboxtest.Page(200)})
	acceptance(t,
		resource.TestStep{Config: config, ExpectError: says(`the message "Fabric name is ` +
			`taken" has the block that imports it.`)},
		resource.TestStep{
			PreConfig: func() { lost.Remove(); denied.Remove() }, Config: config,
			ExpectError: says(`id = "1"`),
		},
		resource.TestStep{Config: config, ResourceName: address, ImportState: true, ImportStateId: "lab",
			ImportStatePersist: true},
		resource.TestStep{Config: config, ConfigPlanChecks: preApply(plancheck.ExpectEmptyPlan())},
	)
	if n.Standin.Count(http.MethodPost, fabricsAPI) != 2 {
		t.Errorf("got %d creates", n.Standin.Count(http.MethodPost, fabricsAPI))
	}
}

// A plan without a good answer fails with a clear error, and changes neither the state nor NetBox.
// The next plan works.
func TestAccFaults_refreshFails(t *testing.T) {
	t.Parallel()
	x := labWorkspace(t, netboxtest.Options{}, true)
	state, before := x.file("terraform.tfstate"), x.n.Standin.Fabrics()[0]
	for want, kind := range map[string]netboxtest.Kind{
		"The answer begins: <!DOCTYPE html>": netboxtest.Page(200),
		"is larger than 32 MiB":              netboxtest.Endless(),
		`the field "sync_enabled" is null`:   netboxtest.Set(map[string]any{"sync_enabled": nil}),
	} {
		fault := x.n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: kind})
		x.fails(want, "plan")
		fault.Remove()
		if x.file("terraform.tfstate") != state {
			t.Fatalf("%s: the state is %s", want, x.file("terraform.tfstate"))
		}
	}
	x.wantUntouched(before)
	x.wantAgreement("lab")
}

// The published plugin rolls a DELETE back: the destroy fails with advice, and the fabric stays. In
// a change, the plugin's fault comes after the commit.
func TestAccFaults_publishedPlugin(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{PublishedDisplayURL: true})
	patched := *n // for the configuration: without a deletion_policy
	patched.Published = false
	x := newWorkspace(t, n, labConfig(&patched, 300))
	for _, method := range []string{http.MethodPost, http.MethodPatch} {
		n.Standin.Fault(netboxtest.Fault{Method: method, Times: 1, AfterCommit: true, Kind: netboxtest.PluginError()})
	}
	x.ok("apply", "-auto-approve")
	x.wantAgreement("lab")
	x.configure(labConfig(&patched, 900))
	x.ok("apply", "-auto-approve")
	x.wantAgreement("lab")
	before, _ := n.Standin.Fabric(1)
	x.fails("Fault in the NetBox plugin", "destroy", "-auto-approve")
	x.wantUntouched(before)
	x.wantAgreement("lab")
	x.fails("Fault in the NetBox plugin", "apply", "-auto-approve", "-replace=hedgehog_fabric.test")
	x.wantUntouched(before)
	x.wantAgreement("lab")
	x.configure(labConfig(n, 900)) // as the error advises
	x.ok("apply", "-auto-approve")
	x.ok("destroy", "-auto-approve")
	x.wantStates()
	x.wantUntouched(before)
}

// Neither an apply nor the sync command undoes the other's changes.
func TestAccFaults_applyAndSync(t *testing.T) {
	t.Parallel()
	for _, overtaken := range []string{"apply", "sync"} {
		t.Run(overtaken+" is overtaken", func(t *testing.T) {
			t.Parallel()
			acctest.FindCLI(t)
			n, cluster := acctest.Standin(t, netboxtest.Options{}), acctest.StandinKubernetes(t)
			kind := fabric.Kinds()[0]
			cluster.Standin.Put(kind, "default", clustertest.Example(kind, "vpc-1"))
			x := newWorkspace(t, n, clusteredLab(n, cluster, 300))
			x.ok("apply", "-auto-approve")
			x.configure(clusteredLab(n, cluster, 900))
			if overtaken == "apply" {
				held := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Hold()})
				done := x.inBackground(held, "apply", "-auto-approve")
				must(t, <-syncing(x))
				held.Release()
				if outcome := <-done; outcome.err != nil {
					t.Errorf("got %v\n%s", outcome.err, outcome.said)
				}
			} else {
				// Its first write locks the fabric, and its last one records the outcome.
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
func syncing(x *workspace) <-chan error {
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
