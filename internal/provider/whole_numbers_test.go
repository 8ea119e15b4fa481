package provider

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// validation validates configurations of a schema.
type validation struct {
	schema *tfprotov6.Schema
	by     func(frameworkServer, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic
}

func validationsOf(t *testing.T, s frameworkServer) map[string]validation {
	t.Helper()
	ctx := t.Context()
	all, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	found := map[string]validation{"provider": {all.Provider,
		func(s frameworkServer, c *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := s.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: c})
			must(t, err)
			return resp.Diagnostics
		}}}
	for name, schema := range all.ResourceSchemas {
		found["resource "+name] = validation{schema,
			func(s frameworkServer, c *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
				resp, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: name,
					Config: c, ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{
						WriteOnlyAttributesAllowed: true}})
				must(t, err)
				return resp.Diagnostics
			}}
	}
	for name, schema := range all.DataSourceSchemas {
		found["data source "+name] = validation{schema,
			func(s frameworkServer, c *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
				resp, err := s.ValidateDataResourceConfig(ctx,
					&tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: c})
				must(t, err)
				return resp.Diagnostics
			}}
	}
	for name, schema := range all.EphemeralResourceSchemas {
		found["ephemeral resource "+name] = validation{schema,
			func(s frameworkServer, c *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
				resp, err := s.ValidateEphemeralResourceConfig(ctx,
					&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: c})
				must(t, err)
				return resp.Diagnostics
			}}
	}
	for name, schema := range all.ActionSchemas {
		found["action "+name] = validation{schema.Schema,
			func(s frameworkServer, c *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
				resp, err := s.ValidateActionConfig(ctx,
					&tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: c})
				must(t, err)
				return resp.Diagnostics
			}}
	}
	for name, schema := range all.ListResourceSchemas {
		found["list "+name] = validation{schema,
			func(s frameworkServer, c *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
				resp, err := s.ValidateListResourceConfig(ctx,
					&tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: c})
				must(t, err)
				return resp.Diagnostics
			}}
	}
	return found
}

// textsAbout returns the texts of the diagnostics about an attribute.
func textsAbout(attribute string, all []*tfprotov6.Diagnostic) string {
	return render(slices.DeleteFunc(slices.Clone(all), func(d *tfprotov6.Diagnostic) bool {
		return !d.Attribute.Equal(tftypes.NewAttributePath().WithAttributeName(attribute))
	}))
}

// A number with decimals, or one of more than 64 bits, is the user's mistake, not the provider's.
func TestWholeNumbers_frameworkBlamesTheProvider(t *testing.T) {
	s := newServer(t).(*linkedServer).server
	numbers := 0
	for what, v := range validationsOf(t, s) {
		kind, _ := v.schema.ValueType().(tftypes.Object)
		for _, a := range v.schema.Block.Attributes {
			if !a.Optional && !a.Required || !a.ValueType().Is(tftypes.Number) {
				continue
			}
			numbers++
			for given, shown := range map[string]string{
				"1.5": "1.5", "-0.1": "-0.1", "1234567.25": "1234567.25", "1e20": "100000000000000000000",
				"-9223372036854775809": "-9223372036854775809", "1e60": "1e+60",
			} {
				n, _, err := big.ParseFloat(given, 10, 512, big.ToNearestEven)
				must(t, err)
				config, err := tfprotov6.NewDynamicValue(kind, fill(kind, map[string]any{
					a.Name: tftypes.NewValue(tftypes.Number, n)}))
				must(t, err)
				if !blame.MatchString(textsAbout(a.Name, v.by(s.frameworkServer, &config))) {
					t.Errorf("%s, %s = %s: the framework no longer blames the provider. Delete "+
						"whole_numbers.go, its calls in server.go and "+
						"docs/upstream/framework-blames-provider-for-fractions.md", what, a.Name, given)
				}
				want := fmt.Sprintf(`ERROR at AttributeName(%q): Not a whole number: %s is %s. It must be a whole `+
					`number that fits into 64 bits.`, a.Name, a.Name, shown)
				if got := textsAbout(a.Name, v.by(s, &config)); got != want {
					t.Errorf("%s, %s = %s: got %s\nwant %s", what, a.Name, given, got, want)
				}
			}
		}
	}
	if numbers < 8 {
		t.Errorf("got only %d numbers in the schemas", numbers)
	}
}

// A custom field may be a fraction. Other diagnostics stay the same.
func TestWholeNumbers_fractionInACustomField(t *testing.T) {
	values := withFields(objectWith("share", tftypes.NewValue(tftypes.Number, big.NewFloat(0.5))))
	values["name"] = ""
	d := newDriver(t, nil)
	got := render(d.validate(values))
	d.server = d.server.(*linkedServer).frameworkServer
	if want := render(d.validate(values)); got != want || got == "" {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// The identity in an import block of Terraform 1.12 is not validated.
func TestWholeNumbers_ofAnIdentity(t *testing.T) {
	_, d := standin(t)
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.Number}}
	framework := d.server.(*linkedServer).frameworkServer
	for s, want := range map[frameworkServer]string{
		d.server.(*linkedServer).server: `ERROR at AttributeName("id"): Not a whole number: id is 1.5. It must be a ` +
			`whole number that fits into 64 bits.`,
		framework: "always an error in the provider", // else server.go need not replace it
	} {
		imported, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: fabricType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: d.dynamic(kind,
				fill(kind, map[string]any{"id": big.NewFloat(1.5)}))},
		})
		must(t, err)
		if got := render(imported.Diagnostics); !strings.Contains(got, want) || len(imported.Diagnostics) != 1 {
			t.Errorf("%T: got %s\nwant %s", s, got, want)
		}
	}
}
