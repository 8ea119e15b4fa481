package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestFabricResource_timeoutsAreAtLeastASecond(t *testing.T) {
	d := newDriver(t, nil)
	kind, _ := d.object.AttributeTypes["timeouts"].(tftypes.Object)
	for text, valid := range map[string]bool{"1s": true, "1h30m": true, "0s": false, "-5s": false, "999ms": false, "5": false, "5x": false, "": false} {
		for name := range kind.AttributeTypes {
			values := fabricValues("lab")
			values["timeouts"] = fill(kind, map[string]any{name: text})
			said := d.validate(values)
			switch {
			case valid && len(said) != 0:
				t.Errorf("%s = %q: told %s", name, text, told(said))
			case !valid && (len(said) != 1 || said[0].Summary != "Invalid timeout" || !strings.Contains(said[0].Attribute.String(), name)):
				t.Errorf("%s = %q: told %s", name, text, told(said))
			}
		}
	}
}
