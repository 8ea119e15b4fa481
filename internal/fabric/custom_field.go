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
)

// CustomFieldDefinition is a custom field as NetBox's administrator has defined it.
type CustomFieldDefinition struct {
	Key      string
	Type     string // one of the Custom… constants, or one that is not known here
	Required bool   // may not be empty
	// Choices are the values of a select or multiselect field; nil when they are
	// not known.
	Choices          []string
	Minimum, Maximum *json.Number // of an integer or decimal; nil for no limit
	RelatedType      string       // of an object or multiobject, such as dcim.site
}

// Validate checks a value, as far as it can be known without asking NetBox. Nil
// means that nothing is wrong with it.
func (d *CustomFieldDefinition) Validate(value any) *Problem {
	if emptyCustomValue(value) {
		if d.Required {
			return d.problem("is required and may not be empty", value)
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
			return d.problem("is true or false", value)
		}
	case CustomDate:
		if text, ok := value.(string); !ok || !valid(time.Parse(time.DateOnly, text)) {
			return d.problem("is a date such as \"2026-01-31\"", value)
		}
	case CustomDatetime:
		if text, ok := value.(string); !ok || !isDatetime(text) {
			return d.problem("is a date with time such as \"2026-01-31T08:15:00Z\"", value)
		}
	case CustomSelect:
		if text, ok := value.(string); !ok || !d.hasChoice(text) {
			return d.problem("is "+d.oneOf(), value)
		}
	case CustomMultiselect:
		return d.validateList(value, "is a list, each element "+d.oneOf(), func(v any) bool {
			text, ok := v.(string)
			return ok && d.hasChoice(text)
		})
	case CustomObject:
		if !isID(value) {
			return d.problem("is the id of an object of type "+d.RelatedType, value)
		}
	case CustomMultiobject:
		return d.validateList(value, "is a list of ids of objects of type "+d.RelatedType, isID)
	}
	return nil
}

func (d *CustomFieldDefinition) problem(rule string, value any) *Problem {
	return problem("Invalid value of a custom field", "The custom field %q has the value %s, but it %s.", d.Key, showJSON(value), rule)
}

func (d *CustomFieldDefinition) oneOf() string {
	if d.Choices == nil {
		return "the value of a choice"
	}
	return "one of " + list(d.Choices)
}

func (d *CustomFieldDefinition) hasChoice(value string) bool {
	return d.Choices == nil || slices.Contains(d.Choices, value)
}

func (d *CustomFieldDefinition) validateText(value any) *Problem {
	text, ok := value.(string)
	if !ok {
		return d.problem("is a text: put the value into quotes", value)
	}
	if d.Type != CustomURL {
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Scheme == "" {
		return d.problem("is an absolute URL such as \"https://wiki.example.com/fabric\"", value)
	}
	return nil
}

func (d *CustomFieldDefinition) validateNumber(value any) *Problem {
	n, ok := value.(json.Number)
	x, readable := new(big.Rat).SetString(bounded(n))
	switch {
	case !ok, !readable && bounded(n) != "":
		return d.problem("is a number", value)
	case !readable: // too large or too small to be judged here
		return nil
	case d.Type == CustomInteger && !x.IsInt():
		return d.problem("is a whole number", value)
	case d.Minimum != nil && less(x, *d.Minimum) < 0:
		return d.problem("is at least "+d.Minimum.String(), value)
	case d.Maximum != nil && less(x, *d.Maximum) > 0:
		return d.problem("is at most "+d.Maximum.String(), value)
	}
	return nil
}

// less compares a number with a limit; a limit that cannot be read limits nothing.
func less(x *big.Rat, limit json.Number) int {
	y, ok := new(big.Rat).SetString(bounded(limit))
	if !ok {
		return 0
	}
	return x.Cmp(y)
}

func (d *CustomFieldDefinition) validateList(value any, rule string, element func(any) bool) *Problem {
	values, ok := asList(value)
	if !ok || slices.ContainsFunc(values, func(v any) bool { return !element(v) }) {
		return d.problem(rule, value)
	}
	return nil
}

// Wire returns the value as it is to be sent: what a map or list of texts has
// made of a number, an id or a truth value becomes one again.
func (d *CustomFieldDefinition) Wire(value any) any {
	text, isText := value.(string)
	switch d.Type {
	case CustomDecimal:
		if isText && isNumber(text) {
			return json.Number(text)
		}
	case CustomInteger, CustomObject:
		return wholeNumber(value)
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
	return value
}

// wholeNumber writes a whole number, also one in a text, in plain digits: NetBox
// takes 1e3 for a decimal. What is none stays as it is.
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

func isDatetime(text string) bool {
	for _, layouts := range timeLayouts {
		if _, ok := parseTime(text, layouts); ok {
			return true
		}
	}
	return valid(time.Parse(time.DateOnly, text))
}

func valid(_ time.Time, err error) bool { return err == nil }

// showJSON writes a value for a message, cut to what a reader needs to find it.
func showJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "(not shown)"
	}
	if r := []rune(string(raw)); len(r) > maxQuoted {
		return string(r[:maxQuoted]) + "…"
	}
	return string(raw)
}

// UnknownCustomField is the problem of a key that no definition has.
func UnknownCustomField(key string, defined []string) *Problem {
	what := "It shows none."
	if len(defined) > 0 {
		what = fmt.Sprintf("It shows %s.", strings.ReplaceAll(list(defined), " or ", " and "))
	}
	return problem("Unknown custom field", "NetBox has no custom field %q for fabrics, or this API token may not see it. %s", key, what)
}
