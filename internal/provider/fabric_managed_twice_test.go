package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// importBlockOf imports the fabric 1 to a resource.
func importBlockOf(resource string) string {
	return fmt.Sprintf("import {\n  to = hedgehog_fabric.%s\n  id = \"1\"\n}\n", resource)
}

func resourceNamed(resource string) string {
	return fmt.Sprintf("resource \"hedgehog_fabric\" %q {\n  name = \"lab\"\n}\n", resource)
}

const (
	managedTwice        = "Warning: Fabric is managed twice"
	destroyedAndCreated = "Warning: Fabric is destroyed and created again"
)

// A new address without a moved block would lose the record.
func TestAccManagedTwice_newAddress(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	provider := n.ProviderConfig()
	x := newWorkspace(t, n, provider+resourceNamed("one"))
	x.ok("apply", "-auto-approve")
	x.configure(provider + resourceNamed("two"))
	said := x.ok("plan")
	if strings.Count(said, destroyedAndCreated) != 1 || !says(`destroys the fabric "lab" under one `+
		`address`).MatchString(said) {
		t.Errorf("got %s", said)
	}
	x.configure(provider + resourceNamed("two") + "moved {\n  from = hedgehog_fabric.one\n  to   = " +
		"hedgehog_fabric.two\n}\n")
	if said := x.ok("plan"); strings.Contains(said, destroyedAndCreated) || !strings.Contains(said, "0 to destroy") {
		t.Errorf("got %s", said)
	}
}

// With another deletion policy, the fabric stays in NetBox with its name.
func TestManagedTwice_newAddressOfAFabricThatStays(t *testing.T) {
	for policy, want := range map[string]string{
		deletionDelete: `This plan destroys the fabric "lab" under one address and creates a fabric with the same ` +
			`name under another. `,
		deletionAbandon: `This plan removes the fabric "lab" from the state under one address, but not from NetBox ` +
			`(deletion_policy = "abandon"). Under another address, it creates a fabric with the same name, which ` +
			`will ` +
			`fail because the name is taken. `,
		deletionDecommission: `This plan removes the fabric "lab" from the state under one address, but not from ` +
			`NetBox (deletion_policy = "decommission"). Under another address, it creates a fabric with the same ` +
			`name, which will fail because the name is taken. `,
	} {
		n, d := standin(t)
		config := fabricValues("lab")
		config["deletion_policy"] = policy
		made := d.do(nil, config)
		for _, removedFirst := range []bool{true, false} {
			d := newDriver(t, n)
			removal := func() string { return render(d.plan(made, nil).Diagnostics) }
			creation := func() string { return render(d.plan(nil, fabricValues("lab")).Diagnostics) }
			first, second := creation, removal
			if removedFirst {
				first, second = removal, creation
			}
			if got := first(); got != "" {
				t.Errorf("%s: got %s", policy, got)
			}
			if got := second(); !strings.Contains(got, ": "+want+"If you gave the resource a new address") {
				t.Errorf("%s, removed first %t: got %s", policy, removedFirst, got)
			}
		}
	}
}

// Two resources with one name: the message does not offer to import what the other resource has
// just made. If they both manage it all the same, every plan says so, also the one that
// would destroy the fabric, until one of them leaves the state.
func TestAccManagedTwice_aCopiedBlock(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	provider := n.ProviderConfig()
	x := newWorkspace(t, n, provider+resourceNamed("one")+resourceNamed("two"))
	said := x.fails("Another resource of this apply has the same name", "apply", "-auto-approve")
	if strings.Contains(said, "import {") || !says("Don't import the fabric").MatchString(said) {
		t.Errorf("got %s", said)
	}
	kept, copied := "one", "two"
	if strings.Contains(x.file("terraform.tfstate"), `"name": "two"`) {
		kept, copied = copied, kept
	}

	x.configure(provider + resourceNamed(kept) + resourceNamed(copied) + importBlockOf(copied))
	for _, command := range [][]string{{"plan"}, {"apply", "-auto-approve"}, {"plan"}} {
		if said := x.ok(command...); strings.Count(said, managedTwice) != 1 {
			t.Errorf("%v: got %s", command, said)
		}
	}
	x.configure(provider + resourceNamed(kept))
	if said := x.ok("plan"); !strings.Contains(said, managedTwice) || !strings.Contains(said, "1 to destroy") {
		t.Errorf("got %s", said)
	}
	before := x.file("terraform.tfstate")
	x.ok("state", "rm", "hedgehog_fabric."+kept) // the wrong one
	if said := x.ok("plan"); strings.Count(said, destroyedAndCreated) != 1 {
		t.Errorf("got %s", said)
	}
	must(t, os.WriteFile(filepath.Join(x.dir, "terraform.tfstate"), []byte(before), 0o600))
	x.ok("state", "rm", "hedgehog_fabric."+copied)
	if said := x.ok("plan", "-detailed-exitcode"); strings.Contains(said, managedTwice) {
		t.Errorf("got %s", said)
	}
}

// event is what Terraform does with a fabric in a run.
type event func(d *driver, state *instance) []*tfprotov6.Diagnostic

// Whichever comes second warns, whether it is an import or a refresh. An import's own read
// is neither, nor is a data source.
func TestManagedTwice_inAnyOrder(t *testing.T) {
	imports := func(id string) event {
		return func(d *driver, _ *instance) []*tfprotov6.Diagnostic {
			resp, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
				TypeName: fabricType, ID: id})
			must(t, err)
			read, said := d.read(&instance{d.value(resp.ImportedResources[0].State), resp.ImportedResources[0].Private})
			if len(said) != 0 || d.attribute(read, "name") != "lab" {
				t.Errorf("the import is %v, and says %s", read.value, render(said))
			}
			return resp.Diagnostics
		}
	}
	refresh := func(d *driver, state *instance) []*tfprotov6.Diagnostic {
		_, said := d.read(state)
		return said
	}
	data := func(d *driver, _ *instance) []*tfprotov6.Diagnostic {
		_, said := d.readData(fabricType, map[string]any{"name": "lab"})
		return said
	}
	for what, c := range map[string]struct {
		steps []event
		warns bool // at the last step
	}{
		"refreshed, imported":       {[]event{refresh, imports("1")}, true},
		"imported, refreshed":       {[]event{imports("lab"), refresh}, true},
		"imported twice":            {[]event{imports("lab"), imports("1")}, true},
		"refreshed twice":           {[]event{refresh, refresh}, true},
		"refreshed, and a data one": {[]event{data, data, refresh}, false},
		"imported, and a data one":  {[]event{data, imports("1"), data}, false},
	} {
		n, d := standin(t)
		made := d.do(nil, map[string]any{"name": "lab"})
		d = newDriver(t, n)
		for i, step := range c.steps {
			got := render(step(d, made))
			want := c.warns && i == len(c.steps)-1
			if strings.HasPrefix(got, `WARNING: Fabric is managed twice: Two resources manage the fabric 1 ("lab")`) !=
				want || !want && got != "" {
				t.Errorf("%s, step %d: got %s", what, i+1, got)
			}
		}
	}
}

// In other workflows, nothing manages a fabric twice.
func TestAccManagedTwice_falseAlarms(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	provider := n.ProviderConfig()
	n.Standin.AddFabric(map[string]any{"name": "lab"})
	data := "data \"hedgehog_fabric\" \"lab\" {\n  name = \"lab\"\n}\ndata \"hedgehog_fabrics\" \"all\" {}\n"
	x := newWorkspace(t, n, "")
	quiet := func(config string, commands ...[]string) {
		t.Helper()
		x.configure(provider + config)
		for _, command := range commands {
			said := x.ok(command...)
			if strings.Contains(said, managedTwice) || strings.Contains(said, destroyedAndCreated) {
				t.Errorf("%v with\n%s\ngot %s", command, config, said)
			}
		}
	}
	apply := []string{"apply", "-auto-approve"}
	quiet(data+resourceNamed("one")+importBlockOf("one"), []string{"plan"}, apply, apply,
		[]string{"plan", "-out=saved"}, []string{"apply", "saved"}, []string{"refresh"}, []string{"plan",
			"-refresh-only"})
	quiet(data+resourceNamed("two")+"moved {\n  from = hedgehog_fabric.one\n  to   = hedgehog_fabric.two\n}\n",
		[]string{"plan"}, apply)
	x.ok("state", "mv", "hedgehog_fabric.two", "hedgehog_fabric.one")
	x.ok("state", "rm", "hedgehog_fabric.one")
	x.ok("import", "hedgehog_fabric.two", "name:lab")
	quiet(resourceNamed("two"), []string{"plan", "-destroy", "-out=saved"}, []string{"apply", "saved"}, apply,
		[]string{"apply", "-auto-approve", "-replace=hedgehog_fabric.two"}, []string{"destroy", "-auto-approve"})
	must(t, os.WriteFile(filepath.Join(x.dir, "two.tftest.hcl"), []byte("run \"made\" {}\nrun \"again\" {}\nrun "+
		"\"planned\" {\n  command = plan\n}\n"), 0o600))
	quiet(resourceNamed("two"), []string{"test"})
}
