package fabric

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Attributes are managed values of a fabric by NetBox's field name. A value is
// a string, bool or int64, or a sorted []string for a set. Each custom field is
// a separate attribute (see [CustomField]), and its value is JSON.
type Attributes map[string]any

// DecodedAttribute returns a value of a field that was decoded from JSON, with
// json.Number for numbers, as it is among [Attributes].
func DecodedAttribute(field string, value any) any {
	if _, custom := CustomFieldKey(field); custom {
		return value
	}
	switch v := value.(type) {
	case json.Number:
		n, err := v.Int64()
		if err == nil {
			return n
		}
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i], _ = v[i].(string)
		}
		return texts
	}
	return value
}

// Verdict is what a record says about a write whose outcome is not known.
type Verdict int

const (
	// AsPlanned: every attribute has its planned value. The write is done.
	AsPlanned Verdict = iota
	// NotYet: every attribute has its planned value or the one before, and not
	// all have the planned one. A write undoes no other user's change.
	NotYet
	// Conflict: an attribute has a value that is neither.
	Conflict
)

// Difference is an attribute that another user has changed.
type Difference struct {
	Field   string
	Before  any
	Planned any
	Current any
}

// String returns the difference in words, without values that may be secret: a
// custom field's may come from a sensitive variable.
func (d Difference) String() string {
	if _, custom := CustomFieldKey(d.Field); custom || Secret(d.Field) {
		return d.Field + ": changed to another value (not shown)"
	}
	if Equal(d.Field, d.Before, d.Planned) {
		return fmt.Sprintf("%s: expected %s, is now %s", d.Field, show(d.Planned), show(d.Current))
	}
	return fmt.Sprintf("%s: was %s, planned %s, is now %s", d.Field, show(d.Before), show(d.Planned), show(d.Current))
}

// Secret reports whether a field's value must never be shown.
func Secret(field string) bool { return field == "kubernetes_token" }

// Compare judges the current values against those before and those planned, for
// the fields that are planned. A field that was not managed before has no value
// there that a write could undo.
func Compare(before, planned, current Attributes) (Verdict, []Difference) {
	verdict := AsPlanned
	var conflicts []Difference
	for _, field := range slices.Sorted(maps.Keys(planned)) {
		was, managed := before[field]
		switch want, is := planned[field], current[field]; {
		case hidden(current, field), Equal(field, is, want):
		case !managed, Equal(field, is, was):
			verdict = max(verdict, NotYet)
		default:
			verdict = Conflict
			conflicts = append(conflicts, Difference{field, was, want, is})
		}
	}
	return verdict, conflicts
}

// hidden reports whether an answer leaves a secret out. Then its value is not known.
func hidden(current Attributes, field string) bool {
	_, shown := current[field]
	return Secret(field) && !shown
}

// Unchanged reports whether a change of the configuration from one value of a
// field to another would change nothing in NetBox.
func Unchanged(field string, before, planned any) bool {
	if _, custom := CustomFieldKey(field); custom {
		return unchangedCustom(before, planned)
	}
	return Equal(field, before, planned)
}

// SameAttributes reports whether a change of the configuration from one set of
// values to another manages the same fields and would change nothing in NetBox.
func SameAttributes(before, planned Attributes) bool {
	if len(before) != len(planned) {
		return false
	}
	for field, value := range planned {
		if was, managed := before[field]; !managed || !Unchanged(field, was, value) {
			return false
		}
	}
	return true
}

// Equal reports whether two values of a field are the same to NetBox. It trims
// every text, and a set has no order.
func Equal(field string, a, b any) bool {
	if _, custom := CustomFieldKey(field); custom {
		return equalCustom(a, b)
	}
	switch a := a.(type) {
	case string:
		b, isText := b.(string)
		return isText && SameText(Trim(a), Trim(b))
	case []string:
		b, isSet := b.([]string)
		return isSet && sameTexts(a, b)
	}
	return a == b
}

func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "not set"
	case string, []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}
