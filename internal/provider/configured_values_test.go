package provider

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// valuesOf returns valid and invalid configured values of a type by description: null, unknown,
// empty, and nested values like that.
func valuesOf(kind tftypes.Type) map[string]tftypes.Value {
	all := map[string]tftypes.Value{"null": tftypes.NewValue(kind, nil), "unknown": tftypes.NewValue(kind,
		tftypes.UnknownValue)}
	add := func(what string, v any) { all[what] = tftypes.NewValue(kind, v) }
	switch kind := kind.(type) {
	case tftypes.List:
		addElements(all, kind, kind.ElementType)
	case tftypes.Set:
		addElements(all, kind, kind.ElementType)
	case tftypes.Map:
		add("{}", map[string]tftypes.Value{})
		for what, v := range valuesOf(kind.ElementType) {
			add("{k = "+what+"}", map[string]tftypes.Value{"k": v})
			add("{'' = "+what+"}", map[string]tftypes.Value{"": v, "X-K": v})
		}
	case tftypes.Object:
		all["{}"] = fill(kind, nil)
		for name, field := range kind.AttributeTypes {
			for what, v := range valuesOf(field) {
				all["{"+name+" = "+what+"}"] = fill(kind, map[string]any{name: v})
			}
		}
	default:
		addPrimitives(all, kind)
	}
	return all
}

func addElements(all map[string]tftypes.Value, kind, element tftypes.Type) {
	all["[]"] = tftypes.NewValue(kind, []tftypes.Value{})
	values := valuesOf(element)
	for what, v := range values {
		all["["+what+"]"] = tftypes.NewValue(kind, []tftypes.Value{v})
		if text, ofTexts := values["'text'"]; ofTexts {
			all["[text, "+what+"]"] = tftypes.NewValue(kind, []tftypes.Value{text, v})
		}
	}
}

func addPrimitives(all map[string]tftypes.Value, kind tftypes.Type) {
	switch {
	case kind.Is(tftypes.String):
		for _, text := range []string{"", " ", "text", "\x00", "a\r\nb", "5 minutes", "delete",
			strings.Repeat("long ", 1000)} {
			all[fmt.Sprintf("'%.40s'", text)] = tftypes.NewValue(kind, text)
		}
	case kind.Is(tftypes.Number):
		for _, number := range []string{"0", "-1", "1", "1.5", "1e30", "-1e30"} {
			n, _, _ := big.ParseFloat(number, 10, numberPrecision, big.ToNearestEven)
			all[number] = tftypes.NewValue(kind, n)
		}
	case kind.Is(tftypes.Bool):
		all["true"], all["false"] = tftypes.NewValue(kind, true), tftypes.NewValue(kind, false)
	case kind.Is(tftypes.DynamicPseudoType):
		addDynamic(all)
	}
}

// addDynamic adds values of a dynamic attribute.
func addDynamic(all map[string]tftypes.Value) {
	within := map[string]tftypes.Value{}
	for _, kind := range []tftypes.Type{tftypes.String, tftypes.Number, tftypes.Bool,
		tftypes.List{ElementType: tftypes.String}, tftypes.Set{ElementType: tftypes.String},
		tftypes.Map{ElementType: tftypes.String}} {
		for what, v := range valuesOf(kind) {
			within[kind.String()+" "+what] = v
		}
	}
	within["untyped null"] = tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	within["untyped unknown"] = tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	for what, v := range within {
		all[what] = v
		tuple := tftypes.NewValue(tftypes.Tuple{ElementTypes: []tftypes.Type{v.Type()}}, []tftypes.Value{v})
		all["["+what+"]"] = tuple
		for _, key := range []string{"owner", "facts", ""} {
			all["{"+key+" = "+what+"}"] = objectWith(key, v)
		}
		all["{facts = {k = "+what+"}}"] = objectWith("facts", objectWith("k", v))
		all["{facts = ["+what+"]}"] = objectWith("facts", tuple)
	}
}

func objectWith(key string, v tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{key: v.Type()}},
		map[string]tftypes.Value{key: v})
}
