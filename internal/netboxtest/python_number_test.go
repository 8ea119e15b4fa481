package netboxtest

import (
	"encoding/json"
	"testing"
)

// NetBox handles decimals as float64, and keeps whole numbers exact.
func TestNumbers_comeBackAsPythonFloats(t *testing.T) {
	s := start(t, Options{})
	s.AddCustomField(CustomField{Name: "n", Type: "decimal"})
	s.AddFabric(map[string]any{"name": "alpha"})
	for sent, want := range map[string]string{
		"1.5": "1.5", "1.50": "1.5", "7": "7", "7.0": "7.0", "7.00": "7.0", "-0.25": "-0.25", "1e2": "100.0",
		"0": "0", "0.0": "0.0",
		"0.1":                              "0.1",
		"0.30000000000000000001":           "0.3",
		"12345678901234567890":             "12345678901234567890",
		"123456789012345678901234567890":   "123456789012345678901234567890",
		"12345678901234567890.1234567890":  "12345678901234567000",
		"1234567890123456.7":               "1234567890123456.8",
		"1e16":                             "10000000000000000",
		"9007199254740993.0":               "9007199254740992.0",
		"0.00001":                          "1e-05",
		"0.0001":                           "0.0001",
		"1.5e-10":                          "1.5e-10",
		"3.141592653589793238462643383279": "3.141592653589793",
		"-99999999999999999999.99":         "-100000000000000000000",
		"0.1000000000000000055511151231257827021": "0.1",
	} {
		var body struct {
			Shown map[string]json.RawMessage `json:"custom_fields"`
			Raw   map[string]json.RawMessage `json:"custom_field_data"`
		}
		got := do(t, s, "PATCH", fabricsPath+"1/", `{"custom_fields":{"n":`+sent+`}}`).must(t, 200)
		if err := json.Unmarshal([]byte(got.raw), &body); err != nil {
			t.Fatal(err)
		}
		if string(body.Shown["n"]) != want || string(body.Raw["n"]) != want {
			t.Errorf("%s: got %s, raw %s, want %s", sent, body.Shown["n"], body.Raw["n"], want)
		}
	}
	// NetBox accepts a string for a decimal, but keeps it as a string.
	if got := do(t, s, "PATCH", fabricsPath+"1/", `{"custom_fields":{"n":"1.50"}}`).must(t,
		200); string(encodeJSON(got.key("custom_fields"))) != `{"n":"1.50"}` {
		t.Errorf("got %s", got.raw)
	}
	vpc := do(t, s, "POST", "/api/plugins/hedgehog/vpcs/", `{"fabric":1,"name":"v","spec":{"mtu":9000,`+
		`"ratio":2.50}}`).must(t, 201)
	if spec := string(encodeJSON(vpc.key("spec"))); spec != `{"mtu":9000,"ratio":2.5}` {
		t.Errorf("got the spec %s", spec)
	}
}
