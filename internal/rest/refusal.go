package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// InvalidError is a 400: NetBox refused the values.
type InvalidError struct {
	Request Request
	Fields  map[string][]string // messages by the field's name; a custom field's is "custom_fields.<key>"
	Detail  []string            // messages that are not about a field
	Items   []ItemFault         // of a bulk request, if NetBox names the items
	// raw is Fields as NetBox sent them, for decisions, or nil if Fields is the same.
	raw map[string][]string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s: NetBox refused the values: %s", e.Request, e.Reason())
}

// Reason returns what NetBox says about the values.
func (e *InvalidError) Reason() string {
	parts := slices.Clone(e.Detail)
	for _, f := range slices.Sorted(maps.Keys(e.Fields)) {
		parts = append(parts, f+": "+strings.Join(e.Fields[f], " "))
	}
	return strings.Join(parts, "; ")
}

// Said returns NetBox's own messages about a field, for decisions. They may contain
// secrets.
func (e *InvalidError) Said(field string) []string {
	if e.raw != nil {
		return e.raw[field]
	}
	return e.Fields[field]
}

// ItemFault is an item of a bulk request that NetBox refused.
type ItemFault struct {
	Index int   // in a create's body; -1 if NetBox names the item by id
	ID    int64 // of the object in an update or delete; 0 if NetBox names it by index
	Err   *InvalidError
}

// Reason returns an error's text, or only what NetBox says about the values if it refused
// them.
func Reason(err error) string {
	if invalid, ok := errors.AsType[*InvalidError](err); ok && len(invalid.Fields)+len(invalid.Detail) > 0 {
		return invalid.Reason()
	}
	return err.Error()
}

// newInvalidError reads the many shapes of NetBox's 400: {"field": ["…"]},
// {"__all__": ["…"]}, {"custom_fields": {"key": "…"}}, {"detail": "…"}, ["…"].
func newInvalidError(request Request, body any, secrets *redactor) *InvalidError {
	e := &InvalidError{Request: request, Fields: map[string][]string{}, Items: itemFaults(request, body, secrets)}
	fields, ok := body.(map[string]any)
	if !ok {
		e.Detail = texts(body)
	}
	for field, value := range fields {
		nested, isObject := value.(map[string]any)
		switch {
		case general(field):
			e.addDetail(texts(value))
		case field == "custom_fields" && isObject:
			for key, message := range nested {
				e.Fields[customField(key)] = texts(message)
			}
		default:
			e.Fields[field] = texts(value)
		}
	}
	return e.masked(secrets)
}

// customField returns the name of a custom field in [InvalidError.Fields].
func customField(key string) string { return "custom_fields." + key }

// customFieldWords match a message without a field that is about a custom field. NetBox has
// only words for it. A recording holds them.
var customFieldWords = regexp.MustCompile(`(?i)\bcustom field '([^']+)'`)

// namedCustomField returns the key of the custom field that a message without a field is
// about, or "" if there is none.
func namedCustomField(message string) string {
	if m := customFieldWords.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// general reports whether a field in a refusal is not a field of the object.
func general(field string) bool {
	return field == "detail" || field == "__all__" || field == "non_field_errors"
}

// addDetail adds messages without a field. Those that name a custom field are added to that
// field.
func (e *InvalidError) addDetail(messages []string) {
	for _, message := range messages {
		if key := namedCustomField(message); key != "" {
			field := customField(key)
			e.Fields[field] = append(e.Fields[field], message)
		} else {
			e.Detail = append(e.Detail, message)
		}
	}
}

// masked returns the error with all secrets masked in what it shows.
func (e *InvalidError) masked(secrets *redactor) *InvalidError {
	e.raw = e.Fields
	e.Fields = make(map[string][]string, len(e.raw))
	for field, messages := range e.raw {
		e.Fields[field] = masked(messages, secrets)
	}
	e.Detail = masked(e.Detail, secrets)
	return e
}

func masked(messages []string, secrets *redactor) []string {
	shown := make([]string, len(messages))
	for i, message := range messages {
		shown[i] = secrets.redact(message)
	}
	return shown
}

// itemFaults returns which items of a bulk request NetBox refused: {"errors": [{"index" or
// "id": …, "errors": {…}}]}. Before 4.7, the answer to a create is a list with an object
// for each item, which is empty for a good one.
func itemFaults(request Request, body any, secrets *redactor) []ItemFault {
	var faults []ItemFault
	if list, ok := body.([]any); ok {
		for i, item := range list {
			if fields, isObject := item.(map[string]any); isObject && len(fields) > 0 {
				faults = append(faults, ItemFault{Index: i, Err: itemRefusal(request, fields, secrets)})
			}
		}
		return faults
	}
	fields, _ := body.(map[string]any)
	list, _ := fields["errors"].([]any)
	for _, item := range list {
		entry, _ := item.(map[string]any)
		messages, isObject := entry["errors"].(map[string]any)
		if !isObject {
			continue
		}
		fault := ItemFault{Index: -1, Err: itemRefusal(request, messages, secrets)}
		if index, byIndex := entry["index"].(float64); byIndex {
			fault.Index = int(index)
		} else if id, byID := entry["id"].(float64); byID {
			fault.ID = int64(id)
		} else {
			continue
		}
		faults = append(faults, fault)
	}
	return faults
}

func itemRefusal(request Request, fields map[string]any, secrets *redactor) *InvalidError {
	e := &InvalidError{Request: request, Fields: map[string][]string{}}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if general(field) {
			e.Detail = append(e.Detail, texts(fields[field])...)
		} else {
			e.Fields[field] = texts(fields[field])
		}
	}
	return e.masked(secrets)
}

func joined(v any) string { return strings.Join(texts(v), " ") }

// texts flattens a message from NetBox, which may be a string, a list or nested. It may
// contain secrets.
func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, x := range v {
			all = append(all, texts(x)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, key+": "+joined(v[key]))
		}
		return all
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return []string{string(raw)}
}
