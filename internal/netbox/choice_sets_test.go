package netbox

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestChoicesOf_onlyRecordsThatHaveAllOfThem(t *testing.T) {
	for fields, want := range map[string][]string{
		`"base_choices":null,"extra_choices":[["a","A"],["b","B"]]`:                                  {"a", "b"},
		`"base_choices":null,"extra_choices":[]`:                                                     {},
		`"extra_choices":[["a","A"]]`:                                                                {"a"},
		`"base_choices":{"value":"IATA","label":"IATA (Airport codes)"},"extra_choices":[["a","A"]]`: nil,
		`"base_choices":{"value":"NEW","label":"Of a newer NetBox"},"extra_choices":[["a","A"]]`:     nil,
		`"base_choices":"IATA","extra_choices":[]`:                                                   nil,
		`"base_choices":null,"extra_choices":[[1,"A"]]`:                                              nil,
		`"base_choices":null,"extra_choices":null`:                                                   nil,
		`"base_choices":null`:                                                                        nil,
	} {
		body := `{"id":7,"url":"http://netbox.example.com/api/","display":"Tiers","name":"Tiers",` + fields + "}"
		id, got := choicesOf(json.RawMessage(body))
		if !reflect.DeepEqual(got, want) || want != nil && id != 7 {
			t.Errorf("%s: %d %q, want %q", body, id, got, want)
		}
	}
}
