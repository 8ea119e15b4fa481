package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

const managedTwice = "Warning: Fabric is managed twice"

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
	x.ok("state", "rm", "hedgehog_fabric."+copied)
	if said := x.ok("plan", "-detailed-exitcode"); strings.Contains(said, managedTwice) {
		t.Errorf("got %s", said)
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
			if said := x.ok(command...); strings.Contains(said, "managed twice") {
				t.Errorf("%v with\n%s\ngot %s", command, config, said)
			}
		}
	}
	apply := []string{"apply", "-auto-approve"}
	quiet(data+resourceNamed("one")+importBlockOf("one"), []string{"plan"}, apply, apply, []string{"plan", "-out=saved"},
		[]string{"apply", "saved"}, []string{"refresh"}, []string{"plan", "-refresh-only"})
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
