package netboxtest

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Messages of Django REST framework that several rules share.
const (
	msgRequired  = "This field is required."
	msgNull      = "This field may not be null."
	msgBlank     = "This field may not be blank."
	msgNotString = "Not a valid string."
)

// maxInteger is the largest value of a positive integer column.
const maxInteger = 2147483647

// field returns a field by name, or nil if there is none.
func (m *model) field(name string) *field {
	for i := range m.fields {
		if m.fields[i].name == name {
			return &m.fields[i]
		}
	}
	return nil
}

// initialValues returns the values of an object that is created without any.
func (m *model) initialValues() map[string]any {
	values := map[string]any{}
	for _, f := range m.fields {
		values[f.name] = f.initial
	}
	return values
}

// check returns the stored form of a body's value, or messages about what is wrong.
func (f *field) check(v any) (any, []string) {
	if v == nil {
		if f.null {
			return nil, nil
		}
		return nil, []string{msgNull}
	}
	switch f.kind {
	case choiceKind:
		return f.checkChoice(v)
	case booleanKind:
		return checkBoolean(v)
	case integerKind:
		return checkInteger(v)
	case datetimeKind:
		return checkDatetime(v)
	case jsonKind:
		return databaseNumbers(v), nil // an empty one is refused later, with the model's own checks
	case fabricKind:
		return checkKey(v)
	}
	return f.checkText(v)
}

// checkText trims text. Like REST framework, it also accepts numbers.
func (f *field) checkText(v any) (any, []string) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case json.Number:
		s = v.String()
	default:
		return nil, []string{msgNotString}
	}
	s = strings.TrimFunc(s, isPythonSpace)
	if s == "" {
		if f.blank {
			return "", nil
		}
		return nil, []string{msgBlank}
	}
	var messages []string
	if f.max > 0 && utf8.RuneCountInString(s) > f.max {
		messages = append(messages, "Ensure this field has no more than "+strconv.Itoa(f.max)+" characters.")
	}
	if strings.ContainsRune(s, 0) {
		messages = append(messages, "Null characters are not allowed.")
	}
	if f.kind == urlKind && !validURL(s) {
		messages = append(messages, "Enter a valid URL.")
	}
	return s, messages
}

// isPythonSpace reports whether Python's str.strip removes a character: Unicode's spaces and
// the four ASCII separators.
func isPythonSpace(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r >= 0x1c && r <= 0x20, r == 0x85, r == 0xa0, r == 0x1680,
		r >= 0x2000 && r <= 0x200a, r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000:
		return true
	}
	return false
}

func (f *field) checkChoice(v any) (any, []string) {
	if s := pyString(v); slices.Contains(f.choices, s) {
		return s, nil
	}
	return nil, []string{`"` + pyString(v) + `" is not a valid choice.`}
}

func checkBoolean(v any) (any, []string) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(strings.TrimFunc(v, isPythonSpace)) {
		case "t", "y", "yes", "true", "on", "1":
			return true, nil
		case "f", "n", "no", "false", "off", "0":
			return false, nil
		}
	case json.Number:
		if f, err := v.Float64(); err == nil && (f == 0 || f == 1) {
			return f == 1, nil
		}
	}
	return nil, []string{"Must be a valid boolean."}
}

// wholeNumber matches an integer with an optional fraction of zeros, which REST framework drops.
var wholeNumber = regexp.MustCompile(`^\s*([+-]?[0-9]+)(\.0*)?\s*$`)

func checkInteger(v any) (any, []string) {
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	}
	match := wholeNumber.FindStringSubmatch(text)
	if match == nil {
		return nil, []string{"A valid integer is required."}
	}
	n, _ := new(big.Int).SetString(strings.TrimPrefix(match[1], "+"), 10)
	switch {
	case n.Sign() < 0:
		return nil, []string{"Ensure this value is greater than or equal to 0."}
	case n.Cmp(big.NewInt(maxInteger)) > 0:
		return nil, []string{"Ensure this value is less than or equal to " + strconv.Itoa(maxInteger) + "."}
	}
	return json.Number(n.String()), nil
}

// datetimeLayouts are the forms that Django parses. A time without a zone is in the server's
// zone, here UTC. Go also accepts a fraction after the seconds.
var datetimeLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04",
}

func parseDatetime(s string) (time.Time, bool) {
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	for _, layout := range datetimeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}

func checkDatetime(v any) (any, []string) {
	if s, isString := v.(string); isString {
		if t, valid := parseDatetime(strings.TrimFunc(s, isPythonSpace)); valid {
			return isoZ(t), nil
		}
	}
	return nil, []string{"Datetime has wrong format. Use one of these formats instead: " +
		"YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."}
}

// checkKey reads a related object's id. Whether the object exists is checked with the row.
func checkKey(v any) (any, []string) {
	text := stringOf(v)
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return json.Number(formatID(id)), nil
	}
	return nil, []string{"Incorrect type. Expected pk value, received " + pyType(v) + "."}
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
