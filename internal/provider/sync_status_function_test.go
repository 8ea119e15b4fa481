package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

const functionNow = "2026-11-23T12:00:00Z"

func callStatus(object, now string) string {
	return fmt.Sprintf("output \"status\" {\n  value = provider::hedgehog::sync_status(%s, %q)\n}\n", object, now)
}

func TestAccSyncStatusFunction(t *testing.T) {
	t.Parallel()
	object := func(server, enabled, interval, last, syncError, connectionError string) string {
		return fmt.Sprintf(`{ kubernetes_server = %s, sync_enabled = %s, sync_interval = %s, last_sync = %s, `+
			`sync_error = %s, connection_error = %s, more = [1] }`,
			server, enabled, interval, last, syncError, connectionError)
	}
	const server = `"https://k8s.example.com"`
	for name, c := range map[string]struct{ object, want string }{
		"all null":                  {object("null", "null", "null", "null", "null", "null"), "not_configured"},
		"disabled":                  {object(server, "false", "300", "null", "null", "null"), "disabled"},
		"sync_enabled null is true": {object(server, "null", "300", "null", "null", "null"), "never_synced"},
		"interval null is 300": {object(server, "true", "null", `"2026-11-23T11:49:59Z"`, "null", "null"),
			"out_of_sync"},
		"in sync": {object(server, "true", "300", `"2026-11-23T12:55:00+01:00"`, `""`, `" "`),
			"in_sync"},
		"error": {object(server, "true", "300", `"2026-11-23T11:55:00Z"`, `"x"`, "null"), "error"},
		"a map, made by a module": {"tomap(" + `{ kubernetes_server = "https://k8s.example.com", sync_enabled = ` +
			`"true", sync_interval = "0", last_sync = "2026-11-23T11:00:00Z", sync_error = "", connection_error ` +
			`= "" }` + ")", "in_sync"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config: callStatus(c.object, functionNow),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("status",
					knownvalue.StringExact(c.want))},
			})
		})
	}
	for name, c := range map[string]struct{ object, now, want string }{
		"no object": {`"x"`, functionNow, "must be an object such as a hedgehog_fabric data source"},
		"missing":   {`{ kubernetes_server = "x" }`, functionNow, `has no attribute "sync_error"`},
		"bad time": {object(server, "null", "null", `"yesterday"`, "null", "null"), functionNow,
			`fabric.last_sync is "yesterday"; it must be a time in RFC 3339`},
		"bad interval": {object("null", "null", "1.5", "null", "null", "null"), functionNow,
			`fabric.sync_interval is "1.5"; it must be a whole number of seconds`},
		"interval too big": {object("null", "null", "2147483648", "null", "null", "null"), functionNow,
			"The interval is 2147483648 seconds"},
		"bad boolean": {object("null", `"maybe"`, "null", "null", "null", "null"), functionNow,
			`fabric.sync_enabled is "maybe"; it must be true or false`},
		"a list in it": {object("[]", "null", "null", "null", "null", "null"), functionNow,
			"fabric.kubernetes_server is neither a string, a number nor a boolean"},
		"bad now": {object(server, "null", "null", "null", "null", "null"), "now", "which is not a time in " +
			"RFC 3339 form"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: callStatus(c.object, c.now), ExpectError: says(c.want)})
		})
	}
}

func TestAccSyncStatusFunction_ofTheDataSource(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("function")
	n.Create(t, map[string]any{"name": name, "kubernetes_server": lab})
	acceptance(t, resource.TestStep{
		Config: n.ProviderConfig() + fmt.Sprintf("data \"hedgehog_fabric\" \"test\" {\n name = %q\n}\n", name) +
			`output "status" { value = provider::hedgehog::sync_status(data.hedgehog_fabric.test, ` +
			`data.hedgehog_fabric.test.observed_at) }`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("status",
			knownvalue.StringExact("never_synced"))},
	})
}

// If an argument is known only after apply, so is the status.
func TestAccSyncStatusFunction_unknown(t *testing.T) {
	acceptance(t, resource.TestStep{
		Config: `resource "terraform_data" "server" { input = "https://k8s.example.com" }
` + callStatus(`{ kubernetes_server = terraform_data.server.output, sync_enabled = true,
sync_interval = 300, last_sync = null, sync_error = null, connection_error = null }`, functionNow),
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("status",
			knownvalue.StringExact("never_synced"))},
	})
}
