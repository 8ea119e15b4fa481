package netbox

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Words that decide. A status and the shape of a body decide first. For what follows,
// NetBox has only words, in English: every request asks for that language. Recordings hold
// each of them.
var (
	takenWords = regexp.MustCompile(`\balready exists\b`)
	// missingTagWords match how Python prints the requested tag, which is the same in every
	// language.
	missingTagWords = regexp.MustCompile(`\{'name': (?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\}$`)
	// typeWords match NetBox's words about a value of the wrong type, by the right type.
	// Only types that a string can be converted to are here. NetBox accepts strings for the ids
	// of objects.
	typeWords = map[string]*regexp.Regexp{
		fabric.CustomInteger: regexp.MustCompile(`\bValue must be an integer\b`),
		fabric.CustomBoolean: regexp.MustCompile(`\bValue must be true or false\b`),
	}
)

// missingTags returns the names of tags that NetBox does not have.
func missingTags(e *rest.InvalidError) []string {
	var names []string
	for _, message := range e.Said("tags") {
		if name, missing := missingTag(message); missing {
			names = append(names, name)
		}
	}
	return names
}

// RefusedTypes returns the right types of the custom fields whose values NetBox refused
// because of their type, by the name among [fabric.Attributes].
func RefusedTypes(e *rest.InvalidError) map[string]string {
	types := map[string]string{}
	for field := range e.Fields {
		if _, custom := fabric.CustomFieldKey(field); !custom {
			continue
		}
		if kind := refusedType(strings.Join(e.Said(field), " ")); kind != "" {
			types[field] = kind
		}
	}
	return types
}

// nameTaken reports whether the name is the reason: it is the only unique field.
func nameTaken(e *rest.InvalidError) bool {
	return slices.ContainsFunc(e.Said("name"), takenWords.MatchString)
}

// refusedName reports whether NetBox refused a write because another fabric has the
// name.
func refusedName(err error) bool {
	invalid, ok := errors.AsType[*rest.InvalidError](err)
	_, unverified := errors.AsType[*UnverifiedError](err)
	return ok && !unverified && nameTaken(invalid)
}

// missingTag returns the tag that does not exist according to a message.
func missingTag(message string) (name string, missing bool) {
	m := missingTagWords.FindStringSubmatch(message)
	if m == nil {
		return "", false
	}
	return pythonEscape.ReplaceAllStringFunc(m[1]+m[2], unescapePython), true
}

// refusedType returns the type of a custom field according to a refusal of its value, or "" if
// the refusal does not say.
func refusedType(message string) string {
	for kind, words := range typeWords {
		if words.MatchString(message) {
			return kind
		}
	}
	return ""
}

// pythonEscape matches Python's escapes for characters that cannot be printed or would end
// the text.
var pythonEscape = regexp.MustCompile(`\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)`)

func unescapePython(escape string) string {
	if code, err := strconv.ParseUint(escape[2:], 16, 32); err == nil {
		return string(rune(code)) //nolint:gosec // what is not a character becomes the one for that
	}
	if character, known := map[byte]string{'n': "\n", 'r': "\r", 't': "\t"}[escape[1]]; known {
		return character
	}
	return escape[1:]
}
