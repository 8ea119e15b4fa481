package provider

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A number that is not whole, or too large, is a mistake in a configuration. The framework
// reports it as an error in the provider, twice, before any validator sees the value:
// terraform-plugin-framework v1.19.0, basetypes.Int64Type and
// fwschemadata.Data.ValueAtPath.
//
// This file can be deleted when a validation reports it as the user's error. Then
// TestWholeNumbers_frameworkBlamesTheProvider fails. The draft of the upstream issue is
// docs/upstream/framework-blames-provider-for-fractions.md.

// sayWholeNumbers replaces the framework's diagnostics about numbers that are not whole
// with one error for each. It finds the numbers in the user's values by their type: all
// attributes that are numbers must be whole.
func sayWholeNumbers(given *tfprotov6.DynamicValue, said []*tfprotov6.Diagnostic,
	typeOf func() tftypes.Type) []*tfprotov6.Diagnostic {
	if given == nil || !slices.ContainsFunc(said, isError) {
		return said
	}
	kind := typeOf()
	if kind == nil {
		return said
	}
	values, err := given.Unmarshal(kind)
	if err != nil {
		return said // these say what is wrong with it
	}
	_ = tftypes.Walk(values, func(at *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		n := notWhole(v)
		if n == nil || !isNumber(kind, at) {
			return true, nil
		}
		said = slices.DeleteFunc(said, func(d *tfprotov6.Diagnostic) bool { return contains(d.Attribute, at) })
		said = append(said, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError, Attribute: at, Summary: "Not a whole number",
			Detail: fmt.Sprintf("%s is %s. It must be a whole number that fits into 64 "+
				"bits.", at.LastStep(), digits(n)),
		})
		return true, nil
	})
	return said
}

// contains reports whether a value is at a path or within it. The framework reports a number
// within an attribute at the attribute.
func contains(outer, at *tftypes.AttributePath) bool {
	n := len(outer.Steps())
	return n > 0 && n <= len(at.Steps()) && outer.Equal(tftypes.NewAttributePathWithSteps(at.Steps()[:n]))
}

// isNumber reports whether a schema declares a value as a number. In an attribute of any
// type, such as custom_fields, a number may be a fraction.
func isNumber(schema tftypes.Type, at *tftypes.AttributePath) bool {
	declared, _, err := tftypes.WalkAttributePath(schema, at)
	kind, ok := declared.(tftypes.Type)
	return err == nil && ok && kind.Is(tftypes.Number)
}

// notWhole returns the number in a value if no int64 can hold it; nil otherwise.
func notWhole(v tftypes.Value) *big.Float {
	n := new(big.Float)
	if !v.IsKnown() || v.IsNull() || v.As(&n) != nil {
		return nil
	}
	if _, accuracy := n.Int64(); accuracy == big.Exact {
		return nil
	}
	return n
}

// digits writes a number as in a configuration: without an exponent, unless it is long.
func digits(n *big.Float) string {
	const long = 40
	if text := n.Text('f', -1); len(text) <= long {
		return text
	}
	return n.Text('g', -1)
}

type schemas = tfprotov6.GetProviderSchemaResponse

// configType returns the type of a schema's configuration; nil without a schema.
func (s *server) configType(ctx context.Context, schemaOf func(*schemas) *tfprotov6.Schema) func() tftypes.Type {
	return func() tftypes.Type {
		all, err := detached(ctx, &tfprotov6.GetProviderSchemaRequest{}, s.GetProviderSchema)
		if err != nil || schemaOf(all) == nil {
			return nil
		}
		return schemaOf(all).ValueType()
	}
}

// identityType returns the type of a resource's identity, or nil if it has none.
func (s *server) identityType(ctx context.Context, resource string) func() tftypes.Type {
	return func() tftypes.Type {
		all, err := detached(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{}, s.GetResourceIdentitySchemas)
		if err != nil || all.IdentitySchemas[resource] == nil {
			return nil
		}
		return all.IdentitySchemas[resource].ValueType()
	}
}
