package netbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// ForbiddenError is NetBox's 403. It answers that for a missing, wrong or expired
// token as well as for a missing permission.
type ForbiddenError struct {
	Request Request
	Detail  string
	token   bool
}

func (e *ForbiddenError) Error() string { return fmt.Sprintf("%s: forbidden: %s", e.Request, e.Detail) }

// BadToken reports whether NetBox refused the token itself, and not what it was used
// for.
func (e *ForbiddenError) BadToken() bool { return e.token }

// InvalidError is a 400: NetBox refused the values.
type InvalidError struct {
	Request Request
	Fields  map[string][]string // messages by the name that the field has among fabric.Attributes
	Detail  []string            // messages on no field
	Items   []ItemFault         // of a request in bulk, where NetBox says which are at fault
	// raw is Fields as NetBox sent them, to decide by; nil where that is Fields itself.
	raw map[string][]string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s: NetBox refused the values: %s", e.Request, e.Reason())
}

// Reason is what NetBox says is wrong with the values.
func (e *InvalidError) Reason() string {
	parts := slices.Clone(e.Detail)
	for _, f := range slices.Sorted(maps.Keys(e.Fields)) {
		parts = append(parts, f+": "+strings.Join(e.Fields[f], " "))
	}
	return strings.Join(parts, "; ")
}

// MissingTags returns the names of tags that NetBox does not have.
func (e *InvalidError) MissingTags() []string {
	var names []string
	for _, message := range e.said("tags") {
		if name, missing := missingTag(message); missing {
			names = append(names, name)
		}
	}
	return names
}

// RefusedTypes returns the types of the custom fields whose values NetBox refused
// for not being of them, by the name among [fabric.Attributes].
func (e *InvalidError) RefusedTypes() map[string]string {
	types := map[string]string{}
	for field := range e.Fields {
		if _, custom := fabric.CustomFieldKey(field); !custom {
			continue
		}
		if kind := refusedType(strings.Join(e.said(field), " ")); kind != "" {
			types[field] = kind
		}
	}
	return types
}

// nameTaken reports whether the name is the reason: it is the only unique field.
func (e *InvalidError) nameTaken() bool {
	return slices.ContainsFunc(e.said("name"), takenWords.MatchString)
}

// said returns NetBox's own messages on a field, which may hold secrets.
func (e *InvalidError) said(field string) []string {
	if e.raw != nil {
		return e.raw[field]
	}
	return e.Fields[field]
}

// invalid reads the many shapes of NetBox's 400: {"field": ["…"]},
// {"__all__": ["…"]}, {"custom_fields": {"key": "…"}}, {"detail": "…"}, ["…"].
func (c *Client) invalid(request Request, body any) *InvalidError {
	e := &InvalidError{Request: request, Fields: map[string][]string{}, Items: c.itemFaults(request, body)}
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
				e.Fields[fabric.CustomField(key)] = texts(message)
			}
		default:
			e.Fields[field] = texts(value)
		}
	}
	return c.masked(e)
}

// general reports whether a field of a refusal is on no field of the object.
func general(field string) bool {
	return field == "detail" || field == "__all__" || field == "non_field_errors"
}

// addDetail adds messages on no field. Those that name a custom field go to it.
func (e *InvalidError) addDetail(messages []string) {
	for _, message := range messages {
		if key := namedCustomField(message); key != "" {
			field := fabric.CustomField(key)
			e.Fields[field] = append(e.Fields[field], message)
		} else {
			e.Detail = append(e.Detail, message)
		}
	}
}

// masked returns the error with every secret masked in what it shows.
func (c *Client) masked(e *InvalidError) *InvalidError {
	e.raw = e.Fields
	e.Fields = make(map[string][]string, len(e.raw))
	for field, messages := range e.raw {
		e.Fields[field] = c.mask(messages)
	}
	e.Detail = c.mask(e.Detail)
	return e
}

func (c *Client) mask(messages []string) []string {
	shown := make([]string, len(messages))
	for i, message := range messages {
		shown[i] = c.secrets.redact(message)
	}
	return shown
}
