package fabric

import (
	"cmp"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// CustomValue is the value of a custom field in NetBox's raw form: JSON (nil, bool, string,
// json.Number, []any or map[string]any), in which a choice is its value and an object is
// its id.
type CustomValue struct {
	Type  string // one of the Custom… constants, or "" where it is not known
	Value any
}

// MarshalJSON implements json.Marshaler. It leaves out the type.
func (v CustomValue) MarshalJSON() ([]byte, error) { return json.Marshal(v.Value) }

// Selection is a list without an order: a set in the configuration, the choices of a
// multiselect field, or the ids of a field that refers to several objects.
type Selection []any

// customPrefix is the prefix of custom fields among [Attributes].
const customPrefix = "custom_fields."

// CustomField returns the name of a custom field among [Attributes].
func CustomField(key string) string { return customPrefix + key }

// CustomFieldKey returns the key of a custom field, and whether the name is that of a
// custom field.
func CustomFieldKey(name string) (key string, ok bool) { return strings.CutPrefix(name, customPrefix) }

// SetCustomTypes sets the types of the custom fields among the attributes from their
// definitions. The type stays unknown if only the key is known.
func (a Attributes) SetCustomTypes(definitions map[string]CustomFieldDefinition) {
	for name, v := range a {
		key, custom := CustomFieldKey(name)
		if d, defined := definitions[key]; custom && defined {
			a[name] = CustomValue{cmp.Or(d.Type, CustomUntyped), customValue(v).Value}
		}
	}
}

// customValue returns the value of a custom field among [Attributes], which is
// either JSON or a [CustomValue].
func customValue(v any) CustomValue {
	if typed, ok := v.(CustomValue); ok {
		return typed
	}
	return CustomValue{Value: v}
}

// typesThatCompare has one type of each group of types that compare values in the same way.
var typesThatCompare = []string{
	CustomJSON, CustomLongText, CustomDecimal, CustomBoolean, CustomDate, CustomDatetime, CustomMultiselect,
	CustomMultiobject,
}

// equalCustom reports whether two values are the same to NetBox in a field of their type.
// If the type is not known, it reports whether they are the same in at least one type.
func equalCustom(a, b any) bool {
	x, y := customValue(a), customValue(b)
	if kind := cmp.Or(x.Type, y.Type); kind != "" {
		return sameInType(kind, x.Value, y.Value)
	}
	return slices.ContainsFunc(typesThatCompare, func(kind string) bool { return sameInType(kind, x.Value, y.Value) })
}

// TypeMatters reports whether the type is not known and decides whether two values are the
// same.
func TypeMatters(a, b any) bool {
	x, y := customValue(a), customValue(b)
	return x.Type == "" && y.Type == "" && equalCustom(a, b) && !sameInType(CustomJSON, x.Value, y.Value)
}

// unchangedCustom is like equalCustom, but for two values of the configuration. If the type is not
// known, they must be the same in every type.
func unchangedCustom(a, b any) bool {
	x, y := customValue(a), customValue(b)
	return sameInType(cmp.Or(x.Type, y.Type, CustomJSON), x.Value, y.Value)
}

// GuessedType returns a type for a value from NetBox whose definition cannot be read. A map
// of strings holds numbers and booleans as strings, so a number counts as a decimal and a
// boolean as a boolean. Any other value is kept as it was sent, so it can be compared
// without a type.
func GuessedType(value any) string {
	switch value.(type) {
	case json.Number:
		return CustomDecimal
	case bool:
		return CustomBoolean
	}
	return CustomUntyped
}

// sameInType reports whether two values mean the same in a field of a type.
func sameInType(kind string, a, b any) bool { return sameJSON(canonical(kind, a), canonical(kind, b)) }

// canonical returns a value in a form in which equal values of a type are the same JSON.
// JSON stays as it is. In every other type "" and null are no value, and so is [] in a type
// that takes lists. NetBox's web forms trim strings, for example one that ends with a
// newline. Its API does not.
func canonical(kind string, v any) any {
	switch kind {
	case CustomJSON:
		return v
	case CustomText, CustomLongText, CustomURL, CustomUntyped:
		if text, isText := v.(string); isText {
			v = Trim(text)
		}
	}
	if emptyIn(kind, v) {
		return nil
	}
	v = wire(kind, v)
	text, _ := v.(string)
	switch kind {
	case CustomDate:
		if t, ok := parseTime(text, dateLayouts); ok {
			return moment{t.UTC(), false}
		}
	case CustomDatetime:
		return momentOf(text, v)
	case CustomMultiselect, CustomMultiobject:
		if list, ok := asList(v); ok {
			return Selection(list)
		}
	}
	return v
}

// emptyIn reports whether a value counts as no value in a field of a type.
func emptyIn(kind string, v any) bool {
	list, isList := asList(v)
	takesLists := kind == CustomMultiselect || kind == CustomMultiobject
	return v == nil || v == "" || takesLists && isList && len(list) == 0
}

// sameJSON compares JSON: strings with [SameText], numbers as NetBox stores them, and lists
// with a [Selection] without order.
func sameJSON(a, b any) bool {
	if x, y, lists := bothLists(a, b); lists {
		if isSelection(a) || isSelection(b) {
			return sameElements(x, y)
		}
		return slices.EqualFunc(x, y, sameJSON)
	}
	switch x := a.(type) {
	case []any, Selection:
		return false
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && sameObject(x, y)
	case json.Number:
		y, ok := b.(json.Number)
		return ok && sameNumber(x, y)
	case string:
		y, ok := b.(string)
		return ok && SameText(x, y)
	}
	return a == b
}

// sameObject compares JSON objects. Their keys are compared like strings.
func sameObject(a, b map[string]any) bool {
	rest := slices.Collect(maps.Keys(b))
	for key, v := range a {
		as, there := FindText(rest, key)
		if !there || !sameJSON(v, b[as]) {
			return false
		}
		rest = slices.DeleteFunc(rest, func(other string) bool { return other == as })
	}
	return len(rest) == 0
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
func sameElements(a, b []any) bool {
	rest := slices.Clone(b)
	for _, v := range a {
		i := slices.IndexFunc(rest, func(o any) bool { return sameJSON(v, o) })
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return len(rest) == 0
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

// bounded leaves out a number with an exponent that would fill the memory.
func bounded(n json.Number) string {
	if f, err := n.Float64(); err != nil || f > 1e300 || f < -1e300 || f != 0 && f < 1e-300 && f > -1e-300 {
		return ""
	}
	return n.String()
}

// timeLayouts are the forms of a date with time that NetBox accepts, with and without a
// time zone.
var timeLayouts = [2][]string{
	{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00"},
	{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly},
}

// dateLayouts are the forms of a date that NetBox accepts.
var dateLayouts = []string{time.DateOnly, "20060102"}

// moment is a date, or a date with time. With and without a time zone are never the same:
// only NetBox knows its time zone.
type moment struct {
	time  time.Time // UTC
	zoned bool
}

// momentOf returns the moment in a string, or otherwise if there is none.
func momentOf(text string, otherwise any) any {
	for i, layouts := range timeLayouts {
		if t, ok := parseTime(text, layouts); ok {
			return moment{t.UTC(), i == 0}
		}
	}
	return otherwise
}

func parseTime(text string, layouts []string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
