package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// byCount returns a configuration of one fabric for each name, by count.
func byCount(n *acctest.NetBox, names ...string) string {
	return n.ProviderConfig() + fmt.Sprintf(`
locals { names = split(" ", %q) }
resource "hedgehog_fabric" "test" {
  count = length(local.names)
  name  = local.names[count.index]
}
`, strings.Join(names, " "))
}

// keyed returns a configuration of one fabric, by a key of for_each.
func keyed(n *acctest.NetBox, key string) string {
	return n.ProviderConfig() + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  for_each = toset([%q])
  name     = "lab"
}
`, key)
}

// addressed returns a configuration of the fabric lab, with this resource name.
func addressed(n *acctest.NetBox, resource string) string {
	return n.ProviderConfig() + fmt.Sprintf("resource \"hedgehog_fabric\" %q {\n  name = \"lab\"\n}\n", resource)
}

// numbered returns names of fabrics, from one number to another.
func numbered(from, to int) (names []string) {
	for i := from; i <= to; i++ {
		names = append(names, fmt.Sprintf("lab-%02d", i))
	}
	return names
}

// Names move between fabrics in one apply, in whatever order Terraform writes them.
func TestAccNames_moveInOneApply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after func(*acctest.NetBox) string
		want          []string
	}{
		"a shifted count": {
			func(n *acctest.NetBox) string { return byCount(n, numbered(1, 4)...) },
			func(n *acctest.NetBox) string { return byCount(n, numbered(2, 4)...) }, numbered(2, 4),
		},
		"a name in front": {
			func(n *acctest.NetBox) string { return byCount(n, numbered(2, 4)...) },
			func(n *acctest.NetBox) string { return byCount(n, numbered(1, 4)...) }, numbered(1, 4),
		},
		"a renamed key": {
			func(n *acctest.NetBox) string { return keyed(n, "old") },
			func(n *acctest.NetBox) string { return keyed(n, "new") }, []string{"lab"},
		},
		"deleted and created": {
			func(n *acctest.NetBox) string { return addressed(n, "old") },
			func(n *acctest.NetBox) string { return addressed(n, "new") }, []string{"lab"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := acctest.Standin(t, netboxtest.Options{})
			x := newWorkspace(t, n, test.before(n))
			x.ok("apply", "-auto-approve")
			x.configure(test.after(n))
			x.ok("apply", "-auto-approve")
			x.wantAgreement(test.want...)
		})
	}
}

// One apply cannot swap two names. The error comes at once and says what to do, and that works.
func TestAccNames_swap(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	x := newWorkspace(t, n, byCount(n, "lab-01", "lab-02"))
	x.ok("apply", "-auto-approve")
	x.configure(byCount(n, "lab-02", "lab-01"))
	begun := time.Now()
	said := x.fails("fabrics cannot swap names in one apply. Give one of them a third name", "apply", "-auto-approve")
	if strings.Count(said, "Fabric name is taken") != 2 || time.Since(begun) > 30*time.Second {
		t.Errorf("after %s: %s", time.Since(begun), said)
	}
	x.wantStates("lab-01", "lab-02")
	x.configure(byCount(n, "lab-03", "lab-01"))
	x.ok("apply", "-auto-approve")
	x.configure(byCount(n, "lab-02", "lab-01"))
	x.ok("apply", "-auto-approve")
	x.wantAgreement("lab-01", "lab-02")
}

// More fabrics than Terraform writes at once may wait for others that it has not started. Some
// of them soon fail because the name is taken, and the next applies do the rest.
func TestAccNames_moreMoversThanParallelism(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	x := newWorkspace(t, n, byCount(n, numbered(1, 15)...))
	x.ok("apply", "-auto-approve")
	x.configure(byCount(n, numbered(2, 15)...))
	for applies := 1; ; applies++ {
		begun := time.Now()
		said, err := x.say("apply", "-auto-approve", "-parallelism=10")
		if time.Since(begun) > time.Minute {
			t.Fatalf("an apply took %s", time.Since(begun))
		}
		if err == nil {
			break
		}
		if !says("Fabric name is taken").MatchString(said) || applies == 10 {
			t.Fatalf("apply %d: %s", applies, said)
		}
	}
	x.wantAgreement(numbered(2, 15)...)
}

// With one write at a time, a write cannot wait for another, but each apply gets further.
func TestAccNames_oneWriteAtATime(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	x := newWorkspace(t, n, byCount(n, numbered(1, 3)...))
	x.ok("apply", "-auto-approve")
	x.configure(byCount(n, numbered(2, 3)...))
	taken := func() []string {
		said, err := x.say("apply", "-auto-approve", "-parallelism=1")
		if err == nil {
			return nil
		}
		return slices.DeleteFunc(strings.Split(said, "\n"), func(line string) bool {
			return !strings.Contains(line,
				"Fabric name is taken")
		})
	}
	for applies, left := 1, taken(); len(left) > 0; applies, left = applies+1, taken() {
		if applies == 4 {
			t.Fatalf("after %d applies: %q", applies, left)
		}
	}
	x.wantAgreement(numbered(2, 3)...)
}

// If a fabric outside of Terraform has the name, a change reports that like a create.
func TestAccNames_takenOnAChange(t *testing.T) {
	t.Parallel()
	x := labWorkspace(t, netboxtest.Options{}, true)
	id := x.n.Standin.AddFabric(map[string]any{"name": "theirs"})
	x.configure(strings.ReplaceAll(labConfig(x.n, 300), `"lab"`, `"theirs"`))
	said := x.fails(fmt.Sprintf(`Could not update the fabric 1 ("lab"): NetBox already has a fabric named "theirs", `+
		`with the id %d.`, id),
		"apply", "-auto-approve")
	for _, want := range []string{"Error: Fabric name is taken", "First check that no other resource",
		"with hedgehog_fabric.test",
		`name              = "theirs"`,
		fmt.Sprintf(`import { to = hedgehog_fabric.example id = "%d" }`, id)} {
		if !says(want).MatchString(said) {
			t.Errorf("got no %q in:\n%s", want, said)
		}
	}
	x.wantStates("lab")
}
