package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Two configurations of the provider in one run each use only their own NetBox, token, tags
// and message, even if fabrics have the same ids and names. The test uses the real CLI, which
// starts a provider for each configuration.
func TestAccProvider_twoConfigurations(t *testing.T) {
	first, second := acctest.Standin(t, netboxtest.Options{}), acctest.Standin(t, netboxtest.Options{})
	second.Token = netboxtest.AdminTokenV2
	config := func(interval int) string {
		return requiredProviders + first.ProviderConfig(`default_tags = ["Prod"]`, `changelog_message = "first"`) +
			second.ProviderConfig(`alias = "second"`, `default_tags = ["Lab"]`, `changelog_message = "second"`) +
			fmt.Sprintf(`
resource "hedgehog_fabric" "first" {
  name          = "lab"
  sync_interval = %d
}
resource "hedgehog_fabric" "second" {
  provider      = hedgehog.second
  name          = "lab"
  sync_interval = %d
}
data "hedgehog_fabric" "first" {
  name       = "lab"
  depends_on = [hedgehog_fabric.first]
}
data "hedgehog_fabric" "second" {
  provider   = hedgehog.second
  name       = "lab"
  depends_on = [hedgehog_fabric.second]
}
output "read" {
  value = join(" ", [for f in [data.hedgehog_fabric.first, data.hedgehog_fabric.second] :
    "${f.sync_interval} ${join(",", f.tags)} ${f.url}"])
}
`, interval, 2*interval)
	}
	x := newCLI(t, "")
	for _, interval := range []int{300, 600} {
		x.write("main.tf", config(interval))
		x.must("apply", "-auto-approve", "-no-color")
		want := fmt.Sprintf("%d Prod %s/api/plugins/hedgehog/fabrics/1/ %d Lab %s/api/plugins/hedgehog/fabrics/1/",
			interval, first.URL, 2*interval, second.URL)
		if read := x.must("output", "-raw", "read"); read != want {
			t.Errorf("got %s from the data sources, want %s", read, want)
		}
		x.must("plan", "-detailed-exitcode") // which fails when there are changes
	}
	for message, n := range map[string]*acctest.NetBox{"first": first, "second": second} {
		for _, r := range n.Requests() {
			if !strings.HasSuffix(r.Header.Get("Authorization"), " "+n.Token) {
				t.Errorf("the %s NetBox got another token", message)
			}
		}
		wantChanges(t, n, 1, "create "+message, "update "+message)
	}
}

// In CI a plan may be made under an internal name of NetBox and applied under another.
func TestAccProvider_planAndApplyUnderTwoServerNames(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	config := func(interval int) string {
		return fmt.Sprintf("provider \"hedgehog\" {\n}\nresource \"hedgehog_fabric\" \"test\" {\n  name = \"lab\"\n  "+
			"sync_interval = %d\n}\n", interval)
	}
	inside, outside := "NETBOX_SERVER_URL="+n.URL, "NETBOX_SERVER_URL="+strings.Replace(n.URL, "127.0.0.1",
		"localhost", 1)
	x := newCLI(t, config(300), "NETBOX_API_TOKEN="+n.Token, inside)
	under := func(server string, args ...string) {
		t.Helper()
		x.env = append(x.env, server)
		x.must(args...)
	}
	under(inside, "apply", "-auto-approve", "-no-color")
	x.write("main.tf", requiredProviders+config(600))
	under(inside, "plan", "-out=p", "-no-color")
	under(outside, "apply", "-no-color", "p")
	if f, _ := n.Standin.Fabric(1); fmt.Sprint(f["sync_interval"]) != "600" {
		t.Errorf("NetBox has %v", f)
	}
	under(outside, "plan", "-detailed-exitcode", "-no-color") // which fails when there are changes
}
