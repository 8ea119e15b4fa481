package provider

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

var writes = []string{http.MethodPost, http.MethodPatch, http.MethodDelete}

// writeFaults returns faults that a write survives.
func writeFaults() []netboxtest.Fault {
	faults := []netboxtest.Fault{
		{Kind: netboxtest.RetryAfter(429, "1")}, {Kind: netboxtest.RetryAt(503, time.Second)},
		{Kind: netboxtest.Status(502)}, {Kind: netboxtest.Reset()}, {Kind: netboxtest.Page(200)},
		{Kind: netboxtest.Empty(200)}, {Kind: netboxtest.Hold()}, {Kind: netboxtest.ResetMidAnswer()},
		{Kind: netboxtest.HangupMidAnswer()}, {Kind: netboxtest.CutJSON()},
		{Kind: netboxtest.Set(map[string]any{"sync_interval": "soon"})}, {Kind: netboxtest.LateOnceGone()},
	}
	for _, kind := range []netboxtest.Kind{
		netboxtest.Status(502), netboxtest.Status(503), netboxtest.Status(504), netboxtest.Hangup(), netboxtest.Reset(),
		netboxtest.Page(200), netboxtest.Empty(200), netboxtest.PluginError(), netboxtest.PluginErrorPage(),
		netboxtest.Stall(), netboxtest.Hold(),
	} {
		faults = append(faults, netboxtest.Fault{Kind: kind, AfterCommit: true})
	}
	return faults
}

func TestFaults_writeIsDoneOnce(t *testing.T) {
	for _, fault := range writeFaults() {
		fault.Path, fault.Times = fabricsAPI, max(fault.Times, 1)
		name := acctest.Standin(t, netboxtest.Options{}).Standin.Fault(fault).Name()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range writes {
				n, d := impatient(t, netboxtest.Options{})
				c := planned(d, method)
				fault.Method = method
				handle := n.Standin.Fault(fault)
				state, diagnostics := c.apply(d)
				if len(diagnostics) != 0 || handle.Hits() != fault.Times {
					t.Errorf("%s, struck %d times: got %q", method, handle.Hits(), render(diagnostics))
				}
				wantAgreement(d, n, state, c.config)
			}
		})
	}
}

// A write takes effect only after the client has given it up, or even after the client has sent it
// again. A sync runs before the client verifies the write.
func TestFaults_committedLate(t *testing.T) {
	for _, method := range writes {
		for when, before := range map[string]bool{"before the second": true, "after the second": false} {
			t.Run(method+" "+when, func(t *testing.T) {
				t.Parallel()
				n, d := impatient(t, netboxtest.Options{})
				c := planned(d, method)
				if method == http.MethodPatch { // with consequences for the facts
					c.config["kubernetes_server"] = "https://other.example.com:6443"
					c.plan = d.plan(c.prior, c.config)
				}
				late := n.Standin.Fault(netboxtest.Fault{Method: method, Path: fabricsAPI, Times: 1,
					Kind: netboxtest.Late()})
				var once sync.Once
				synced := func() {
					late.Release()
					if _, there := n.Standin.Fabric(1); there {
						n.Standin.UpdateFabric(1, map[string]any{"sync_status": "in_sync",
							"connection_status": "connected",
							"last_sync":         n.Standin.Now().Format(time.RFC3339), "vpcs_count": 3})
					}
				}
				n.Standin.Intercept(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if before && r.Method == method && late.Hits() == 1 {
							once.Do(synced)
						}
						next.ServeHTTP(w, r)
					})
				})
				state, diagnostics := c.apply(d)
				once.Do(synced)
				if len(diagnostics) != 0 || late.Hits() != 1 {
					t.Fatalf("got %q", render(diagnostics))
				}
				wantAgreement(d, n, state, c.config)
				if f, there := n.Standin.Fabric(1); there && (f["sync_status"] != "in_sync" ||
					f["vpcs_count"] != float64(3) || f["last_sync"] == nil) {
					t.Errorf("the sync was undone: %v", f)
				}
				for _, r := range n.Standin.Requests() {
					if r.Method == method && r.Fault == "late" && !before && r.Handled < 400 {
						t.Errorf("the late %s took effect: %d", method, r.Handled)
					}
				}
			})
		}
	}
}

func TestFaults_nameTakenMeanwhile(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"with other values":    {"description": "theirs", "kubernetes_server": lab},
		"with the very same":   {"description": "ours", "kubernetes_server": lab},
		"with the very few":    {},
		"and it is out of use": {"description": "ours", "kubernetes_server": lab, "status": "decommissioned"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, d := impatient(t, netboxtest.Options{})
			c := planned(d, http.MethodPost)
			const long = "2026-01-01T00:00:00Z" // restored from a backup, or seen by us only now
			theirs := map[string]any{"name": "lab", "created": long, "last_updated": long}
			for k, v := range values {
				theirs[k] = v
			}
			lost := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPost, Times: 1, Kind: netboxtest.Reset(),
				When: func(*http.Request) bool { n.Standin.AddFabric(theirs); return true }})
			state, diagnostics := c.apply(d)
			lost.Remove()
			if got := render(diagnostics); !strings.HasPrefix(got, `ERROR at AttributeName("name"): Fabric name is `+
				`taken`) ||
				!strings.Contains(got, `id = "1"`) || !state.value.IsNull() {
				t.Errorf("got %s, state %v", got, state.value)
			}
			if f, _ := n.Standin.Fabric(1); f["last_updated"] != long || len(n.Standin.Fabrics()) != 1 {
				t.Errorf("NetBox has %v", n.Standin.Fabrics())
			}
		})
	}
}

// A write that is refused fails with a clear error, and changes neither NetBox nor the state.
func TestFaults_writeIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		fault netboxtest.Fault
		want  string
	}{
		"403": {netboxtest.Fault{Kind: netboxtest.Detail(403, "You do not have permission to perform "+
			"this action.")}, "ERROR: Permission denied by NetBox"},
		"token revoked": {netboxtest.Fault{Kind: netboxtest.Detail(403, "Invalid v1 token")},
			"or not allowed from this address."},
		"token of version 2 revoked": {netboxtest.Fault{Kind: netboxtest.Detail(403, "Invalid v2 token")},
			"If the token begins with nbt_, give both of its parts, nbt_<key>.<secret>, with the dot."},
		"to a read": {netboxtest.Fault{Kind: netboxtest.Redirect(302, "http://127.0.0.1")},
			" to http://127.0.0.1/api/"},
		"maintenance mode": {netboxtest.Fault{Kind: netboxtest.Maintenance()}, "is unable to perform write " +
			"operations. Please try again later. NetBox is in maintenance mode (MAINTENANCE_MODE), or its database is"},
		"another host": {netboxtest.Fault{Kind: netboxtest.Redirect(307, "https://elsewhere.example.com")},
			" to https://elsewhere.example.com/api/"},
		"plugin's fault": {netboxtest.Fault{Kind: netboxtest.PluginError()}, "ERROR: Fault in the NetBox plugin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range writes {
				n, d := impatient(t, netboxtest.Options{})
				change := planned(d, method)
				c.fault.Method = method
				handle := n.Standin.Fault(c.fault)
				before := n.Standin.Fabrics()
				state, diagnostics := change.apply(d)
				got := render(diagnostics)
				if !strings.Contains(got, c.want) || !hasError(diagnostics) ||
					strings.Contains(got, "nbt_") != strings.Contains(c.want, "nbt_") {
					t.Errorf("%s: got %s", method, got)
				}
				if after := n.Standin.Fabrics(); len(after) != len(before) || len(after) > 0 &&
					after[0]["last_updated"] != before[0]["last_updated"] {
					t.Errorf("%s: NetBox has %v", method, after)
				}
				if change.prior != nil && !state.value.Equal(change.prior.value) {
					t.Errorf("%s: the state is %v", method, state.value)
				}
				handle.Remove()
				if change.prior == nil {
					change.prior, state = nil, d.do(nil, change.config) // the name is free
				}
				wantAgreement(d, n, state, fabricValues("lab"))
			}
		})
	}
}

// If a valid answer has other values than the write, a create warns and an update fails, and the
// state keeps the planned values. An error together with a state would taint the created fabric.
func TestFaults_answeredOtherwise(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		values map[string]any
		says   string // "" for nothing
	}{
		"POST, another value": {http.MethodPost, map[string]any{"description": "theirs"},
			`WARNING at AttributeName("description"): NetBox stored another value: The fabric "lab" was created, but ` +
				`NetBox did not store the value that it was sent (description: expected "ours", is now ` +
				`"theirs"). The next plan will show it.`},
		"POST, unknown status":            {http.MethodPost, map[string]any{"status": "bogus"}, `is now "bogus"`},
		"POST, unknown connection status": {http.MethodPost, map[string]any{"connection_status": "unheard-of"}, ""},
		"POST, null": {http.MethodPost, map[string]any{"description": nil},
			`expected "ours", is now ""`},
		"PATCH, another value": {http.MethodPatch, map[string]any{"sync_interval": 60},
			`ERROR at AttributeName("sync_interval"): NetBox stored another value`},
		"PATCH, unknown status": {http.MethodPatch,
			map[string]any{"status": map[string]any{"value": "bogus"}}, `is now "bogus"`},
		"PATCH, unknown connection status": {http.MethodPatch, map[string]any{"connection_status": "unheard-of"}, ""},
		"PATCH, as before": {http.MethodPatch, map[string]any{"sync_interval": json.Number("300")},
			"expected 900, is now 300"},
	} {
		t.Run(name, func(t *testing.T) {
			n, d := standin(t)
			change := planned(d, c.method)
			n.Standin.Fault(netboxtest.Fault{Method: c.method, Times: 1, Kind: netboxtest.Set(c.values)})
			state, diagnostics := change.apply(d)
			fails := c.method == http.MethodPatch && c.says != ""
			if got := render(diagnostics); hasError(diagnostics) != fails || !strings.Contains(got, c.says) ||
				(c.says == "") != (got == "") {
				t.Errorf("got %s\nwant %s", got, c.says)
			}
			if interval, changed := c.values["sync_interval"].(int); changed &&
				d.attribute(state, "sync_interval") != int64(interval) {
				t.Errorf("the state does not hold what NetBox answered: %v", state.value)
			}
			if c.method == http.MethodPost && d.attribute(state, "description") != "ours" {
				t.Errorf("the state does not hold the plan: %v", state.value)
			}
			refreshed, _ := d.read(state)
			wantAgreement(d, n, refreshed, change.config)
		})
	}
}

// If reading fails after a write that may have taken effect, the error says that the outcome is
// unknown, even if a later attempt got the last answer.
func TestFaults_lateWriteThatCannotBeLookedFor(t *testing.T) {
	n, d := impatient(t, netboxtest.Options{})
	c := planned(d, http.MethodPatch)
	late := n.Standin.Fault(netboxtest.Fault{Method: http.MethodPatch, Times: 1, Kind: netboxtest.Late()})
	var denied *netboxtest.FaultHandle
	n.Standin.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch && late.Hits() == 1 {
				late.Release()
				denied = n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Kind: netboxtest.Detail(403,
					"Invalid v1 token")})
			}
			next.ServeHTTP(w, r)
		})
	})
	state, diagnostics := c.apply(d)
	denied.Remove()
	if got := render(diagnostics); !strings.HasPrefix(got, "ERROR: Outcome of a write is unknown") ||
		!strings.Contains(got, "There was no complete answer from 127.0.0.1") {
		t.Errorf("got %s", got)
	}
	if f, _ := n.Standin.Fabric(1); f["sync_interval"] != float64(900) || !state.value.Equal(c.prior.value) {
		t.Errorf("NetBox has %v, the state %v", f, state.value)
	}
	refreshed, _ := d.read(state) // the next plan finds it done
	wantAgreement(d, n, refreshed, c.config)
}

// A write was lost, sent again, and then refused, so its outcome is unknown.
func TestFaults_lostWriteThatIsRefused(t *testing.T) {
	for _, method := range writes {
		n, d := impatient(t, netboxtest.Options{})
		c := planned(d, method)
		n.Standin.Fault(netboxtest.Fault{Method: method, Kind: netboxtest.Detail(403, "No more writes.")})
		n.Standin.Fault(netboxtest.Fault{Method: method, Times: 1, Kind: netboxtest.Reset()})
		_, diagnostics := c.apply(d)
		if got := render(diagnostics); !strings.HasPrefix(got, "ERROR: Outcome of a write is unknown") ||
			!strings.Contains(got, `It was sent again, and that attempt failed: NetBox answered "No more writes."`) {
			t.Errorf("%s: got %s", method, got)
		}
	}
}
