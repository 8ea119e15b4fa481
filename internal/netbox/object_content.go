package netbox

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Content identifies the spec, labels and annotations of an object. It is a hash of their
// canonical form, so an object of a cluster and NetBox's copy have the same Content.
type Content [16]byte

// ContentOf returns the content of a cluster's object. A nil map counts as an empty one, as
// NetBox stores it.
func ContentOf(spec map[string]any, labels, annotations map[string]string) Content {
	form := appendCanonical(nil, spec)
	for _, texts := range []map[string]string{labels, annotations} {
		form = append(form, '{')
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			form = appendText(append(appendText(append(form, 'k'), key), 's'), texts[key])
		}
		form = append(form, '}')
	}
	return hashed(form)
}

func hashed(form []byte) Content {
	sum := sha256.Sum256(form)
	return Content(sum[:16])
}

// appendCanonical appends a JSON value in a form that does not depend on how it was
// written. NetBox reads numbers as Python does, stores them in PostgreSQL's jsonb, and
// writes them as Python does. So the same number may come back in another form.
func appendCanonical(to []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(to, 'z')
	case bool:
		if v {
			return append(to, 't')
		}
		return append(to, 'f')
	case string:
		return appendText(append(to, 's'), v)
	case json.Number:
		return appendNumber(to, string(v))
	case int64:
		return appendNumber(to, strconv.FormatInt(v, 10))
	case float64:
		return appendNumber(to, strconv.FormatFloat(v, 'e', -1, 64))
	case []any:
		to = append(to, '[')
		for _, element := range v {
			to = appendCanonical(to, element)
		}
		return append(to, ']')
	case map[string]any:
		to = append(to, '{')
		for _, key := range slices.Sorted(maps.Keys(v)) {
			to = appendCanonical(appendText(append(to, 'k'), key), v[key])
		}
		return append(to, '}')
	}
	return appendCanonical(to, asJSON(value))
}

// asJSON returns a value of any other type as it is after encoding and decoding as JSON. A
// value that cannot be encoded becomes null, since NetBox can never have it.
func asJSON(value any) (read any) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if d.Decode(&read) != nil {
		return nil
	}
	return read
}

// appendText appends a string as UTF-8, as after JSON.
func appendText[T string | []byte](to []byte, text T) []byte {
	if !utf8.ValidString(string(text)) {
		return appendText(to, string([]rune(string(text))))
	}
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// appendNumber appends a number without an exponent, and without a point if possible. To
// Python, a number with a point or exponent is a 64-bit float, and a whole number has all
// its digits.
func appendNumber[T string | []byte](to []byte, digits T) []byte {
	to = append(to, 'n')
	if !strings.ContainsAny(string(digits), ".eE") {
		if string(digits) == "-0" {
			return appendText(to, "0")
		}
		return appendText(to, digits)
	}
	f, err := strconv.ParseFloat(string(digits), 64)
	switch {
	case err != nil:
		return appendText(to, digits) // NetBox cannot store this
	case f == 0:
		return appendText(to, "0") // whatever its sign
	}
	return appendText(to, strconv.FormatFloat(f, 'f', -1, 64))
}
