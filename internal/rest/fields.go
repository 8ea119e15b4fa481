package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// FieldError means that a field of an answer cannot be read.
type FieldError struct {
	Field   string // [WholeRecord] for the record as a whole
	Problem string
}

// WholeRecord is the field of an error about a record as a whole.
const WholeRecord = "(all)"

func (e *FieldError) Error() string {
	if e.Field == WholeRecord {
		return "the answer, or a record in it, " + e.Problem
	}
	return fmt.Sprintf("the field %q %s", e.Field, e.Problem)
}

// Presence is what a field may lack.
type Presence int

// The presences.
const (
	Required Presence = iota // present and not null
	Nullable                 // present, perhaps null
	Optional                 // may be missing
)

// Fields reads the fields of a JSON object one by one and keeps the first error.
type Fields struct {
	raw map[string]json.RawMessage
	err *FieldError
}

// ReadFields returns the fields of a JSON object. For any other JSON, the error is a
// [*FieldError].
func ReadFields(raw []byte) (*Fields, error) {
	f := &Fields{}
	if err := json.Unmarshal(raw, &f.raw); err != nil || f.raw == nil {
		return nil, &FieldError{WholeRecord, "is not a JSON object"}
	}
	return f, nil
}

// FieldsOf returns Fields for decoded fields.
func FieldsOf(raw map[string]json.RawMessage) *Fields { return &Fields{raw: raw} }

// Err returns the first error, a [*FieldError].
func (f *Fields) Err() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// Fail records what is wrong with a field.
func (f *Fields) Fail(field, problem string) {
	if f.err == nil {
		f.err = &FieldError{field, problem}
	}
}

// Raw returns a field's JSON, and whether the field is present.
func (f *Fields) Raw(field string) (raw json.RawMessage, there bool) {
	raw, there = f.raw[field]
	return raw, there
}

// Into decodes a field and reports whether it has a value.
func (f *Fields) Into(field string, target any, p Presence) bool {
	raw, ok := f.raw[field]
	switch null := bytes.Equal(raw, []byte("null")); {
	case !ok && p != Optional:
		f.Fail(field, "is missing")
	case null && p == Required:
		f.Fail(field, "is null")
	case ok && !null:
		if err := json.Unmarshal(raw, target); err != nil {
			f.Fail(field, fmt.Sprintf("is not %s", kindName(target)))
			return false
		}
		return true
	}
	return false
}

// Text reads a string.
func (f *Fields) Text(field string, p Presence) (s string) {
	f.Into(field, &s, p)
	return s
}

// Boolean reads a boolean.
func (f *Fields) Boolean(field string) (b bool) {
	f.Into(field, &b, Required)
	return b
}

// Integer reads an integer.
func (f *Fields) Integer(field string, p Presence) (n int64) {
	f.Into(field, &n, p)
	return n
}

// Instant returns a time, or nil if there is none.
func (f *Fields) Instant(field string, p Presence) *time.Time {
	var s string
	if !f.Into(field, &s, p) {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		f.Fail(field, "is not a time in RFC 3339 form")
		return nil
	}
	return &t
}

// Choice reads a choice field, plain or as {"value", "label"}: NetBox's own serializers use
// both forms.
func (f *Fields) Choice(field string) string {
	var labeled struct {
		Value *string `json:"value"`
	}
	if raw := f.raw[field]; bytes.HasPrefix(raw, []byte("{")) &&
		json.Unmarshal(raw, &labeled) == nil && labeled.Value != nil {
		return *labeled.Value
	}
	return f.Text(field, Nullable)
}

// Reference reads a related object, which NetBox's serializers write as its id or as an
// object with the id.
func (f *Fields) Reference(field string) int64 {
	var nested struct {
		ID *int64 `json:"id"`
	}
	if raw := f.raw[field]; bytes.HasPrefix(raw, []byte("{")) && json.Unmarshal(raw, &nested) == nil &&
		nested.ID != nil {
		return *nested.ID
	}
	return f.Integer(field, Required)
}

func kindName(target any) string {
	switch target.(type) {
	case *string:
		return "a string"
	case *bool:
		return "a boolean"
	case *int64:
		return "an integer of 64 bits"
	}
	return "an object"
}
