package netboxtest

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// NetBox reads every JSON number with a point or an exponent as a Python float, so a decimal keeps
// about 17 digits and loses trailing zeros. Whole numbers stay exact. This is from the source of
// NetBox and Django REST framework, and from the rules of Python and PostgreSQL for printing
// numbers.

// pythonNumbers converts every number of a decoded body to Python's form.
func pythonNumbers(v any) any { return mapNumbers(v, pythonNumber) }

// databaseNumbers converts every number of a value to the form in which a JSON column returns it:
// PostgreSQL writes large exponents out, and Python then reads a whole number.
func databaseNumbers(v any) any { return mapNumbers(v, databaseNumber) }

func mapNumbers(v any, f func(json.Number) json.Number) any {
	switch v := v.(type) {
	case json.Number:
		return f(v)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = mapNumbers(e, f)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, e := range v {
			object[key] = mapNumbers(e, f)
		}
		return object
	}
	return v
}

func pythonNumber(n json.Number) json.Number {
	value, err := n.Float64()
	if err != nil || isInteger(n) {
		return n
	}
	return pythonFloat(value)
}

// pythonFloat returns Python's repr() of a float.
func pythonFloat(value float64) json.Number {
	if size := math.Abs(value); size != 0 && (size < 1e-4 || size >= 1e16) {
		return json.Number(strconv.FormatFloat(value, 'e', -1, 64))
	}
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return json.Number(text)
}

func databaseNumber(n json.Number) json.Number {
	value, err := n.Float64()
	if err != nil || !strings.Contains(n.String(), "e+") {
		return n
	}
	return json.Number(strconv.FormatFloat(value, 'f', -1, 64))
}
