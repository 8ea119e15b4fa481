package fabric

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// A custom field's value is JSON: nil, bool, string, json.Number, []any or
// map[string]any, in NetBox's raw form (a choice is its value, a reference to an
// object is its id).

// Selection is a list of which NetBox does not promise the order: the choices of
// a multiselect field, or the ids of a field that refers to several objects.
type Selection []any

// customPrefix begins the names of custom fields among [Attributes].
const customPrefix = "custom_fields."

// CustomField returns the name among [Attributes] of the custom field with a key.
func CustomField(key string) string { return customPrefix + key }

// CustomFieldKey returns the key of a custom field, and whether the name is one.
func CustomFieldKey(name string) (key string, ok bool) { return strings.CutPrefix(name, customPrefix) }

// sameCustomValue compares two values of a custom field. No value is "", null or
// an empty list, and numbers are the same when they are so to NetBox, which
// keeps integers exactly and all others in 64 bits of floating point.
//
// With asStored, one of them is NetBox's answer to the other: then times are the
// same at the same instant, and a text is the number or the truth value that it
// spells, since a map of texts can carry them no other way. So it is with ids in a
// selection, and not with what is in a list or an object: that is JSON.
func sameCustomValue(a, b any, asStored bool) bool {
	if emptyCustomValue(a) || emptyCustomValue(b) {
		return emptyCustomValue(a) && emptyCustomValue(b)
	}
	return sameJSON(a, b, asStored)
}

func emptyCustomValue(v any) bool {
	list, isList := asList(v)
	return v == nil || v == "" || isList && len(list) == 0
}

func sameJSON(a, b any, asStored bool) bool {
	if x, y, lists := bothLists(a, b); lists {
		if isSelection(a) || isSelection(b) {
			return sameElements(x, y, func(v, w any) bool { return sameJSON(v, w, asStored) })
		}
		return slices.EqualFunc(x, y, func(v, w any) bool { return sameJSON(v, w, false) })
	}
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, func(v, w any) bool { return sameJSON(v, w, false) })
	case json.Number:
		if y, ok := b.(json.Number); ok {
			return sameNumber(x, y)
		}
	case string:
		if y, ok := b.(string); ok {
			return SameText(x, y) || asStored && sameTime(x, y)
		}
		return asStored && spells(x, b)
	}
	if y, ok := b.(string); ok {
		return asStored && spells(y, a)
	}
	return a == b
}

func isSelection(v any) bool { _, ok := v.(Selection); return ok }

func bothLists(a, b any) (x, y []any, ok bool) {
	x, okX := asList(a)
	y, okY := asList(b)
	return x, y, okX && okY
}

func asList(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case Selection:
		return v, true
	}
	return nil, false
}

// sameElements compares lists without order.
func sameElements(a, b []any, same func(x, y any) bool) bool {
	rest := slices.Clone(b)
	for _, v := range a {
		i := slices.IndexFunc(rest, func(o any) bool { return same(v, o) })
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return len(rest) == 0
}

// spells tells whether a text is what Terraform makes of a number or a truth
// value when it turns it into a text.
func spells(text string, v any) bool {
	switch v := v.(type) {
	case bool:
		return text == "true" && v || text == "false" && !v
	case json.Number:
		return isNumber(text) && sameNumber(json.Number(text), v)
	}
	return false
}

func isNumber(text string) bool {
	var n json.Number
	return json.Unmarshal([]byte(text), &n) == nil && n.String() == text
}

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	x, okX := new(big.Rat).SetString(bounded(a))
	y, okY := new(big.Rat).SetString(bounded(b))
	if !okX || !okY {
		return false
	}
	if x.IsInt() && y.IsInt() {
		return x.Cmp(y) == 0
	}
	f, _ := x.Float64()
	g, _ := y.Float64()
	return f == g
}

// bounded leaves out a number whose exponent would fill the memory.
func bounded(n json.Number) string {
	if f, err := n.Float64(); err != nil || f > 1e300 || f < -1e300 || f != 0 && f < 1e-300 && f > -1e-300 {
		return ""
	}
	return n.String()
}

// timeLayouts are the forms of a date with time that NetBox takes, with and
// without a time zone.
var timeLayouts = [2][]string{
	{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00"},
	{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"},
}

func sameTime(a, b string) bool {
	for _, layouts := range timeLayouts {
		x, okX := parseTime(a, layouts)
		y, okY := parseTime(b, layouts)
		if okX && okY {
			return x.Equal(y)
		}
	}
	return false
}

func parseTime(text string, layouts []string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
