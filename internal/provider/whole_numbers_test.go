package provider

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A number with decimals, or one past 64 bits, is the user's mistake and not a fault of
// the provider.
func TestFabricResource_numbersThatAreNotWhole(t *testing.T) {
	for _, number := range []string{"1.5", "1e+20", "-0.1"} {
		t.Run(number, func(t *testing.T) {
			n, _, err := big.ParseFloat(number, 10, 512, big.ToNearestEven)
			must(t, err)
			values := fabricValues("lab")
			values["sync_interval"] = tftypes.NewValue(tftypes.Number, n)
			said := newDriver(t, nil).validate(values)
			want := "The value is " + number + ". It must be a whole number that 64 bits can hold."
			if len(said) != 1 || said[0].Summary != "Not a whole number" || said[0].Detail != want ||
				said[0].Attribute.String() != `AttributeName("sync_interval")` {
				t.Errorf("told %s", told(said))
			}
		})
	}
}

// The framework's own words are the reason for whole_numbers.go. Once it has better
// ones, the file can go.
func TestWholeNumbers_theFrameworkStillBlamesTheProvider(t *testing.T) {
	d := newDriver(t, nil)
	d.server = d.server.(*server).frameworkServer
	values := fabricValues("lab")
	values["sync_interval"] = tftypes.NewValue(tftypes.Number, big.NewFloat(1.5))
	if got := told(d.validate(values)); !blame.MatchString(got) || !notWhole.MatchString(got) {
		t.Errorf("told %s", got)
	}
}
