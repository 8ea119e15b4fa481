package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// The addresses of resources in tests.
const (
	address           = "hedgehog_fabric.test"
	syncAddress       = "hedgehog_fabric_sync.test"
	dataAddress       = "data.hedgehog_fabric.test"
	connectionAddress = "data.hedgehog_fabric_connection.test"
)

// want has the values of attributes by path, with dots. See [exactly].
type want map[string]any

// has checks attributes in a state.
func has(address string, values want) []statecheck.StateCheck {
	checks := make([]statecheck.StateCheck, 0, len(values))
	for at, value := range values {
		names := strings.Split(at, ".")
		path := tfjsonpath.New(names[0])
		for _, name := range names[1:] {
			path = path.AtMapKey(name)
		}
		checks = append(checks, statecheck.ExpectKnownValue(address, path, exactly(value)))
	}
	return checks
}

// exactly returns the check for a string, number, boolean or null, or a check itself.
func exactly(value any) knownvalue.Check {
	switch v := value.(type) {
	case nil:
		return knownvalue.Null()
	case string:
		return knownvalue.StringExact(v)
	case bool:
		return knownvalue.Bool(v)
	case int:
		return knownvalue.Int64Exact(int64(v))
	case int64:
		return knownvalue.Int64Exact(v)
	case knownvalue.Check:
		return v
	}
	panic(fmt.Sprintf("no check of a %T", value))
}
