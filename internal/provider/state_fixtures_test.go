package provider

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// writeState makes the test write a fixture with today's provider (see CONTRIBUTING.md).
var writeState = flag.String("write-state", "", "folder in testdata/states to write a state into")

const (
	stateFixtures = "testdata/states"
	// The addresses in a fixture, instead of those of the stand-ins.
	fixtureNetBox    = "https://netbox.example.com"
	fixtureCluster   = "https://k8s.example.com:6443"
	fixtureNamespace = "fabric-2"
)

// fixtureTime is the time at which every fixture was written, by NetBox's clock.
func fixtureTime() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }

// fixture is a state that a version of the provider has written, with its configuration and its
// NetBox.
type fixture struct {
	folder string
	n      *acctest.NetBox
	cli    *cli
}

func newFixture(t *testing.T, folder string) *fixture {
	t.Helper()
	acctest.Need(t, acctest.WriteOnly)
	n := acctest.Standin(t, netboxtest.Options{})
	n.Standin.SetNow(fixtureTime())
	f := &fixture{folder: filepath.Join(stateFixtures, folder), n: n}
	f.cli = newCLI(t, f.file(t, "main.tf"), "NETBOX_SERVER_URL="+n.URL, "NETBOX_API_TOKEN="+n.Token)
	return f
}

func (f *fixture) file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.folder, name))
	must(t, err)
	return string(text)
}

// load gives NetBox and the CLI the data that they had when the fixture was written.
func (f *fixture) load(t *testing.T) {
	t.Helper()
	var records []map[string]any
	must(t, json.Unmarshal([]byte(f.file(t, "netbox.json")), &records))
	for _, record := range records {
		f.n.Standin.AddFabric(record)
	}
	f.cli.write("terraform.tfstate", strings.ReplaceAll(f.file(t, "state.json"), fixtureNetBox, f.n.URL))
}

// change changes a fabric outside of Terraform.
func (f *fixture) change(t *testing.T, name string, fields map[string]any) {
	t.Helper()
	record, there := f.n.Standin.FabricByName(name)
	id, _ := record["id"].(float64)
	if !there {
		t.Fatalf("the fixture has no fabric %q", name)
	}
	f.n.Standin.UpdateFabric(int64(id), fields)
}

// The provider reads states of older versions, with their private data and identities, and plans no
// change. If this fails, the schema needs a new version and a state upgrader (see CONTRIBUTING.md).
func TestAccState_ofOlderVersions(t *testing.T) {
	if *writeState != "" {
		writeFixture(t, *writeState)
	}
	folders, err := os.ReadDir(stateFixtures)
	must(t, err)
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			for what, test := range map[string]func(*testing.T, *fixture){
				"plans nothing": plansNothing, "knows each fabric": knowsEachFabric,
				"knows the token": knowsTheToken, "knows what was imported": knowsWhatWasImported,
				"knows that there is no token": knowsThatThereIsNoToken,
			} {
				t.Run(what, func(t *testing.T) {
					t.Parallel()
					f := newFixture(t, folder.Name())
					f.load(t)
					test(t, f)
				})
			}
		})
	}
}

// plansNothing also checks that the types of custom fields are in private state: the
// refresh does not ask for definitions.
func plansNothing(t *testing.T, f *fixture) {
	t.Helper()
	f.cli.must("plan", "-out=planned", "-detailed-exitcode")
	var plan struct {
		ResourceChanges []struct {
			Address string
			Change  struct{ Actions []string }
		} `json:"resource_changes"`
		ResourceDrift []drift `json:"resource_drift"`
	}
	must(t, json.Unmarshal([]byte(f.cli.must("show", "-json", "planned")), &plan))
	filled := 0
	for _, d := range plan.ResourceDrift {
		for name, want := range f.newerAttributes(&d) {
			if was, is := d.Change.Before[name], d.Change.After[name]; was != nil || is != want {
				t.Errorf("%s: the refresh fills %s of %v with %v, want %v", d.Address, name, was, is, want)
			}
			delete(d.Change.Before, name)
			delete(d.Change.After, name)
			filled++
		}
		if !reflect.DeepEqual(d.Change.Before, d.Change.After) {
			t.Errorf("%s: the refresh changes %v to %v", d.Address, d.Change.Before, d.Change.After)
		}
	}
	if want := len(f.n.Standin.Fabrics()); filled != want {
		t.Errorf("the refresh fills %d newer attributes, want %d", filled, want)
	}
	if len(plan.ResourceChanges) != 4 {
		t.Errorf("the plan has %d resources, want 4", len(plan.ResourceChanges))
	}
	for _, c := range plan.ResourceChanges {
		if strings.Join(c.Change.Actions, " ") != "no-op" {
			t.Errorf("%s: the plan has the actions %s", c.Address, c.Change.Actions)
		}
	}
	if asked := f.n.Standin.Count("GET", "/api/extras/"); asked > 0 {
		t.Errorf("the plan asked %d times for definitions", asked)
	}
}

// drift is what a refresh changes in a resource's state.
type drift struct {
	Address, Type string
	Change        struct{ Before, After map[string]any }
}

// newerAttributes returns the computed attributes that the fixtures' states lack, with the values
// that the first refresh must fill in.
func (f *fixture) newerAttributes(d *drift) map[string]any {
	if d.Type != fabricType {
		return nil
	}
	return map[string]any{"web_url": fmt.Sprintf("%s/plugins/hedgehog/fabrics/%v/", f.n.URL, d.Change.After["id"])}
}

func knowsEachFabric(t *testing.T, f *fixture) {
	t.Helper()
	f.change(t, "berlin", map[string]any{"created": fixtureTime().Add(time.Hour)})
	if _, log, err := f.cli.run("plan"); err == nil || !says("Another fabric has this id").MatchString(log) {
		t.Errorf("a plan for another fabric under the id: %v", err)
	}
}

func knowsTheToken(t *testing.T, f *fixture) {
	t.Helper()
	f.change(t, "munich", map[string]any{"kubernetes_token": "another"})
	if out := f.cli.must("plan"); !says("Kubernetes token was changed in NetBox").MatchString(out) {
		t.Errorf("a plan after the token was changed: %s", out)
	}
}

// knowsWhatWasImported plans a destroy without a refresh, and without an answer of NetBox.
func knowsWhatWasImported(t *testing.T, f *fixture) {
	t.Helper()
	f.n.Standin.RevokeToken(f.n.Token)
	if out := f.cli.must("plan", "-destroy", "-refresh=false"); !says("(up to 33, the number that its cluster had").
		MatchString(out) {
		t.Errorf("a plan of a destroy: %s", out)
	}
}

// knowsThatThereIsNoToken plans an empty token. That changes nothing in a NetBox without a token, so
// no value becomes unknown. The plan is made without a refresh, which would read this from NetBox.
func knowsThatThereIsNoToken(t *testing.T, f *fixture) {
	t.Helper()
	const fabric = `name = "oslo"`
	f.cli.write("main.tf", strings.Replace(f.cli.file("main.tf"), fabric, fabric+"\n  kubernetes_token = \"\"", 1))
	out := f.cli.must("plan", "-refresh=false")
	if !says("0 to add, 1 to change").MatchString(out) || strings.Contains(out, "known after") {
		t.Errorf("a plan of an empty token: %s", out)
	}
}

// writeFixture writes the state of today's provider into a folder, which has a main.tf. It needs a
// CLI that writes identities.
func writeFixture(t *testing.T, folder string) {
	t.Helper()
	acctest.Need(t, acctest.Identities)
	f, c := newFixture(t, folder), acctest.StandinKubernetes(t)
	namespace := c.Filled(t)
	f.cli.write("main.tf", strings.NewReplacer(fixtureCluster, c.URL, fixtureNamespace, namespace).
		Replace(f.cli.file("main.tf")))
	f.cli.must("apply", "-auto-approve")
	f.cli.must("apply", "-refresh-only", "-auto-approve") // with what the sync has made of the fabric
	f.cli.must("plan", "-detailed-exitcode")
	records := f.n.Standin.Fabrics()
	for _, record := range records {
		for key, value := range record {
			record[key] = withoutLabel(value)
		}
		for _, derived := range []string{"url", "display"} {
			delete(record, derived)
		}
	}
	stored, err := json.MarshalIndent(records, "", "  ")
	must(t, err)
	written := strings.NewReplacer(f.n.URL, fixtureNetBox, c.URL, fixtureCluster, namespace, fixtureNamespace)
	for name, text := range map[string]string{"state.json": f.cli.file("terraform.tfstate"),
		"netbox.json": string(stored) + "\n"} {
		must(t, os.WriteFile(filepath.Join(f.folder, name), []byte(written.Replace(text)), 0o600))
	}
}

// withoutLabel returns a choice's value and a reference's id, as NetBox stores them.
func withoutLabel(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if value, is := v["value"]; is {
			return value
		}
		if id, is := v["id"]; is {
			return id
		}
		for key, field := range v {
			v[key] = withoutLabel(field)
		}
	case []any:
		for i := range v {
			v[i] = withoutLabel(v[i])
		}
	}
	return v
}
