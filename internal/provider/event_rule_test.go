package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// If NetBox has an event rule on fabrics, the published plugin answers every write with an HTML
// 500, after the commit. An apply finds out that each write was done, and does it once.
//
// Nothing runs at the same time: the rule would break the writes of other tests.
func TestAccFabricResource_whereAnEventRuleBreaksTheAnswers(t *testing.T) {
	n := acctest.Start(t)
	if n.Standin != nil {
		n.Standin.SetPublishedDisplayURL(true)
		n.Published = true
	}
	n.EventRule(t)
	name := acctest.Name("event-rule")
	config := func(description string) string {
		return fabricConfig(n, name, "description = \""+description+"\"\n  tags = [\"Lab\"]")
	}
	var id int64
	runSteps(t,
		resource.TestStep{Config: config("one"),
			Check: resource.ComposeTestCheckFunc(idOf(t, &id), tagged(t, n, &id, "Lab"))},
		resource.TestStep{Config: config("one"), ConfigPlanChecks: noChange()},
		resource.TestStep{Config: config("two"), Check: holds(t, n, &id, "description", "two")},
	)
	wantChanges(t, n, id, "create ", "update ", "delete ")
}
