package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// The same string in two normal forms. Terraform keeps every string composed.
const (
	composed   = "caf\u00e9"
	decomposed = "cafe\u0301"
)

// listed checks the names of the fabrics that data.hedgehog_fabrics.<name> has found.
func listed(data string, want ...string) statecheck.StateCheck {
	found := make([]knownvalue.Check, len(want))
	for i, w := range want {
		found[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact(w)})
	}
	return statecheck.ExpectKnownValue("data.hedgehog_fabrics."+data, tfjsonpath.New("fabrics"),
		knownvalue.ListExact(found))
}

func TestAccFabricResource_tagsInAnotherNormalForm(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("nfd")
	tag, stored := composed+" "+name, decomposed+" "+name
	n.Tag(t, stored)
	id := n.Create(t, map[string]any{"name": name + "-a", "tags": tagReferences("Lab", stored)["tags"]})
	config := func(provider, tags, description string) string {
		return n.ProviderConfig(provider) + fmt.Sprintf(`
import {
  to = hedgehog_fabric.test
  id = %[1]q
}
resource "hedgehog_fabric" "test" {
  name        = %[1]q
  description = %[3]q
  tags        = [%[2]s]
  %[5]s
}
data "hedgehog_fabrics" "tagged" {
  tags       = [%[4]q]
  depends_on = [hedgehog_fabric.test]
}
`, name+"-a", tags, description, tag, n.Deletion())
	}
	own := fmt.Sprintf("%q", tag)
	acceptance(t,
		resource.TestStep{ // imported and changed at once
			Config: config("", own+`, "Lab"`, "one"), Check: tagged(t, n, &id, "Lab", stored),
			ConfigStateChecks: append(has(address, want{"tags": names("Lab", tag), "tags_all": names("Lab", tag)}),
				listed("tagged", name+"-a")),
		},
		resource.TestStep{Config: config("", own+`, "Lab"`, "one"), ConfigPlanChecks: noChange()},
		resource.TestStep{
			Config:           config("", own+`, "Lab"`, "two"),
			ConfigPlanChecks: preApply(noDrift{}, does(plancheck.ResourceActionUpdate)),
			Check: resource.ComposeTestCheckFunc(tagged(t, n, &id, "Lab", stored), holds(t, n, &id,
				"description", "two")),
		},
		resource.TestStep{Config: config("", own+`, "Prod"`, "two"), Check: tagged(t, n, &id, "Prod", stored)},
		resource.TestStep{ // the tag becomes the provider's
			Config: config("default_tags = ["+own+"]", `"Prod"`, "two"), Check: tagged(t, n, &id, "Prod", stored),
			ConfigStateChecks: has(address, want{"tags": names("Prod"), "tags_all": names("Prod", tag)}),
		},
		resource.TestStep{Config: config("default_tags = ["+own+"]", `"Prod"`, "two"), ConfigPlanChecks: noChange()},
		resource.TestStep{
			Config: config("", `"Prod"`, "two"), Check: tagged(t, n, &id, "Prod"),
			ConfigStateChecks: []statecheck.StateCheck{listed("tagged")},
		},
		resource.TestStep{Config: config("", "", "two"), Check: tagged(t, n, &id)},
		resource.TestStep{ // a fabric that never had the tag
			Config: config("", own, "two"), Check: tagged(t, n, &id, stored),
		},
	)
}

func TestAccFabricResource_createdWithATagInAnotherNormalForm(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("nfd-create")
	tag, stored := composed+" "+name, decomposed+" "+name
	n.Tag(t, stored)
	config := n.ProviderConfig(fmt.Sprintf("default_tags = [%q]", tag)) + fmt.Sprintf(
		"resource \"hedgehog_fabric\" \"test\" {\n  name = %q\n  tags = [\"Lab\"]\n  %s\n}\n", name, n.Deletion())
	var id int64
	acceptance(t,
		resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(idOf(t, &id), tagged(t, n, &id,
			"Lab", stored))},
		resource.TestStep{Config: config, ConfigPlanChecks: noChange()},
		imported(n, ""),
	)
}

func TestAccFabricResource_allMissingTagsAreNamed(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("no-tags")
	config := n.ProviderConfig(`default_tags = ["LAB"]`) + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  name = %q
  tags = ["absent 1", "Prod", "prod", "absent 2"]
}
`, name)
	var steps []resource.TestStep
	for _, want := range []string{
		`NetBox has no tag named "absent 1"`,
		`NetBox has no tag named "absent 2"`,
		`NetBox has no tag named "prod" (names are case-sensitive), or this API token cannot see it. Did you mean ` +
			`"Prod"?`,
		`NetBox has no tag named "LAB" (names are case-sensitive), or this API token cannot see it. Did you mean ` +
			`"Lab"?`,
	} {
		steps = append(steps, resource.TestStep{Config: config, ExpectError: says(want)})
	}
	acceptance(t, steps...)
}

// Line ends are no change: a web form saves every string with CRLF.
func TestAccFabricResource_lineEnds(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("crlf")
	config := func(description, interval string) string {
		return n.ProviderConfig() + fmt.Sprintf(`
resource "hedgehog_fabric" "test" {
  name          = %q
  description   = %[2]q
  custom_fields = { notes = %[2]q }
  sync_interval = %[3]s
  %[4]s
}
`, name, description, interval, n.Deletion())
	}
	const saved = "line 1\r\nline 2"
	web := map[string]any{"description": saved, "custom_fields": map[string]any{"notes": saved}}
	var id int64
	acceptance(t,
		resource.TestStep{Config: config("line 1\nline 2\n", "300"), Check: idOf(t, &id)},
		resource.TestStep{ // saved in the web form
			PreConfig: func() { n.Patch(t, id, web) },
			Config:    config("line 1\nline 2\n", "300"), ConfigPlanChecks: preApply(noDrift{},
				plancheck.ExpectEmptyPlan()),
			ConfigStateChecks: has(address, want{"description": "line 1\nline 2\n"}),
		},
		resource.TestStep{ // a change of something else is no conflict, and leaves NetBox's line ends alone
			Config: config("line 1\nline 2\n", "600"), Check: holds(t, n, &id, "description", saved),
		},
		resource.TestStep{Config: config("line 1\r\nline 2\r\n", "600"), ConfigPlanChecks: noChange()},
		resource.TestStep{Config: config("line 1\n\nline 2\n", "600"), Check: holds(t, n, &id, "description",
			"line 1\n\nline 2")},
	)
}

func TestAccFabricsDataSource_namesInAnotherNormalForm(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("nfd-name-")
	n.Create(t, map[string]any{"name": name + decomposed})
	n.Create(t, map[string]any{"name": name + "cafz"}) // comes first, as everyone sees the names
	acceptance(t, resource.TestStep{
		Config: n.ProviderConfig() + fmt.Sprintf(`
data "hedgehog_fabrics" "all" {
  name_regex = "^%[1]s.{4}$"
}
data "hedgehog_fabrics" "exact" {
  name_regex = "^%[1]s%[2]s$"
}
data "hedgehog_fabric" "test" {
  name = "%[1]s%[2]s"
}
`, name, composed),
		ConfigStateChecks: []statecheck.StateCheck{listed("all", name+"cafz", name+composed), listed("exact",
			name+composed)},
	})
}
