package fabric

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func number(text string) json.Number { return json.Number(text) }

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
		"required and empty": {CustomFieldDefinition{Key: "x", Type: CustomText, Required: true}, "",
			"is required, so it must not be empty"},
		"not required and empty":  {of(CustomInteger), nil, ""},
		"empty text for a number": {of(CustomInteger), "", ""},
		"required selection of none": {CustomFieldDefinition{Key: "x", Type: CustomMultiselect, Required: true},
			[]any{}, "must not be empty"},
		"empty list for a text": {of(CustomText), []any{}, "must be a string (put the value into quotes); got " +
			"a list"},
		"empty list for an integer": {of(CustomInteger), []any{}, "must be a number; got a list"},
		"empty list for a boolean":  {of(CustomBoolean), []any{}, "must be true or false; got a list"},
		"empty list for a date":     {of(CustomDate), []any{}, "must be a date such as"},
		"empty list for a time":     {of(CustomDatetime), Selection{}, "must be a date with time"},
		"empty list for a choice":   {choice, []any{}, "must be one of"},
		"empty list for a URL":      {of(CustomURL), []any{}, "must be a string"},
		"empty list for an id":      {of(CustomObject), []any{}, "must be the id"},
		"empty list of ids":         {of(CustomMultiobject), []any{}, ""},
		"required text of a blank":  {CustomFieldDefinition{Key: "x", Type: CustomText, Required: true}, " ", ""},
		"required JSON, empty list": {CustomFieldDefinition{Key: "x", Type: CustomJSON, Required: true}, []any{}, ""},
		"required JSON, empty text": {CustomFieldDefinition{Key: "x", Type: CustomJSON, Required: true}, "",
			"must not be empty"},
		"text": {of(CustomText), "4", ""},
		"number for a text": {of(CustomLongText), number("4"), "must be a string (put the value into " +
			"quotes); got a number"},
		"URL":                        {of(CustomURL), "https://wiki.example.com", ""},
		"no URL":                     {of(CustomURL), "somewhere", "must be an absolute URL"},
		"integer":                    {of(CustomInteger), number("-4"), ""},
		"integer as a text":          {of(CustomInteger), "4", ""},
		"integer with an exponent":   {of(CustomInteger), number("1e3"), ""},
		"fraction for an integer":    {of(CustomInteger), number("4.5"), "must be a whole number"},
		"truth value for an integer": {of(CustomInteger), true, "must be a number; got true or false"},
		"decimal at the minimum":     {limited, number("2.0"), ""},
		"decimal below the minimum":  {limited, number("1.99"), "must be at least 2."},
		"decimal above the maximum":  {limited, number("9.51"), "must be at most 9.5."},
		"decimal too large to judge": {of(CustomDecimal), number("1e999999999"), ""},
		"truth value as a text":      {of(CustomBoolean), "true", ""},
		"word for a truth value":     {of(CustomBoolean), "yes", "must be true or false; got a string"},
		"date":                       {of(CustomDate), "2028-02-29", ""},
		"day that does not exist":    {of(CustomDate), "2026-02-29", "must be a date such as"},
		"date with time":             {of(CustomDatetime), "2026-01-31 08:15", ""},
		"date for a date with time":  {of(CustomDatetime), "2026-01-31", ""},
		"word for a date with time":  {of(CustomDatetime), "now", "must be a date with time"},
		"choice":                     {choice, "silver", ""},
		"choice in another form": {CustomFieldDefinition{Key: "x", Type: CustomSelect,
			Choices: []string{decomposed}}, composed, ""},
		"choices in another form": {CustomFieldDefinition{Key: "x", Type: CustomMultiselect,
			Choices: []string{decomposed}}, []any{composed}, ""},
		"unknown choice":         {choice, "bronze", `must be one of "gold" or "silver".`},
		"choice outside the set": {of(CustomSelect), "bronze", ""},
		"choices": {CustomFieldDefinition{Key: "x", Type: CustomMultiselect,
			Choices: []string{"a"}}, []any{"a"}, ""},
		"choices with an unknown one": {CustomFieldDefinition{Key: "x", Type: CustomMultiselect,
			Choices: []string{"a"}}, []any{"a", "b"}, "each element one of"},
		"a choice for a list": {of(CustomMultiselect), "a", "must be a list, each element one of the " +
			"field's choices in NetBox; got a string"},
		"id": {of(CustomObject), number("7"), ""},
		"id of zero": {of(CustomObject), number("0"), "must be the id of an object of type " +
			"dcim.site."},
		"name for an id": {of(CustomObject), "Lab", "must be the id of an object of type dcim.site; got " +
			"a string"},
		"ids as texts":          {of(CustomMultiobject), []any{"1", number("2")}, ""},
		"names for ids":         {of(CustomMultiobject), []any{"Lab"}, "must be a list of ids"},
		"JSON":                  {of(CustomJSON), map[string]any{"a": nil}, ""},
		"a type not known here": {of("color"), true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.definition.Validate(c.value)
			switch {
			case p == nil && c.says != "":
				t.Errorf("valid, want %q", c.says)
			case p != nil && (c.says == "" || !strings.Contains(p.Detail, c.says)):
				t.Errorf("got %s", p.Detail)
			case p != nil && quoted(p.Detail, c.value):
				t.Errorf("%s shows the value", p.Detail)
			}
		})
	}
}

// quoted reports whether a string contains a value that is a string or has at least two digits.
func quoted(text string, v any) bool {
	s := strings.Trim(fmt.Sprint(v), "[]")
	return len(s) > 1 && strings.ContainsAny(s, "0123456789abcdefghijklmnopqrstuvwxyz") && s != "true" &&
		strings.Contains(text, s)
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
	for kind, want := range map[string]any{
		CustomText: "", CustomLongText: "", CustomURL: "", CustomJSON: "", CustomInteger: nil, CustomDecimal: nil,
		CustomBoolean: nil,
		CustomDate:    nil, CustomDatetime: nil, CustomSelect: nil, CustomMultiselect: nil, CustomObject: nil,
		CustomMultiobject: nil, "": nil,
	} {
		if got := (&CustomFieldDefinition{Type: kind}).Wire(""); got != want {
			t.Errorf("%s: an empty text becomes %#v, want %#v", kind, got, want)
		}
	}
	ids, _ := (&CustomFieldDefinition{Type: CustomMultiobject}).Wire([]any{"1", number("2")}).([]any)
	if len(ids) != 2 || ids[0] != number("1") || ids[1] != number("2") {
		t.Errorf("ids %#v", ids)
	}
}

// NetBox compares choices byte by byte.
func TestCustomFieldDefinition_Wire_spellsChoicesAsNetBox(t *testing.T) {
	d := CustomFieldDefinition{Type: CustomSelect, Choices: []string{"gold", decomposed}}
	for declared, want := range map[string]any{composed: decomposed, decomposed: decomposed, "gold": "gold",
		"other": "other"} {
		if got := d.Wire(declared); got != want {
			t.Errorf("%q becomes %q, want %q", declared, got, want)
		}
	}
	d.Type = CustomMultiselect
	for _, declared := range []any{[]any{composed, "gold"}, Selection{composed, "gold"}} {
		if got := fmt.Sprintf("%q", d.Wire(declared)); got != fmt.Sprintf("%q", []any{decomposed, "gold"}) {
			t.Errorf("%q becomes %s", declared, got)
		}
	}
}

func FuzzEqual_customFields(f *testing.F) {
	f.Add(`{"a":[1,"x",null]}`, `["2026-01-31T08:15:00Z"]`)
	f.Add(`["1"]`, `[1]`)
	f.Add(`""`, `[]`)
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := decoded(a), decoded(b)
		if Equal("custom_fields.x", x, y) != Equal("custom_fields.x", y, x) {
			t.Errorf("%s and %s are equal in one order only", a, b)
		}
		if !Equal("custom_fields.x", x, x) || Unchanged("custom_fields.x", x, y) && !Equal("custom_fields.x", x, y) {
			t.Errorf("%s and %s: unchanged but not equal", a, b)
		}
		for _, kind := range typesThatCompare {
			same := Equal("custom_fields.x", CustomValue{kind, x}, y)
			if !TypeMatters(x, y) && same != Equal("custom_fields.x", x, y) {
				t.Errorf("%s and %s: the type %s matters", a, b, kind)
			}
			if same != Unchanged("custom_fields.x", x, CustomValue{kind, y}) {
				t.Errorf("%s and %s of type %s: Equal and Unchanged disagree", a, b, kind)
			}
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
