package fabric

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Attributes are the managed values of a fabric, by NetBox's field name. A value is a
// string, bool or int64, or a sorted []string for a set. Each custom field is an attribute
// (see [CustomField]), with JSON as its value.
type Attributes map[string]any

// Fingerprint is used instead of a secret value before a change, which is not known. It
// recognizes that value.
type Fingerprint interface {
	Matches(value string) bool
}

// DecodedAttribute returns the value that a field decoded from JSON has among [Attributes].
// Numbers must be decoded as json.Number.
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

// Verdict is the result of comparing a record with a write of unknown outcome.
type Verdict int

const (
	// AsPlanned: every attribute has its planned value. The write is done.
	AsPlanned Verdict = iota
	// NotYet: every attribute has its planned value or the one before, and at least one has
	// the one before. The write would not undo another user's change.
	NotYet
	// Conflict: an attribute has another value.
	Conflict
)

// Difference is an attribute that another user has changed.
type Difference struct {
	Field   string
	Before  any
	Planned any
	Current any
}

// String describes the difference. It leaves out values that may be secret: a custom
// field's value may come from a sensitive variable.
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

// Compare compares the planned fields of a current record with their values before the plan
// and as planned. If a field was not managed before, a write cannot undo anything in it.
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

// hidden reports whether a record lacks a secret, so that its value is not known.
func hidden(current Attributes, field string) bool {
	_, shown := current[field]
	return Secret(field) && !shown
}

// Unchanged reports whether changing a field in the configuration from before to planned
// would change nothing in NetBox.
func Unchanged(field string, before, planned any) bool {
	if _, custom := CustomFieldKey(field); custom {
		return unchangedCustom(before, planned)
	}
	return Equal(field, before, planned)
}

// SameAttributes reports whether two sets of values manage the same fields, and a change
// from one to the other would change nothing in NetBox.
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

// Equal reports whether two values of a field are the same to NetBox. NetBox trims every
// text, and sets have no order. b may be a [Fingerprint].
func Equal(field string, a, b any) bool {
	if _, custom := CustomFieldKey(field); custom {
		return equalCustom(a, b)
	}
	switch a := a.(type) {
	case string:
		if fingerprint, ok := b.(Fingerprint); ok {
			return fingerprint.Matches(a)
		}
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
