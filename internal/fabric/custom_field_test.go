package fabric

import (
	"encoding/json"
	"strings"
	"testing"
)

func number(text string) json.Number { return json.Number(text) }

func TestEqual_customFields(t *testing.T) {
	for name, c := range map[string]struct {
		a, b                 any
		asStored, configured bool // whether Equal and Unchanged say the same
	}{
		"nothing and empty":                  {nil, "", true, true},
		"nothing and an empty list":          {[]any{}, nil, true, true},
		"nothing and false":                  {nil, false, false, false},
		"nothing and zero":                   {nil, number("0"), false, false},
		"text":                               {"a", "a", true, true},
		"text with a blank":                  {"a", "a ", false, false},
		"number written otherwise":           {number("12.50"), number("1.25e1"), true, true},
		"decimal beyond 64 bits":             {number("0.12345678901234567890"), number("0.12345678901234568"), true, true},
		"integers beyond 53 bits":            {number("9007199254740993"), number("9007199254740992"), false, false},
		"huge exponents":                     {number("1e999999999"), number("2e999999999"), false, false},
		"text that spells a number":          {"4", number("4"), true, false},
		"text that spells a truth value":     {false, "false", true, false},
		"text that spells another":           {"5", number("4"), false, false},
		"one instant in two zones":           {"2026-01-31T08:15:00Z", "2026-01-31T09:15:00+01:00", true, false},
		"one time with a blank and a T":      {"2026-01-31 08:15:00", "2026-01-31T08:15:00", true, false},
		"a time with a zone and one without": {"2026-01-31T08:15:00Z", "2026-01-31T08:15:00", false, false},
		"list in another order":              {[]any{"a", "b"}, []any{"b", "a"}, false, false},
		"selection in another order":         {Selection{"a", "b"}, []any{"b", "a"}, true, true},
		"selection with one twice":           {Selection{"a", "a"}, []any{"a", "b"}, false, false},
		"selection of texts that spell ids":  {[]any{"1", "2"}, Selection{number("2"), number("1")}, true, false},
		"list of texts that spell numbers":   {[]any{"1"}, []any{number("1")}, false, false},
		"list of times at the same instants": {[]any{"2026-01-31T08:15:00Z"}, []any{"2026-01-31T09:15:00+01:00"}, false, false},
		"list of truth values as texts":      {[]any{true}, []any{"true"}, false, false},
		"objects":                            {map[string]any{"a": number("1.0"), "b": nil}, map[string]any{"b": nil, "a": number("1")}, true, true},
		"objects with another type inside":   {map[string]any{"a": number("1")}, map[string]any{"a": "1"}, false, false},
		"objects with null and without":      {map[string]any{"a": nil}, map[string]any{}, false, false},
		"object and list":                    {map[string]any{"a": "b"}, []any{"b"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, pair := range [][2]any{{c.a, c.b}, {c.b, c.a}} {
				if got := Equal("custom_fields.x", pair[0], pair[1]); got != c.asStored {
					t.Errorf("Equal(%v, %v) = %t", pair[0], pair[1], got)
				}
				if got := Unchanged("custom_fields.x", pair[0], pair[1]); got != c.configured {
					t.Errorf("Unchanged(%v, %v) = %t", pair[0], pair[1], got)
				}
			}
		})
	}
}

func TestCustomFieldDefinition_Validate(t *testing.T) {
	two, nine := number("2"), number("9.5")
	limited := CustomFieldDefinition{Key: "x", Type: CustomDecimal, Minimum: &two, Maximum: &nine}
	choice := CustomFieldDefinition{Key: "x", Type: CustomSelect, Choices: []string{"gold", "silver"}}
	of := func(kind string) CustomFieldDefinition {
		return CustomFieldDefinition{Key: "x", Type: kind, RelatedType: "dcim.site"}
	}
	for name, c := range map[string]struct {
		definition CustomFieldDefinition
		value      any
		says       string // "" for valid
	}{
		"required and empty":          {CustomFieldDefinition{Key: "x", Type: CustomText, Required: true}, "", "is required and may not be empty"},
		"not required and empty":      {of(CustomInteger), nil, ""},
		"text":                        {of(CustomText), "4", ""},
		"number for a text":           {of(CustomLongText), number("4"), "has the value 4, but it is a text"},
		"URL":                         {of(CustomURL), "https://wiki.example.com", ""},
		"no URL":                      {of(CustomURL), "wiki", "is an absolute URL"},
		"integer":                     {of(CustomInteger), number("-4"), ""},
		"integer as a text":           {of(CustomInteger), "4", ""},
		"integer with an exponent":    {of(CustomInteger), number("1e3"), ""},
		"fraction for an integer":     {of(CustomInteger), number("4.5"), "is a whole number"},
		"truth value for an integer":  {of(CustomInteger), true, "is a number"},
		"decimal at the minimum":      {limited, number("2.0"), ""},
		"decimal below the minimum":   {limited, number("1.99"), "is at least 2"},
		"decimal above the maximum":   {limited, number("9.51"), "is at most 9.5"},
		"decimal too large to judge":  {of(CustomDecimal), number("1e999999999"), ""},
		"truth value as a text":       {of(CustomBoolean), "true", ""},
		"word for a truth value":      {of(CustomBoolean), "yes", "is true or false"},
		"date":                        {of(CustomDate), "2028-02-29", ""},
		"day that does not exist":     {of(CustomDate), "2026-02-29", "is a date such as"},
		"date with time":              {of(CustomDatetime), "2026-01-31 08:15", ""},
		"date for a date with time":   {of(CustomDatetime), "2026-01-31", ""},
		"word for a date with time":   {of(CustomDatetime), "now", "is a date with time"},
		"choice":                      {choice, "silver", ""},
		"unknown choice":              {choice, "bronze", `has the value "bronze", but it is one of "gold" or "silver"`},
		"choice that nobody knows":    {of(CustomSelect), "bronze", ""},
		"choices":                     {CustomFieldDefinition{Key: "x", Type: CustomMultiselect, Choices: []string{"a"}}, []any{"a"}, ""},
		"choices with an unknown one": {CustomFieldDefinition{Key: "x", Type: CustomMultiselect, Choices: []string{"a"}}, []any{"a", "b"}, "each element one of"},
		"a choice for a list":         {of(CustomMultiselect), "a", "is a list, each element the value of a choice"},
		"id":                          {of(CustomObject), number("7"), ""},
		"id of zero":                  {of(CustomObject), number("0"), "is the id of an object of type dcim.site"},
		"name for an id":              {of(CustomObject), "Lab", "is the id of an object"},
		"ids as texts":                {of(CustomMultiobject), []any{"1", number("2")}, ""},
		"names for ids":               {of(CustomMultiobject), []any{"Lab"}, "is a list of ids"},
		"JSON":                        {of(CustomJSON), map[string]any{"a": nil}, ""},
		"a type not known here":       {of("colour"), true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.definition.Validate(c.value)
			switch {
			case p == nil && c.says != "":
				t.Errorf("valid, want %q", c.says)
			case p != nil && (c.says == "" || !strings.Contains(p.Detail, c.says)):
				t.Errorf("%s", p.Detail)
			}
		})
	}
}

func TestCustomFieldDefinition_Wire(t *testing.T) {
	for kind, c := range map[string][2]any{
		CustomInteger: {"4", number("4")}, CustomDecimal: {"1.50", number("1.50")}, CustomBoolean: {"false", false},
		CustomObject: {"7", number("7")}, CustomText: {"4", "4"}, CustomJSON: {"4", "4"}, CustomSelect: {"1", "1"},
	} {
		if got := (&CustomFieldDefinition{Type: kind}).Wire(c[0]); got != c[1] {
			t.Errorf("%s: %v becomes %#v, want %#v", kind, c[0], got, c[1])
		}
	}
	ids, _ := (&CustomFieldDefinition{Type: CustomMultiobject}).Wire([]any{"1", number("2")}).([]any)
	if len(ids) != 2 || ids[0] != number("1") || ids[1] != number("2") {
		t.Errorf("ids %#v", ids)
	}
}

func FuzzEqual_customFields(f *testing.F) {
	f.Add(`{"a":[1,"x",null]}`, `["2026-01-31T08:15:00Z"]`)
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := decoded(a), decoded(b)
		if Equal("custom_fields.x", x, y) != Equal("custom_fields.x", y, x) {
			t.Errorf("%s and %s are equal in one order only", a, b)
		}
		if !Equal("custom_fields.x", x, x) || Unchanged("custom_fields.x", x, y) && !Equal("custom_fields.x", x, y) {
			t.Errorf("%s and %s: unchanged but not equal", a, b)
		}
	})
}

func decoded(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}
