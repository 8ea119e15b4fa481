package provider

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// perform does the one write of a method to the fabric lab: makes, changes or
// destroys it.
func (x *life) perform(method string) (string, error) {
	x.t.Helper()
	switch method {
	case http.MethodPatch:
		x.configure(labConfig(x.n, 900))
	case http.MethodDelete:
		return x.say("destroy", "-auto-approve")
	}
	return x.say("apply", "-auto-approve")
}

// left are the names of the fabrics that there are once a method's write is done.
func left(method string) []string {
	if method == http.MethodDelete {
		return nil
	}
	return []string{"lab"}
}

// A write is carried out only after the CLI's provider has given it up, or has even
// sent it again; then a sync runs.
func TestFaults_cliCommittedLate(t *testing.T) {
	t.Parallel()
	for _, method := range writes {
		for when, before := range map[string]bool{"before the second": true, "after the second": false} {
			t.Run(method+" "+when, func(t *testing.T) {
				t.Parallel()
				x := oneLife(t, netboxtest.Options{}, method != http.MethodPost)
				late := x.n.Standin.Fault(netboxtest.Fault{Method: method, Path: fabricsAPI, Times: 1,
					Kind: netboxtest.Late()})
				var once sync.Once
				synced := func() {
					late.Release()
					if _, there := x.n.Standin.Fabric(1); there {
						x.n.Standin.UpdateFabric(1, map[string]any{"sync_status": "in_sync",
							"connection_status": "connected",
							"last_sync":         x.n.Standin.Now().Format(time.RFC3339), "vpcs_count": 3})
					}
				}
				x.n.Standin.Intercept(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if before && r.Method == method && late.Hits() == 1 {
							once.Do(synced)
						}
						next.ServeHTTP(w, r)
					})
				})
				said, err := x.perform(method)
				once.Do(synced)
				if err != nil || late.Hits() != 1 {
					t.Fatalf("%v\n%s", err, said)
				}
				if f, there := x.n.Standin.Fabric(1); there && (f["sync_status"] != "in_sync" ||
					f["vpcs_count"] != float64(3)) {
					t.Errorf("the sync was undone: %v", f)
				}
				if x.wantStates(left(method)...); method != http.MethodDelete {
					x.wantAgreement(left(method)...)
				}
			})
		}
	}
}

// A name that somebody takes while the create's answer is lost stays theirs, with
// whatever values; imported, it is the configuration's.
func TestFaults_cliNameTaken(t *testing.T) {
	t.Parallel()
	for name, description := range map[string]string{"with other values": "theirs", "with the very same": "ours"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := oneLife(t, netboxtest.Options{}, false)
			const long = "2026-01-01T00:00:00Z"
			theirs := map[string]any{"name": "lab", "description": description, "kubernetes_server": lab,
				"created": long, "last_updated": long}
			lost := x.n.Standin.Fault(netboxtest.Fault{Method: http.MethodPost, Times: 1, Kind: netboxtest.Reset(),
				When: func(*http.Request) bool { x.n.Standin.AddFabric(theirs); return true }})
			x.fails(`id = "1"`, "apply", "-auto-approve")
			lost.Remove()
			x.wantStates()
			before, _ := x.n.Standin.Fabric(1)
			if before["last_updated"] != long || len(x.n.Standin.Fabrics()) != 1 {
				t.Errorf("NetBox has %v", x.n.Standin.Fabrics())
			}
			x.fails("Fabric name is taken", "apply", "-auto-approve") // and stays taken
			x.wantUntouched(before)
			x.ok("import", "hedgehog_fabric.test", "1")
			x.ok("apply", "-auto-approve")
			x.wantAgreement("lab")
		})
	}
}

// An answer that can be read, and says something else than was asked for: a create
// warns and an update fails, and neither writes it down for good.
func TestFaults_cliAnsweredOtherwise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		values map[string]any
		says   string // "" for nothing
		fails  bool
	}{
		"POST, another value": {http.MethodPost, map[string]any{"description": "theirs"},
			`expected "ours", is now "theirs"`, false},
		"POST, unknown status": {http.MethodPost, map[string]any{"status": "bogus"}, `is now "bogus"`,
			false},
		"POST, unknown connection status": {http.MethodPost, map[string]any{"connection_status": "unheard-of"}, "",
			false},
		"POST, null": {http.MethodPost, map[string]any{"description": nil},
			`expected "ours", is now ""`, false},
		"PATCH, another value": {http.MethodPatch, map[string]any{"sync_interval": 60},
			"expected 900, is now 60", true},
		"PATCH, unknown status": {http.MethodPatch,
			map[string]any{"status": map[string]any{"value": "bogus"}}, `is now "bogus"`, true},
		"PATCH, unknown connection status": {http.MethodPatch, map[string]any{"connection_status": "unheard-of"}, "",
			false},
		"PATCH, as before": {http.MethodPatch, map[string]any{"sync_interval": json.Number("300")},
			"expected 900, is now 300", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := oneLife(t, netboxtest.Options{}, c.method != http.MethodPost)
			x.n.Standin.Fault(netboxtest.Fault{Method: c.method, Times: 1, Kind: netboxtest.Set(c.values)})
			said, err := x.perform(c.method)
			if (err != nil) != c.fails || !says(c.says).MatchString(said) {
				t.Errorf("%v\n%s\nwant %q", err, said, c.says)
			}
			if len(x.states()) != 1 {
				t.Errorf("the state has %v", x.states())
			}
			x.ok("apply", "-refresh-only", "-auto-approve")
			x.wantAgreement("lab")
		})
	}
}

// The published plugin rolls a DELETE back: the destroy fails, with advice, and the
// fabric stays where it was. What of the fault a change meets comes after the commit.
func TestFaults_cliPublishedPlugin(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{PublishedDisplayURL: true})
	mended := *n // for the configuration: without a deletion_policy
	mended.Published = false
	x := newLife(t, n, labConfig(&mended, 300))
	for _, method := range []string{http.MethodPost, http.MethodPatch} {
		n.Standin.Fault(netboxtest.Fault{Method: method, Times: 1, AfterCommit: true, Kind: netboxtest.PluginError()})
	}
	x.ok("apply", "-auto-approve")
	x.wantAgreement("lab")
	x.configure(labConfig(&mended, 900))
	x.ok("apply", "-auto-approve")
	x.wantAgreement("lab")
	before, _ := n.Standin.Fabric(1)
	x.fails("Fault in NetBox's Hedgehog plugin", "destroy", "-auto-approve")
	x.wantUntouched(before)
	x.wantAgreement("lab")
	x.fails("Fault in NetBox's Hedgehog plugin", "apply", "-auto-approve", "-replace=hedgehog_fabric.test")
	x.wantUntouched(before)
	x.wantAgreement("lab")
	x.configure(labConfig(n, 900)) // as the error advises
	x.ok("apply", "-auto-approve")
	x.ok("destroy", "-auto-approve")
	x.wantStates()
	x.wantUntouched(before)
}
