package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// tagged checks the names of a fabric's tags in NetBox.
func tagged(t *testing.T, n *acctest.NetBox, id *int64, want ...string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		f, _ := n.Fabric(t, *id)
		tags, _ := f["tags"].([]any)
		got := []string{}
		for _, tag := range tags {
			object, _ := tag.(map[string]any)
			got = append(got, fmt.Sprint(object["name"]))
		}
		slices.Sort(got)
		if strings.Join(got, ",") != strings.Join(want, ",") {
			return fmt.Errorf("NetBox has the tags %q, want %q", got, want)
		}
		return nil
	}
}

func names(want ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(want))
	for i, w := range want {
		checks[i] = knownvalue.StringExact(w)
	}
	return knownvalue.SetExact(checks)
}

func TestAccFabricResource_tags(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("tags")
	config := func(body string, provider ...string) string {
		return n.ProviderConfig(provider...) + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n  name = %q\n  "+
			"%s\n  %s\n}\n", name, body, n.Deletion())
	}
	var id int64
	acceptance(t,
		resource.TestStep{
			Config:            config(`tags = ["Prod", "Lab"]`),
			ConfigPlanChecks:  preApply(known("tags_all", names("Lab", "Prod"))),
			ConfigStateChecks: has(address, want{"tags": names("Lab", "Prod"), "tags_all": names("Lab", "Prod")}),
			Check:             resource.ComposeTestCheckFunc(idOf(t, &id), tagged(t, n, &id, "Lab", "Prod")),
		},
		resource.TestStep{Config: config(`tags = ["Lab", "Prod"]`), ConfigPlanChecks: noChange()},
		imported(n, ""),
		resource.TestStep{ // one of them becomes the provider's: NetBox has it still
			Config:            config(`tags = ["Lab"]`, `default_tags = ["Prod"]`),
			ConfigStateChecks: has(address, want{"tags": names("Lab"), "tags_all": names("Lab", "Prod")}),
			Check:             tagged(t, n, &id, "Lab", "Prod"),
		},
		imported(n, ""),
		resource.TestStep{ // removed by hand
			PreConfig:        func() { n.Patch(t, id, map[string]any{"tags": []any{}}) },
			Config:           config(`tags = ["Lab"]`, `default_tags = ["Prod"]`),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check:            tagged(t, n, &id, "Lab", "Prod"),
		},
		resource.TestStep{
			Config: config("", `default_tags = ["Prod"]`), Check: tagged(t, n, &id, "Prod"),
			ConfigStateChecks: has(address, want{"tags": nil, "tags_all": names("Prod")}),
		},
		resource.TestStep{Config: config(`tags = ["Prod"]`, `default_tags = ["Prod"]`), Check: tagged(t,
			n, &id, "Prod")},
		resource.TestStep{Config: config(""), Check: tagged(t, n, &id)},
		resource.TestStep{ // added by hand
			PreConfig:        func() { n.Patch(t, id, map[string]any{"tags": []any{map[string]any{"name": "Lab"}}}) },
			Config:           config(""),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)),
			Check:            tagged(t, n, &id),
		},
		resource.TestStep{ // known only after apply
			Config: config(`tags = [terraform_data.tag.output]`) + `resource "terraform_data" "tag" { ` +
				`input = "Lab" }`,
			ConfigPlanChecks: preApply(unknown("tags_all")),
			Check:            tagged(t, n, &id, "Lab"),
		},
		resource.TestStep{Config: config(`tags = ["Lab", "no such tag"]`), ExpectError: says(`NetBox has no tag ` +
			`named "no such tag"`)},
		resource.TestStep{Config: config("", `default_tags = ["no such tag"]`),
			ExpectError: says("It is one of the provider's default_tags")},
		resource.TestStep{Config: config(`tags = [" Lab"]`), ExpectError: says(`The name is " Lab". A ` +
			"tag's name must have")},
		resource.TestStep{Config: config("")},
	)
}

func TestFabricResource_unknownTagIsAnErrorOnItsElement(t *testing.T) {
	_, d := standin(t)
	config := fabricValues("lab")
	config["tags"] = []tftypes.Value{tftypes.NewValue(tftypes.String, "Prod"), tftypes.NewValue(tftypes.String,
		"no such tag")}
	made, diagnostics := d.apply(nil, config, d.plan(nil, config))
	if got := render(diagnostics); !strings.HasPrefix(got,
		`ERROR at AttributeName("tags").ElementKeyValue(tftypes.String<"no such tag">): Tag does not exist in NetBox`) {
		t.Errorf("got %s", got)
	}
	if !made.value.IsNull() {
		t.Errorf("there is a state: %v", made.value)
	}
}
