package netbox

import (
	"fmt"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// The page has the same host and path prefix as the API.
func TestFabricPage(t *testing.T) {
	for server, want := range map[string]string{
		"https://netbox.example.com":         "https://netbox.example.com/plugins/hedgehog/fabrics/7/",
		"http://127.0.0.1:8000/":             "http://127.0.0.1:8000/plugins/hedgehog/fabrics/7/",
		"https://[2001:db8::1]:8443":         "https://[2001:db8::1]:8443/plugins/hedgehog/fabrics/7/",
		"https://tools.example.com/netbox":   "https://tools.example.com/netbox/plugins/hedgehog/fabrics/7/",
		"https://tools.example.com/net box/": "https://tools.example.com/net%20box/plugins/hedgehog/fabrics/7/",
	} {
		c, err := New(rest.Config{ServerURL: server, APIToken: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.FabricPage(7); got != want {
			t.Errorf("%s: got the page %s, want %s", server, got, want)
		}
	}
}

// A branch's fabric may not exist in main, which a browser shows first.
func TestFabricPage_inABranch(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{Branching: true})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	schemaID := s.AddBranch("pr-1")
	for branch, want := range map[string]string{
		"": "", "pr-1": "?_branch=" + schemaID, schemaID: "?_branch=" + schemaID,
	} {
		c := newClient(t, s.URL(), func(c *rest.Config) { c.Branch = branch })
		mustGet(t, c, id)
		if got := c.FabricPage(id); got != fmt.Sprintf("%s/plugins/hedgehog/fabrics/%d/%s", s.URL(), id, want) {
			t.Errorf("branch %q: got the page %s", branch, got)
		}
	}
}
