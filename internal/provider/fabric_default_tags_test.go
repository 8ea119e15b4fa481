package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func tagReferences(names ...string) map[string]any {
	tags := []any{}
	for _, name := range names {
		tags = append(tags, map[string]any{"name": name})
	}
	return map[string]any{"tags": tags}
}

// noDrift checks that a plan reports no drift.
type noDrift struct{}

func (noDrift) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	if drift := req.Plan.ResourceDrift; len(drift) > 0 {
		resp.Error = errors.New(drift[0].Address + " is reported as changed in NetBox")
	}
}

func TestAccFabricResource_defaultTagsByHand(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("default-tags")
	config := n.ProviderConfig(`default_tags = ["Prod"]`) + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n  "+
		"name = %q\n  %s\n}\n", name, n.Deletion())
	var id int64
	steps := []resource.TestStep{{
		Config: config, Check: resource.ComposeTestCheckFunc(idOf(t, &id), tagged(t, n, &id, "Prod")),
		ConfigStateChecks: has(address, want{"tags": nil, "tags_all": names("Prod")}),
	}}
	for _, byHand := range [][]string{{}, {"Lab"}, {"Lab", "Prod"}} {
		steps = append(steps,
			resource.TestStep{
				PreConfig: func() { n.Patch(t, id, tagReferences(byHand...)) },
				Config:    config, ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate), known("tags_all",
					names("Prod"))),
				Check: tagged(t, n, &id, "Prod"),
			},
			resource.TestStep{Config: config, ConfigPlanChecks: noChange()})
	}
	acceptance(t, append(steps, imported(n, ""))...)
}

// Unknown default tags and an unknown message for the change log do not affect a plan, since
// reading does not need them.
func TestAccProvider_unknownDefaultTagsAndMessage(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("later-tags")
	config := func(tag, message, description string) string {
		return n.ProviderConfig(`default_tags = ["Prod", terraform_data.later.output.tag]`,
			"changelog_message = terraform_data.later.output.message") + fmt.Sprintf(`
resource "terraform_data" "later" {
  input = { tag = %q, message = %q }
}
resource "hedgehog_fabric" "test" {
  name        = %q
  description = %q
  %s
}
data "hedgehog_fabrics" "all" {
  name_regex = "^%s$"
}
`, tag, message, name, description, n.Deletion(), name)
	}
	var id int64
	w := &written{n: n, name: name}
	found := func(count int) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.hedgehog_fabrics.all", tfjsonpath.New("fabrics"),
			knownvalue.ListSizeExact(count))
	}
	acceptance(t,
		resource.TestStep{
			Config: config("Lab", "CHG-1", "a"), ConfigPlanChecks: preApply(unknown("tags_all"),
				known("tags", nil)),
			Check: resource.ComposeTestCheckFunc(idOf(t, &id), tagged(t, n, &id, "Lab", "Prod"), w.remember(t)),
		},
		resource.TestStep{
			Config: config("Lab", "CHG-2", "a"),
			ConfigPlanChecks: preApply(noDrift{}, does(plancheck.ResourceActionUpdate),
				known("id", knownvalue.NotNull()), known("tags", nil), unknown("tags_all")),
			ConfigStateChecks: append(has(address, want{"tags": nil, "tags_all": names("Lab", "Prod")}), found(1)),
			Check:             w.untouched(t), // it turns out to be what it was
		},
		resource.TestStep{ // a change by hand is drift
			PreConfig:        func() { n.Patch(t, id, map[string]any{"description": "theirs"}) },
			Config:           config("Prod", "CHG-3", "a"),
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate), known("description", "a")),
			Check: resource.ComposeTestCheckFunc(tagged(t, n, &id, "Prod"), holds(t, n, &id,
				"description", "a")),
		},
	)
	wantChanges(t, n, id, "create CHG-1", "update ", "update CHG-3", "delete CHG-3")
}

// later configures a provider with values that are known only after apply.
func later(t *testing.T, n *acctest.NetBox, unknown map[string]any) *driver {
	t.Helper()
	d := newDriver(t, nil)
	schemas, err := d.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	d.must(err, nil)
	kind, _ := schemas.Provider.ValueType().(tftypes.Object)
	values := map[string]any{"server_url": n.URL, "api_token": n.Token}
	for name, v := range unknown {
		values[name] = v
	}
	configured, err := d.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: d.dynamic(kind, fill(kind, values))})
	d.must(err, configured.Diagnostics)
	return d
}

func TestFabricResource_refreshWithUnknownProviderValues(t *testing.T) {
	someUnknown := []tftypes.Value{tftypes.NewValue(tftypes.String, "Prod"), tftypes.NewValue(tftypes.String,
		tftypes.UnknownValue)}
	for name, values := range map[string]map[string]any{
		"a default tag":    {"default_tags": someUnknown},
		"all default tags": {"default_tags": tftypes.UnknownValue},
		"the message":      {"changelog_message": tftypes.UnknownValue},
	} {
		t.Run(name, func(t *testing.T) {
			n := acctest.Standin(t, netboxtest.Options{})
			known := map[string]any{}
			if values["default_tags"] != nil {
				known["default_tags"] = []tftypes.Value{tftypes.NewValue(tftypes.String, "Prod"),
					tftypes.NewValue(tftypes.String, "Lab")}
			}
			made := later(t, n, known).do(nil, fabricValues("lab"))
			n.Standin.UpdateFabric(1, map[string]any{"sync_error": "quota exceeded",
				"last_sync": "2026-11-23T12:00:00Z"})
			read, diagnostics := later(t, n, values).read(made)
			d := later(t, n, values)
			if len(diagnostics) != 0 || d.attribute(read, "sync_status") != "error" ||
				d.attribute(read, "tags") != nil {
				t.Errorf("got %s, state %v", render(diagnostics), read.value)
			}
		})
	}
}

func TestProviderConfig_whatReadingDoesNotTake(t *testing.T) {
	for name, m := range map[string]*providerModel{
		"": {ChangelogMessage: types.StringUnknown(), DefaultTags: types.SetUnknown(types.StringType),
			Headers: types.MapNull(types.StringType)},
		"server_url": {ServerURL: types.StringUnknown(), ChangelogMessage: types.StringUnknown()},
		"api_token":  {APIToken: types.StringUnknown()},
		"headers": {Headers: types.MapValueMust(types.StringType,
			map[string]attr.Value{"X-A": types.StringUnknown()})},
	} {
		if got := m.unknown(); got != name {
			t.Errorf("unknown attribute %q, want %q", got, name)
		}
	}
}

// The error says whether the tag is one of the provider's default_tags.
func TestAddWriteError_saysWhoseTagItIs(t *testing.T) {
	plan := &fabricModel{
		Tags:    tagSet([]string{"own", "caf\u00e9"}),
		TagsAll: tagSet([]string{"own", "caf\u00e9", `back\slash`}),
	}
	const oneOfDefaults = "It is one of the provider's default_tags."
	for name, c := range map[string]struct {
		at, says  string
		isDefault bool
	}{
		"own":        {`tags[Value("own")]`, `no tag named "own"`, false},
		"cafe\u0301": {"tags[Value(\"caf\u00e9\")]", "no tag named", false},
		`back\slash`: {"", `no tag named "back\\slash"`, true},
		"in no plan": {"", `no tag named "in no plan"`, false},
	} {
		var diags diag.Diagnostics
		addWriteError(&diags, "create the fabric", &netbox.MissingTagsError{
			Tags: []netbox.MissingTag{{Name: name}}, Refusal: &rest.InvalidError{Fields: map[string][]string{
				"tags": {"x"}}},
		}, plan, &managedFabrics{})
		if len(diags) != 1 {
			t.Fatalf("%s: got %v", name, diags)
		}
		at := ""
		if on, is := diags[0].(diag.DiagnosticWithPath); is {
			at = on.Path().String()
		}
		if at != c.at || !strings.Contains(diags[0].Detail(), c.says) || strings.Contains(diags[0].Detail(),
			oneOfDefaults) != c.isDefault {
			t.Errorf("%s: got %q at %q", name, diags[0].Detail(), at)
		}
	}
}

func TestAddWriteError_tagsAmongOtherFaults(t *testing.T) {
	var diags diag.Diagnostics
	addWriteError(&diags, "create the fabric", &netbox.MissingTagsError{
		Tags: []netbox.MissingTag{{Name: "prod", Similar: []string{"PROD", "Prod"}}, {Name: "absent"}},
		Refusal: &rest.InvalidError{
			Fields: map[string][]string{"tags": {"x"}, "description": {"Too long."}}, Detail: []string{"Not today."},
		},
	}, &fabricModel{Tags: tagSet([]string{"prod", "absent"})}, &managedFabrics{})
	var got []string
	for _, d := range diags {
		on, _ := d.(diag.DiagnosticWithPath)
		at := "-"
		if on != nil {
			at = on.Path().String()
		}
		got = append(got, at+": "+d.Detail())
	}
	const tag = "Could not create the fabric: NetBox has no tag named %q (names are case-sensitive), or this API " +
		"token cannot see it. "
	want := []string{
		fmt.Sprintf(`tags[Value("prod")]: `+tag, "prod") + `Did you mean "PROD" or "Prod"? Create the tag in NetBox, ` +
			`or correct the name.`,
		fmt.Sprintf(`tags[Value("absent")]: `+tag, "absent") + "Create the tag in NetBox, or correct the name.",
		"description: Could not create the fabric. NetBox refused description: Too long. Change the value.",
		"-: Could not create the fabric. NetBox refused the values: Not today. Change the values.",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAddWriteError_tagsThatCouldNotBeListed(t *testing.T) {
	for says, unread := range map[string]error{
		"this API token cannot list tags. Others may be missing too.":   &rest.ForbiddenError{},
		"Others may be missing too, but its tags could not be listed (": &rest.ServerError{Status: 502},
	} {
		var diags diag.Diagnostics
		addWriteError(&diags, "create the fabric", &netbox.MissingTagsError{
			Tags: []netbox.MissingTag{{Name: "absent"}}, Unread: unread, Refusal: &rest.InvalidError{},
		}, &fabricModel{}, &managedFabrics{})
		if len(diags) != 1 || !strings.Contains(diags[0].Detail(), says) {
			t.Errorf("got %v, want %q", diags, says)
		}
	}
}
