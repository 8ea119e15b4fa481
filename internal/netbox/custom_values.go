package netbox

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// customValues reads the values of a record's custom fields in their raw form.
// custom_fields tells which there are, custom_field_data has the raw values: not
// every key of it is a custom field, since NetBox before 4.5.8 keeps unknown ones.
func (d *fieldDecoder) customValues() map[string]any {
	var shown, raw map[string]json.RawMessage
	d.into("custom_fields", &shown, optional)
	d.into("custom_field_data", &raw, optional)
	values := make(map[string]any, len(shown))
	for key, rendered := range shown {
		value := plainJSON(rendered)
		if own, there := raw[key]; there {
			values[key] = asRendered(plainJSON(own), value)
		} else {
			values[key] = asRendered(reduce(value), value)
		}
	}
	return values
}

// CustomFieldKeys returns the custom fields that NetBox defines for fabrics, with
// nothing but their keys: each fabric's record lists all of them, which takes no
// permission on definitions. It is nil where the token sees no fabric.
func (f *Fabrics) CustomFieldKeys(ctx context.Context) (map[string]fabric.CustomFieldDefinition, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	p, err := newScan(f.client, wholeRecords).get(ctx, url.Values{"limit": {"1"}})
	if err != nil || len(p.found) == 0 {
		return nil, err
	}
	keys := map[string]fabric.CustomFieldDefinition{}
	for key := range p.found[0].Fabric.CustomFields {
		keys[key] = fabric.CustomFieldDefinition{Key: key}
	}
	return keys, nil
}

// asRendered marks a raw list whose elements NetBox shows as choices or objects.
func asRendered(raw, rendered any) any {
	list, isList := raw.([]any)
	shown, _ := rendered.([]any)
	if !isList || len(shown) == 0 {
		return raw
	}
	if _, described := shown[0].(map[string]any); !described {
		return raw
	}
	if len(list) > 0 {
		if _, described := list[0].(map[string]any); described {
			return raw // a JSON field's own objects
		}
	}
	return fabric.Selection(list)
}

// reduce makes the raw form of what NetBox shows: a choice with its label, or an
// object with its URL. It is for a record without custom_field_data.
func reduce(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = reduce(e)
		}
		return list
	case map[string]any:
		if _, labelled := v["label"]; labelled && len(v) == 2 && v["value"] != nil {
			return v["value"]
		}
		if _, addressed := v["url"]; addressed && v["id"] != nil && v["display"] != nil {
			return v["id"]
		}
	}
	return v
}

// plainJSON decodes a value with all the digits of its numbers. What is not JSON
// cannot come here: it was part of a document that could be read.
func plainJSON(raw json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}
