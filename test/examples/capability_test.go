package examples

import (
	"testing"

	"github.com/hashicorp/go-version"
)

// capability is something that not every supported CLI can do, with the oldest
// version that can; "" where none can.
type capability struct{ what, terraform, opentofu string }

var (
	ephemeralValues   = capability{"ephemeral values", "1.10.0", "1.11.0"}
	writeOnly         = capability{"write-only attributes", "1.11.0", "1.11.0"}
	importsByIdentity = capability{"imports by identity", "1.12.0", "1.12.0"}
	actions           = capability{"actions", "1.14.0", ""}
	queries           = capability{"list resources and query", "1.14.0", ""}
)

func (c *cli) can(wanted capability) bool {
	oldest := wanted.terraform
	if c.opentofu {
		oldest = wanted.opentofu
	}
	return oldest != "" && c.version.Core().GreaterThanOrEqual(version.Must(version.NewVersion(oldest)))
}

// need skips a test for which the CLI is too old, and says so in its output.
func (c *cli) need(t *testing.T, wanted map[capability]bool) {
	t.Helper()
	for capability := range wanted {
		if c.can(capability) {
			continue
		}
		with := "Terraform >= " + capability.terraform
		if capability.opentofu != "" {
			with += ", OpenTofu >= " + capability.opentofu
		}
		t.Skipf("%s cannot: %s (%s)", c, capability.what, with)
	}
}
