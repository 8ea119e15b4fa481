package provider

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// What happens between a plan and its apply, and prevents the write: the apply says
// so, nothing is written and nothing leaves the state; afterwards the plan is done.
func TestFaults_cliBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	for _, method := range writes {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			x, elsewhere := oneLife(t, netboxtest.Options{}, method != http.MethodPost), acctest.Standin(t,
				netboxtest.Options{})
			plan, before, rewind := x.planned(method), x.n.Standin.Fabrics(), x.rewind()
			for want, kind := range map[string]netboxtest.Kind{
				"NetBox is currently operating in maintenance mode and is unable to perform write " +
					"operations": netboxtest.Maintenance(),
				"is redirected to " + elsewhere.URL: netboxtest.Redirect(307, elsewhere.URL),
				// which would turn it into a read
				"is redirected to " + x.n.URL: netboxtest.Redirect(302, x.n.URL),
				"Permission denied by NetBox": netboxtest.Detail(403, "You do not have permission to perform "+
					"this action."),
			} {
				fault := x.n.Standin.Fault(netboxtest.Fault{Method: method, Kind: kind})
				x.fails(want, "apply", plan)
				fault.Remove()
				x.wantAsBefore(before)
				rewind()
			}
			x.n.Standin.SetNoPlugin(true)
			x.fails("does not have the plugin netbox_hedgehog", "apply", plan)
			x.n.Standin.SetNoPlugin(false)
			x.wantAsBefore(before)
			rewind()
			x.ok("apply", plan)
			if x.wantStates(left(method)...); method != http.MethodDelete {
				x.wantAgreement(left(method)...)
			}
			if asked := elsewhere.Standin.Requests(); len(asked) != 0 {
				t.Errorf("%d requests went to another host", len(asked))
			}
		})
	}
}

// rewind returns what puts the state file back as it is now: a plan that was tried
// once is stale, although nothing has changed but the number of the state.
func (x *life) rewind() func() {
	x.t.Helper()
	file := filepath.Join(x.dir, "terraform.tfstate")
	raw, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return func() { must(x.t, os.Remove(file)) }
	}
	must(x.t, err)
	return func() { must(x.t, os.WriteFile(file, raw, 0o600)) }
}

// wantAsBefore checks that NetBox has what it had, and the state what it has.
func (x *life) wantAsBefore(before []map[string]any) {
	x.t.Helper()
	after := x.n.Standin.Fabrics()
	if len(after) != len(before) || len(after) == 1 && after[0]["last_updated"] != before[0]["last_updated"] ||
		len(x.states()) != len(before) {
		x.t.Errorf("NetBox has %v, the state %v", after, x.states())
	}
}

// planned saves the plan of a method's write.
func (x *life) planned(method string) (file string) {
	x.t.Helper()
	arguments := []string{"plan", "-out=saved.plan"}
	switch method {
	case http.MethodPatch:
		x.configure(labConfig(x.n, 900))
	case http.MethodDelete:
		arguments = append(arguments, "-destroy")
	}
	x.ok(arguments...)
	return "saved.plan"
}

// Another fabric under the id is never written, be it there before the plan or only
// before the apply.
func TestFaults_cliAnotherFabricUnderTheID(t *testing.T) {
	t.Parallel()
	for _, method := range writes[1:] {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			x := oneLife(t, netboxtest.Options{}, true)
			plan, state := x.planned(method), x.file("terraform.tfstate")
			x.n.Standin.DeleteFabric(1)
			x.n.Standin.AddFabric(map[string]any{"id": 1, "name": "theirs", "created": "2020-01-01T00:00:00Z"})
			theirs, _ := x.n.Standin.Fabric(1)
			const want = `Under the id 1, NetBox has the fabric "theirs", created at 2020-01-01T00:00:00Z`
			x.fails(want, "apply", plan)
			x.fails(want, "plan")
			x.fails(want, "destroy", "-auto-approve")
			x.fails(want, "destroy", "-auto-approve", "-refresh=false")
			x.wantUntouched(theirs)
			if len(x.states()) != 1 || x.states()["lab"].Attributes["id"] != float64(1) {
				t.Errorf("the state was\n%s\nand is\n%s", state, x.file("terraform.tfstate"))
			}
			x.ok("state", "rm", "hedgehog_fabric.test") // as the error advises
			x.ok("apply", "-auto-approve")
			x.wantStates("lab")
			x.wantNoChange()
			x.wantUntouched(theirs)
		})
	}
}

// A fabric that is gone, or hidden from the token, leaves the state with a warning
// that names both, and only then.
func TestFaults_cliGoneAndHidden(t *testing.T) {
	t.Parallel()
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		x := oneLife(t, netboxtest.Options{}, true)
		x.n.Standin.DeleteFabric(1)
		said := x.ok("plan")
		x.wantBothReasons(said)
		if !strings.Contains(said, "1 to add, 0 to change, 0 to destroy") {
			t.Error(said)
		}
		x.ok("apply", "-auto-approve")
		x.wantAgreement("lab")
	})
	t.Run("gone before it is destroyed", func(t *testing.T) {
		t.Parallel()
		x := oneLife(t, netboxtest.Options{}, true)
		plan := x.planned(http.MethodDelete)
		x.n.Standin.DeleteFabric(1)
		if said := x.ok("apply", plan); !says("Fabric was not in NetBox").MatchString(said) {
			t.Errorf("%s", said)
		}
		x.wantStates()
	})
	t.Run("gone before it is changed", func(t *testing.T) {
		t.Parallel()
		x := oneLife(t, netboxtest.Options{}, true)
		plan := x.planned(http.MethodPatch)
		x.n.Standin.DeleteFabric(1)
		x.fails("Fabric not found in NetBox", "apply", plan)
		x.ok("apply", "-auto-approve")
		x.wantAgreement("lab")
	})
	t.Run("missing once", func(t *testing.T) { // a 404 is believed the second time only
		t.Parallel()
		x := oneLife(t, netboxtest.Options{}, true)
		x.n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Times: 1,
			Kind: netboxtest.Detail(404, "No HedgehogFabric matches the given query.")})
		x.wantNoChange()
		x.wantStates("lab")
	})
	t.Run("hidden", func(t *testing.T) {
		t.Parallel()
		x := oneLife(t, netboxtest.Options{}, true)
		limited := *x.n
		limited.Token = x.n.LimitedToken
		x.configure(labConfig(&limited, 300))
		x.wantBothReasons(x.ok("plan"))
		x.configure(labConfig(x.n, 300)) // the token that sees it again
		x.wantAgreement("lab")
	})
}

func (x *life) wantBothReasons(said string) {
	x.t.Helper()
	if !says("Warning: Fabric not found in NetBox").MatchString(said) || !says("deleted").MatchString(said) ||
		!says("may not see").MatchString(said) {
		x.t.Errorf("%s\nwant a warning with both reasons", said)
	}
}
