package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// branched returns a configuration of a fabric in a branch; in main if branch is "".
func branched(n *acctest.NetBox, branch, name, description string) string {
	return inBranch(n, branch) + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  name          = %q
  description   = %q
  tags          = ["Prod"]
  custom_fields = { owner = "netops", tier = "gold" }
}
`, name, description)
}

func inBranch(n *acctest.NetBox, branch string) string {
	if branch == "" {
		return n.ProviderConfig()
	}
	return n.ProviderConfig(fmt.Sprintf("branch = %q", branch))
}

// describedAs checks the description that a NetBox, or a branch of it, has for a fabric, or "" if it
// must not have the fabric.
func describedAs(t *testing.T, n func() *acctest.NetBox, name, description string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		got := n().Named(t, name)
		switch {
		case description == "" && len(got) == 0:
		case len(got) != 1 || got[0]["description"] != description:
			return fmt.Errorf("NetBox has %v for %s, want the description %q", got, name, description)
		}
		return nil
	}
}

var emptyPlan = preApply(plancheck.ExpectEmptyPlan())

// TestAccBranch_life is one test, so that only its parts run at the same time: a sync of a branch
// repeats everything that was done in main in the meantime.
func TestAccBranch_life(t *testing.T) {
	for name, part := range map[string]func(*testing.T){
		"created, then merged": branchMerged, "imported after the merge": branchImported,
		"changed and destroyed": branchChanges, "older than the fabric": branchOlder,
		"deletion reverted": branchReverted,
	} {
		t.Run(name, part)
	}
}

// branchMerged uses the state of a branch in main, after the merge.
func branchMerged(t *testing.T) {
	t.Helper()
	n := acctest.StartBranching(t)
	b, name := n.Branch(t, "branch"), acctest.Name("created")
	main, in := func() *acctest.NetBox { return n }, func() *acctest.NetBox { return b.NetBox }
	acceptance(t,
		resource.TestStep{
			Config: branched(n, b.Name, name, "one"),
			Check:  resource.ComposeTestCheckFunc(describedAs(t, in, name, "one"), describedAs(t, main, name, "")),
		},
		resource.TestStep{Config: branched(n, b.SchemaID, name, "one"), ConfigPlanChecks: emptyPlan},
		resource.TestStep{
			Config:      branched(n, "", name, "one"),
			ExpectError: says("A fabric that was created in a branch is in main only after the merge"),
		},
		resource.TestStep{
			PreConfig: func() { b.Merge(t) }, Config: branched(n, "", name, "one"), ConfigPlanChecks: emptyPlan,
		},
		resource.TestStep{
			Config: branched(n, "", name, "two"), ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check: describedAs(t, main, name, "two"),
		},
	)
}

// branchImported imports the branch's fabric by name into main's state. An import never declares
// custom fields, so the configuration has none.
func branchImported(t *testing.T) {
	t.Helper()
	n := acctest.StartBranching(t)
	b, name := n.Branch(t, "branch"), acctest.Name("imported")
	b.CreateKept(t, map[string]any{"name": name, "tags": []any{map[string]any{"slug": "prod"}},
		"custom_fields": map[string]any{"owner": "netops"}})
	b.Merge(t)
	acceptance(t, resource.TestStep{
		Config: n.ProviderConfig() + fmt.Sprintf(`
import {
  to = hedgehog_fabric.test
  id = %[1]q
}

resource "hedgehog_fabric" "test" {
  name = %[1]q
  tags = ["Prod"]
}
`, name),
		ConfigPlanChecks: preApply(does(plancheck.ResourceActionNoop)),
	})
}

// branchChanges changes a fabric of main in one branch, and destroys
// it in the next.
func branchChanges(t *testing.T) {
	t.Helper()
	n := acctest.StartBranching(t)
	first, second, name := acctest.Name("branch"), acctest.Name("branch"), acctest.Name("changed")
	var b *acctest.Branch
	main, in := func() *acctest.NetBox { return n }, func() *acctest.NetBox { return b.NetBox }
	acceptance(t,
		resource.TestStep{Config: branched(n, "", name, "one"), Check: describedAs(t, main, name, "one")},
		resource.TestStep{
			PreConfig: func() { b = n.NamedBranch(t, first) }, Config: branched(n, first, name, "two"),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check: resource.ComposeTestCheckFunc(describedAs(t, in, name, "two"),
				describedAs(t, main, name, "one")),
		},
		resource.TestStep{
			PreConfig: func() { b.Merge(t) }, Config: branched(n, "", name, "two"), ConfigPlanChecks: emptyPlan,
		},
		resource.TestStep{
			PreConfig: func() { b = n.NamedBranch(t, second) }, Config: inBranch(n, second),
			Check: resource.ComposeTestCheckFunc(describedAs(t, in, name, ""), describedAs(t, main, name, "two")),
		},
		resource.TestStep{
			PreConfig: func() { b.Merge(t) }, Config: inBranch(n, ""), ConfigPlanChecks: emptyPlan,
			Check: describedAs(t, main, name, ""),
		},
	)
}

// branchOlder uses main's state in a branch that does not have its fabric.
func branchOlder(t *testing.T) {
	t.Helper()
	n := acctest.StartBranching(t)
	b, name := n.Branch(t, "branch"), acctest.Name("newer")
	acceptance(t,
		resource.TestStep{Config: branched(n, "", name, "one")},
		resource.TestStep{
			Config: branched(n, b.Name, name, "one"),
			ExpectError: says("The branch may be older than the fabric. Sync the branch in NetBox, and run " +
				"Terraform again."),
		},
		resource.TestStep{
			PreConfig: func() { b.Sync(t) }, Config: branched(n, b.Name, name, "one"), ConfigPlanChecks: emptyPlan,
		},
		resource.TestStep{Config: branched(n, "", name, "one"), ConfigPlanChecks: emptyPlan},
	)
}

// branchReverted uses main's state of a fabric that a merge has deleted and its revert has created
// again. The provider has never seen the branch.
func branchReverted(t *testing.T) {
	t.Helper()
	n := acctest.StartBranching(t)
	name := acctest.Name("reverted")
	acceptance(t,
		resource.TestStep{Config: branched(n, "", name, "one")},
		resource.TestStep{
			PreConfig: func() {
				b := n.Branch(t, "branch")
				b.Delete(t, int64(b.Named(t, name)[0]["id"].(float64)))
				b.Merge(t)
				b.Revert(t)
			},
			Config: branched(n, "", name, "one"), ConfigPlanChecks: emptyPlan,
		},
	)
}

// TestAccBranch_cannotBeUsed names branches that do not exist, or can no longer be used.
func TestAccBranch_cannotBeUsed(t *testing.T) {
	n := acctest.StartBranching(t)
	b := n.Branch(t, "branch")
	b.CreateKept(t, map[string]any{"name": acctest.Name("merged")}) // an empty branch is not merged
	b.Merge(t)
	name := acctest.Name("never")
	for branch, want := range map[string]string{
		strings.ToUpper(b.Name): "which is case-sensitive",
		"zzzzzzzz":              "Branch not found in NetBox", // could be a schema id
		b.Name:                  `has the status "merged", so it can no longer be used`,
	} {
		t.Run(branch, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: branched(n, branch, name, "one"), ExpectError: says(want)})
		})
	}
	t.Cleanup(func() {
		if made := n.Named(t, name); len(made) > 0 {
			t.Errorf("main has changed: %v", made)
		}
	})
}
