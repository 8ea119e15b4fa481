package netbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// readCustomValues reads the values of a record's custom fields in their raw form, with as
// much of their types as NetBox shows. The keys come from custom_fields, the raw values
// from custom_field_data. The latter also has keys that are not custom fields: NetBox
// before 4.5.8 keeps unknown ones.
func readCustomValues(d *rest.Fields) map[string]fabric.CustomValue {
	var shown, raw map[string]json.RawMessage
	d.Into("custom_fields", &shown, rest.Optional)
	d.Into("custom_field_data", &raw, rest.Optional)
	values := make(map[string]fabric.CustomValue, len(shown))
	for key, rendered := range shown {
		value := plainJSON(rendered)
		stored := reduce(value)
		if own, there := raw[key]; there {
			stored = plainJSON(own)
		}
		values[key] = customValue(stored, value)
	}
	return values
}

// customValue returns a raw value, with the type that follows from the way in which NetBox
// shows it. NetBox stores the id of an object that is gone, but does not show it.
func customValue(raw, shown any) fabric.CustomValue {
	v := fabric.CustomValue{Value: raw}
	text, isText := shown.(string)
	switch stored := raw.(type) {
	case string:
		if choiceOf(shown) == raw {
			v.Type = fabric.CustomSelect
		} else if isText && text != stored {
			v.Type = timeType(text)
		}
	case json.Number:
		if idOf(shown) == raw {
			v.Type = fabric.CustomObject
		}
	case []any:
		v = customList(stored, shown)
	}
	if shown == nil {
		v.Value = nil
	}
	return v
}

// timeType returns the type of a string that NetBox shows in another form than it stores:
// only dates are.
func timeType(shown string) string {
	if _, err := time.Parse(time.DateOnly, shown); err == nil {
		return fabric.CustomDate
	}
	return fabric.CustomDatetime
}

func customList(raw []any, shown any) fabric.CustomValue {
	v := fabric.CustomValue{Value: raw}
	list, _ := shown.([]any)
	every := func(list []any, is func(any) bool) bool {
		return len(raw) > 0 && !slices.ContainsFunc(list, func(e any) bool { return !is(e) })
	}
	switch {
	case len(list) > 0 && every(list, func(e any) bool { return choiceOf(e) != nil }) && every(raw, isText):
		v.Type = fabric.CustomMultiselect
	case every(list, func(e any) bool { return idOf(e) != nil }) && every(raw, isNumber):
		present := slices.DeleteFunc(slices.Clone(raw), func(id any) bool {
			return !slices.ContainsFunc(list, func(e any) bool { return idOf(e) == id })
		})
		v = fabric.CustomValue{Type: fabric.CustomMultiobject, Value: present}
	}
	return v
}

func isText(v any) bool   { _, ok := v.(string); return ok }
func isNumber(v any) bool { _, ok := v.(json.Number); return ok }

// choiceOf returns the value of a choice that is shown with its label, or nil for anything
// else.
func choiceOf(v any) any {
	if m, _ := v.(map[string]any); len(m) == 2 && m["label"] != nil {
		return m["value"]
	}
	return nil
}

// idOf returns the id of an object that is shown with its URL, or nil for anything else.
func idOf(v any) any {
	if m, _ := v.(map[string]any); m["url"] != nil && m["display"] != nil {
		return m["id"]
	}
	return nil
}

// reduce returns the raw form of a value as NetBox shows it. It is for a record without
// custom_field_data.
func reduce(v any) any {
	if list, isList := v.([]any); isList {
		reduced := make([]any, len(list))
		for i, e := range list {
			reduced[i] = reduce(e)
		}
		return reduced
	}
	return cmp.Or(choiceOf(v), idOf(v), v)
}

// plainJSON decodes a value with all the digits of its numbers. Invalid JSON cannot occur:
// the value was part of a document that was decoded.
func plainJSON(raw json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}
