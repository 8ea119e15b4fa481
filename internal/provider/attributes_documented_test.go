package provider

import (
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Each list of the fabric's attributes has all that can be configured. Exceptions are listed here
// with a reason. No other test notices a new attribute that is missing in a list.
func TestFabricAttributes_areInEveryList(t *testing.T) {
	all, err := newServer(t).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	const (
		ofModules = "a module's user sets it nowhere: the provider's defaults are long enough"
		byToken   = "the module takes the write-only token, which is in no state"
		unread    = "no data source shows a token"
		notInForm = "it is not a field of the form"
		notStored = "NetBox does not store it"
		inModules = "the text says that the module has them"
	)
	for _, list := range []struct {
		file, begin, end, entry string
		left                    map[string]string
	}{
		{"../../examples/modules/fabrics/main.tf", `resource "hedgehog_fabric"`, "\n}\n", `(?m)^  (\w+) += `,
			map[string]string{"kubernetes_token": byToken, "timeouts": ofModules}},
		{"../../examples/modules/fabrics/variables.tf", `variable "fabrics"`, "\n}\n", `(?m)^    (\w+) += optional`,
			map[string]string{"kubernetes_token": byToken, "timeouts": ofModules,
				"kubernetes_token_wo":         "it is in the variable kubernetes_tokens",
				"kubernetes_token_wo_version": "it is called kubernetes_token_version",
				"custom_fields":               "a separate variable keeps the values' types"}},
		{"../../templates/guides/from-the-web-form.md", "| field of *Add Fabric*", "\n\n", "`(\\w+)`",
			map[string]string{"tags": notInForm, "custom_fields": notInForm, "deletion_policy": notInForm,
				"timeouts": notInForm}},
		{"../../templates/guides/existing-fabrics.md", "for key, value in {", "\n +}", `(?m)^        (\w+) += f\.`,
			map[string]string{"name": "it is the key", "kubernetes_token": unread, "kubernetes_token_wo": unread,
				"kubernetes_token_wo_version": unread, "timeouts": notStored, "custom_fields": inModules,
				"deletion_policy": notStored}},
		{"../../templates/guides/existing-fabrics.md", "for_each = local.fabrics", "\n}\n", `(?m)^  (\w+) += `,
			map[string]string{"kubernetes_token": unread, "kubernetes_token_wo": unread,
				"kubernetes_token_wo_version": unread, "timeouts": ofModules,
				"custom_fields": inModules, "deletion_policy": notStored}},
	} {
		raw, err := os.ReadFile(list.file)
		must(t, err)
		block := regexp.MustCompile(`(?s)` + regexp.QuoteMeta(list.begin) + `.*?` + list.end).FindString(string(raw))
		listed := map[string]bool{}
		for _, match := range regexp.MustCompile(list.entry).FindAllStringSubmatch(block, -1) {
			listed[match[1]] = true
		}
		for _, a := range all.ResourceSchemas[fabricType].Block.Attributes {
			if !a.Required && !a.Optional {
				continue
			}
			switch reason, left := list.left[a.Name]; {
			case !left && !listed[a.Name]:
				t.Errorf("%s: the block at %q lacks %s. Add it, or give this test a reason to leave it out",
					list.file, list.begin, a.Name)
			case left && listed[a.Name]:
				t.Errorf("%s: the block at %q has %s. Delete the reason to leave it out from this test: %s",
					list.file, list.begin, a.Name, reason)
			}
		}
	}
}
