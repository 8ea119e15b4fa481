package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"
)

const (
	excerptLength = 200 // characters of a foreign answer that an error shows
	// NotJSON is the problem of an answer that is not JSON.
	NotJSON = "the answer is not JSON, which NetBox's API always gives"
)

// Answer is a response with its whole body.
type Answer struct {
	Request Request
	Status  int
	Header  http.Header
	Body    []byte
	secrets *redactor
}

// apiVersion returns the version of NetBox's API in the answer, or "" if there is none.
func (a *Answer) apiVersion() string { return a.Header.Get("API-Version") }

// Date returns NetBox's time of the answer, and whether the answer has a readable one.
func (a *Answer) Date() (time.Time, bool) {
	t, err := http.ParseTime(a.Header.Get("Date"))
	return t, err == nil
}

// Observed returns NetBox's time of the answer, or this machine's time if the answer has
// none.
func (a *Answer) Observed() (at time.Time, localClock bool) {
	if date, ok := a.Date(); ok {
		return date, false
	}
	return time.Now().UTC(), true
}

func (a *Answer) isJSON() bool {
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// Decode decodes a JSON answer. Numbers keep all their digits. The error is an
// [*UnexpectedAnswerError].
func (a *Answer) Decode(into any) error {
	return a.DecodeWith(func(body []byte) error {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		return d.Decode(into)
	})
}

// DecodeWith decodes a JSON answer with a function, whose error may be a [*FieldError].
func (a *Answer) DecodeWith(decode func(body []byte) error) error {
	if !a.isJSON() {
		return a.Unexpected(NotJSON)
	}
	if err := decode(a.Body); err != nil {
		if field, ok := errors.AsType[*FieldError](err); ok {
			return a.Unexpected(field.Error())
		}
		return a.Unexpected("the JSON cannot be read (" + jsonProblem(err) + ")")
	}
	return nil
}

// Unexpected returns the error for an answer that NetBox's API does not give.
func (a *Answer) Unexpected(problem string) *UnexpectedAnswerError {
	return &UnexpectedAnswerError{
		Request: a.Request, Status: a.Status, ContentType: a.secrets.redact(a.Header.Get("Content-Type")),
		Excerpt: a.excerpt(), Problem: problem,
	}
}

// excerpt returns the beginning of a foreign answer: one line, with secrets masked.
func (a *Answer) excerpt() string {
	// Mask before cutting, so that no part of a secret is left.
	head := a.secrets.redact(string(a.Body[:min(len(a.Body), 64<<10)]))
	head = strings.Join(strings.Fields(strings.ToValidUTF8(head, "?")), " ")
	if r := []rune(head); len(r) > excerptLength {
		return string(r[:excerptLength])
	}
	return head
}

// jsonProblem describes an error in JSON without a value from the answer.
func jsonProblem(err error) string {
	kind, wrongType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case wrongType && kind.Field == "" && kind.Type.Kind() == reflect.Struct:
		return "it is not a JSON object"
	case wrongType && kind.Field == "":
		return "a value in it has the wrong type"
	case wrongType:
		return fmt.Sprintf("field %q has the wrong type", kind.Field)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it is empty or cut off"
	}
	return "it is not valid JSON"
}
