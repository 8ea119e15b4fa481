package examplestest

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mocked provider returns 0, false and random strings. With these values terraform test runs a
// user's configuration.
func TestAccMocks_bare(t *testing.T) {
	t.Parallel()
	var quickStart string
	for _, b := range blocksOf(readme(t)) {
		if b.language == "terraform" {
			quickStart = b.text
			break
		}
	}
	c := newCLI(t)
	more := map[string]string{
		"the README's quick start": "",
		"a sync": `
resource "hedgehog_fabric_sync" "vienna" {
  fabric_id = hedgehog_fabric.vienna.id
  triggers  = { interval = hedgehog_fabric.vienna.sync_interval }
}
output "outcome" { value = hedgehog_fabric_sync.vienna.outcome }
`,
		"the connection": `
data "hedgehog_fabric_connection" "vienna" {
  id = hedgehog_fabric.vienna.id
}
output "reachable" { value = data.hedgehog_fabric_connection.vienna.reachable }
`,
		"all fabrics": `
data "hedgehog_fabrics" "all" {
  tags = ["Lab"]
}
output "all" { value = data.hedgehog_fabrics.all.counts_by_sync_status }
`,
		"the function": `
output "derived" {
  value = provider::hedgehog::sync_status(data.hedgehog_fabric.vienna, data.hedgehog_fabric.vienna.observed_at)
}
`,
	}
	everything := ""
	for config := range maps.Values(more) {
		everything += config
	}
	more["all of it"] = everything
	for what, config := range more {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, c, "mocks")
			must(t, os.MkdirAll(filepath.Join(w.dir, "tests"), 0o700))
			must(t, os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(quickStart+config), 0o600))
			must(t, os.WriteFile(filepath.Join(w.dir, "tests", "mock.tftest.hcl"), []byte(`
mock_provider "hedgehog" {}
run "apply" {
  assert {
    condition     = hedgehog_fabric.vienna.name == "vienna"
    error_message = "no"
  }
}
run "again" {}
run "plan" { command = plan }
`), 0o600))
			said := w.run("test").must(t)
			if !strings.Contains(said, "Success! 3 passed, 0 failed.") {
				t.Errorf("output:\n%s", said)
			}
			if n := len(w.netbox.Requests()); n != 0 {
				t.Errorf("NetBox was asked %d times", n)
			}
		})
	}
}
