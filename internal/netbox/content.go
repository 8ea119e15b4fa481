package netbox

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Content identifies what an object holds: its spec, labels and annotations. It is a
// hash of their canonical form, so that an object of a cluster and NetBox's copy of it
// have the same one.
type Content [16]byte

// ContentOf returns the content of an object of a cluster. A nil map counts as an empty
// one, as NetBox stores it.
func ContentOf(spec map[string]any, labels, annotations map[string]string) Content {
	return contentOf(spec, textMap(labels), textMap(annotations))
}

// textMap returns labels or annotations as a JSON object.
func textMap(from map[string]string) map[string]any {
	to := make(map[string]any, len(from))
	for k, v := range from {
		to[k] = v
	}
	return to
}

func contentOf(parts ...any) Content {
	var form []byte
	for _, part := range parts {
		if part == nil {
			part = map[string]any{}
		}
		form = appendCanonical(form, part)
	}
	sum := sha256.Sum256(form)
	return Content(sum[:16])
}

// appendCanonical appends a JSON value in a form that does not depend on how it was
// written. NetBox reads numbers as Python does, stores them in PostgreSQL's jsonb and
// writes them as Python does again, so that the same number comes back in another form.
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
		to = binary.AppendUvarint(append(to, '['), uint64(len(v)))
		for _, element := range v {
			to = appendCanonical(to, element)
		}
		return to
	case map[string]any:
		to = binary.AppendUvarint(append(to, '{'), uint64(len(v)))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			to = appendCanonical(appendText(to, key), v[key])
		}
		return to
	}
	return appendCanonical(to, asJSON(value))
}

// asJSON returns a value of any other type as it is after it has been written as JSON.
// One that cannot be written becomes null: NetBox will never have it.
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

// appendText appends a text, which is UTF-8 once it was JSON.
func appendText(to []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// appendNumber appends a number without an exponent and without a point that it does
// not need. One with a point or an exponent is a float of 64 bits to Python, and a
// whole one has all its digits.
func appendNumber(to []byte, text string) []byte {
	if strings.ContainsAny(text, ".eE") {
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) {
			text = strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	if text == "-0" {
		text = "0"
	}
	return appendText(append(to, 'n'), text)
}
