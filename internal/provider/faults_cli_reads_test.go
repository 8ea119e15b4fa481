package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// A plan that gets no good answer is an error in plain words, and changes neither
// the state nor NetBox; the next one is as if nothing had been.
func TestFaults_cliRefreshFails(t *testing.T) {
	t.Parallel()
	x := oneLife(t, netboxtest.Options{}, true)
	elsewhere := acctest.Standin(t, netboxtest.Options{})
	past := json.Number("9223372036854775808")
	state, before := x.file("terraform.tfstate"), x.n.Standin.Fabrics()[0]
	for name, c := range map[string]struct {
		kind netboxtest.Kind
		want string
	}{
		"no answer":             {netboxtest.Hold(), "There was no complete answer from 127.0.0.1"},
		"an answer that stalls": {netboxtest.Stall(), "There was no complete answer from 127.0.0.1"},
		"an endless one":        {netboxtest.Endless(), "is larger than 32 MiB"},
		"one of 2 GB":           {netboxtest.Huge(2 << 30), "is larger than 32 MiB"},
		"a login page":          {netboxtest.Page(200), "The answer begins: <!DOCTYPE html>"},
		"nothing":               {netboxtest.Empty(200), "it is empty or cut off"},
		"half an object":        {netboxtest.CutJSON(), "it is empty or cut off"},
		"a text for a number": {netboxtest.Set(map[string]any{"sync_interval": "soon"}),
			`the field "sync_interval" is not an integer`},
		"a number past int64": {netboxtest.Set(map[string]any{"sync_interval": past}), `the field "sync_interval" ` +
			`is not an integer`},
		"an id past int64": {netboxtest.Set(map[string]any{"id": past}), `the field "id" is not an integer`},
		"null for a truth": {netboxtest.Set(map[string]any{"sync_enabled": nil}), `the field "sync_enabled" ` +
			`is null`},
		"no time of birth": {netboxtest.Set(map[string]any{"created": nil}), `the field "created" is null`},
		"a list": {netboxtest.Rewrite("a list", func(*http.Request, any) any { return []any{} }),
			"is not a JSON object"},
		"to another host": {netboxtest.Redirect(302, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)),
			"is redirected to http://localhost:"},
		"to another port": {netboxtest.Redirect(302, elsewhere.URL), "is redirected to " + elsewhere.URL},
		"to https": {netboxtest.Redirect(301, "https://127.0.0.1"),
			"is redirected to https://127.0.0.1/api/"},
		"round and round": {netboxtest.Redirect(302, x.n.URL), "is redirected to " + x.n.URL},
	} {
		fault := x.n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: c.kind})
		said := x.fails(c.want, "plan")
		fault.Remove()
		if fault.Hits() == 0 || strings.Contains(said, "panic") {
			t.Errorf("%s: struck %d times\n%s", name, fault.Hits(), said)
		}
		if x.file("terraform.tfstate") != state {
			t.Fatalf("%s: the state is %s", name, x.file("terraform.tfstate"))
		}
	}
	if n := len(elsewhere.Standin.Requests()); n != 0 {
		t.Errorf("%d requests to another host", n)
	}
	x.wantUntouched(before)
	x.wantAgreement("lab")
}

// A redirect on the same host is followed, and what NetBox may come to store one day
// is taken as it is.
func TestFaults_cliRefreshGetsOver(t *testing.T) {
	t.Parallel()
	x := oneLife(t, netboxtest.Options{}, true)
	for name, kind := range map[string]netboxtest.Kind{
		"redirected on the host":    netboxtest.Redirect(302, x.n.URL),
		"redirected for good":       netboxtest.Redirect(308, x.n.URL),
		"503":                       netboxtest.Status(503),
		"reset":                     netboxtest.ResetMidAnswer(),
		"unknown connection status": netboxtest.Set(map[string]any{"connection_status": "quantum"}),
		"unknown stored status": netboxtest.Set(map[string]any{"sync_status": map[string]any{"value": "quantum",
			"label": "Quantum"}}),
		"more fields": netboxtest.Set(map[string]any{"unheard_of": []any{nil, map[string]any{}}}),
	} {
		fault := x.n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Times: 1, Kind: kind})
		if x.wantNoChange(); fault.Hits() != 1 {
			t.Errorf("%s: struck %d times", name, fault.Hits())
		}
	}
	// A value off the list in a managed attribute is drift, and is mended.
	x.n.Standin.UpdateFabric(1, map[string]any{"status": "quantum"})
	if said := x.ok("plan"); !strings.Contains(said, `"quantum"`) || !strings.Contains(said, `"planned"`) {
		t.Error(said)
	}
	x.ok("apply", "-auto-approve")
	x.wantAgreement("lab")
}

// listing adds the number of all the fabrics as an output.
const listing = "data \"hedgehog_fabrics\" \"all\" {}\noutput \"all\" {\n  value = " +
	"length(data.hedgehog_fabrics.all.fabrics)\n}\n"

// Links to the next page that lead astray cost a refresh of several fabrics its walk
// over the list, and nothing else; the fabrics are on the second page.
func TestFaults_cliNextLinks(t *testing.T) {
	t.Parallel()
	for name, kind := range astray() {
		for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V45} {
			t.Run(fmt.Sprintf("%s, %s", name, version), func(t *testing.T) {
				t.Parallel()
				n, elsewhere := crowded(t, version), acctest.Standin(t, netboxtest.Options{})
				x := newLife(t, n, severalFabrics(n, 8, 300))
				x.ok("apply", "-auto-approve")
				handle := n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Kind: kind(elsewhere.URL),
					When: func(r *http.Request) bool { return r.URL.Path == fabricsAPI }})
				x.wantNoChange()
				if handle.Hits() == 0 {
					t.Error("no list was asked for")
				}
				if name == "another host" && version == netboxtest.V47 {
					x.configure(severalFabrics(n, 8, 300) + listing)
					if said := x.ok("plan"); !strings.Contains(said, fmt.Sprintf("+ all = %d", crowd+8)) {
						t.Error(said)
					}
				}
				if asked := len(elsewhere.Standin.Requests()); asked != 0 {
					t.Errorf("%d requests to another host", asked)
				}
			})
		}
	}
}

func astray() map[string]func(elsewhere string) netboxtest.Kind {
	return map[string]func(elsewhere string) netboxtest.Kind{
		"another host": netboxtest.NextElsewhere,
		"repeated":     func(string) netboxtest.Kind { return netboxtest.NextRepeats() },
		"without end":  func(string) netboxtest.Kind { return netboxtest.NextForever() },
	}
}

// A list that repeats itself, or does not end, is an error of whoever asks for it.
func TestFaults_cliListWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V45} {
		n := acctest.Standin(t, netboxtest.Options{Version: version})
		x := newLife(t, n, severalFabrics(n, 2, 300))
		x.ok("apply", "-auto-approve")
		x.configure(severalFabrics(n, 2, 300) + listing)
		for _, kind := range []netboxtest.Kind{netboxtest.NextRepeats(), netboxtest.NextForever()} {
			fault := n.Standin.Fault(netboxtest.Fault{Method: http.MethodGet, Path: fabricsAPI, Kind: kind})
			x.fails("list cannot be read to its end", "plan")
			if fault.Remove(); fault.Hits() > 1100 {
				t.Errorf("asked %d times", fault.Hits())
			}
		}
		x.configure(severalFabrics(n, 2, 300))
		x.wantNoChange()
	}
}

// crowd is more than a page of fabrics.
const crowd = 25

// crowded is a NetBox with small pages, and so many fabrics that what comes after
// them is on the second page of the list.
func crowded(t *testing.T, version netboxtest.Version) *acctest.NetBox {
	t.Helper()
	n := acctest.Standin(t, netboxtest.Options{Version: version, MaxPageSize: 20})
	for i := range crowd {
		n.Standin.AddFabric(map[string]any{"name": fmt.Sprintf("crowd-%04d", i)})
	}
	return n
}
