package netbox

import (
	"context"
	"encoding/json"
	"net/url"

	api "github.com/netbox-community/go-netbox/v4"
)

const choiceSetsPath = "/api/extras/custom-field-choice-sets/"

// choiceSetFields are the fields that the model of a choice set can decode. It expects a
// text for choices_count, which is a number.
const choiceSetFields = "id,url,display,name,base_choices,extra_choices"

// readChoices reads the values of all choice sets, by the set's id. It leaves out a set if
// not all of its values are known.
func (c *Client) readChoices(ctx context.Context) (map[int64][]string, error) {
	sets, err := readAll[json.RawMessage](ctx, c, choiceSetsPath, url.Values{"fields": {choiceSetFields}})
	if err != nil {
		return nil, err
	}
	choices := map[int64][]string{}
	for _, raw := range sets {
		if id, values := choicesOf(raw); values != nil {
			choices[id] = values
		}
	}
	return choices, nil
}

// choicesOf returns a set's id and values. The values are nil if the record does not have
// all of them: with base choices (countries, airports), and if the model cannot decode it.
func choicesOf(raw json.RawMessage) (id int64, values []string) {
	var set api.CustomFieldChoiceSet
	if json.Unmarshal(raw, &set) != nil || set.BaseChoices != nil || set.ExtraChoices == nil {
		return 0, nil
	}
	values = make([]string, 0, len(set.ExtraChoices))
	for _, pair := range set.ExtraChoices { // value and label
		if len(pair) == 0 {
			continue
		}
		value, isText := pair[0].(string)
		if !isText {
			return 0, nil
		}
		values = append(values, value)
	}
	return int64(set.Id), values
}
