package fabric

import (
	"slices"
	"testing"
)

// The test compares each pair of values in every type of field. In a type that is not listed,
// the values must differ.
func TestEqual_customFieldsByType(t *testing.T) {
	texts := []string{CustomText, CustomLongText, CustomURL, CustomSelect}
	trimmed := []string{CustomText, CustomLongText, CustomURL}
	numbers := []string{CustomInteger, CustomDecimal, CustomObject}
	lists := []string{CustomMultiselect, CustomMultiobject}
	notJSON := slices.Concat(texts, numbers, lists, []string{CustomBoolean, CustomDate, CustomDatetime})
	all := slices.Concat(notJSON, []string{CustomJSON})
	for name, c := range map[string]struct {
		a, b any
		same []string
	}{
		"nothing and an empty text":         {nil, "", notJSON},
		"nothing and an empty list":         {[]any{}, nil, lists},
		"an empty text and an empty list":   {[]any{}, "", lists},
		"nothing and an empty object":       {map[string]any{}, nil, nil},
		"an empty list and an empty object": {map[string]any{}, []any{}, nil},
		"nothing and false":                 {nil, false, nil},
		"nothing and zero":                  {nil, number("0"), nil},
		"nothing twice":                     {nil, nil, all},
		"text":                              {"a", "a", all},
		"text with a blank":                 {"a", "a ", trimmed},
		"text with a last line end":         {"a\nb\n", "a\r\nb", trimmed},
		"nothing and a blank":               {nil, " ", trimmed},
		"text in another form":              {composed, decomposed, all},
		"text with other line ends":         {"a\r\nb", "a\nb", all},
		"number written otherwise":          {number("12.50"), number("1.25e1"), all},
		"decimal beyond 64 bits":            {number("0.12345678901234567890"), number("0.12345678901234568"), all},
		"integers beyond 53 bits":           {number("9007199254740993"), number("9007199254740992"), nil},
		"huge exponents":                    {number("1e999999999"), number("2e999999999"), nil},
		"text that spells a number":         {"4", number("4"), numbers},
		"texts that spell a number":         {"4", "4.0", numbers},
		"text that spells a truth value":    {false, "false", []string{CustomBoolean}},
		"text that spells another":          {"5", number("4"), nil},
		"one instant in two zones": {"2026-01-31T08:15:00Z", "2026-01-31T09:15:00+01:00",
			[]string{CustomDatetime}},
		"one time with a blank and a T":      {"2026-01-31 08:15:00", "2026-01-31T08:15", []string{CustomDatetime}},
		"a day and its midnight":             {"2026-01-31", "2026-01-31T00:00:00", []string{CustomDatetime}},
		"a time with a zone and one without": {"2026-01-31T08:15:00Z", "2026-01-31T08:15:00", nil},
		"one time in a far year":             {"9999-01-31T08:15:00Z", "9999-01-31T08:15Z", []string{CustomDatetime}},
		"one day in two forms":               {"2026-01-31", "20260131", []string{CustomDate}},
		"list in another order":              {[]any{"a", "b"}, []any{"b", "a"}, lists},
		"set in another order":               {Selection{"a", "b"}, []any{"b", "a"}, all},
		"list with one twice":                {[]any{"a", "a"}, []any{"a", "b"}, nil},
		"list of texts in another form":      {[]any{composed}, []any{decomposed}, all},
		"list of texts that spell ids": {[]any{"1", "2"}, []any{number("2"), number("1")},
			[]string{CustomMultiobject}},
		"list of times at the same instants": {[]any{"2026-01-31T08:15:00Z"}, []any{"2026-01-31T09:15:00+01:00"}, nil},
		"list of truth values as texts":      {[]any{true}, []any{"true"}, nil},
		"list and its element":               {[]any{"a"}, "a", nil},
		"objects": {map[string]any{"a": number("1.0"), "b": nil}, map[string]any{"b": nil,
			"a": number("1")}, all},
		"objects with keys in two forms": {map[string]any{composed: true, "b": nil}, map[string]any{"b": nil,
			decomposed: true}, all},
		"objects that keep both forms": {map[string]any{composed: true, decomposed: nil},
			map[string]any{composed: nil, decomposed: true}, nil},
		"objects with another type inside":   {map[string]any{"a": number("1")}, map[string]any{"a": "1"}, nil},
		"objects with null and without":      {map[string]any{"a": nil}, map[string]any{}, nil},
		"objects with an empty list or text": {map[string]any{"a": []any{}}, map[string]any{"a": ""}, nil},
		"object and list":                    {map[string]any{"a": "b"}, []any{"b"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, pair := range [][2]any{{c.a, c.b}, {c.b, c.a}} {
				for _, kind := range all {
					same := slices.Contains(c.same, kind)
					if got := Equal("custom_fields.x", CustomValue{kind, pair[0]}, pair[1]); got != same {
						t.Errorf("%s: Equal(%v, %v) = %t", kind, pair[0], pair[1], got)
					}
					if got := Unchanged("custom_fields.x", pair[0], CustomValue{kind, pair[1]}); got != same {
						t.Errorf("%s: Unchanged(%v, %v) = %t", kind, pair[0], pair[1], got)
					}
				}
				inSome, inJSON := len(c.same) > 0, slices.Contains(c.same, CustomJSON)
				if got := Equal("custom_fields.x", pair[0], pair[1]); got != inSome {
					t.Errorf("Equal(%v, %v) of no type = %t", pair[0], pair[1], got)
				}
				if got := Unchanged("custom_fields.x", pair[0], pair[1]); got != inJSON {
					t.Errorf("Unchanged(%v, %v) of no type = %t", pair[0], pair[1], got)
				}
				if got := TypeMatters(pair[0], pair[1]); got != (inSome && !inJSON) {
					t.Errorf("TypeMatters(%v, %v) = %t", pair[0], pair[1], got)
				}
				if TypeMatters(CustomValue{CustomText, pair[0]}, pair[1]) {
					t.Errorf("TypeMatters(%v, %v) of a known type", pair[0], pair[1])
				}
			}
		})
	}
}

func TestGuessedType_ofWhatNetBoxHas(t *testing.T) {
	for _, c := range []struct {
		declared, stored any
		same             bool
	}{
		{"4", number("4"), true}, {"true", true, true}, {nil, []any{}, false}, {[]any{}, nil, false}, {"a", "a", true},
		{"2026-01-31T08:15:00Z", "2026-01-31T09:15:00+01:00", false}, {"5", number("4"), false}, {"yes", true, false},
		{"", nil, true}, {nil, "", true}, {nil, map[string]any{}, false}, {[]any{}, "", false}, {"a ", "a", true},
		{[]any{"1"}, []any{number("1")}, false},
	} {
		if got := Equal("custom_fields.x", c.declared, CustomValue{GuessedType(c.stored), c.stored}); got != c.same {
			t.Errorf("%v and %v: %t", c.declared, c.stored, got)
		}
	}
}

func TestDifference_hidesCustomFields(t *testing.T) {
	d := Difference{Field: CustomField("owner"), Before: "netops-1", Planned: "netops-2",
		Current: CustomValue{Value: "netops-3"}}
	if got := d.String(); got != "custom_fields.owner: changed to another value (not shown)" {
		t.Error(got)
	}
}
