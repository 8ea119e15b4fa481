package netboxtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// decodeJSON keeps numbers as json.Number, since a float64 would lose digits.
func decodeJSON(b []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("extra data")
	}
	return v, nil
}

// parseError words a malformed body as Python's json module does. The common
// cases are told apart; the position is exact for those.
func parseError(b []byte) string {
	at := syntaxErrorAt(b)
	before := bytes.TrimRight(b[:at], " \t\r\n")
	message := "Expecting value"
	last := byte(0)
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	switch {
	case last == '{', last == ',' && enclosing(before) == '{':
		message = "Expecting property name enclosed in double quotes"
	case last == 0, last == '[', last == ',', last == ':':
	case enclosing(before) == 0:
		message = "Extra data"
	case enclosing(before) == '{' && expectsColon(before):
		message = "Expecting ':' delimiter"
	default:
		message = "Expecting ',' delimiter"
	}
	line := 1 + bytes.Count(b[:at], []byte("\n"))
	column := at - bytes.LastIndexByte(b[:at], '\n')
	return fmt.Sprintf("JSON parse error - %s: line %d column %d (char %d)", message, line, column, at)
}

// syntaxErrorAt is the offset of the first byte that cannot be there.
func syntaxErrorAt(b []byte) int {
	dec := json.NewDecoder(bytes.NewReader(b))
	var v any
	err := dec.Decode(&v)
	var syntax *json.SyntaxError
	switch {
	case err == nil: // a whole value, and then more
		at := int(dec.InputOffset())
		return at + len(b[at:]) - len(bytes.TrimLeft(b[at:], " \t\r\n"))
	case errors.As(err, &syntax) && syntax.Offset > 0:
		at := min(int(syntax.Offset)-1, len(b))
		for strings.Contains(syntax.Error(), "in literal") && at > 0 && b[at-1] >= 'a' && b[at-1] <= 'z' {
			at-- // Python names the start of a word
		}
		return at
	default: // the body ends too early
		return len(b)
	}
}

// enclosing is the bracket that is open at the end of a JSON text, or 0.
func enclosing(b []byte) byte {
	var open []byte
	inString := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			open = append(open, c)
		case (c == '}' || c == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return 0
	}
	return open[len(open)-1]
}

// expectsColon says whether a JSON text ends in the key of an object.
func expectsColon(b []byte) bool {
	if len(b) < 2 || b[len(b)-1] != '"' {
		return false
	}
	start := bytes.LastIndexByte(b[:len(b)-1], '"')
	before := bytes.TrimRight(b[:max(start, 0)], " \t\r\n")
	return len(before) > 0 && (before[len(before)-1] == '{' || before[len(before)-1] == ',')
}

// stringOf is the text of a scalar, "" for anything else.
func stringOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// pyType is the Python name of a JSON value's type, as messages have it.
func pyType(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case json.Number:
		if isInteger(v) {
			return "int"
		}
		return "float"
	case []any:
		return "list"
	}
	return "dict"
}

func isInteger(n json.Number) bool { return !strings.ContainsAny(n.String(), ".eE") }

// pyString is Python's str() of a JSON value.
func pyString(v any) string {
	if s, isString := v.(string); isString {
		return s
	}
	return pyRepr(v)
}

// pyRepr is Python's repr() of a JSON value, near enough for messages. Keys are
// sorted, since the order of the body is lost.
func pyRepr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return pyQuote(v)
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = pyRepr(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for k, e := range v {
			parts = append(parts, pyRepr(k)+": "+pyRepr(e))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return fmt.Sprint(v)
}

// pyQuote is Python's repr of a text: in the quotes that need no escape, what
// cannot be printed by its number.
func pyQuote(s string) string {
	quote := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range s {
		switch {
		case r == '\\' || r == quote:
			b.WriteString(`\` + string(r))
		case strings.ContainsRune("\n\r\t", r):
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		case r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}
