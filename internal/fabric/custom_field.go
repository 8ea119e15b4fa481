package fabric

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Types of custom fields in NetBox.
const (
	CustomText        = "text"
	CustomLongText    = "longtext"
	CustomInteger     = "integer"
	CustomDecimal     = "decimal"
	CustomBoolean     = "boolean"
	CustomDate        = "date"
	CustomDatetime    = "datetime"
	CustomURL         = "url"
	CustomJSON        = "json"
	CustomSelect      = "select"
	CustomMultiselect = "multiselect"
	CustomObject      = "object"
	CustomMultiobject = "multiobject"

	// CustomUntyped is the type of a field whose definition cannot be read. Its values are
	// compared as JSON, except that "" counts as null, since it is sent as null.
	CustomUntyped = "untyped"
)

// CustomFieldDefinition is a custom field as it is defined in NetBox.
type CustomFieldDefinition struct {
	Key      string
	Type     string // a Custom… constant, or a type that is not known here
	Required bool   // must not be empty
	// Choices are the values of a select or multiselect field, or nil if they are not known.
	Choices          []string
	Minimum, Maximum *json.Number // of an integer or decimal; nil for no limit
	RelatedType      string       // of an object or multiobject, such as dcim.site
}

// Validate checks a value as far as that works without NetBox; nil means valid. The problem
// does not show the value, which may come from a sensitive variable.
func (d *CustomFieldDefinition) Validate(value any) *Problem {
	if emptyIn(d.Type, value) {
		if d.Required {
			return d.problem("is required, so it must not be empty")
		}
		return nil
	}
	switch value := d.Wire(value); d.Type {
	case CustomText, CustomLongText, CustomURL:
		return d.validateText(value)
	case CustomInteger, CustomDecimal:
		return d.validateNumber(value)
	case CustomBoolean:
		if _, ok := value.(bool); !ok {
			return d.wrong("true or false", value)
		}
	case CustomDate:
		if text, ok := value.(string); !ok || !valid(time.Parse(time.DateOnly, text)) {
			return d.wrong("a date such as \"2026-01-31\"", value)
		}
	case CustomDatetime:
		if text, ok := value.(string); !ok || momentOf(text, nil) == nil {
			return d.wrong("a date with time such as \"2026-01-31T08:15:00Z\"", value)
		}
	case CustomSelect:
		if text, ok := value.(string); !ok || !d.hasChoice(text) {
			return d.wrong(d.oneOf(), value)
		}
	case CustomMultiselect:
		return d.validateList(value, "a list, each element "+d.oneOf(), func(v any) bool {
			text, ok := v.(string)
			return ok && d.hasChoice(text)
		})
	case CustomObject:
		if !isID(value) {
			return d.wrong("the id of an object of type "+d.RelatedType, value)
		}
	case CustomMultiobject:
		return d.validateList(value, "a list of ids of objects of type "+d.RelatedType, isID)
	}
	return nil
}

func (d *CustomFieldDefinition) problem(rule string) *Problem {
	return problem("Invalid value of a custom field", "Custom field %q %s.", d.Key, rule)
}

// wrong returns the problem of a value of the wrong type.
func (d *CustomFieldDefinition) wrong(wanted string, value any) *Problem {
	if got := kindOf(value); got != jsonKinds[d.Type] {
		wanted += "; got " + got
	}
	return d.problem("must be " + wanted)
}

// jsonKinds are the kinds of JSON, as kindOf names them, that each type of field accepts.
var jsonKinds = map[string]string{
	CustomText: "a string", CustomLongText: "a string", CustomURL: "a string", CustomDate: "a string",
	CustomDatetime: "a string", CustomSelect: "a string",
	CustomInteger: "a number", CustomDecimal: "a number", CustomObject: "a number",
	CustomBoolean: "true or false", CustomMultiselect: "a list", CustomMultiobject: "a list",
}

func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case []any, Selection:
		return "a list"
	}
	return "an object"
}

func (d *CustomFieldDefinition) oneOf() string {
	if d.Choices == nil {
		return "one of the field's choices in NetBox"
	}
	return "one of " + list(d.Choices)
}

func (d *CustomFieldDefinition) hasChoice(value string) bool {
	_, found := FindText(d.Choices, value)
	return d.Choices == nil || found
}

// choice returns the choice that equals a value, as NetBox spells it, since NetBox compares
// bytes. It returns any other value unchanged.
func (d *CustomFieldDefinition) choice(value any) any {
	text, _ := value.(string)
	if found, ok := FindText(d.Choices, text); ok {
		return found
	}
	return value
}

func (d *CustomFieldDefinition) validateText(value any) *Problem {
	text, ok := value.(string)
	if !ok {
		return d.wrong("a string (put the value into quotes)", value)
	}
	if d.Type != CustomURL {
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Scheme == "" {
		return d.wrong("an absolute URL such as \"https://wiki.example.com/fabric\"", value)
	}
	return nil
}

func (d *CustomFieldDefinition) validateNumber(value any) *Problem {
	n, ok := value.(json.Number)
	x, readable := new(big.Rat).SetString(bounded(n))
	switch {
	case !ok, !readable && bounded(n) != "":
		return d.wrong("a number", value)
	case !readable: // too large or too small to check here
		return nil
	case d.Type == CustomInteger && !x.IsInt():
		return d.problem("must be a whole number")
	case d.Minimum != nil && less(x, *d.Minimum) < 0:
		return d.problem("must be at least " + d.Minimum.String())
	case d.Maximum != nil && less(x, *d.Maximum) > 0:
		return d.problem("must be at most " + d.Maximum.String())
	}
	return nil
}

// less compares a number with a limit. A limit that cannot be read does not apply.
func less(x *big.Rat, limit json.Number) int {
	y, ok := new(big.Rat).SetString(bounded(limit))
	if !ok {
		return 0
	}
	return x.Cmp(y)
}

func (d *CustomFieldDefinition) validateList(value any, wanted string, element func(any) bool) *Problem {
	values, ok := asList(value)
	if !ok || slices.ContainsFunc(values, func(v any) bool { return !element(v) }) {
		return d.wrong(wanted, value)
	}
	return nil
}

// Wire returns the value to send to NetBox. It turns strings from a map or list back into
// numbers, ids and booleans. It sends null for "" if "" is not a value of the type: NetBox
// stores "" in a field of any type, and can then no longer read a fabric that has it as the
// id of an object. It spells a choice as NetBox does.
func (d *CustomFieldDefinition) Wire(value any) any {
	value = wire(d.Type, value)
	values, isList := asList(value)
	switch {
	case d.Type == CustomSelect:
		return d.choice(value)
	case d.Type == CustomMultiselect && isList:
		choices := make([]any, len(values))
		for i, v := range values {
			choices[i] = d.choice(v)
		}
		return choices
	}
	return value
}

func wire(kind string, value any) any {
	text, isText := value.(string)
	switch kind {
	case CustomText, CustomLongText, CustomURL, CustomJSON:
		return value
	case CustomDecimal:
		if isText && isNumber(text) {
			return json.Number(text)
		}
	case CustomInteger, CustomObject:
		value = wholeNumber(value)
	case CustomBoolean:
		if text == "true" || text == "false" {
			return text == "true"
		}
	case CustomMultiobject:
		if values, ok := asList(value); ok {
			ids := make([]any, len(values))
			for i, v := range values {
				ids[i] = wholeNumber(v)
			}
			return ids
		}
	}
	if value == "" {
		return nil
	}
	return value
}

// wholeNumber writes a whole number, even if it is a string, in plain digits: NetBox takes
// 1e3 for a decimal. It returns any other value unchanged.
func wholeNumber(value any) any {
	n, ok := value.(json.Number)
	if text, isText := value.(string); isText && isNumber(text) {
		n, ok = json.Number(text), true
	}
	if x, readable := new(big.Rat).SetString(bounded(n)); ok && readable && x.IsInt() {
		return json.Number(x.Num().String())
	}
	if ok {
		return n
	}
	return value
}

func isID(v any) bool {
	n, ok := v.(json.Number)
	id, err := n.Int64()
	return ok && err == nil && id > 0
}

func valid(_ time.Time, err error) bool { return err == nil }

// UnknownCustomField returns the problem of a key without a definition.
func UnknownCustomField(key string, defined []string) *Problem {
	what := "The token sees no custom fields for fabrics. Define the field in NetBox for the object type Hedgehog " +
		"Fabric, or, if it is defined, check the token's permission to view custom fields."
	if len(defined) > 0 {
		what = fmt.Sprintf("The token sees these fields: %s. Correct the key, or define the field in NetBox.",
			strings.ReplaceAll(list(defined), " or ", " and "))
	}
	return problem("Unknown custom field", "NetBox has no custom field %q for fabrics, or this API token cannot see "+
		"it. %s", key, what)
}

// UndefinedCustomField returns the problem of a key that is in the state and no longer has
// a definition.
func UndefinedCustomField(key string) *Problem {
	return problem("Custom field is not defined", "NetBox has no custom field %q for fabrics, though the state has "+
		"it. Its definition was deleted, or this API token cannot see it. Remove the key from "+
		"custom_fields, or define the field in NetBox again. An apply will fail until then. A destroy works.", key)
}
